"""Files: their names, their wrappings, and mails in the mail."""

import base64
import binascii
import struct

from madoguchi.channels.email.tests.crooked.case import Crooked, crooked
from madoguchi.channels.email.tests.crooked.envelopes import SIGNED, again, enveloped
from madoguchi.channels.email.tests.crooked.heads import head
from madoguchi.channels.email.tests.crooked.shapes import PLAIN, RICH, mixed, whole
from madoguchi.channels.email.tests.mails import part, word

NAME = "見積書①.pdf"
_UTF_8 = "%E8%A6%8B%E7%A9%8D%E6%9B%B8%E2%91%A0.pdf"


def named(name: str, disposition: str | bytes, read: str = NAME) -> Crooked:
    """A file whose name is written in this way."""
    line = disposition.encode() if isinstance(disposition, str) else disposition
    raw = mixed(
        [
            PLAIN,
            part("Content-Type: application/pdf", b"Content-Disposition: attachment; " + line, body=b"%PDF"),
        ]
    )
    return crooked(f"file name: {name}", raw, text="平文", files=[(read, "application/pdf", b"%PDF")])


def typed(name: str, content_type: str | bytes, read: str = NAME) -> Crooked:
    line = content_type.encode() if isinstance(content_type, str) else content_type
    raw = mixed([PLAIN, part(b"Content-Type: application/pdf; " + line, body=b"%PDF")])
    return crooked(f"file name in the type: {name}", raw, files=[(read, "application/pdf", b"%PDF")])


_JIS = "見積書.pdf".encode("iso-2022-jp")
_NAMES = [
    named("RFC 2231", f"filename*=utf-8''{_UTF_8}"),
    named("RFC 2231 in pieces", f"filename*0*=utf-8''{_UTF_8[:18]};\r\n filename*1*={_UTF_8[18:]}"),
    named("RFC 2231 cut in a character", f"filename*0*=utf-8''{_UTF_8[:15]}; filename*1*={_UTF_8[15:]}"),
    named("RFC 2231, pieces in disorder", f"filename*1*={_UTF_8[18:]}; filename*0*=utf-8''{_UTF_8[:18]}"),
    named("RFC 2231 without a charset", f"filename*=''{_UTF_8}"),
    named("RFC 2231 without anything", f"filename*={_UTF_8}"),
    named("RFC 2231 in quotation marks", f"filename*=\"utf-8''{_UTF_8}\""),
    named(
        "RFC 2231 in cp932",
        "filename*=shift_jis''" + "".join(f"%{byte:02X}" for byte in NAME.encode("cp932")),
    ),
    named(
        "RFC 2231 in JIS", "filename*=iso-2022-jp''" + "".join(f"%{byte:02X}" for byte in _JIS), "見積書.pdf"
    ),
    named("RFC 2231 beats the fallback", f"filename=\"x.pdf\"; filename*=utf-8''{_UTF_8}"),
    named("pieces without an encoding", 'filename*0="aaa"; filename*1="bbb.pdf"', "aaabbb.pdf"),
    named("an encoded word", f'filename="{word(NAME, "utf-8")}"'),
    named("an encoded word, bare", f"filename={word(NAME, 'utf-8')}"),
    named("encoded words, folded", f'filename="{word("見積", "utf-8")}\r\n {word("書①.pdf", "utf-8")}"'),
    named("an encoded word in JIS", f'filename="{word("見積書.pdf")}"', "見積書.pdf"),
    named("an encoded word over two pieces", 'filename*0="=?utf-8?B?6KaL"; filename*1="?=.pdf"', "見.pdf"),
    named("raw UTF-8", b'filename="' + NAME.encode() + b'"'),
    named("raw Shift_JIS", b'filename="' + "表示ソフト.pdf".encode("cp932") + b'"', "表示ソフト.pdf"),
    named("raw EUC-JP", b'filename="' + "お見積書.pdf".encode("euc-jp") + b'"', "お見積書.pdf"),
    named("raw JIS", b'filename="' + _JIS + b'"', "見積書.pdf"),
    named("percent signs alone", f'filename="{_UTF_8}"'),
    named("blanks without quotation marks", "filename=my file.pdf", "my file.pdf"),
    named("an open quotation mark", 'filename="my file.pdf', "my file.pdf"),
    named("single quotation marks", "filename='my file.pdf'", "my file.pdf"),
    named("a semicolon in it", 'filename="a;b.pdf"', "a;b.pdf"),
    named("composed late (NFD)", b'filename="' + "か\u3099.pdf".encode() + b'"', "が.pdf"),
    named("folders", 'filename="..\\\\..\\\\a.pdf"', "a.pdf"),
    named("nothing", 'filename=""', "attachment-1.pdf"),
    typed("an encoded word", f'name="{word(NAME, "utf-8")}"'),
    typed("RFC 2231", f"name*=utf-8''{_UTF_8}"),
    typed("raw Shift_JIS", b'name="' + NAME.encode("cp932") + b'"'),
]

