"""A call that is over as raw bytes: what intake stores before anything is made of it, and reads back afterwards.

The bytes are canonical JSON, so the same call handed over twice is the same bytes and counts once.
"""

from dataclasses import dataclass

from madoguchi.kernel import raw
from madoguchi.kernel.channel import File

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
    return raw.encode({name: getattr(record, name) for name in _WORDS}, record.files, version=VERSION)


def decode(content: bytes) -> CallRecord:
    """The record that these bytes hold; raises `Unreadable` with the reason for any others."""
    row = raw.decode(content, kind="call", version=VERSION)
    return CallRecord(**{name: row.text(name) for name in _WORDS}, files=row.files())  # type: ignore[arg-type]
