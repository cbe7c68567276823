"""Bytes to text, for mail whose charset label is missing, wrong, or right by Microsoft's tables alone.

Python reads ISO-2022-JP and EUC-JP by the letter of the standard, but the mail that arrives also holds
①㈱髙﨑 and half-width kana. Text that the standard explains is read by the standard; text that it does
not explain was written by Windows, so all of it is read by Windows' table (cp932).
"""

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

from madoguchi.channels.email import phones, wrapped
from madoguchi.channels.email.jis import CP932, UNREADABLE, read_euc, read_jis

UTF_8: Final = "utf-8"
US_ASCII: Final = "us-ascii"
ISO_2022_JP: Final = "iso-2022-jp"
EUC_JP: Final = "euc-jp"
WESTERN: Final = "cp1252"


@dataclass(frozen=True, slots=True)
class Decoded:
    """Text with the charset that read it; `repaired` when the label was not to be believed."""

    text: str
    charset: str
    repaired: bool


_FAMILIES: Final = {
    name.replace("_", "-"): family
    for family, names in {
        UTF_8: "utf-8 utf8 unicode-1-1-utf-8 utf8mb4 cp65001",
        US_ASCII: "us-ascii ascii ansi_x3.4-1968 iso-ir-6",
        ISO_2022_JP: "iso-2022-jp iso2022jp iso-2022-jp-1 iso-2022-jp-2 iso-2022-jp-3 iso-2022-jp-2004 "
        "iso-2022-jp-ms iso-2022-jp-ext csiso2022jp cp50220 cp50221 cp50222 x-windows-iso2022jp jis",
        EUC_JP: "euc-jp eucjp x-euc-jp euc_jp eucjp-ms eucjp-win cp51932 cseucpkdfmtjapanese ujis",
        CP932: "shift_jis shift-jis shiftjis sjis x-sjis sjis-win ms_kanji csshiftjis windows-31j "
        "cswindows31j cp932 ms932 x-ms-cp932 windows-932 shift_jis-2004 x-mac-japanese "
        "x-sjis-docomo x-sjis-kddi x-sjis-softbank",
        WESTERN: "iso-8859-1 iso8859-1 iso_8859-1 latin1 l1 windows-1252 cp1252 ansi",
        "utf-7": "utf-7 unicode-1-1-utf-7 x-unicode-2-0-utf-7 csunicode11utf7",
        "utf-16-le": "utf-16le utf-16-le unicode ucs-2 iso-10646-ucs-2",
        "iso-8859-8": "iso-8859-8-i iso-8859-8-e",
        "iso-8859-6": "iso-8859-6-i iso-8859-6-e",
        "cp874": "windows-874 iso-8859-11",
        "mac-roman": "macintosh x-mac-roman",
        "mac-cyrillic": "x-mac-cyrillic",
        "mac-latin2": "x-mac-ce x-mac-centraleurroman",
        "koi8-u": "koi8-ru",
        "gb18030": "gb2312 gbk gb18030 cp936 windows-936 x-windows-936 ms936 csgb2312 x-gbk gb_2312-80 euc-cn",
        "big5hkscs": "big5 big5-hkscs cn-big5 csbig5 cp950 windows-950 x-windows-950 ms950",
        "cp949": "euc-kr euckr ks_c_5601-1987 ksc5601 cp949 windows-949 x-windows-949 ms949 cseuckr uhc",
    }.items()
    for name in names.split()
}
# Only names of this shape reach Python's codec search, which imports modules by name and keeps every miss.
_OTHER_CODEC: Final = re.compile(
    r"(?:iso-?8859-?\d{1,2}|(?:windows|cp|ibm)-?(?:125\d|8\d\d|437|10\d\d)|koi8-[rtu]|tis-620"
    r"|utf-16(?:-?[lb]e)?|utf-32(?:-?[lb]e)?|hz-gb-2312|iso-2022-kr|johab)"
)
_WIDE: Final = ("utf-16", "utf-32")
# The higher bytes of Latin letters, blanks and kana.
_HIGH_BYTES: Final = (b"\0", b"\x30")
_NOT_ASCII_COMPATIBLE: Final = re.compile(r"utf-(?:16|32|7)|hz-|iso-2022-kr")
_JAPANESE: Final = (ISO_2022_JP, EUC_JP, CP932)
_JIS_ESCAPE: Final = (b"\x1b$", b"\x1b(")
# Kana, or two ideographs side by side: what mojibake of Western text does not show by accident.
_CONVINCING: Final = re.compile("[\u3041-\u30fe]|[\u3005\u4e00-\u9fff\uf929-\ufa2d]{2}")
# "äöüß" is two ideographs in EUC-JP: against a label more is needed.
_UNMISTAKABLE: Final = re.compile("[\u3041-\u30fe]|[\u3005\u4e00-\u9fff]{4}")
_KANA: Final = re.compile("[\u3041-\u30fe、。]")
_LETTERS: Final = re.compile("[A-Za-z]")
_SYLLABLES: Final = re.compile("[\u3041-\u30fa]")
_PAIRED: Final = re.compile(rb"(?:(?:[\x80-\xff]{2})++|[\x00-\x7f]++)*+")
_HALF_WIDTH: Final = re.compile("[\uff61-\uff9f\ue000-\uf8ff]")
_BYTE_ORDER_MARKS: Final = {
    b"\xef\xbb\xbf": UTF_8,
    b"\xff\xfe\x00\x00": "utf-32",
    b"\x00\x00\xfe\xff": "utf-32",
    b"\xff\xfe": "utf-16",
    b"\xfe\xff": "utf-16",
}
_BEHIND_LABEL: Final = re.compile(r"[\s;,(\"'].*", re.DOTALL)
_LONG_ENOUGH: Final = 8
# Each with the characters that must make up a share of the text: syllables, frequent words, small letters.
_NEIGHBOURS: Final = (
    ("euc-kr", re.compile("[\uac00-\ud7a3]"), 0.7),
    ("gb18030", re.compile("[的一是了我不在有你这他们请谢您好吗]"), 0.15),
    ("big5hkscs", re.compile("[的一是了我不在有你這他們請謝您好嗎]"), 0.15),
    ("cp1251", re.compile("[\u0430-\u044f]"), 0.7),
)
_MARKS: Final = tuple(_BYTE_ORDER_MARKS)
_JIS_AMONG: Final = re.compile(rb"\x1b\$[@B](?:[!-~]{2})+\x1b\([BJ]")
_LOST_ESCAPES: Final = re.compile(rb"\$([@B])((?:[!-~]{2}){1,200}?)\(([BJ])")
_MOST_WITH_LOST_ESCAPES: Final = 200_000
_MOST_DAMAGE: Final = 0.34
_UNWANTED: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufeff\ufffe\uffff]")
_LONGEST_GUESSED: Final = 200_000
_HARMLESS: Final = 2_000
_HIGHEST_TOWER: Final = 30
_TOWER: Final = re.compile(r"[^\w\s\x00-\u02ff]{31,}")
_SURROGATE: Final = re.compile("[\ud800-\udfff]")


