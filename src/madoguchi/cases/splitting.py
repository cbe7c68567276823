"""What two cases are like when messages of one went into a new one. Pure: no query, no clock."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any

from madoguchi.cases.merging import Values, values_of
from madoguchi.cases.models import ACTIVE, OURS_TO_ACT, Case, Message, Status
from madoguchi.kernel.subjects import own_words
from madoguchi.kernel.text import one_line


def is_counted(message: Message) -> bool:
    """Whether a case counts it: our own machine's words are not counted."""
    return message.author == Message.Author.CUSTOMER or not message.automatic


def by_persons(messages: Iterable[Message]) -> list[Message]:
    """What persons said, in its order."""
    return sorted((m for m in messages if not m.automatic), key=lambda m: (m.at, m.pk))


def split_off(case: Case, chosen: Sequence[Message], *, void: Collection[int] = ()) -> Values:
    """What the new case is like: who was not answered in it waits, or else it stands where the old one does.

    `void` are answers (by id) that never reached the customer.
    """
    said = by_persons(chosen)
    waits = _unanswered_since(said, void)
    active = case.status in ACTIVE
    status = Status.OPEN if waits or case.status in OURS_TO_ACT else Status(case.status)
    return {
        "status": str(status),
        "priority": case.priority,
        "severity": case.severity,
        "tags": [],
        "feelings": [],
        "checked": [],
        "preview": _preview(said),
        "touched_at": said[-1].at,
        "waiting_since": waits,
        "first_replied_at": _first_answer(said, void),
        "solved_at": None if waits or active else case.solved_at,
        "undelivered": case.undelivered and any(m.pk in void for m in said),
        "filled": {},
        "matter_id": None,
    }


def left_behind(case: Case, rest: Sequence[Message], *, void: Collection[int] = ()) -> Values:
    """What the old case becomes: nobody waits there for what went away. A person has had it in hand: it is not new."""
    said = by_persons(rest)
    since = _unanswered_since(said, void)
    changes: dict[str, Any] = {
        "status": str(Status.OPEN) if case.status == Status.NEW else case.status,
        "preview": _preview(said),
        "waiting_since": max(since, case.waiting_since) if since and case.waiting_since else None,
        "first_replied_at": _first_answer(said, void) if case.first_replied_at else None,
        "undelivered": case.undelivered and any(m.pk in void for m in said),
    }
    return values_of(case) | changes


def new_subject(case: Case, chosen: Sequence[Message], *, given: str, prefix: str) -> str:
    """What the new case is called: as somebody wishes, else as its first mail was by who wrote it, without the marks of
    an answer and the number of the case that it was in; else as that case.
    """
    first = by_persons(chosen)[0]
    suggested = (own_words(subject, prefix=prefix) for subject in (first.subject, case.subject))
    return next(filter(None, (one_line(given), *suggested)), "")


def _preview(said: Sequence[Message]) -> str:
    return one_line(said[-1].new_text or said[-1].text, most=160)


def _unanswered_since(said: Sequence[Message], void: Collection[int]) -> datetime | None:
    """Since when the customer has waited for an answer to what is said here."""
    since = None
    for message in said:
        if message.author == Message.Author.CUSTOMER:
            since = since or message.at
        elif message.pk not in void:
            since = None
    return since


def _first_answer(said: Sequence[Message], void: Collection[int]) -> datetime | None:
    answers = (m.at for m in said if m.author == Message.Author.STAFF and m.pk not in void)
    return next(answers, None)
