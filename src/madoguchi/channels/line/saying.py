"""What somebody said by LINE as raw bytes: what intake stores before anything is made of it, and reads back afterwards.

The bytes are canonical JSON. LINE names each message (`id`), so what is handed in twice counts once.
"""

import base64
import binascii
import json
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from madoguchi.kernel.channel import File, Unreadable
from madoguchi.kernel.text import blot_card_numbers, clean

VERSION = 1
_WORDS = ("id", "user", "called", "text", "language", "at", "follows")
_TYPED = ("called", "text")
Value = TypeVar("Value")


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
    content = {
        "version": VERSION,
        **{name: getattr(saying, name) for name in _WORDS},
        "files": [_file_content(file) for file in saying.files],
    }
    return json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def decode(raw: bytes) -> Saying:
    """The message that these bytes hold; raises `Unreadable` with the reason for any others."""
    try:
        content = json.loads(raw)
    except (ValueError, RecursionError) as error:
        raise Unreadable(f"no message by LINE: {error}") from error
    if not isinstance(content, dict) or content.get("version") != VERSION:
        raise Unreadable(f"no message by LINE in version {VERSION}")
    return Saying(
        **{name: _typed(content, name, str) for name in _WORDS},
        files=tuple(_file(file) for file in _typed(content, "files", list)),
    )


def _file_content(file: File) -> dict[str, str]:
    content = base64.b64encode(file.content).decode()
    return {"filename": file.filename, "content_type": file.content_type, "content": content}


def _typed(content: Any, name: str, wanted: type[Value]) -> Value:
    value = content.get(name) if isinstance(content, dict) else None
    if not isinstance(value, wanted):
        raise Unreadable(f"the message's {name!r} is missing or of the wrong kind")
    return value


def _file(content: Any) -> File:
    try:
        bytes_ = base64.b64decode(_typed(content, "content", str), validate=True)
    except (binascii.Error, ValueError) as error:
        raise Unreadable(f"a file of the message is damaged: {error}") from error
    return File(_typed(content, "filename", str), _typed(content, "content_type", str), bytes_)