def decode(data: bytes, label: str = "") -> Decoded:
    """Read `data` by its label, or by the likeliest charset when the label does not fit the bytes.

    Never raises: what nothing explains is shown as U+FFFD and reported as repaired.
    """
    found = _read(data, family_of(label))
    text, lost = found.text, False
    if found.charset in (CP932, ISO_2022_JP) or "\x1b$" in text:
        text, lost = phones.readable(text)
    return Decoded(clean(text), found.charset, found.repaired or lost)


def _read(data: bytes, family: str) -> Decoded:
    """The text as it stands in the bytes."""
    if data.startswith(_MARKS) and (marked := _by_its_mark(data)) is not None:
        return Decoded(marked.text, marked.charset, family != marked.charset and bool(family))
    if family.startswith(_WIDE):
        family = _in_its_order(data, family)
        if _is_not_wide(data, family):
            return replace(_read(data, UTF_8), repaired=True)
    if data.isascii() and b"\x1b" not in data and b"\x0e" not in data:
        if family == ISO_2022_JP and (restored := _with_lost_escapes(data)) is not None:
            return restored
        if not _NOT_ASCII_COMPATIBLE.match(family):
            return Decoded(data.decode("ascii"), family or US_ASCII, False)
    elif (other := _contradiction(data, family)) is not None:
        return Decoded(other.text, other.charset, bool(family) or other.repaired)
    text = _strictly(data, family)
    if text is not None and not (family == UTF_8 and _JIS_AMONG.search(data)):
        return Decoded(text, family, UNREADABLE in text and _try(data, family) is None)
    guessed = (
        _put_together(data, family)
        or _line_by_line(data, family)
        or _nearly_together(data, family)
        or _guess(data)
    )
    if guessed.charset == WESTERN and family in _JAPANESE:
        guessed = _as_labelled(data) or guessed
    return Decoded(guessed.text, guessed.charset, bool(family) or guessed.repaired)


