"""A sent form as raw bytes: what intake stores before anything is made of it, and reads back afterwards.

The bytes are canonical JSON, so the same form sent twice is the same bytes and counts once.
"""

import base64
import binascii
import json
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from madoguchi.kernel.channel import File, Unreadable
from madoguchi.kernel.text import blot_card_numbers, clean

VERSION = 1
_WORDS = ("token", "case_token", "name", "address", "phone", "subject", "text", "language")
_TYPED = ("name", "phone", "subject", "text")
Value = TypeVar("Value")


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
    content = {
        "version": VERSION,
        **{name: getattr(submission, name) for name in _WORDS},
        "answers": [{"label": a.label, "value": a.value} for a in submission.answers],
        "files": [_file_content(file) for file in submission.files],
    }
    return json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def decode(raw: bytes) -> Submission:
    """The submission that these bytes hold; raises `Unreadable` with the reason for any others."""
    content = _json_object(raw)
    if content.get("version") != VERSION:
        raise Unreadable(f"a form of version {content.get('version')!r}, where {VERSION} is known")
    return Submission(
        **{name: _typed(content, name, str) for name in _WORDS},
        answers=tuple(_answer(a) for a in _typed(content, "answers", list)),
        files=tuple(_file(f) for f in _typed(content, "files", list)),
    )


def _blotted(typed: str) -> str:
    return blot_card_numbers(clean(typed))


def _file_content(file: File) -> dict[str, str]:
    content = base64.b64encode(file.content).decode()
    return {"filename": file.filename, "content_type": file.content_type, "content": content}


def _json_object(raw: bytes) -> dict[str, Any]:
    try:
        content = json.loads(raw)
    except (ValueError, RecursionError) as error:
        raise Unreadable(f"not a sent form: {error}") from error
    if not isinstance(content, dict):
        raise Unreadable("not a sent form: no JSON object")
    return content


def _typed(content: Any, name: str, wanted: type[Value]) -> Value:
    value = content.get(name) if isinstance(content, dict) else None
    if not isinstance(value, wanted):
        raise Unreadable(f"the form's {name!r} is missing or of the wrong kind")
    return value


def _answer(content: Any) -> Answer:
    return Answer(label=_typed(content, "label", str), value=_typed(content, "value", str))


def _file(content: Any) -> File:
    try:
        bytes_ = base64.b64decode(_typed(content, "content", str), validate=True)
    except (binascii.Error, ValueError) as error:
        raise Unreadable(f"a file of the form is damaged: {error}") from error
    return File(_typed(content, "filename", str), _typed(content, "content_type", str), bytes_)
