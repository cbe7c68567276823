"""Outlook's winmail.dat (TNEF, published as MS-OXTNEF): its files and its text."""

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from madoguchi.channels.email import charsets
from madoguchi.channels.email.rtf import decompressed

TNEF: Final = "application/ms-tnef"
_SIGNATURE: Final = 0x223E9F78
_SUBJECT, _TEXT, _FILE_TITLE, _FILE_DATA = 0x8004, 0x800C, 0x8010, 0x800F
_MESSAGE_PROPERTIES, _NEW_FILE, _FILE_PROPERTIES, _CODE_PAGE = 0x9003, 0x9002, 0x9005, 0x9007
_BODY, _RTF, _HTML, _FILE_CONTENT, _FILE_NAME, _LONG_NAME = 0x1000, 0x1009, 0x1013, 0x3701, 0x3704, 0x3707
_MIME_TYPE, _CONTENT_ID, _DISPLAY_NAME, _INTERNET_CODE_PAGE = 0x370E, 0x3712, 0x3001, 0x3FDE
_STRING, _UNICODE, _OBJECT, _BINARY = 0x1E, 0x1F, 0x0D, 0x102
_SIZES: Final = {
    0x02: 4,
    0x03: 4,
    0x04: 4,
    0x0A: 4,
    0x0B: 4,
    0x05: 8,
    0x06: 8,
    0x07: 8,
    0x14: 8,
    0x40: 8,
    0x48: 16,
}
_VARIABLE: Final = frozenset({_STRING, _UNICODE, _OBJECT, _BINARY})
_MOST_VALUES: Final = 10_000
_MOST_FILES: Final = 500
# Objects begin with the identifier of their interface; behind that of a mail in the mail is a stream as this one.
_INTERFACE: Final = bytes.fromhex("c000000000000046")
_ENCLOSED: Final = struct.pack("<I", _SIGNATURE)


@dataclass(slots=True)
class TnefFile:
    """A file of a winmail.dat."""

    filename: str = ""
    content_type: str = ""
    content_id: str = ""
    content: bytes = b""


@dataclass(slots=True)
class Tnef:
    """What a winmail.dat holds. `rtf` is there for mails that have their words nowhere else."""

    text: str = ""
    html: str = ""
    rtf: bytes = b""
    files: list[TnefFile] = field(default_factory=list)


def read_tnef(data: bytes) -> Tnef | None:
    """The content of a winmail.dat as far as it can be read; None when it is none."""
    if len(data) < 6 or int.from_bytes(data[:4], "little") != _SIGNATURE:
        return None
    found = Tnef()
    code_page = "cp932"
    for attribute, value in _attributes(data):
        if attribute == _CODE_PAGE:
            code_page = f"cp{int.from_bytes(value[:4], 'little')}"
        elif attribute == _NEW_FILE:
            if len(found.files) >= _MOST_FILES:
                break
            found.files.append(TnefFile())
        elif attribute == _TEXT:
            found.text = _string(value, code_page)
        elif attribute == _MESSAGE_PROPERTIES:
            _read_message(found, value, code_page)
        elif found.files:
            _read_file(found.files[-1], attribute, value, code_page)
    found.files = [file for file in found.files if file.content or file.filename]
    return found


def _attributes(data: bytes) -> Iterator[tuple[int, bytes]]:
    at = 6
    while at + 9 <= len(data):
        _, attribute, _, length = struct.unpack_from("<BHHI", data, at)
        yield attribute, data[at + 9 : at + 9 + length]
        at += 9 + length + 2


def _read_message(found: Tnef, value: bytes, code_page: str) -> None:
    properties = dict(_properties(value, code_page))
    internet = properties.get(_INTERNET_CODE_PAGE)
    if isinstance(text := properties.get(_BODY), str):
        found.text = text
    if isinstance(html := properties.get(_HTML), bytes):
        found.html = charsets.decode(html.rstrip(b"\0"), f"cp{internet}" if internet else "").text
    elif isinstance(html, str):
        found.html = html
    if isinstance(rtf := properties.get(_RTF), bytes):
        found.rtf = decompressed(rtf)


def _read_file(file: TnefFile, attribute: int, value: bytes, code_page: str) -> None:
    if attribute == _FILE_TITLE:
        file.filename = file.filename or _string(value, code_page)
    elif attribute == _FILE_DATA:
        file.content = value
    elif attribute == _FILE_PROPERTIES:
        properties = dict(_properties(value, code_page))
        names = (properties.get(key) for key in (_LONG_NAME, _FILE_NAME, _DISPLAY_NAME))
        file.filename = next((name for name in names if isinstance(name, str) and name), file.filename)
        file.content_type = str(properties.get(_MIME_TYPE) or "").lower()
        file.content_id = str(properties.get(_CONTENT_ID) or "")
        if isinstance(content := properties.get(_FILE_CONTENT), bytes) and not file.content:
            _take_object(file, content)


def _take_object(file: TnefFile, content: bytes) -> None:
    """Content that is kept as an object: a mail in the mail is a winmail.dat again."""
    file.content = content[16:] if content[8:16] == _INTERFACE else content
    if file.content.startswith(_ENCLOSED):
        file.content_type = TNEF


def _properties(data: bytes, code_page: str) -> Iterator[tuple[int, object]]:
    """The properties of a message or file, by identifier. Reading stops where the data make no sense."""
    try:
        (count,) = struct.unpack_from("<I", data, 0)
        at = 4
        for _ in range(min(count, _MOST_VALUES)):
            kind, identifier = struct.unpack_from("<HH", data, at)
            at = _behind_name(data, at + 4) if identifier >= 0x8000 else at + 4
            values, at = _values(data, at, kind, code_page)
            if values:
                yield identifier, values[0]
    except (struct.error, KeyError, IndexError):
        return


def _behind_name(data: bytes, at: int) -> int:
    (is_text,) = struct.unpack_from("<I", data, at + 16)
    if not is_text:
        return at + 24
    (length,) = struct.unpack_from("<I", data, at + 20)
    return at + 24 + _padded(length)


def _values(data: bytes, at: int, kind: int, code_page: str) -> tuple[list[object], int]:
    many, kind = bool(kind & 0x1000), kind & 0x0FFF
    values: list[object] = []
    if kind not in _VARIABLE:
        count = struct.unpack_from("<I", data, at)[0] if many else 1
        at += 4 if many else 0
        for _ in range(min(count, _MOST_VALUES)):
            values.append(int.from_bytes(data[at : at + _SIZES[kind]], "little"))
            at += _SIZES[kind]
        return values, at
    (count,) = struct.unpack_from("<I", data, at)
    at += 4
    for _ in range(min(count, _MOST_VALUES)):
        (length,) = struct.unpack_from("<I", data, at)
        values.append(_value(data[at + 4 : at + 4 + length], kind, code_page))
        at += 4 + _padded(length)
    return values, at


def _value(value: bytes, kind: int, code_page: str) -> object:
    if kind == _UNICODE:
        return charsets.clean(value.decode("utf-16-le", "replace").rstrip("\0"))
    return _string(value, code_page) if kind == _STRING else value


def _string(value: bytes, code_page: str) -> str:
    return charsets.decode(value.partition(b"\0")[0], code_page).text


def _padded(length: int) -> int:
    return (length + 3) & ~3