def decode_name(data: bytes, label: str = "") -> str:
    """A name of a few letters, too few to tell their charset: by a label that fits, else as Windows writes Japanese."""
    found = decode(data, label)
    if not found.repaired or is_utf8(data) or _CONVINCING.search(found.text):
        return found.text
    for codec in (CP932, "euc_jp"):
        text = _try(data, codec)
        if (
            text is not None
            and not _HALF_WIDTH.search(text)
            and not _LETTERS.search(text.rpartition(".")[0] or text)
        ):
            return clean(text)
    return found.text


def family_of(label: str) -> str:
    """The codec that reads what this label stands for; empty when the label says nothing usable."""
    name = label.strip(" \t\"'").lower().replace("_", "-")
    known = _FAMILIES.get(name) or (name if _OTHER_CODEC.fullmatch(name) else "")
    return known or (family_of(shorter) if (shorter := _BEHIND_LABEL.sub("", name)) != name else "")


def clean(text: str) -> str:
    """Text fit to store: NFC, without control characters, byte order marks and lone surrogates."""
    if _UNWANTED.search(text):
        text = _UNWANTED.sub("", text)
    if _SURROGATE.search(text):
        text = _SURROGATE.sub(UNREADABLE, text)
    if len(text) > _HARMLESS:
        text = _TOWER.sub(_lowered, text)
    return unicodedata.normalize("NFC", text)


def _lowered(found: re.Match[str]) -> str:
    """Marks that are heaped on one letter, cut to a number that can be put in order without taking for ever."""
    kept, height = [], 0
    for char in found[0]:
        height = height + 1 if unicodedata.combining(char) else 0
        if height <= _HIGHEST_TOWER:
            kept.append(char)
    return "".join(kept)


def is_japanese(charset: str) -> bool:
    """Whether a charset is one that only Japanese mail is written in."""
    return charset in _JAPANESE


def is_utf8(data: bytes) -> bool:
    """Whether these bytes are UTF-8, which other text hardly ever is by accident."""
    return _try(data, UTF_8) is not None


def _contradiction(data: bytes, family: str) -> Decoded | None:
    """A reading so clearly right that the label must be wrong, although its own strict decode may pass."""
    if family != ISO_2022_JP and data.isascii() and any(mark in data for mark in _JIS_ESCAPE):
        text, whole = read_jis(data)
        return Decoded(text, ISO_2022_JP, False) if whole else _put_together(data, ISO_2022_JP)
    if family in (EUC_JP, CP932, WESTERN):
        text_or_none = _try(data, UTF_8) or _try(wrapped.utf8_joined(data), UTF_8)
        if text_or_none is not None and (family == WESTERN or _CONVINCING.search(text_or_none)):
            return Decoded(text_or_none, UTF_8, True)
    if family == WESTERN:
        japanese = _best_japanese(data)
        if japanese is not None and _speaks_japanese(japanese.text):
            return japanese
        chinese = _chinese(data)
        return chinese or (japanese if japanese is not None and _UNMISTAKABLE.search(japanese.text) else None)
    return _japanese_under_chinese(data) if family == "gb18030" else None


def _japanese_under_chinese(data: bytes) -> Decoded | None:
    """Shift_JIS under a Chinese label, whose codec reads it as letters that hardly anybody writes."""
    text, japanese = _try(data, "gb18030"), _try(data, CP932)
    if text is None or japanese is None or _likeness(japanese) < 0:
        return None
    foreign = _foreign(text)
    usual = _foreign(text.encode("gb2312", "ignore").decode("gb2312"))
    speaks = len(_SYLLABLES.findall(japanese)) > 1
    if usual * (3 if speaks else 10) > foreign or not (speaks or _UNMISTAKABLE.search(japanese)):
        return None
    return Decoded(japanese, CP932, True)


