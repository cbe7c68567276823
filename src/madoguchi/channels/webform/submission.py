"""A sent form as raw bytes: what intake stores before anything is made of it, and reads back afterwards.

The bytes are canonical JSON, so the same form sent twice is the same bytes and counts once.
"""

from dataclasses import dataclass, replace
from typing import Any

from madoguchi.kernel import raw
from madoguchi.kernel.channel import File
from madoguchi.kernel.text import blot_card_numbers, clean

VERSION = 1
_WORDS = ("token", "case_token", "name", "address", "phone", "subject", "text", "language")
_TYPED = ("name", "phone", "subject", "text")


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """The answer to one configured question, with the question's words as they were asked."""

    label: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Submission:
    """One form as it was sent. `token` names the sending: a browser that sends twice repeats it.

    `case_token` is the reply token of the case it answers; empty for a first contact.
    """

    token: str
    name: str
    address: str
    subject: str
    text: str
    language: str
    phone: str = ""
    case_token: str = ""
    answers: tuple[Answer, ...] = ()
    files: tuple[File, ...] = ()


def without_cards(submission: Submission) -> Submission:
    """The form as it may be stored: card numbers are blotted out of what was typed."""
    typed: dict[str, Any] = {name: _blotted(getattr(submission, name)) for name in _TYPED}
    answers = tuple(replace(answer, value=_blotted(answer.value)) for answer in submission.answers)
    return replace(submission, **typed, answers=answers)


def encode(submission: Submission) -> bytes:
    """The submission as canonical bytes; equal submissions give equal bytes."""
    answers = [{"label": answer.label, "value": answer.value} for answer in submission.answers]
    words = {name: getattr(submission, name) for name in _WORDS}
    return raw.encode(words | {"answers": answers}, submission.files, version=VERSION)


def decode(content: bytes) -> Submission:
    """The submission that these bytes hold; raises `Unreadable` with the reason for any others."""
    row = raw.decode(content, kind="sent form", version=VERSION)
    answers = tuple(Answer(label=one.text("label"), value=one.text("value")) for one in row.rows("answers"))
    words = {name: row.text(name) for name in _WORDS}
    return Submission(**words, answers=answers, files=row.files())  # type: ignore[arg-type]


def _blotted(typed: str) -> str:
    return blot_card_numbers(clean(typed))