# --- uuencode ---


def uuencoded(name: str, content: bytes, *, codec: str = "utf-8") -> bytes:
    lines = [binascii.b2a_uu(content[at : at + 45]) for at in range(0, len(content), 45)]
    return f"begin 644 {name}\n".encode(codec) + b"".join(lines) + b"`\nend\n"


def named_in_uuencode(name: str, codec: str, kind: str = "text/plain") -> Crooked:
    raw = whole(uuencoded(name, b"x", codec=codec), kind)
    return crooked(f"uuencode: {name} in {codec}, {kind}", raw, names=[name])


_FILE = bytes(range(256))
_UUENCODED = [
    crooked(
        "uuencode among words",
        whole(b"before\n" + uuencoded("a.bin", _FILE) + b"after", "text/plain"),
        text="before\nafter",
        files=[("a.bin", "application/octet-stream", _FILE)],
    ),
    crooked(
        "two of them",
        whole(uuencoded("a.pdf", b"one") + uuencoded("b.pdf", b"two"), "text/plain"),
        text="",
        files=[("a.pdf", "application/pdf", b"one"), ("b.pdf", "application/pdf", b"two")],
    ),
    crooked(
        "uuencode that has lost its blanks",
        whole(uuencoded("a.bin", bytes(45)).replace(b"`", b" ").replace(b" " * 60, b""), "text/plain"),
        names=["a.bin"],
    ),
    crooked(
        "uuencode without end",
        whole(uuencoded("a.bin", _FILE).removesuffix(b"`\nend\n"), "text/plain"),
        files=[("a.bin", "application/octet-stream", _FILE)],
    ),
    *(named_in_uuencode(name, "cp932") for name in ("表", "図.pdf", "ソ.txt", "写真 1.jpg", "見積", "a.txt")),
    *(named_in_uuencode(name, "euc-jp") for name in ("図", "図.pdf", "写真 1.jpg")),
    *(named_in_uuencode(name, "iso-2022-jp") for name in ("表", "図.pdf")),
    named_in_uuencode("表", "cp932", "text/plain; charset=iso-2022-jp"),
    named_in_uuencode("表.txt", "cp932", "text/plain; charset=shift_jis"),
    named_in_uuencode("Bär.txt", "latin-1", "text/plain; charset=iso-8859-1"),
    crooked(
        "a Japanese name in uuencode", whole(uuencoded("見積.pdf", b"x"), "text/plain"), names=["見積.pdf"]
    ),
    crooked(
        "a Japanese name in uuencode, in cp932",
        whole(
            uuencoded("a", b"x").replace(b"644 a", b"644 " + "見積表.pdf".encode("cp932")),
            "text/plain; charset=shift_jis",
        ),
        names=["見積表.pdf"],
    ),
    crooked(
        "words that begin",
        whole(b"begin 100 years\nof solitude\nend", "text/plain"),
        text="begin 100 years\nof solitude\nend",
        files=[],
    ),
    crooked(
        "uuencode as an encoding",
        mixed(
            [
                PLAIN,
                part(
                    'Content-Type: image/png; name="a.png"',
                    "Content-Transfer-Encoding: x-uuencode",
                    body=uuencoded("a.png", b"PNG"),
                ),
            ]
        ),
        files=[("a.png", "image/png", b"PNG")],
    ),
]

