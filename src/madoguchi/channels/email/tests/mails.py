"""Mails as they come from the wire, built in code so that every byte is in sight."""

import base64
from collections.abc import Sequence

RECEIVED = (
    b"Received: from mta12.mail.example.ne.jp (mta12.mail.example.ne.jp [192.0.2.12])\r\n"
    b"\tby mx1.shop.example (Postfix) with ESMTPS id 4XkT9z3Lq1z9\r\n"
    b"\tfor <support@shop.example>; Fri,  1 Mar 2024 10:15:%02d +0900 (JST)"
)


def mail(
    *headers: str | bytes, body: bytes = b"", sender: str = "Taro <taro@example.com>", eol: bytes = b"\r\n"
) -> bytes:
    """A mail with the headers every mail has, then `headers`, then `body`."""
    lines = [
        b"Return-Path: <taro@example.com>",
        f"From: {sender}".encode(),
        b"To: support@shop.example",
        b"Date: Fri, 1 Mar 2024 10:15:30 +0900",
        b"Message-ID: <m1@example.com>",
        *(line.encode() if isinstance(line, str) else line for line in headers),
    ]
    return eol.join([*lines, b"", body])


def text_mail(body: bytes, charset: str = "", encoding: str = "8bit", *headers: str | bytes) -> bytes:
    label = f'; charset="{charset}"' if charset else ""
    return mail(
        *headers, f"Content-Type: text/plain{label}", f"Content-Transfer-Encoding: {encoding}", body=body
    )


def part(*headers: str | bytes, body: bytes) -> bytes:
    lines = [line.encode() if isinstance(line, str) else line for line in headers]
    return b"\r\n".join([*lines, b"", body])


def multipart(subtype: str, parts: Sequence[bytes], *headers: str | bytes, boundary: str = "b1") -> bytes:
    return mail(
        *headers,
        "MIME-Version: 1.0",
        f'Content-Type: multipart/{subtype}; boundary="{boundary}"',
        body=joined(parts, boundary),
    )


def joined(parts: Sequence[bytes], boundary: str = "b1") -> bytes:
    mark = boundary.encode()
    return b"".join(b"--" + mark + b"\r\n" + one + b"\r\n" for one in parts) + b"--" + mark + b"--\r\n"


def word(text: str, charset: str = "iso-2022-jp") -> str:
    """One RFC 2047 encoded word."""
    return f"=?{charset}?B?{base64.b64encode(text.encode(charset)).decode()}?="


# IBM's characters (髙﨑德) have a second place that JIS can hold, NEC's rows 89 to 92.
_NEC = {
    bytes((lead, trail)).decode("cp932", "ignore"): bytes((lead, trail))
    for lead in (0xED, 0xEE)
    for trail in range(0x40, 0xFD)
}


def jis_as_windows_writes_it(text: str) -> bytes:
    """ISO-2022-JP with Windows' characters (cp50221), which no Python codec writes."""
    out, mode = b"", b"\x1b(B"
    for char in text:
        pair = char.encode("cp932")
        if char.isascii():
            wanted, code = b"\x1b(B", pair
        elif len(pair) == 1:
            wanted, code = b"\x1b(I", bytes([pair[0] & 0x7F])
        else:
            wanted, code = b"\x1b$B", _jis(pair)
        out += (wanted if wanted != mode else b"") + code
        mode = wanted
    return out + (b"\x1b(B" if mode != b"\x1b(B" else b"")


def _jis(pair: bytes) -> bytes:
    lead, trail = _NEC.get(pair.decode("cp932"), pair)
    row = (lead - (0x81 if lead < 0xA0 else 0xC1)) * 2 + (2 if trail >= 0x9F else 1)
    cell = trail - 0x9E if trail >= 0x9F else trail - 0x3F - (trail > 0x7E)
    return bytes([row + 0x20, cell + 0x20])


def order_mail(number: int) -> bytes:
    """A typical Japanese mail of 2 to 4 KB: ISO-2022-JP, UTF-8, or UTF-8 with HTML, in turn."""
    words = (
        f"お世話になっております。\r\n先日注文した商品（注文番号 {100_000 + number}）について伺います。\r\n"
        "届いた箱を開けたところ、色が注文と異なっておりました。交換は可能でしょうか。\r\n"
    ) * 5
    headers = (
        *(RECEIVED % second for second in (1, 2, 3)),
        b"X-Mailer: Example Mailer 5.1",
        b"User-Agent: Mozilla/5.0 (Windows NT 10.0; Win64; x64)",
        b"DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d=example.com; s=s1;\r\n\tbh="
        + b"A" * 44
        + b";\r\n\tb="
        + b"B" * 172,
        b"In-Reply-To: <c.abcdefgh.%d@shop.example>" % number,
        b"References: <r1.%d@example.com>\r\n <r2.%d@example.com>" % (number, number),
    )
    if number % 3 == 0:
        return mail(
            *headers,
            f"Subject: {word('ご注文の商品の交換について')}\r\n {word(' お問い合わせ')}",
            "Content-Type: text/plain; charset=ISO-2022-JP",
            "Content-Transfer-Encoding: 7bit",
            body=words.encode("iso-2022-jp"),
            sender=f"{word('山田太郎')} <taro@example.com>",
        )
    plain = part(
        'Content-Type: text/plain; charset="UTF-8"',
        "Content-Transfer-Encoding: base64",
        body=base64.encodebytes(words.encode()),
    )
    subject = f"Subject: {word('商品の交換について', 'utf-8')}"
    if number % 3 == 1:
        labels, _, body = plain.partition(b"\r\n\r\n")
        return mail(*headers, subject, labels, body=body)
    html = part(
        'Content-Type: text/html; charset="UTF-8"',
        "Content-Transfer-Encoding: quoted-printable",
        body=b"<div>=E5=95=86=E5=93=81=E3=81=AE=E4=BA=A4=E6=8F=9B</div>=\r\n" * 12,
    )
    return multipart("alternative", [plain, html], *headers, subject)
