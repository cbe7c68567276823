"""What a visitor wrote as raw bytes: what intake stores before anything is made of it, and reads back afterwards.

The bytes are canonical JSON. The browser names each message (`id`), so what is sent twice counts once.
"""

from dataclasses import dataclass, replace
from typing import Any

from madoguchi.kernel import raw
from madoguchi.kernel.channel import File
from madoguchi.kernel.text import blot_card_numbers, clean

VERSION = 1
_WORDS = ("id", "visitor", "called", "text", "language", "page")
_TYPED = ("called", "text", "page")


@dataclass(frozen=True, slots=True, kw_only=True)
class Saying:
    """One message of a visitor. `page` is the address of the page on which they wrote it."""

    id: str
    visitor: str
    text: str
    language: str
    called: str = ""
    page: str = ""
    files: tuple[File, ...] = ()


def without_cards(saying: Saying) -> Saying:
    """The message as it may be stored: card numbers are blotted out of what was typed."""
    typed: dict[str, Any] = {name: blot_card_numbers(clean(getattr(saying, name))) for name in _TYPED}
    return replace(saying, **typed)


def encode(saying: Saying) -> bytes:
    """The message as canonical bytes; equal messages give equal bytes."""
    return raw.encode({name: getattr(saying, name) for name in _WORDS}, saying.files, version=VERSION)


def decode(content: bytes) -> Saying:
    """The message that these bytes hold; raises `Unreadable` with the reason for any others."""
    row = raw.decode(content, kind="message of a chat", version=VERSION)
    return Saying(**{name: row.text(name) for name in _WORDS}, files=row.files())  # type: ignore[arg-type]
