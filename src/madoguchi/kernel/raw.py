"""What came in by a form, a chat, LINE or a call as raw bytes: what intake stores before anything is made of it.

The bytes are canonical JSON: equal things give equal bytes, so what is handed in twice counts once. Bytes that hold
none, or another version, raise `Unreadable` with the reason.
"""

import base64
import binascii
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from madoguchi.kernel.channel import File, Unreadable

Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class Row:
    """A JSON object that was read, part by part; `kind` is what it belongs to."""

    kind: str
    content: Any

    def text(self, name: str) -> str:
        """A part that is text."""
        return self._part(name, str)

    def rows(self, name: str) -> list["Row"]:
        """A part that is a list, as rows."""
        return [Row(self.kind, one) for one in self._part(name, list)]

    def files(self) -> tuple[File, ...]:
        """The files that came along."""
        return tuple(one._file() for one in self.rows("files"))

    def _part(self, name: str, wanted: type[Value]) -> Value:
        value = self.content.get(name) if isinstance(self.content, dict) else None
        if not isinstance(value, wanted):
            raise Unreadable(f"{name!r} is missing or of the wrong kind in a {self.kind}")
        return value

    def _file(self) -> File:
        try:
            content = base64.b64decode(self.text("content"), validate=True)
        except (binascii.Error, ValueError) as error:
            raise Unreadable(f"a file of a {self.kind} is damaged: {error}") from error
        return File(self.text("filename"), self.text("content_type"), content)


def encode(content: Mapping[str, Any], files: Iterable[File], *, version: int) -> bytes:
    """Texts, lists and files as canonical bytes."""
    said = {**content, "version": version, "files": [_written(file) for file in files]}
    return json.dumps(said, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def decode(raw: bytes, *, kind: str, version: int) -> Row:
    """What these bytes hold, if they are a `kind` in this version."""
    try:
        content = json.loads(raw)
    except (ValueError, RecursionError) as error:
        raise Unreadable(f"no {kind}: {error}") from error
    if not isinstance(content, dict) or content.get("version") != version:
        raise Unreadable(f"no {kind} in version {version}")
    return Row(kind, content)


def _written(file: File) -> dict[str, str]:
    content = base64.b64encode(file.content).decode()
    return {"filename": file.filename, "content_type": file.content_type, "content": content}
