"""S/MIME envelopes of our own making, as DER and as BER: what is signed is inside, and nobody's signature."""

from madoguchi.channels.email.tests.mails import joined, part

_SIGNED_DATA = bytes.fromhex("06092a864886f70d010702")
_DATA = bytes.fromhex("06092a864886f70d010701")
_END = b"\0\0"
_WORDS = part("Content-Type: text/plain; charset=utf-8", body="中に入った本文です。".encode())
_PDF = part("Content-Type: application/pdf", "Content-Disposition: attachment; filename=a.pdf", body=b"%PDF")
SIGNED = part("Content-Type: multipart/mixed; boundary=inner", body=joined([_WORDS, _PDF], "inner"))


def enveloped(inside: bytes, *, in_pieces: bool = False) -> bytes:
    """An envelope with this part; `in_pieces` as programs write one of which they do not know the length."""
    wrap = _open_ended if in_pieces else _der
    octets = _der(0x04, inside)
    if in_pieces:
        octets = _open_ended(0x24, *(_der(0x04, inside[at : at + 40]) for at in range(0, len(inside), 40)))
    held = wrap(0x30, _DATA, wrap(0xA0, octets))
    signed = wrap(0x30, bytes.fromhex("020101"), _der(0x31), held, _der(0x31))
    return wrap(0x30, _SIGNED_DATA, wrap(0xA0, signed))


def again(inside: bytes) -> bytes:
    """A part that is such an envelope."""
    return part("Content-Type: application/pkcs7-mime; smime-type=signed-data", body=enveloped(inside))


def _der(tag: int, *parts: bytes) -> bytes:
    content = b"".join(parts)
    length = len(content)
    if length < 0x80:
        return bytes((tag, length)) + content
    size = (length.bit_length() + 7) // 8
    return bytes((tag, 0x80 + size)) + length.to_bytes(size) + content


def _open_ended(tag: int, *parts: bytes) -> bytes:
    return bytes((tag, 0x80)) + b"".join(parts) + _END
