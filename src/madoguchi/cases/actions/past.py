"""What was said, noted and decided elsewhere before a case came here. Nobody is told of it, and nothing leaves."""

from collections.abc import Sequence
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
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor
from madoguchi.kernel.own_pages import blot_secrets
from madoguchi.kernel.text import blot_card_numbers, clean, one_line

_AT_REST = (Status.SOLVED, Status.CLOSED)


@dataclass(frozen=True, slots=True)
class Standing:
    """How a case stood elsewhere at last, since `at`."""

    status: Status
    priority: Priority
    tags: Sequence[str]
    assignee: int | None
    at: datetime


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


def leave_as_it_was(case: Case, standing: Standing, *, by: Actor) -> int:
    """Give a case the status, priority, tags and responsible person that it had at last; returns its version now."""
    tidied = (blot_card_numbers(one_line(tag, most=50)) for tag in standing.tags)
    tags = list(dict.fromkeys(tag for tag in tidied if tag))[:MOST_TAGS]
    _tell(case, standing, tags, by=by)
    rest = standing.status in _AT_REST
    values: dict[str, Any] = {
        "status": standing.status,
        "priority": standing.priority,
        "tags": tags,
        "assignee_id": standing.assignee,
        "solved_at": standing.at if rest else None,
        "version": case.version + 1,
    }
    if rest or standing.status == Status.WAITING_CUSTOMER:
        values["waiting_since"] = None
    Case.objects.filter(pk=case.pk).update(**values)
    return case.version + 1


def _tell(case: Case, standing: Standing, tags: list[str], *, by: Actor) -> None:
    if case.status != standing.status:
        record(StatusChanged(**case.where, before=case.status, after=standing.status), by=by)
    if case.priority != standing.priority:
        fact = CaseChanged(**case.where, field="priority", before=case.priority, after=int(standing.priority))
        record(fact, by=by)
    if case.tags != tags:
        record(CaseChanged(**case.where, field="tags", before=case.tags, after=tags), by=by)
    if case.assignee_id != standing.assignee:
        before, after = case.assignee_id, standing.assignee
        record(CaseAssigned(**case.where, before=before, after=after, hop=0), by=by)


def _was_ours(message: Message, user: int | None) -> None:
    message.author, message.user_id, message.sent_at = Message.Author.STAFF, user, message.at
    message.save(update_fields=["author", "user", "sent_at"])
