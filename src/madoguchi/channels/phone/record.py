"""A call that is over as raw bytes: what intake stores before anything is made of it, and reads back afterwards.

The bytes are canonical JSON, so the same call handed over twice is the same bytes and counts once. What was recorded
is in the file store; here stands its hash. (Calls of version 1 bore the sound itself.)
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace

from madoguchi.infra.files import Kept
from madoguchi.kernel import raw
from madoguchi.kernel.channel import File, Unreadable

VERSION, WITH_SOUND = 2, 1
_DIGEST, _SIZE = re.compile(r"[0-9a-f]{64}"), re.compile(r"\d{1,12}", re.A)
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
    sounds = [
        {
            "filename": one.filename,
            "content_type": one.content_type,
            "sha256": one.kept,
            "size": str(one.size),
        }
        for one in record.files
    ]
    said = {name: getattr(record, name) for name in _WORDS}
    return raw.encode(said | {"recordings": sounds}, (), version=VERSION)


def without_sound(content: bytes, *, keep: Callable[[bytes], Kept]) -> bytes:
    """The same call with its sound in the file store, where its bytes bear it; what is no call stays as it is."""
    try:
        call = decode(content)
    except Unreadable:
        return content
    if not any(file.content for file in call.files):
        return content
    kept = [(file, keep(file.content)) for file in call.files]
    files = tuple(replace(file, content=b"", kept=one.sha256, kept_size=one.size) for file, one in kept)
    return encode(replace(call, files=files))


def decode(content: bytes) -> CallRecord:
    """The record that these bytes hold; raises `Unreadable` with the reason for any others."""
    try:
        row = raw.decode(content, kind="call", version=WITH_SOUND)
    except Unreadable:
        row = raw.decode(content, kind="call", version=VERSION)
        return _call(row, tuple(_recording(one) for one in row.rows("recordings")))
    return _call(row, row.files())


def _call(row: raw.Row, files: tuple[File, ...]) -> CallRecord:
    return CallRecord(**{name: row.text(name) for name in _WORDS}, files=files)  # type: ignore[arg-type]


def _recording(row: raw.Row) -> File:
    digest, size = row.text("sha256"), row.text("size")
    if not (_DIGEST.fullmatch(digest) and _SIZE.fullmatch(size)):
        raise Unreadable("a recording of a call is not named as one")
    return File(row.text("filename"), row.text("content_type"), b"", kept=digest, kept_size=int(size))
