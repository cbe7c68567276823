"""An answer that is written and has not begun to leave: put aside, held, planned anew, ended. `delivery` says when."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F

from madoguchi.cases import policies
from madoguchi.cases.actions.arrive import as_json
from madoguchi.cases.actions.change import assign
from madoguchi.cases.actions.draft import bring_back
from madoguchi.cases.events import (
    AnswerApproved,
    AnswerHeld,
    AnswerReturned,
    AnswerScheduled,
    ApprovalAsked,
    PendingDiscarded,
    PendingTakenBack,
    StatusChanged,
)
from madoguchi.cases.models import Case, Draft, Message, PendingAnswer, PendingFile, Status
from madoguchi.cases.queries import together
from madoguchi.infra import files
from madoguchi.infra.event_log import record
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor
from madoguchi.kernel.channel import File, Party
from madoguchi.kernel.errors import NotFound
from madoguchi.kernel.text import blot_card_numbers, clean, one_line

State = PendingAnswer.State
WAITING = (State.SCHEDULED, State.AWAITING, State.HELD)
_REST = (Status.SOLVED, Status.CLOSED)
# What a case becomes by an answer that is scheduled in it; any other stands as it stood.
_SCHEDULED = {Status.NEW: Status.OPEN, **dict.fromkeys(_REST, Status.WAITING_CUSTOMER)}


@dataclass(frozen=True, slots=True)
class Aside:
    """What is put aside: an answer with all that is needed to send it later. Without `to` it goes to the customer."""

    text: str
    status: Status
    to: tuple[Party, ...] = ()
    cc: tuple[Party, ...] = ()
    bcc: tuple[Party, ...] = ()
    files: tuple[File, ...] = ()
    confirmed: frozenset[str] = frozenset()


@transaction.atomic
def put_aside(
    case: Case, aside: Aside, *, due_at: datetime | None, approval: bool, word: str, by: Actor
) -> PendingAnswer:
    """Let an answer wait for its time, or first for a senior's word. The actor becomes responsible where nobody is.

    Whether the actor may answer is checked by who calls (delivery), who holds the case's row.
    """
    now = clock.now()
    pending = PendingAnswer.objects.create(
        company_id=case.company_id,
        case=case,
        user_id=by.id,
        state=State.AWAITING if approval else State.SCHEDULED,
        text=blot_card_numbers(clean(aside.text)),
        to=as_json(aside.to),
        cc=as_json(aside.cc),
        bcc=as_json(aside.bcc),
        status=aside.status,
        confirmed=sorted(aside.confirmed),
        due_at=due_at,
        word=blot_card_numbers(one_line(word, most=500)),
        last_message=newest_message(case),
        was_status=case.status,
        waited_since=case.waiting_since,
        created_at=now,
        changed_at=now,
    )
    _attach(pending, aside.files)
    settle_returned(case, by=by)
    if case.assignee_id is None and policies.may_assign(by, case, to=by.id):
        assign(case, to=by.id, by=by)
    wait(pending, case, by=by)
    return pending


def wait(pending: PendingAnswer, case: Case, *, by: Actor) -> None:
    """Tell what the answer waits for. Nothing has been sent: the case stays ours, and the customer waits on, until it
    leaves. One at rest waits for the customer meanwhile: nobody else waits, and at its time it must not be at rest.
    """
    due = pending.due_at.isoformat() if pending.due_at else ""
    if pending.state == State.SCHEDULED:
        record(AnswerScheduled(**case.where, answer=pending.pk, due=due), by=by)
        _stand(case, _SCHEDULED.get(Status(case.status), Status(case.status)), case.waiting_since, by=by)
    else:
        record(ApprovalAsked(**case.where, answer=pending.pk, due=due), by=by)
        _ours_again(case, pending, by=by)


def plan_anew(
    pending: PendingAnswer, case: Case, *, due_at: datetime | None, approval: bool, by: Actor
) -> None:
    """Let an answer that waits, or was held, wait again, for another time or for a senior."""
    pending.state = State.AWAITING if approval else State.SCHEDULED
    pending.due_at, pending.why, pending.detail = due_at, "", ""
    pending.last_message = newest_message(case)
    _save(pending)
    wait(pending, case, by=by)


def hold(pending: PendingAnswer, case: Case, *, why: str, detail: str = "", by: Actor) -> None:
    """Hold an answer back. The case is ours to act on again, unless it was laid to rest or the customer has another
    answer; what was approved is not any more, for things have changed.
    """
    pending.state, pending.why, pending.detail, pending.approved = State.HELD, why, detail, False
    _save(pending)
    record(AnswerHeld(**case.where, answer=pending.pk, writer=pending.user_id, why=why), by=by)
    if case.status not in _REST and why != "answered":
        _ours_again(case, pending, by=by)


def approve(pending: PendingAnswer, case: Case, *, text: str, by: Actor) -> None:
    """A senior lets it leave, with these words; the writer's own are kept where they are others."""
    text = blot_card_numbers(clean(text))
    changed = text.strip() != pending.text.strip()
    if changed:
        pending.first_text, pending.text, pending.changed_by_id = pending.text, text, by.id
    pending.approved, pending.decided_by_id = True, by.id
    _save(pending)
    record(AnswerApproved(**case.where, answer=pending.pk, writer=pending.user_id, changed=changed), by=by)