def _chinese(data: bytes) -> Decoded | None:
    """Chinese in pairs of bytes, with so many of its frequent words that nothing else looks like it."""
    if len(data) > _LONGEST_GUESSED or not _PAIRED.fullmatch(data):
        return None
    text = _try(data, "gb18030")
    foreign = _foreign(text) if text is not None else 0
    marks, share = next((marks, share) for codec, marks, share in _NEIGHBOURS if codec == "gb18030")
    if text is None or foreign < _LONG_ENOUGH or len(marks.findall(text)) < share * foreign:
        return None
    return Decoded(text, "gb18030", True)


def _speaks_japanese(text: str) -> bool:
    """Whether syllables make up a share of a text that Chinese, read as Japanese, never has."""
    return len(_SYLLABLES.findall(text)) * 10 >= _foreign(text)


def _strictly(data: bytes, family: str) -> str | None:
    if family == ISO_2022_JP:
        return _strict_jis(data)
    text = _try(data, family) if family else None
    if text is None and ((family == UTF_8 and b"\xed" in data) or family.startswith("utf-16")):
        return _joined_surrogates(data, family)
    if text is None and family == EUC_JP:
        text, whole = read_euc(data)
        return text if whole else None
    if text is None and family == WESTERN:
        return data.decode("latin-1")
    return text


def _by_its_mark(data: bytes) -> Decoded | None:
    """The reading that a byte order mark announces."""
    codec = next(codec for mark, codec in _BYTE_ORDER_MARKS.items() if data.startswith(mark))
    text = _try(data, codec)
    return None if text is None else Decoded(text, "utf-16" if codec == "utf-16" else codec, False)


def _in_its_order(data: bytes, family: str) -> str:
    """UTF-16 without a mark by the order of its bytes: the higher ones of plain letters and of kana are few."""
    if family != "utf-16":
        return family
    first, second = (sum(data[at::2].count(high) for high in _HIGH_BYTES) for at in (0, 1))
    return "utf-16-be" if first > second else "utf-16-le"


def _is_not_wide(data: bytes, family: str) -> bool:
    """Whether text that is called UTF-16 or UTF-32 is UTF-8: plain letters would have a NUL each. Kana alone look like
    letters and digits, and are kana all the same.
    """
    if b"\0" in data or not is_utf8(data):
        return False
    return not (data.isascii() and _KANA.search(_try(data, family) or ""))


def _as_labelled(data: bytes) -> Decoded | None:
    """Japanese too short to be told from noise, where at least the label says that it is Japanese."""
    for codec in (CP932, "euc_jp"):
        if (text := _try(data, codec)) is not None:
            return Decoded(text, CP932 if codec == CP932 else EUC_JP, True)
    return None


def _nearly(data: bytes, family: str) -> Decoded | None:
    """The reading by a label that some stray bytes contradict, such as a character cut in two by a limit.

    Japanese labels lie too often for that: those texts are guessed anew.
    """
    if not family or family in _JAPANESE or family == US_ASCII:
        return None
    try:
        text = data.decode(family, "replace")
    except (UnicodeError, LookupError):
        return None
    stray = text.count(UNREADABLE)
    if family != UTF_8 and is_utf8(data):
        return None
    sure = stray * 20 <= _foreign(text) or (family == UTF_8 and _bears_the_mark_of_utf8(text, stray))
    return Decoded(text, family, True) if sure else None


def _bears_the_mark_of_utf8(text: str, stray: int) -> bool:
    """Whether so many characters of three bytes and more were read among the stray ones that no other text would have
    given them: its bytes hardly ever fall so. One that is cut at its end needs no more than one of them.
    """
    read = sum("\u0800" <= char != UNREADABLE for char in text)
    return stray * 3 <= read or (stray == 1 and read > 0 and text.endswith(UNREADABLE))


