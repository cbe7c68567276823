"""What was said, noted and decided elsewhere before a case came here. Nobody is told of it, and nothing leaves."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import F

from madoguchi.cases.actions.answer import Answering, write_answer
from madoguchi.cases.actions.arrive import Placed
from madoguchi.cases.actions.change import MOST_TAGS
from madoguchi.cases.events import CaseAssigned, CaseChanged, NoteAdded, StatusChanged
from madoguchi.cases.models import Case, Contact, Message, Note, Priority, Status
from madoguchi.infra.event_log import record
from madoguchi.infra.facts import Fact
from madoguchi.infra.prepared import fetch_all
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor
from madoguchi.kernel.own_pages import blot_secrets
from madoguchi.kernel.text import blot_card_numbers, clean, one_line

_LEAVE = """
    WITH before AS (
        SELECT id, desk_id, status, priority, tags, assignee_id FROM cases_case
        WHERE id = %(case)s FOR UPDATE
    )
    UPDATE cases_case SET former_number = CASE former_number WHEN '' THEN %(number)s ELSE former_number END,
        status = %(status)s, priority = %(priority)s, tags = %(tags)s::varchar[],
        assignee_id = %(assignee)s::bigint, solved_at = %(solved_at)s::timestamptz,
        waiting_since = CASE WHEN %(nobody_waits)s THEN NULL ELSE waiting_since END, version = version + 1
    FROM before WHERE cases_case.id = before.id
    RETURNING company_id, before.desk_id, before.status, before.priority, before.tags, before.assignee_id, version
"""
_AT_REST = (Status.SOLVED, Status.CLOSED)


@dataclass(frozen=True, slots=True)
class Standing:
    """How a case stood elsewhere at last, since `at`, and what it was called there."""

    status: Status
    priority: Priority
    tags: Sequence[str]
    assignee: int | None
    at: datetime
    number: str = ""


def write_past_answer(
    case: Case, answering: Answering, *, user: int | None, by: Actor, status: Status | None = None
) -> Message:
    """Add what people of the desk answered then, and what left long ago; `user` is who wrote it, where known here."""
    message = write_answer(case, answering, by=by, status=status)
    _was_ours(message, user)
    return message


def begun_by_us(placed: Placed, *, user: int | None) -> None:
    """The first words of a case that was opened with them were the desk's, so it waits for the customer."""
    message = Message.objects.get(pk=placed.message)
    _was_ours(message, user)
    Contact.objects.filter(pk=message.contact_id).update(inbound=False)
    Case.objects.filter(pk=placed.case).update(
        status=Status.WAITING_CUSTOMER,
        waiting_since=None,
        first_replied_at=message.at,
        version=F("version") + 1,
    )


def note_past(case: Case, *, text: str, user: int, by: Actor) -> Note:
    """Add what only staff saw then. Nobody whom it names is told."""
    words = blot_secrets(blot_card_numbers(clean(text))).strip()
    note = Note.objects.create(
        company_id=case.company_id, case=case, user_id=user, text=words, at=clock.now()
    )
    record(NoteAdded(**case.where, note=note.pk, mentioned=[]), by=by)
    return note


def leave_as_it_was(case: int, standing: Standing, *, by: Actor) -> int:
    """Give a case the status, priority, tags and responsible person that it had at last; returns its version now."""
    tidied = (blot_card_numbers(one_line(tag, most=50)) for tag in standing.tags)
    tags = list(dict.fromkeys(tag for tag in tidied if tag))[:MOST_TAGS]
    rest = standing.status in _AT_REST
    values = {
        "case": case,
        "number": blot_card_numbers(one_line(standing.number, most=100)),
        "status": standing.status.value,
        "priority": int(standing.priority),
        "tags": tags,
        "assignee": standing.assignee,
        "solved_at": standing.at if rest else None,
        "nobody_waits": rest or standing.status == Status.WAITING_CUSTOMER,
    }
    [(company, desk, *before, version)] = fetch_all(_LEAVE, values)
    after = (standing.status.value, int(standing.priority), tags, standing.assignee)
    for fact in _changes({"company": company, "case": case, "desk": desk}, before, after):
        record(fact, by=by)
    return int(version)


def _changes(where: dict[str, int], before: Sequence[Any], after: Sequence[Any]) -> Iterator[Fact]:
    status, priority, tags, assignee = zip(before, after, strict=True)
    if status[0] != status[1]:
        yield StatusChanged(**where, before=status[0], after=status[1])
    for field, (then, now) in (("priority", priority), ("tags", tags)):
        if then != now:
            yield CaseChanged(**where, field=field, before=then, after=now)
    if assignee[0] != assignee[1]:
        yield CaseAssigned(**where, before=assignee[0], after=assignee[1], hop=0)


def _was_ours(message: Message, user: int | None) -> None:
    message.author, message.user_id, message.sent_at = Message.Author.STAFF, user, message.at
    message.save(update_fields=["author", "user", "sent_at"])