# --- winmail.dat ---


def tnef(*attributes: tuple[int, int, bytes]) -> bytes:
    """A winmail.dat of these attributes: level, identifier, value."""
    records = (
        struct.pack("<BII", level, key, len(value)) + value + struct.pack("<H", sum(value) & 0xFFFF)
        for level, key, value in attributes
    )
    return struct.pack("<IH", 0x223E9F78, 1) + b"".join(records)


def properties(*values: tuple[int, int, bytes]) -> bytes:
    """MAPI properties of variable length: type, identifier, value."""
    packed = (
        struct.pack("<HHII", kind, key, 1, len(value)) + value + bytes(-len(value) % 4)
        for kind, key, value in values
    )
    return struct.pack("<I", len(values)) + b"".join(packed)


def _utf_16(text: str) -> bytes:
    return f"{text}\0".encode("utf-16-le")


_TITLE, _DATA, _BODY, _NEW, _OF_FILE, _OF_MAIL = 0x18010, 0x6800F, 0x2800C, 0x69002, 0x69005, 0x69003
_NEW_FILE = (2, _NEW, bytes(14))
_LONG_NAME = (2, _OF_FILE, properties((0x1F, 0x3707, _utf_16("見積書①.pdf"))))
_PLAIN_RTF = (
    rb"{\rtf1\ansi\ansicpg932{\fonttbl{\f0\fcharset128 MS Gothic;}}\f0\'95\'d4\'95\'69\par two \u21488?}"
)
_UNPACKED_RTF = struct.pack("<II4sI", len(_PLAIN_RTF) + 12, len(_PLAIN_RTF), b"MELA", 0) + _PLAIN_RTF


def packed(rtf: bytes, *, again: int = 0) -> bytes:
    """Rich text as Outlook packs it, letter by letter; and as often the 17 letters that stood before."""
    letters = b"".join(b"\0" + rtf[at : at + 8] for at in range(0, len(rtf), 8))
    body = letters + b"\0" * (-len(rtf) % 8) + again * (b"\xff" + b"\x0c\xff" * 8)
    return struct.pack("<II4sI", len(body) + 12, len(rtf) + again * 136, b"LZFu", 0) + body


def winmail(data: bytes, *others: bytes) -> bytes:
    file = part(
        "Content-Type: application/ms-tnef; name=winmail.dat",
        "Content-Transfer-Encoding: base64",
        body=base64.encodebytes(data),
    )
    return mixed([*others, file])