def _put_together(data: bytes, family: str) -> Decoded | None:
    """The reading by a label of text in which line ends have cut characters."""
    joined = _joined(data, family)
    text = _strictly(joined, family) if joined != data else None
    return Decoded(text, family, True) if text is not None else None


def _nearly_together(data: bytes, family: str) -> Decoded | None:
    """The same where some stray bytes are left besides, such as a character cut in two by a limit."""
    joined = _joined(data, family)
    if joined == data or family not in (EUC_JP, CP932):
        return _nearly(joined, family)
    text = read_euc(joined)[0] if family == EUC_JP else joined.decode(CP932, "replace")
    is_sure = text.count(UNREADABLE) * 20 <= _foreign(text) and _likeness(text) > 0
    return Decoded(text, family, True) if is_sure else None


def _joined(data: bytes, family: str) -> bytes:
    return _JOINERS[family](data) if family in _JOINERS else data


def _line_by_line(data: bytes, family: str) -> Decoded | None:
    """The reading of a text of several charsets: a list or gateway has put its own words, in its own, below others'.

    Lines that their neighbours' charset does not explain must be Japanese beyond doubt in another; else there is none.
    """
    lines = data[:_LONGEST_GUESSED].split(b"\n")
    if len(data) > _LONGEST_GUESSED or len(lines) < 2 or _NOT_ASCII_COMPATIBLE.match(family):
        return None
    texts, found = [], set[str]()
    for line in lines:
        read = _read_line(line, family)
        if read is None:
            return None
        texts.append(read.text)
        found.add(read.charset)
    others = found - {US_ASCII}
    if len(others) < 2:
        return None
    return Decoded("\n".join(texts), family if family in others else others.pop(), True)


def _read_line(line: bytes, family: str) -> Decoded | None:
    if line.isascii() and b"\x1b" not in line:
        return Decoded(line.decode("ascii"), US_ASCII, False)
    if b"\x1b" not in line:
        for codec in dict.fromkeys((family, UTF_8)):
            if (
                codec
                and codec != ISO_2022_JP
                and (text := _try(line, codec)) is not None
                and _is_fluent(text, codec)
            ):
                return Decoded(text, codec, False)
    elif line.isascii():
        text, whole = read_jis(line)
        return Decoded(text, ISO_2022_JP, False) if whole else None
    japanese = _best_japanese(line) if _nearly(line, UTF_8) is None else None
    return japanese if japanese is not None and _likeness(japanese.text) >= 0 else None


def _is_fluent(text: str, codec: str) -> bool:
    """Whether a line read by a codec that reads almost anything is language, and no other charset's bytes."""
    return codec not in _JAPANESE or _likeness(text) >= 0


def _joined_surrogates(data: bytes, family: str) -> str | None:
    """Text in which some programs write a picture character as two halves, or have cut it in two: half of one is one
    unreadable character, and no reason to doubt the others.
    """
    try:
        halves = data.decode(family, "surrogatepass").encode("utf-16", "surrogatepass")
        return halves.decode("utf-16", "replace")
    except UnicodeError:
        return None


def _try(data: bytes, codec: str) -> str | None:
    try:
        return data.decode(codec)
    except (UnicodeError, LookupError):
        return None


def _strict_jis(data: bytes) -> str | None:
    if not data.isascii() or wrapped.has_cut_escapes(data):
        return None
    # Python lets the shift codes of half-width kana (cp50222) pass as they are.
    text = _try(data, "iso2022_jp") if b"\x0e" not in data else None
    if text is not None:
        return text
    text, whole = read_jis(data)
    if whole:
        return text
    return _try(data, "iso2022_jp_2") or _try(data, "iso2022_jp_3") or _try(data, "iso2022_jp_2004")


def _with_lost_escapes(data: bytes) -> Decoded | None:
    """ISO-2022-JP that has gone through a program which removes the escape character."""
    if b"$B" not in data or b"\x1b" in data or len(data) > _MOST_WITH_LOST_ESCAPES:
        return None
    text, whole = read_jis(_LOST_ESCAPES.sub(b"\x1b$\\1\\2\x1b(\\3", data))
    return Decoded(text, ISO_2022_JP, True) if whole and _KANA.search(text) else None


