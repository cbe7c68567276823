"""Emoji as phones wrote them, in places that no charset has."""

from madoguchi.channels.email.tests.crooked.case import Crooked, crooked
from madoguchi.channels.email.tests.crooked.heads import head, subject
from madoguchi.channels.email.tests.crooked.letters import text

_SJIS = "表示です".encode("cp932")
_JIS = "表示です".encode("iso-2022-jp")
_KANJI = _JIS[3:-3]
_REPAIRED = ("charset-repaired",)


def sjis(name: str, code: bytes, read: str, warnings: tuple[str, ...] = ()) -> Crooked:
    """An emoji between words in Shift_JIS."""
    data = _SJIS + code + _SJIS
    return text(f"emoji, {name}", "shift_jis", data, f"表示です{read}表示です", warnings=warnings)


def jis(name: str, code: bytes, read: str, warnings: tuple[str, ...] = ()) -> Crooked:
    """An emoji among the kanji of ISO-2022-JP."""
    data = b"\x1b$B" + _KANJI + code + _KANJI + b"\x1b(B"
    return text(f"emoji, {name}", "iso-2022-jp", data, f"表示です{read}表示です", warnings=warnings)


PHONES = [
    sjis("docomo's first", b"\xf8\x9f", "☀"),
    sjis("docomo's before the gap", b"\xf9\x7e", "↩"),
    sjis("docomo's behind the gap", b"\xf9\x80", "🆑"),
    sjis("docomo's last", b"\xf9\xfc", "😱"),
    sjis("docomo's heart and bell", b"\xf9\x91\xf9\xb8", "❤🔔"),
    sjis("docomo's own mark", b"\xf9\x75", "〓", _REPAIRED),
    sjis("au's sun and heart", b"\xf6\x60\xf7\xb2", "☀❤"),
    sjis("au's later ones", b"\xf3\x7e\xf3\x94", "✨😞"),
    sjis("au's that is not known", b"\xf4\x40", "〓", _REPAIRED),
    sjis("SoftBank's sun", b"\x1b$Gj\x0f", "☀"),
    sjis("SoftBank's in one sequence", b"\x1b$G!B\x0f\x1b$P1\x0f", "👦❤😭"),
    sjis("SoftBank's that is not known", b"\x1b$Q!\x0f", "〓", _REPAIRED),
    sjis("SoftBank's without its end", b"\x1b$Gj", "☀"),
    jis("au's in JIS", b"\x75\x41\x78\x34", "☀❤"),
    jis("au's in JIS that is not known", b"\x75\x21", "〓", _REPAIRED),
    jis("SoftBank's among kanji", b"\x1b$Gj\x0f", "☀"),
    jis("none but a rare kanji of Windows", b"\x79\x5f", bytes((0xED, 0x7E)).decode("cp932")),
    crooked(
        "emoji, au's in JIS where Windows has kanji",
        head("Content-Type: text/plain; charset=iso-2022-jp")
        .replace(b"taro@home.example", b"taro@ezweb.ne.jp")
        .removesuffix(b"words")
        + b"\x1b$B"
        + _KANJI
        + b"\x79\x5f\x79\x75\x1b(B",
        text="表示です✨﨑",
        warnings=[],
    ),
    text("emoji, SoftBank's behind kanji", "iso-2022-jp", _JIS + b"\x1b$Gj\x0f" + _JIS, "表示です☀表示です"),
    text("emoji, SoftBank's in UTF-8", "utf-8", "晴れ\x1b$Gj\x0fです".encode(), "晴れ☀です"),
    text("emoji, docomo's without a label", "", _SJIS + b"\xf8\xa0" + _SJIS, "表示です☁表示です"),
    text("emoji, none but a mark of one's own", "shift_jis", _SJIS + "〓".encode("cp932"), "表示です〓"),
    text("a character of one's own", "shift_jis", _SJIS + b"\xf0\x40", "表示です\ue000"),
    subject("emoji of docomo", _SJIS + b"\xf8\x9f", "表示です☀"),
    crooked(
        "emoji in the name of a sender",
        head(b"To: " + _SJIS + b"\xf9\x91 <a@x.jp>"),
        to=[("表示です❤", "a@x.jp")],
    ),
]
