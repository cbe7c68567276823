"""A call that is over as raw bytes: what intake stores before anything is made of it, and reads back afterwards.

The bytes are canonical JSON, so the same call handed over twice is the same bytes and counts once.
"""

import base64
import binascii
import json
from dataclasses import asdict, dataclass
from typing import Any

from madoguchi.kernel.channel import File, Unreadable

VERSION = 1
_WORDS = ("uid", "caller", "name", "subject", "text", "language", "token", "follows")


@dataclass(frozen=True, slots=True, kw_only=True)
class CallRecord:
    """What a call left behind. `uid` names the call, `caller` is E.164 or empty where the number is withheld.

    `follows` is the uid of an earlier call about what is likely the same; `token` the reply token of a case that the
    caller is known to mean.
    """

    uid: str
    caller: str
    subject: str
    text: str
    language: str
    name: str = ""
    token: str = ""
    follows: str = ""
    files: tuple[File, ...] = ()


def encode(record: CallRecord) -> bytes:
    """The record as canonical bytes; equal records give equal bytes."""
    content = {
        "version": VERSION,
        **{name: value for name, value in asdict(record).items() if name in _WORDS},
        "files": [
            {
                "filename": file.filename,
                "content_type": file.content_type,
                "content": base64.b64encode(file.content).decode(),
            }
            for file in record.files
        ],
    }
    return json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def decode(raw: bytes) -> CallRecord:
    """The record that these bytes hold; raises `Unreadable` with the reason for any others."""
    try:
        content = json.loads(raw)
    except (ValueError, RecursionError) as error:
        raise Unreadable(f"not a call: {error}") from error
    if not isinstance(content, dict) or content.get("version") != VERSION:
        raise Unreadable(f"not a call of version {VERSION}")
    words = {name: content.get(name) for name in _WORDS}
    files = content.get("files")
    if not all(isinstance(word, str) for word in words.values()) or not isinstance(files, list):
        raise Unreadable("a part of the call is missing or of the wrong kind")
    return CallRecord(**words, files=tuple(_file(row) for row in files))  # type: ignore[arg-type]


def _file(row: Any) -> File:
    try:
        content = base64.b64decode(row["content"], validate=True)
        return File(str(row["filename"]), str(row["content_type"]), content)
    except (binascii.Error, ValueError, TypeError, KeyError) as error:
        raise Unreadable(f"a recording of the call is damaged: {error!r}") from error