def _guess(data: bytes) -> Decoded:
    """The likeliest reading; of a long text its beginning decides, so that rubbish costs one pass and no more."""
    if len(data) <= _LONGEST_GUESSED:
        return _guess_whole(data)
    guessed = _guess_whole(data[:_LONGEST_GUESSED].rpartition(b"\n")[0] or data[:_LONGEST_GUESSED])
    if guessed.charset in (ISO_2022_JP, EUC_JP):
        text, whole = (read_jis if guessed.charset == ISO_2022_JP else read_euc)(data)
        return Decoded(text, guessed.charset, guessed.repaired or not whole)
    text = data.decode(guessed.charset, "replace")
    return Decoded(text, guessed.charset, guessed.repaired or UNREADABLE in text)


def _guess_whole(data: bytes) -> Decoded:
    if any(mark in data for mark in _JIS_ESCAPE):
        text, whole = read_jis(data)
        if not whole and (joined := _put_together(data, ISO_2022_JP)):
            return joined
        if whole or (data.isascii() and _CONVINCING.search(text)):
            return Decoded(text, ISO_2022_JP, not whole)
    utf8 = _try(data, UTF_8)
    if utf8 is not None:
        return Decoded(utf8, UTF_8, False)
    japanese = _put_together(data, UTF_8) or _nearly(data, UTF_8) or _best_japanese(data)
    if japanese is not None and _KANA.search(japanese.text):
        return japanese
    return _of_the_neighbours(data) or japanese or _least_damaged(data)


def _best_japanese(data: bytes) -> Decoded | None:
    """Shift_JIS or EUC-JP, whichever reads every byte and looks like language rather than like noise."""
    text, whole = read_euc(data)
    readings = [Decoded(read, CP932, False) for read in (_try(data, CP932),) if read is not None]
    readings += [Decoded(text, EUC_JP, False)] if whole else []
    readings += [read for family in (CP932, EUC_JP) if (read := _put_together(data, family)) is not None]
    likely = [reading for reading in readings if _CONVINCING.search(reading.text)]
    return max(likely, key=lambda reading: _likeness(reading.text), default=None)


def _of_the_neighbours(data: bytes) -> Decoded | None:
    """Unlabelled Korean, Chinese or Russian, where it is long enough to be sure that it is not Japanese."""
    for codec, marks, share in _NEIGHBOURS:
        text = _try(data, codec)
        foreign = _foreign(text) if text is not None else 0
        if text is not None and foreign >= _LONG_ENOUGH and len(marks.findall(text)) >= share * foreign:
            return Decoded(text, codec, False)
    return None


def _likeness(text: str) -> int:
    return len(_KANA.findall(text)) - 2 * len(_HALF_WIDTH.findall(text))


def _least_damaged(data: bytes) -> Decoded:
    """The likeliest reading with some holes in it; Western when every Asian one is mostly holes."""
    readings = [
        (data.decode(UTF_8, "replace"), UTF_8),
        (data.decode(CP932, "replace"), CP932),
        (read_euc(data)[0], EUC_JP),
        (read_jis(data)[0], ISO_2022_JP),
    ]
    likely = [
        reading
        for reading in readings
        if _CONVINCING.search(reading[0]) and _damage(reading[0]) <= _MOST_DAMAGE
    ]
    if not likely:
        return Decoded(data.decode(WESTERN, "replace"), WESTERN, True)
    # Kanji never come out of UTF-8 by accident; out of the others they do.
    is_utf8 = likely[0][1] == UTF_8
    text, charset = likely[0] if is_utf8 else max(likely, key=lambda reading: _likeness(reading[0]))
    return Decoded(text, charset, True)


def _foreign(text: str) -> int:
    return len(text) - len(text.encode("ascii", "ignore"))


def _damage(text: str) -> float:
    foreign = _foreign(text)
    return text.count(UNREADABLE) / foreign if foreign else 0.0


_JOINERS: Final[dict[str, Callable[[bytes], bytes]]] = {
    UTF_8: wrapped.utf8_joined,
    EUC_JP: wrapped.euc_joined,
    CP932: wrapped.cp932_joined,
    ISO_2022_JP: wrapped.jis_joined,
}
