"""Rich text as Outlook packs it into a winmail.dat: unpacked (MS-OXRTFCP), and its words."""

import re
import struct
from typing import Final

from madoguchi.channels.email import charsets

MOST_UNPACKED: Final = 5_000_000
_PACKED, _PLAIN = b"LZFu", b"MELA"
_WINDOW: Final = 4096
_DICTIONARY: Final = (
    rb"{\rtf1\ansi\mac\deff0\deftab720{\fonttbl;}{\f0\fnil \froman \fswiss \fmodern \fscript \fdecor MS Sans "
    rb"SerifSymbolArialTimes New RomanCourier{\colortbl\red0\green0\blue0" + b"\r\n" + rb"\par \pard\plain\f0"
    rb"\fs20\b\i\u\tab\tx"
)
_TOKEN: Final = re.compile(
    r"\\([a-z]{1,32})(-?\d{1,10})? ?|\\'([0-9a-f]{2})|\\([^a-z])|([{}])|[\r\n]+|([^\\{}\r\n]+)|.",
    re.IGNORECASE,
)
_SILENT: Final = frozenset(
    {"fonttbl", "colortbl", "stylesheet", "info", "pict", "object", "header", "footer", "listtable"}
)
_BREAKS: Final = {
    "par": "\n",
    "line": "\n",
    "tab": "\t",
    "row": "\n",
    "cell": "\t",
    "emdash": "—",
    "endash": "–",
    "bullet": "・",
}
_CHARSETS: Final = {
    128: "cp932",
    129: "cp949",
    134: "gb18030",
    136: "big5hkscs",
    204: "cp1251",
    238: "cp1250",
}


def decompressed(data: bytes) -> bytes:
    """RTF out of its packing; what is there of it when it breaks off."""
    if len(data) < 16:
        return b""
    size, _, kind, _ = struct.unpack_from("<II4sI", data, 0)
    if kind == _PLAIN:
        return data[16 : 16 + min(size, MOST_UNPACKED)]
    return _unpacked(data) if kind == _PACKED else b""


def _unpacked(data: bytes) -> bytes:
    out = bytearray(_DICTIONARY)
    at, first = 16, len(_DICTIONARY)
    while at < len(data) and len(out) < MOST_UNPACKED:
        control, at = data[at], at + 1
        for bit in range(8):
            if not control >> bit & 1:
                out += data[at : at + 1]
                at += 1
                continue
            if at + 2 > len(data):
                return bytes(out[first:])
            reference, at = data[at] << 8 | data[at + 1], at + 2
            back = (len(out) - (reference >> 4)) % _WINDOW
            if not back:  # a reference to the place being written marks the end
                return bytes(out[first:])
            _repeat(out, back, (reference & 15) + 2)
    return bytes(out[first:])


def _repeat(out: bytearray, back: int, length: int) -> None:
    for _ in range(length):
        out.append(out[-back] if back <= len(out) else 0x20)


def words_of(rtf: bytes) -> str:
    """The words of a rich text, with its line breaks. HTML that Outlook hid in it is given without its tags."""
    reader = _Words()
    for found in _TOKEN.finditer(rtf[:MOST_UNPACKED].decode("latin-1")):
        reader.take(found)
    return charsets.clean(reader.text())


class _Words:
    """Reads tokens of RTF: groups that say nothing are passed over, bytes are gathered until they end."""

    def __init__(self) -> None:
        self.out: list[str] = []
        self.pending = bytearray()
        self.codec = "cp1252"
        self.fonts: dict[str, str] = {}
        self.font = ""
        self.depth = self.silent_from = 0
        self.skip = 0
        self.in_fonts = False

    def text(self) -> str:
        self._flush()
        # Characters beyond the first plane are written as two.
        text = "".join(self.out).encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
        return re.sub(r"\n{3,}", "\n\n", text).strip()

    def take(self, found: re.Match[str]) -> None:
        word, number, code, symbol, brace, plain = found.groups()
        if brace:
            self._brace(brace)
        elif word:
            self._word(word, number or "")
        elif symbol == "*":
            self.silent_from = self.silent_from or self.depth
        elif self.silent_from:
            return
        elif code:
            self._byte(int(code, 16))
        elif symbol or plain:
            self._say(plain or {"~": " ", "_": "-", "-": ""}.get(symbol, symbol))

    def _brace(self, brace: str) -> None:
        self.depth += 1 if brace == "{" else -1
        if self.silent_from and self.depth < self.silent_from:
            self.silent_from, self.in_fonts = 0, False

    def _word(self, word: str, number: str) -> None:
        if word in _SILENT:
            self.silent_from = self.silent_from or self.depth
            self.in_fonts = self.in_fonts or word == "fonttbl"
        elif word == "htmlrtf":
            self.silent_from = 0 if number == "0" else (self.silent_from or self.depth)
        elif word == "ansicpg":
            self.codec = charsets.family_of(f"cp{number}") or self.codec
        elif word == "f":
            self._flush()
            self.font = number
        elif word == "fcharset" and self.in_fonts:
            self.fonts[self.font] = _CHARSETS.get(int(number or 0), "")
        elif word == "u" and not self.silent_from and number:
            self._say(chr(int(number) & 0xFFFF))
            self.skip = 1
        elif word in _BREAKS and not self.silent_from:
            self._say(_BREAKS[word])

    def _byte(self, byte: int) -> None:
        if self.skip:  # what stands for a Unicode character where that is not known
            self.skip -= 1
        else:
            self.pending.append(byte)

    def _say(self, text: str) -> None:
        if self.skip and text not in ("\n", "\t"):
            text, self.skip = text[1:] if text[:1] == "?" else text, 0
        self._flush()
        self.out.append(text)

    def _flush(self) -> None:
        if self.pending:
            self.out.append(
                charsets.decode(bytes(self.pending), self.fonts.get(self.font) or self.codec).text
            )
            self.pending.clear()
