"""ISO-2022-JP and EUC-JP by Windows' table (cp932), which holds what the standard's has not: ①㈱髙﨑."""

import re
from collections.abc import Callable
from typing import Final

from madoguchi.channels.email import phones

CP932: Final = "cp932"
UNREADABLE: Final = "\ufffd"


class _WindowsKanji(dict[int, str]):
    """A pair of JIS bytes, taken as one UTF-16 unit, to its character in cp932; filled as pairs are met.

    Rows that JIS leaves empty are where phones have put emoji; in Shift_JIS those stand elsewhere.
    """

    def __init__(self, *, empty_rows: range) -> None:
        self.empty_rows = empty_rows

    def __missing__(self, pair: int) -> str:
        row, cell = (pair >> 8) - 0x20, (pair & 0xFF) - 0x20
        lead = (
            (row + 1) // 2
            + (0x80 if row <= 62 else 0xC0)
            + (_FROM_JIS_TO_PHONES if row in self.empty_rows else 0)
        )
        trail = cell + 0x9E if row % 2 == 0 else cell + 0x3F + (cell >= 64)
        read = bytes((lead, trail)).decode(CP932, "replace")
        char = self[pair] = read if len(read) == 1 else UNREADABLE
        return char


_FROM_JIS_TO_PHONES: Final = 0x0B
_WINDOWS_KANJI: Final = _WindowsKanji(empty_rows=range(0))
_PHONES_KANJI: Final = _WindowsKanji(empty_rows=range(85, 89))
_LOW: Final = bytes(byte & 0x7F for byte in range(256))
_HIGH: Final = bytes(byte | 0x80 for byte in range(256))
_ESCAPES: Final = re.compile(rb"\x1b(\([BJIHT]|\$[@B]|\$\([?D@B]|\$[EFGOPQ](?:[!-z]+\x0f|[!-z])|&@)")
_PAIRS: Final = re.compile(rb"((?:[\x21-\x7e]{2})+)|([\x00-\x20]+)|([\x7f-\xff]+|.)", re.DOTALL)
_USER_DEFINED: Final = re.compile(rb"[\x21-\x34][\x21-\x7e]")
_SHIFTED_KANA: Final = re.compile(rb"\x0e([\x21-\x5f]*)\x0f?")
_EUC_PIECES: Final = re.compile(
    rb"([\x00-\x7f]+)|((?:[\xa1-\xfe]{2})+)|((?:\x8e[\xa1-\xdf])+)|((?:\x8f[\xa1-\xfe]{2})+)|(.)", re.DOTALL
)


def read_jis(data: bytes) -> tuple[str, bool]:
    """ISO-2022-JP as Windows writes it, and whether every byte was understood."""
    pieces = _ESCAPES.split(data)
    reader: Callable[[bytes], str] = _read_ascii
    texts = [reader(pieces[0])]
    for escape, piece in zip(pieces[1::2], pieces[2::2], strict=True):
        if (wanted := _JIS_READERS.get(escape)) is None:  # an emoji of SoftBank's: all goes on as before
            texts.append(f"\x1b{escape.decode('ascii')}")
        reader = wanted or reader
        texts.append(reader(piece))
    text = "".join(texts)
    return text, UNREADABLE not in text and "\x1b" not in phones.without_codes(text)


def _read_ascii(piece: bytes) -> str:
    if b"\x0e" in piece:
        return "".join(
            _read_kana(part) if index % 2 else _read_ascii(part)
            for index, part in enumerate(_SHIFTED_KANA.split(piece))
        )
    return piece.decode("ascii") if piece.isascii() else piece.decode(CP932, "replace")


def _read_roman(piece: bytes) -> str:
    return _read_ascii(piece).replace("\\", "¥").replace("~", "‾")


def _read_kana(piece: bytes) -> str:
    return "".join(_kana(byte) for byte in piece)


def _kana(byte: int) -> str:
    if byte <= 0x20:
        return chr(byte)
    return chr(0xFF40 + byte) if byte <= 0x5F else UNREADABLE


def _read_kanji(piece: bytes) -> str:
    """Double-byte text; spaces and line ends inside it stand for themselves, as sloppy mailers mean them."""
    return "".join(
        _kanji(pairs, _PHONES_KANJI) if pairs else control.decode("ascii") or UNREADABLE * len(stray)
        for pairs, control, stray in _PAIRS.findall(piece)
    )


def _kanji(pairs: bytes, table: _WindowsKanji) -> str:
    return pairs.decode("utf-16-be").translate(table)


def _read_supplement(piece: bytes) -> str:
    high = piece.translate(_HIGH)
    return "".join((b"\x8f" + high[at : at + 2]).decode("euc_jp", "replace") for at in range(0, len(high), 2))


def _read_user_defined(piece: bytes) -> str:
    """ISO-2022-JP-MS's own rows 1 to 20: cp932 keeps them right behind its row 94."""
    pairs = [piece[at : at + 2] for at in range(0, len(piece), 2)]
    return "".join(
        _WINDOWS_KANJI[pair[0] + 94 << 8 | pair[1]] if _USER_DEFINED.fullmatch(pair) else UNREADABLE
        for pair in pairs
    )


_JIS_READERS: Final[dict[bytes, Callable[[bytes], str]]] = {
    b"(B": _read_ascii,
    b"(H": _read_ascii,
    b"(T": _read_ascii,
    b"(J": _read_roman,
    b"(I": _read_kana,
    b"$@": _read_kanji,
    b"$B": _read_kanji,
    b"$(@": _read_kanji,
    b"$(B": _read_kanji,
    b"$(D": _read_supplement,
    b"$(?": _read_user_defined,
    b"&@": _read_ascii,
}


def read_euc(data: bytes) -> tuple[str, bool]:
    """EUC-JP as Windows writes it (cp51932, eucJP-ms), and whether every byte was understood."""
    try:
        return data.decode("euc_jp"), True
    except UnicodeError:
        return _read_pieces(data)


def _read_pieces(data: bytes) -> tuple[str, bool]:
    texts = []
    for ascii_, kanji, kana, supplement, stray in _EUC_PIECES.findall(data):
        if ascii_:
            texts.append(ascii_.decode("ascii"))
        elif kanji:
            texts.append(_kanji(kanji.translate(_LOW), _WINDOWS_KANJI))
        else:
            texts.append((kana or supplement or stray).decode("euc_jp", "replace"))
    text = "".join(texts)
    return text, UNREADABLE not in text
