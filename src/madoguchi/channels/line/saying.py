"""What somebody said by LINE as raw bytes: what intake stores before anything is made of it, and reads back afterwards.

The bytes are canonical JSON. LINE names each message (`id`), so what is handed in twice counts once.
"""

from dataclasses import dataclass, replace
from typing import Any

from madoguchi.kernel import raw
from madoguchi.kernel.channel import File
from madoguchi.kernel.text import blot_card_numbers, clean

VERSION = 1
_WORDS = ("id", "user", "called", "text", "language", "at", "follows")
_TYPED = ("called", "text")


@dataclass(frozen=True, slots=True, kw_only=True)
class Saying:
    """One message of a user. `at` is when they sent it (ISO 8601), `follows` the external id of what they
    said before.
    """

    id: str
    user: str
    text: str
    language: str
    at: str = ""
    called: str = ""
    follows: str = ""
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
    row = raw.decode(content, kind="message by LINE", version=VERSION)
    return Saying(**{name: row.text(name) for name in _WORDS}, files=row.files())  # type: ignore[arg-type]