def left(pending: PendingAnswer, message: Message) -> None:
    """It has become a message."""
    pending.state, pending.message = State.LEFT, message
    _save(pending)


def give_back(pending: PendingAnswer, case: Case, *, comment: str, writer: Actor, by: Actor) -> None:
    """A senior returns it with a comment: its words are the writer's to go on with."""
    pending.state, pending.comment, pending.decided_by_id = State.RETURNED, comment, by.id
    _save(pending)
    record(AnswerReturned(**case.where, answer=pending.pk, writer=pending.user_id), by=by)
    _into_composer(pending, case, by=writer)


def take_back(pending: PendingAnswer, case: Case, *, by: Actor) -> None:
    """Write it again: its words are in the composer, or kept beside what stands there."""
    _end(pending, case, State.TAKEN_BACK, by=by)
    record(PendingTakenBack(**case.where, answer=pending.pk), by=by)
    _into_composer(pending, case, by=by)


def discard(pending: PendingAnswer, case: Case, *, by: Actor) -> None:
    """It will not leave. Its words stay on record."""
    _end(pending, case, State.DISCARDED, by=by)
    record(PendingDiscarded(**case.where, answer=pending.pk), by=by)


def settle_returned(case: Case, *, by: Actor) -> None:
    """What came back to the actor has been taken up: they have answered anew."""
    own = PendingAnswer.objects.filter(case=case, user_id=by.id, state=State.RETURNED)
    own.update(state=State.TAKEN_BACK, changed_at=clock.now())


def acknowledge_return(pending: PendingAnswer) -> None:
    """The writer has read why it came back."""
    pending.state = State.TAKEN_BACK
    _save(pending)


@transaction.atomic
def carry_along(case: int, into: Case) -> list[PendingAnswer]:
    """Let the answers that wait in a case which went on in another one wait there."""
    found = PendingAnswer.objects.select_for_update().filter(
        case_id=case, state__in=[*WAITING, State.RETURNED]
    )
    moved = list(found)
    for pending in moved:
        pending.came_from_id, pending.case = case, into
        _save(pending)
    return moved


@transaction.atomic
def carry_home(case: Case) -> None:
    """Give the answers back that a merge, now undone, took along."""
    home = PendingAnswer.objects.filter(came_from=case, state__in=[*WAITING, State.RETURNED])
    home.update(case=case, came_from=None, last_message=newest_message(case))


