"""Charsets and transfer encodings gone wrong."""

import base64
import quopri

from madoguchi.channels.email.tests.crooked.case import Crooked, crooked
from madoguchi.channels.email.tests.crooked.heads import head
from madoguchi.channels.email.tests.mails import jis_as_windows_writes_it

WORDS = "お世話になっております。返品のお願いです。"
OLD_CHINESE = "這個商品什麼時候發貨？"
FRENCH = "Été déjà à Nîmes, où l'élève reçoit ça. ÄÖÜäöüß ÀÉÈÙÇÊË"
CHINESE = "您好，我的订单还没有到，请问什么时候可以发货？谢谢。"
WINDOWS = "①㈱髙﨑です。ﾃｽﾄも。"


def text(
    name: str, label: str, data: bytes, read: str, *, encoding: str = "8bit", warnings: tuple[str, ...] = ()
) -> Crooked:
    """A plain text with this charset parameter (none when empty) and these bytes."""
    charset = f"; charset={label}" if label else ""
    raw = head("Subject: x", f"Content-Type: text/plain{charset}", f"Content-Transfer-Encoding: {encoding}")
    return crooked(f"text: {name}", raw.removesuffix(b"words") + data, text=read, warnings=list(warnings))


def right(label: str, codec: str, words: str = WORDS) -> Crooked:
    """A label that programs use, with text that fits it."""
    return text(f"labelled {label}", label, words.encode(codec), words)


