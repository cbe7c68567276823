"""What gateways and lists do to a mail on its way: words put around what is encoded, padding lost."""

import base64

from madoguchi.channels.email.tests.crooked.case import Crooked, crooked
from madoguchi.channels.email.tests.crooked.heads import head
from madoguchi.channels.email.tests.crooked.letters import WORDS

_ENCODED = ("encoding-repaired",)
_BOTH = ("encoding-repaired", "charset-repaired")
_LIST = "_______________________\nUsers mailing list\nusers@lists.example"
_CHECKED = "--\nこのメールは検査済みです。"


def sent(kind: str, body: bytes) -> bytes:
    lines = head("Subject: x", f"Content-Type: {kind}", "Content-Transfer-Encoding: base64")
    return lines.removesuffix(b"words") + body


def unpadded(words: str, charset: str = "utf-8") -> bytes:
    """Base64 in lines, without the padding at its end."""
    return base64.encodebytes(words.encode(charset)).rstrip(b"=\n").replace(b"\n", b"\r\n")


def footed(
    name: str,
    body: bytes,
    footer: str,
    read: str,
    *,
    kind: str = "text/plain; charset=utf-8",
    written: str = "utf-8",
    warnings: tuple[str, ...] = _ENCODED,
) -> Crooked:
    """An encoded body, and a footer written below it as it stands."""
    raw = sent(kind, body + footer.replace("\n", "\r\n").encode(written) + b"\r\n")
    return crooked(f"footer below base64: {name}", raw, text=read, warnings=list(warnings))


_BODY = WORDS * 3
_FOOTED = [
    footed("padding lost", unpadded(_BODY + "a"), f"\n\n{_LIST}", f"{_BODY}a\n\n{_LIST}"),
    footed("padding cut", unpadded(_BODY + "a") + b"=", f"\n\n{_LIST}", f"{_BODY}a\n\n{_LIST}"),
    footed("padding there", unpadded(_BODY + "a") + b"==", f"\n\n{_LIST}", f"{_BODY}a\n\n{_LIST}"),
    footed("no padding needed", unpadded(_BODY + "abc"), f"\n\n{_LIST}", f"{_BODY}abc\n\n{_LIST}"),
    footed("a letter lost", unpadded(_BODY + "ab")[:-2], f"\n\n{_LIST}", f"{_BODY}\n\n{_LIST}"),
    footed("no blank line", unpadded(_BODY + "a"), f"\n{_LIST}", f"{_BODY}a\n{_LIST}"),
    footed("a short one", unpadded("one"), "\n\nOne, two.", "one\n\nOne, two."),
    footed("on the line of the padding", unpadded(_BODY + "ab") + b"=", "One, two.", f"{_BODY}ab\nOne, two."),
    footed("letters alone", unpadded(_BODY + "a"), "\n\nSent by our gate", f"{_BODY}a\n\nSent by our gate"),
    footed("one word first", unpadded(_BODY), "\n\nUnsubscribe\nx@y.jp", f"{_BODY}\n\nUnsubscribe\nx@y.jp"),
    footed(
        "drawn with =", unpadded(_BODY + "a"), "\n==========\nOne, two.", f"{_BODY}a\n==========\nOne, two."
    ),
    footed(
        "drawn with /", unpadded(_BODY + "a"), "\n//////////\nOne, two.", f"{_BODY}a\n//////////\nOne, two."
    ),
    footed("hyphens", unpadded(_BODY + "a"), f"\n{_CHECKED}", f"{_BODY}a\n{_CHECKED}"),
    footed(
        "in UTF-8 below JIS",
        unpadded(_BODY, "iso-2022-jp"),
        f"\n{_CHECKED}",
        f"{_BODY}\n{_CHECKED}",
        kind="text/plain; charset=iso-2022-jp",
        warnings=_BOTH,
    ),
    footed(
        "in JIS below UTF-8", unpadded(_BODY), f"\n{_CHECKED}", f"{_BODY}\n{_CHECKED}", written="iso-2022-jp"
    ),
    footed(
        "in ASCII below UTF-16",
        unpadded(_BODY, "utf-16-le"),
        f"\n\n{_LIST}",
        f"{_BODY}\n\n{_LIST}",
        kind="text/plain; charset=utf-16le",
    ),
    footed(
        "below HTML",
        unpadded(f"<p>{_BODY}</p>a"),
        f"\n{_LIST}",
        f"{_BODY}\n\na\n{_LIST}",
        kind="text/html; charset=utf-8",
    ),
    footed("below a file", unpadded("%PDF" * 20), f"\n{_LIST}", _LIST, kind="application/pdf; name=a.pdf"),
    crooked(
        "words above base64",
        sent("text/plain; charset=utf-8", b"[EXTERNAL] Be careful.\r\n\r\n" + unpadded(_BODY)),
        text=f"[EXTERNAL] Be careful.\n\n{_BODY}",
        warnings=list(_ENCODED),
    ),
    crooked(
        "a boundary of nothing below base64",
        sent("text/plain; charset=utf-8", unpadded(_BODY) + b"\r\n--b1--\r\n"),
        text=_BODY,
        warnings=list(_ENCODED),
    ),
]