_TNEF = [
    crooked(
        "winmail.dat: a file",
        winmail(tnef(_NEW_FILE, (2, _TITLE, b"MITSUM~1.PDF\0"), (2, _DATA, b"%PDF"), _LONG_NAME), PLAIN),
        text="平文",
        files=[("見積書①.pdf", "application/pdf", b"%PDF")],
        warnings=[],
    ),
    crooked(
        "winmail.dat: a short name in cp932",
        winmail(
            tnef(
                (1, 0x69007, struct.pack("<II", 932, 0)),
                _NEW_FILE,
                (2, _TITLE, "表.txt\0".encode("cp932")),
                (2, _DATA, b"x"),
            ),
            PLAIN,
        ),
        files=[("表.txt", "text/plain", b"x")],
    ),
    crooked(
        "winmail.dat: the words",
        winmail(tnef((1, _BODY, "返品です。\r\n".encode("cp932") + b"\0"))),
        text="返品です。",
        files=[],
    ),
    crooked(
        "winmail.dat: words are those of the mail", winmail(tnef((1, _BODY, b"other\0")), PLAIN), text="平文"
    ),
    crooked(
        "winmail.dat: HTML",
        winmail(tnef((1, _OF_MAIL, properties((0x102, 0x1013, b"<p>rich</p>"))))),
        text="rich",
        html="<p>rich</p>",
    ),
    crooked(
        "winmail.dat: rich text",
        winmail(tnef((1, _OF_MAIL, properties((0x102, 0x1009, _UNPACKED_RTF))))),
        text="返品\ntwo 台",
    ),
    crooked(
        "winmail.dat: packed rich text",
        winmail(tnef((1, _OF_MAIL, properties((0x102, 0x1009, packed(_PLAIN_RTF)))))),
        text="返品\ntwo 台",
    ),
    crooked(
        "winmail.dat: packed rich text that repeats itself without end",
        winmail(tnef((1, _OF_MAIL, properties((0x102, 0x1009, packed(rb"{\rtf1 a ", again=40_000))))), PLAIN),
        text="平文",
        warnings=[],
    ),
    crooked(
        "winmail.dat: a mail in the mail",
        winmail(
            tnef(
                _NEW_FILE,
                (
                    2,
                    _OF_FILE,
                    properties(
                        (0x1F, 0x3001, _utf_16("前のメール")),
                        (
                            0x0D,
                            0x3701,
                            bytes(8) + bytes.fromhex("c000000000000046") + tnef((1, _BODY, b"inner\0")),
                        ),
                    ),
                ),
            )
        ),
        names=["前のメール.txt"],
    ),
    crooked(
        "winmail.dat that is none",
        winmail(b"no such thing", PLAIN),
        files=[("winmail.dat", "application/ms-tnef", b"no such thing")],
    ),
    crooked(
        "winmail.dat cut short",
        winmail(tnef(_NEW_FILE, (2, _TITLE, b"a.txt\0"), (2, _DATA, b"content"))[:-6], PLAIN),
        text="平文",
        names=["a.txt"],
    ),
]

# --- mails in the mail, invitations, signatures ---