_REPAIRED = ("charset-repaired",)
_LABELS = [
    text("says GB2312, is Shift_JIS", "gb2312", WORDS.encode("cp932"), WORDS, warnings=_REPAIRED),
    text(
        "says GB2312, is Shift_JIS of Windows",
        "gbk",
        "①㈱髙﨑です。".encode("cp932"),
        "①㈱髙﨑です。",
        warnings=_REPAIRED,
    ),
    text(
        "says GB2312, is kanji alone",
        "gb2312",
        "御見積書送付".encode("cp932"),
        "御見積書送付",
        warnings=_REPAIRED,
    ),
    right("GB2312", "gb2312", CHINESE),
    text(
        "says GBK, in the letters of Taiwan",
        "gbk",
        "這個商品什麼時候發貨？".encode("gbk"),
        "這個商品什麼時候發貨？",
    ),
    text(
        "GB2312 with kana",
        "gb2312",
        "『ひらがなカタカナ』是什么意思？".encode("gb2312"),
        "『ひらがなカタカナ』是什么意思？",
    ),
    text("says Latin-1, is GBK", "iso-8859-1", CHINESE.encode("gbk"), CHINESE, warnings=_REPAIRED),
    text(
        "says windows-1252, is GBK",
        "windows-1252",
        f"Hi,\n{CHINESE}".encode("gbk"),
        f"Hi,\n{CHINESE}",
        warnings=_REPAIRED,
    ),
    text("says Latin-1, is EUC-JP", "iso-8859-1", WORDS.encode("euc-jp"), WORDS, warnings=_REPAIRED),
    text("says Latin-1, and is", "iso-8859-1", FRENCH.encode("latin-1"), FRENCH),
    right("iso-2022-jp", "iso-2022-jp"),
    right("ISO-2022-JP-MS", "iso-2022-jp"),
    right("cp50220", "iso-2022-jp"),
    right("CP50221", "iso-2022-jp"),
    right("_iso-2022-jp$ESC", "iso-2022-jp"),
    right("csISO2022JP", "iso-2022-jp"),
    right('"Shift_JIS"', "cp932"),
    right("x-sjis", "cp932"),
    right("Windows-31J", "cp932", WINDOWS),
    right("MS932", "cp932", WINDOWS),
    right("x-euc-jp", "euc-jp"),
    right("utf8", "utf-8"),
    right("utf8mb4", "utf-8", "𩸽😀"),
    right("utf-16", "utf-16"),
    right("utf-16le", "utf-16-le"),
    right("UTF-16BE", "utf-16-be"),
    text("UTF-16 without its mark, as the standard has it", "utf-16", WORDS.encode("utf-16-be"), WORDS),
    text("UTF-16 without its mark, as Windows has it", "utf-16", WORDS.encode("utf-16-le"), WORDS),
    text("UTF-16 without its mark, kana alone", "utf-16", "ありがとう".encode("utf-16-be"), "ありがとう"),
    text("says UTF-16, is UTF-8", "utf-16", WORDS.encode(), WORDS, warnings=_REPAIRED),
    text("says UTF-16, is ASCII", "utf-16", b"Where is it?", "Where is it?", warnings=_REPAIRED),
    right("utf-32", "utf-32"),
    right("utf-7", "utf-7"),
    right("unicode-1-1-utf-7", "utf-7"),
    right("gb2312", "gb18030", "朱镕基總理"),
    right("gbk", "gb18030", "你好"),
    right("big5", "big5", "繁體中文"),
    right("x-windows-950", "big5", "繁體中文"),
    right("x-windows-949", "cp949", "똠방각하"),
    right("ks_c_5601-1987", "cp949", "똠방각하"),
    right("euc-kr", "euc-kr", "한국어"),
    right("windows-1250", "cp1250", "Příliš žluťoučký"),
    right("windows-1251", "cp1251", "Привет"),
    right("windows-1252", "cp1252", "10 € – „Grüße“"),
    right("windows-1253", "cp1253", "Καλημέρα"),
    right("windows-1254", "cp1254", "Teşekkürler, iyi günler"),
    right("windows-1255", "cp1255", "שלום"),
    right("windows-1256", "cp1256", "مرحبا"),
    right("windows-1257", "cp1257", "Ačiū, viso gero"),
    right("windows-1258", "cp1258", "xin chào"),
    right("koi8-u", "koi8-u", "Привіт, її"),
    right("koi8-ru", "koi8-u", "Привіт, її"),
    right("x-mac-cyrillic", "mac-cyrillic", "Привет"),
    right("x-mac-ce", "mac-latin2", "Příliš"),
    right("big5-hkscs", "big5hkscs", "唔該晒"),
    right("koi8-r", "koi8-r", "Привет"),
    right("iso-8859-1", "cp1252", "10 € – „Grüße“"),
    right("iso-8859-15", "iso-8859-15", "10 €"),
    right("iso-8859-2", "iso-8859-2", "Příliš žluťoučký"),
    right("windows-874", "cp874", "สวัสดี"),
    right("iso-8859-8-i", "iso-8859-8", "שלום"),
    right("macintosh", "mac-roman", "é"),
    text("a remark behind the label", "utf-8 (of course)", WORDS.encode(), WORDS),
    text("Windows' characters in JIS", "iso-2022-jp", jis_as_windows_writes_it(WINDOWS), WINDOWS),
    text("JIS with kana of eight bits", "iso-2022-jp", "ｶﾅ".encode("cp932"), "ｶﾅ", warnings=_REPAIRED),
    text("JIS with kana by their escape", "iso-2022-jp", b"\x1b(I6E\x1b(B abc", "ｶﾅ abc"),
    text("JIS with shifted kana", "iso-2022-jp", b"\x0e\x36\x45\x0f abc", "ｶﾅ abc"),
    text("JIS X 0213 in JIS", "iso-2022-jp-3", "①".encode("iso2022_jp_3"), "①"),
    text(
        "JIS whose escapes were removed",
        "iso-2022-jp",
        b"$BJVIJ$N$*4j$$(B",
        "返品のお願い",
        warnings=_REPAIRED,
    ),
]
_LIES = [
    text("says JIS, is UTF-8", "iso-2022-jp", WORDS.encode(), WORDS, warnings=_REPAIRED),
    text(
        "says JIS, is cp932",
        "iso-2022-jp",
        (WORDS + WINDOWS).encode("cp932"),
        WORDS + WINDOWS,
        warnings=_REPAIRED,
    ),
    text("says Shift_JIS, is cp932", "shift_jis", WINDOWS.encode("cp932"), WINDOWS),
    text("says Shift_JIS, is UTF-8", "shift_jis", WORDS.encode(), WORDS, warnings=_REPAIRED),
    text("says UTF-8, is JIS", "utf-8", WORDS.encode("iso-2022-jp"), WORDS, warnings=_REPAIRED),
    text("says UTF-8, is EUC-JP", "utf-8", WORDS.encode("euc-jp"), WORDS, warnings=_REPAIRED),
    text("says UTF-8, is Shift_JIS", "utf-8", WORDS.encode("cp932"), WORDS, warnings=_REPAIRED),
    text("says ASCII, is UTF-8", "us-ascii", WORDS.encode(), WORDS, warnings=_REPAIRED),
    text("says Latin, is Shift_JIS", "iso-8859-1", WORDS.encode("cp932"), WORDS, warnings=_REPAIRED),
    text("says Latin and is, though it could be Japanese", "iso-8859-1", "äöüß".encode("latin-1"), "äöüß"),
    text("says EUC-JP, is cp932", "euc-jp", "①㈱髙﨑".encode("cp932"), "①㈱髙﨑", warnings=_REPAIRED),
    text("says UTF-8, bears the mark of UTF-16", "utf-8", WORDS.encode("utf-16"), WORDS, warnings=_REPAIRED),
    text(
        "UTF-8 cut in a character",
        "utf-8",
        WORDS.encode() * 3 + b"\xe3\x81",
        WORDS * 3 + "\ufffd",
        warnings=_REPAIRED,
    ),
    text(
        "Russian UTF-8 with a stray byte",
        "utf-8",
        "Привет, как дела? ".encode() * 5 + b"\x80",
        "Привет, как дела? " * 5 + "\ufffd",
        warnings=_REPAIRED,
    ),
]
_SILENT = [
    text("no label, JIS", "", WORDS.encode("iso-2022-jp"), WORDS),
    text("no label, EUC-JP", "", WORDS.encode("euc-jp"), WORDS),
    text("no label, Shift_JIS", "", WORDS.encode("cp932"), WORDS),
    text("no label, UTF-8", "", WORDS.encode(), WORDS),
    text("no label, UTF-16 with its mark", "", WORDS.encode("utf-16"), WORDS),
    text(
        "no label, Chinese",
        "",
        "你好，我想退货，请问怎么办理？谢谢".encode("gb18030"),
        "你好，我想退货，请问怎么办理？谢谢",
    ),
    text(
        "no label, Korean",
        "",
        "안녕하세요. 반품하고 싶습니다.".encode("euc-kr"),
        "안녕하세요. 반품하고 싶습니다.",
    ),
    text("no label, Russian", "", "Привет, как дела".encode("cp1251"), "Привет, как дела"),
]
_ENCODED = ("encoding-repaired",)
_BASE64 = base64.encodebytes(WORDS.encode() * 3)
_FORMS = [
    text("base64 without line ends", "utf-8", _BASE64.replace(b"\n", b""), WORDS * 3, encoding="base64"),
    text("base64 with blanks in it", "utf-8", _BASE64.replace(b"\n", b" \n\t"), WORDS * 3, encoding="base64"),
    text(
        "base64 with rubbish in it",
        "utf-8",
        _BASE64.replace(b"\n", b"!\n*"),
        WORDS * 3,
        encoding="base64",
        warnings=("encoding-repaired",),
    ),
    text(
        "base64 in pieces with padding each",
        "utf-8",
        base64.b64encode(b"one ") + b"\r\n" + base64.b64encode(b"two") + b"\r\n",
        "one two",
        encoding="base64",
        warnings=("encoding-repaired",),
    ),
    text(
        "base64 cut short",
        "utf-8",
        base64.b64encode(b"hello world")[:-3],
        "hello wor",
        encoding="base64",
        warnings=("encoding-repaired",),
    ),
    text(
        "base64 with a footer below",
        "utf-8",
        base64.b64encode(b"hello wor") + b"==\r\n\r\nThis mail was checked. Have a nice day.\r\n",
        "hello wor\n\nThis mail was checked. Have a nice day.",
        encoding="base64",
        warnings=("encoding-repaired",),
    ),
    text(
        "words that claim to be base64",
        "utf-8",
        WORDS.encode(),
        WORDS,
        encoding="base64",
        warnings=("encoding-repaired",),
    ),
    text(
        "English that claims to be base64",
        "utf-8",
        b"It has not come yet and we are waiting",
        "It has not come yet and we are waiting",
        encoding="base64",
        warnings=("encoding-repaired",),
    ),
    text(
        "quoted-printable", "utf-8", quopri.encodestring(WORDS.encode()), WORDS, encoding="Quoted-Printable"
    ),
    text(
        "quoted-printable in small letters",
        "utf-8",
        b"=e8=bf=94=e5=93=81",
        "返品",
        encoding="quoted-printable",
    ),
    text("a blank behind a soft break", "utf-8", b"one= \r\ntwo", "onetwo", encoding="quoted-printable"),
    text(
        "signs that stand for themselves",
        "utf-8",
        b"a=b =XY 100%=",
        "a=b =XY 100%",
        encoding="quoted-printable",
    ),
    text("base64 that does not say so", "utf-8", _BASE64, WORDS * 3, warnings=_ENCODED),
    text(
        "base64 of JIS that does not say so",
        "iso-2022-jp",
        base64.encodebytes(WORDS.encode("iso-2022-jp")),
        WORDS,
        encoding="7bit",
        warnings=_ENCODED,
    ),
    text(
        "base64 of base64",
        "utf-8",
        base64.encodebytes(_BASE64),
        WORDS * 3,
        encoding="base64",
        warnings=_ENCODED,
    ),
    text(
        "quoted-printable that does not say so",
        "utf-8",
        quopri.encodestring(WORDS.encode()),
        WORDS,
        warnings=_ENCODED,
    ),
    text("a long code that is no base64 of words", "utf-8", b"0123456789abcdef" * 4, "0123456789abcdef" * 4),
    text("an encoding misspelt", "utf-8", _BASE64, WORDS * 3, encoding="Base 64"),
    text("an encoding with a remark", "utf-8", _BASE64, WORDS * 3, encoding="base64 (by mail-gw)"),
    text("an encoding in quotation marks", "utf-8", _BASE64, WORDS * 3, encoding='"base64"; x=y'),
    text("an encoding that is none", "utf-8", WORDS.encode(), WORDS, encoding="text/html"),
    text("seven bits that are eight", "utf-8", WORDS.encode(), WORDS, encoding="7bit"),
    text("composed late (NFD), with NUL", "utf-8", "か\u3099\x00".encode(), "が"),
    text(
        "half of a picture character",
        "utf-8",
        WORDS.encode() + b"\xed\xa0\xbd",
        WORDS + "\ufffd",
        warnings=_REPAIRED,
    ),
    text("halves of a picture character", "utf-8", b"a\xed\xa0\xbd\xed\xb8\x80b", "a😀b"),
    text("very long lines", "utf-8", WORDS.encode() * 5_000, WORDS * 5_000),
    text("bare CR within words", "utf-8", b"one\rtwo\r\nthree\n", "one\ntwo\nthree"),
]

LETTERS = [*_LABELS, *_LIES, *_SILENT, *_FORMS]