def locked_pending(id_: int) -> tuple[PendingAnswer, Case]:
    """An answer that waits, with its case, both held until the end of the transaction, the case first as everywhere.

    Raises NotFound.
    """
    while True:
        found = PendingAnswer.objects.filter(pk=id_).values_list("case_id", flat=True).first()
        if found is None:
            raise NotFound(id_)
        case = held_case(found)
        pending = PendingAnswer.objects.select_for_update(of=("self",)).get(pk=id_)
        if pending.case_id == case.pk:
            return pending, case


def held_case(id_: int) -> Case:
    """A case as it is now, held until the end of the transaction, with what an answer needs to know."""
    related = ("company", "entry_point", "desk", "customer")
    # Not a lock against foreign keys: who begins to write in this moment waits for their claim, not for this.
    rows = Case.objects.select_for_update(of=("self",), no_key=True)
    return rows.select_related(*related).get(pk=id_)


def newest_message(case: Case) -> int:
    """The newest message of a case, by id."""
    newest = Message.objects.filter(case=case).order_by("-pk").values_list("pk", flat=True).first()
    return newest or 0


def files_of(pending: PendingAnswer) -> tuple[File, ...]:
    """The files that leave with it."""
    kept = pending.files.order_by("pk")
    return tuple(File(f.filename, f.content_type, files.read(f.sha256, company=f.company_id)) for f in kept)


def _attach(pending: PendingAnswer, attached: Iterable[File]) -> None:
    PendingFile.objects.bulk_create(
        PendingFile(
            company_id=pending.company_id,
            answer=pending,
            filename=blot_card_numbers(one_line(file.filename, most=255)) or "file",
            content_type=one_line(file.content_type, most=100),
            size=len(file.content),
            sha256=files.put(file.content, company=pending.company_id),
        )
        for file in attached
    )


def _end(pending: PendingAnswer, case: Case, state: str, *, by: Actor) -> None:
    waited, pending.state = pending.state, PendingAnswer.State(state)
    _save(pending)
    # What a person has done with the case since stands.
    rested = waited == State.SCHEDULED and pending.was_status in _REST
    if rested and case.status == Status.WAITING_CUSTOMER:
        _stand(case, Status(pending.was_status), pending.waited_since, by=by, solved_at=clock.now())


def _into_composer(pending: PendingAnswer, case: Case, *, by: Actor) -> None:
    words = {"text": pending.text} | {
        field: ", ".join(party["address"] for party in getattr(pending, field))
        for field in ("to", "cc", "bcc")
    }
    kind = "reply" if _is_free(case, by) else "kept"
    bring_back(case, kind=kind, words=words, files=files_of(pending), by=by)


def _is_free(case: Case, by: Actor) -> bool:
    """Whether nothing stands in the composer that the words would take the place of."""
    writer = together(case.pk).writer
    there = Draft.objects.filter(case=case, kind="reply").first()
    empty = there is None or not (there.text.strip() or there.files.exists())
    return empty and (writer is None or writer.id == by.id)


def _ours_again(case: Case, pending: PendingAnswer, *, by: Actor) -> None:
    since = [moment for moment in (case.waiting_since, pending.waited_since) if moment]
    after = (
        Status.OPEN if case.status in (Status.NEW, Status.WAITING_CUSTOMER, *_REST) else Status(case.status)
    )
    _stand(case, after, min(since, default=None), by=by)


def _stand(
    case: Case,
    status: Status,
    waiting_since: datetime | None,
    *,
    by: Actor,
    solved_at: datetime | None = None,
) -> None:
    # Written also where it stands as it stood: a page that saw the case before is older than the answer.
    before, values = case.status, {"status": status, "waiting_since": waiting_since, "solved_at": solved_at}
    _write(case, values)
    if before != status:
        record(StatusChanged(**case.where, before=before, after=status), by=by)


def _write(case: Case, values: dict[str, Any]) -> None:
    Case.objects.filter(pk=case.pk).update(**values, version=F("version") + 1)
    for name, value in values.items():
        setattr(case, name, value)


def _save(pending: PendingAnswer) -> None:
    pending.changed_at = clock.now()
    pending.save()
