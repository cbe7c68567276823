"""What a browser asks before it sends sound, answered: STUN (RFC 8489) as far as an ICE-lite agent needs it (RFC 8445).

Our side has one address that the browser reaches, so it looks for no way itself: it answers who knows the password.
"""

import hmac
import struct
from binascii import crc32
from dataclasses import dataclass
from hashlib import sha1
from ipaddress import ip_address

Address = tuple[str, int]
COOKIE = 0x2112A442
REQUEST, SUCCESS = 0x0001, 0x0101
USERNAME, INTEGRITY, MAPPED, USE, FINGERPRINT = 0x0006, 0x0008, 0x0020, 0x0025, 0x8028
HEAD = struct.Struct("!HHI12s")
ATTRIBUTE = struct.Struct("!HH")
LENGTH_OF_INTEGRITY, LENGTH_OF_FINGERPRINT = 20, 4
FINGERPRINT_XOR = 0x5354554E


@dataclass(frozen=True, slots=True)
class Asked:
    """A request of somebody who knows the password. `chosen` says that sound is to go this way."""

    transaction: bytes
    user: str
    chosen: bool


def is_stun(data: bytes) -> bool:
    """Whether this is no sound and no handshake (RFC 7983)."""
    return len(data) >= HEAD.size and data[0] < 4 and data[4:8] == COOKIE.to_bytes(4, "big")


def read(data: bytes, *, password: str) -> Asked | None:
    """The request, or None for whatever is none or does not know the password."""
    kind, length, _cookie, transaction = HEAD.unpack_from(data)
    if kind != REQUEST or length + HEAD.size != len(data):
        return None
    user, chosen, place = "", False, HEAD.size
    while place + ATTRIBUTE.size <= len(data):
        name, size = ATTRIBUTE.unpack_from(data, place)
        value = data[place + ATTRIBUTE.size :][:size]
        if len(value) < size:
            return None
        if name == INTEGRITY:  # what stands after it is not protected by it
            known = hmac.compare_digest(value, _integrity(data[:place], password))
            return Asked(transaction, user, chosen) if known else None
        if name == USERNAME:
            user = value.decode("utf-8", "replace")
        chosen = chosen or name == USE
        place += ATTRIBUTE.size + size + -size % 4
    return None


def answer(asked: Asked, source: Address, *, password: str) -> bytes:
    """What is answered: how the browser's address looks from here."""
    address = ip_address(source[0])
    family = 1 if address.version == 4 else 2
    mask = COOKIE.to_bytes(4, "big") + asked.transaction
    hidden = bytes(a ^ b for a, b in zip(address.packed, mask, strict=False))
    mapped = struct.pack("!BBH", 0, family, source[1] ^ (COOKIE >> 16)) + hidden
    body = ATTRIBUTE.pack(MAPPED, len(mapped)) + mapped
    message = HEAD.pack(SUCCESS, len(body), COOKIE, asked.transaction) + body
    message += ATTRIBUTE.pack(INTEGRITY, LENGTH_OF_INTEGRITY) + _integrity(message, password)
    message = _with_length(message, ATTRIBUTE.size + LENGTH_OF_FINGERPRINT)
    checksum = crc32(message) ^ FINGERPRINT_XOR
    return message + ATTRIBUTE.pack(FINGERPRINT, LENGTH_OF_FINGERPRINT) + struct.pack("!I", checksum)


def _integrity(before: bytes, password: str) -> bytes:
    """Over all before it, with a length that counts it in. SHA-1 is what the protocol has."""
    counted = _with_length(before, ATTRIBUTE.size + LENGTH_OF_INTEGRITY)
    return hmac.new(password.encode(), counted, sha1).digest()


def _with_length(message: bytes, more: int) -> bytes:
    length = len(message) - HEAD.size + more
    return message[:2] + length.to_bytes(2, "big") + message[4:]
