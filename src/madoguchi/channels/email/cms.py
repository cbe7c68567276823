"""What an S/MIME envelope holds that is signed and not encrypted (RFC 5652).

Programs that sign "opaquely" put the whole mail inside, and whoever reads no S/MIME sees none of it. Who signed is not
asked. Pure; never raises.
"""

from collections.abc import Iterator
from typing import Final, NamedTuple

_SIGNED_DATA: Final = bytes.fromhex("2a864886f70d010702")
_SEQUENCE, _OID, _OCTETS, _OCTETS_IN_PIECES, _WITHIN = 0x30, 0x06, 0x04, 0x24, 0xA0
_MOST_PIECES, _LONGEST_LENGTH = 100_000, 4


class _Value(NamedTuple):
    tag: int
    start: int
    end: int
    after: int


def signed_content(data: bytes) -> bytes | None:
    """The MIME part that was signed; None where the envelope is another one, or nothing can be read in it."""
    outer = _only(data, 0, len(data), _SEQUENCE)
    inside = list(_values(data, outer)) if outer else []
    if len(inside) < 2 or data[inside[0].start : inside[0].end] != _SIGNED_DATA or inside[0].tag != _OID:
        return None
    signed = _only(data, inside[1].start, inside[1].end, _SEQUENCE)
    held = (
        next((value for value in _values(data, signed) if value.tag == _SEQUENCE), None) if signed else None
    )
    wrapped = next((value for value in _values(data, held) if value.tag == _WITHIN), None) if held else None
    octets = _at(data, wrapped.start, wrapped.end) if wrapped else None
    return _bytes_of(data, octets) if octets else None


def _bytes_of(data: bytes, octets: _Value) -> bytes | None:
    if octets.tag == _OCTETS:
        return data[octets.start : octets.end]
    if octets.tag != _OCTETS_IN_PIECES:
        return None
    return b"".join(data[piece.start : piece.end] for piece in _values(data, octets) if piece.tag == _OCTETS)


def _only(data: bytes, start: int, end: int, tag: int) -> _Value | None:
    value = _at(data, start, end)
    return value if value and value.tag == tag else None


def _values(data: bytes, within: _Value) -> Iterator[_Value]:
    at = within.start
    for _ in range(_MOST_PIECES):
        value = _at(data, at, within.end)
        if value is None or (value.tag == 0 and value.start == value.end):
            break
        yield value
        at = value.after


def _at(data: bytes, start: int, end: int) -> _Value | None:
    """The value that begins there; one of indefinite length ends where its parts do."""
    if start + 2 > end:
        return None
    tag, length, at = data[start], data[start + 1], start + 2
    if length == 0x80:
        return _Value(tag, at, end, _after_parts(data, at, end))
    if length > 0x80:
        size = length - 0x80
        if size > _LONGEST_LENGTH or at + size > end:
            return None
        length, at = int.from_bytes(data[at : at + size]), at + size
    return _Value(tag, at, min(at + length, end), min(at + length, end))


def _after_parts(data: bytes, start: int, end: int) -> int:
    """Where the parts end that two zero bytes close, by counting what opens within them."""
    at, open_ones = start, 1
    while open_ones and at + 2 <= end:
        if data[at] == 0 and data[at + 1] == 0:
            open_ones, at = open_ones - 1, at + 2
        elif data[at + 1] == 0x80:
            open_ones, at = open_ones + 1, at + 2
        else:
            value = _at(data, at, end)
            at = value.after if value else end
    return at