_INNER = head(f"Subject: {word('見積/依頼')}")
_INVITATION = (
    "BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\nBEGIN:VEVENT\r\nSUMMARY:打ち合わせ\\, 第\r\n 2回\r\n"
    "DTSTART;TZID=Asia/Tokyo:20261201T100000\r\n"
    'DTEND;TZID=Asia/Tokyo:20261201T110000\r\nLOCATION:会議室A\r\nORGANIZER;CN="山田: 太郎":mailto:taro@x.jp\r\n'
    "DESCRIPTION:資料を\\n持参\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
).encode()
_ICS = part("Content-Type: text/calendar; charset=utf-8; method=REQUEST", body=_INVITATION)
_OTHERS = [
    crooked(
        "a mail in the mail",
        mixed([PLAIN, part("Content-Type: message/rfc822", body=_INNER)]),
        text="平文",
        files=[("見積_依頼.eml", "message/rfc822", _INNER)],
    ),
    crooked(
        "a mail in the mail in base64",
        mixed(
            [
                PLAIN,
                part(
                    "Content-Type: message/rfc822",
                    "Content-Transfer-Encoding: base64",
                    body=base64.encodebytes(_INNER),
                ),
            ]
        ),
        files=[("見積_依頼.eml", "message/rfc822", _INNER)],
    ),
    crooked(
        "a mail in the mail with a boundary of ours",
        mixed([PLAIN, part("Content-Type: message/rfc822", body=mixed([RICH], boundary="zz"))]),
        text="平文",
        html="",
        names=["x.eml"],
    ),
    crooked(
        "a digest",
        mixed([b"\r\n" + _INNER, b"\r\n" + _INNER], "digest"),
        text="",
        names=["見積_依頼.eml", "見積_依頼.eml"],
    ),
    crooked(
        "an invitation alone",
        whole(_INVITATION, "text/calendar; charset=utf-8"),
        text="打ち合わせ, 第2回\n2026-12-01 10:00 (Asia/Tokyo) – 2026-12-01 11:00 (Asia/Tokyo)\n"
        "会議室A\ntaro@x.jp\n資料を\n持参",
        files=[("invite.ics", "text/calendar", _INVITATION)],
    ),
    crooked(
        "an invitation with words",
        mixed([PLAIN, RICH, _ICS], "alternative"),
        text="平文",
        names=["invite.ics"],
    ),
    crooked(
        "signed (S/MIME)",
        mixed([PLAIN, part("Content-Type: application/pkcs7-signature", body=b"sig")], "signed"),
        text="平文",
        names=["smime.p7s"],
        warnings=["signed"],
    ),
    crooked(
        "signed (PGP)",
        mixed([PLAIN, part("Content-Type: application/pgp-signature", body=b"sig")], "signed"),
        text="平文",
        names=["signature.asc"],
        warnings=["signed"],
    ),
    crooked(
        "encrypted (S/MIME)",
        whole(b"MIAG", "application/pkcs7-mime; smime-type=enveloped-data"),
        text="",
        names=["smime.p7m"],
        warnings=["encrypted"],
    ),
    crooked(
        "encrypted (S/MIME), told by its name alone",
        whole(b"MIAG", "application/octet-stream; name=smime.p7m"),
        text="",
        names=["smime.p7m"],
        warnings=["encrypted"],
    ),
    crooked(
        "signed opaquely (S/MIME)",
        whole(enveloped(SIGNED), "application/pkcs7-mime; smime-type=signed-data; name=smime.p7m"),
        text="中に入った本文です。",
        names=["a.pdf", "smime.p7m"],
        warnings=["signed"],
    ),
    crooked(
        "signed opaquely, of indefinite length and in pieces",
        whole(enveloped(SIGNED, in_pieces=True), "application/octet-stream; name=smime.p7m"),
        text="中に入った本文です。",
        names=["a.pdf", "smime.p7m"],
        warnings=["signed"],
    ),
    crooked(
        "signed opaquely, four times over",
        whole(enveloped(again(again(again(PLAIN)))), "application/pkcs7-mime; smime-type=signed-data"),
        text="",
        names=["smime.p7m", "attachment-2.p7c", "attachment-3.p7c", "attachment-4.p7c"],
        warnings=["signed"],
    ),
    crooked(
        "signed opaquely, cut",
        whole(enveloped(SIGNED)[:30], "application/pkcs7-mime; smime-type=signed-data"),
        text="",
        names=["smime.p7m"],
        warnings=["signed"],
    ),
    crooked(
        "encrypted (PGP)",
        mixed(
            [
                part("Content-Type: application/pgp-encrypted", body=b"Version: 1"),
                part("Content-Type: application/octet-stream; name=encrypted.asc", body=b"x"),
            ],
            "encrypted",
        ),
        text="",
        names=["version.asc", "encrypted.asc"],
        warnings=["encrypted"],
    ),
    crooked(
        "encrypted among the words",
        whole(b"-----BEGIN PGP MESSAGE-----\n\nx\n-----END PGP MESSAGE-----", "text/plain"),
        warnings=["encrypted"],
    ),
    crooked(
        "a picture shown by the HTML",
        mixed(
            [
                part("Content-Type: text/html", body=b'<img src="cid:a%40x">'),
                part("Content-Type: image/png; name=a.png", "Content-ID: <a@x>", body=b"PNG"),
            ],
            "related",
        ),
        inline=["a.png"],
    ),
    crooked(
        "the parts of a bounce",
        mixed(
            [
                PLAIN,
                part("Content-Type: message/delivery-status", body=b"Status: 5.1.1"),
                part("Content-Type: text/rfc822-headers", body=b"Subject: x"),
            ],
            "report",
            more="; report-type=delivery-status",
        ),
        text="平文",
        names=["delivery-status.txt", "headers.txt"],
        auto="bounce",
    ),
]
FILES = [*_NAMES, *_UUENCODED, *_TNEF, *_OTHERS]