def wrapped(data: bytes, width: int, end: bytes = b"\r\n") -> bytes:
    """Lines of so many bytes, whatever characters they cut."""
    return end.join(data[at : at + width] for at in range(0, len(data), width))


def cut(name: str, label: str, codec: str, width: int, end: bytes = b"\r\n", *, lost: int = 0) -> Crooked:
    """Words in lines of so many bytes; of the last character some bytes may be lost."""
    charset = f"; charset={label}" if label else ""
    raw = head("Subject: x", f"Content-Type: text/plain{charset}").removesuffix(b"words")
    body = wrapped(_BODY.encode(codec), width, end)
    read = f"{_BODY[:-1]}\ufffd" if lost else _BODY
    raw += body[: len(body) - lost]
    return crooked(f"cut by line ends: {name}", raw, text=read, warnings=["charset-repaired"])


_CUT = [
    cut("UTF-8", "utf-8", "utf-8", 76),
    cut("UTF-8, a byte before", "utf-8", "utf-8", 77),
    cut("UTF-8 with LF", "utf-8", "utf-8", 76, b"\n"),
    cut("UTF-8 that does not say so", "", "utf-8", 76),
    cut("UTF-8 that says it is Latin", "iso-8859-1", "utf-8", 76),
    cut("Shift_JIS", "shift_jis", "cp932", 77),
    cut("Shift_JIS, as sendmail does", "shift_jis", "cp932", 77, b"!\r\n "),
    cut("Shift_JIS that does not say so", "", "cp932", 77),
    cut("EUC-JP", "euc-jp", "euc_jp", 77),
    cut("EUC-JP that does not say so", "", "euc_jp", 77),
    cut("JIS", "iso-2022-jp", "iso2022_jp", 76),
    cut("JIS that does not say so", "", "iso2022_jp", 76),
    cut("Shift_JIS, and at the end", "shift_jis", "cp932", 77, lost=1),
    cut("EUC-JP, and at the end", "euc-jp", "euc_jp", 77, lost=1),
    cut("UTF-8, and at the end", "utf-8", "utf-8", 76, lost=1),
    cut("an escape sequence", "iso-2022-jp", "iso2022_jp", 130),
]


def mixed(label: str, body: str, footer: str) -> Crooked:
    """Words in the charset they claim, and others that a list has put below them in its own."""
    raw = head("Subject: x", f"Content-Type: text/plain; charset={label}").removesuffix(b"words")
    read = "お世話になります。\n返品したいです。\n\n--\n配信：青空会"
    above, below = read.split("\n\n")
    written = above.encode(body) + b"\n\n" + below.encode(footer)
    return crooked(
        f"two charsets: {body} above {footer}", raw + written, text=read, warnings=["charset-repaired"]
    )


_BLANKS_WITHOUT_END = crooked(
    "blanks without end in base64",
    sent("text/plain; charset=utf-8", b"YQ==\n" + b" " * 300_000 + b"!"),
    text="a",
    warnings=list(_ENCODED),
)

_MIXED = [
    mixed("iso-2022-jp", "iso2022_jp", "utf-8"),
    mixed("iso-2022-jp", "iso2022_jp", "cp932"),
    mixed("shift_jis", "cp932", "utf-8"),
    mixed("utf-8", "utf-8", "iso2022_jp"),
    mixed("utf-8", "utf-8", "cp932"),
    mixed("utf-8", "utf-8", "euc_jp"),
    mixed("euc-jp", "euc_jp", "utf-8"),
]

GATEWAYS = [*_FOOTED, *_CUT, *_MIXED, _BLANKS_WITHOUT_END]
