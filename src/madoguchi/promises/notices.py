"""Notices of delay, drafted by themselves before a time runs out. Nobody but a person sends one."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.utils import translation
from django.utils.translation import gettext as _

from madoguchi.cases.models import ACTIVE, Case, Status
from madoguchi.cases.queries import likely_answered
from madoguchi.infra.due import tell_each_due
from madoguchi.infra.event_log import record
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor, Permission, system
from madoguchi.kernel.errors import Conflict, NotAllowed, NotFound
from madoguchi.kernel.languages import ours_for
from madoguchi.promises import policies
from madoguchi.promises.events import DelayDrafted, DelayTakenBack, DelayTold, DelayWaits
from madoguchi.promises.ledger import calendar_for
from madoguchi.promises.models import Clock, DelayNotice, Promise

State = DelayNotice.State
_CLOCK = system("promises")


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What a notice says as it is sent, and where: in a `message`, or in an `answer` that waits."""

    reason: str
    stands: str
    due_at: datetime
    text: str
    message: int | None = None
    answer: int | None = None


@transaction.atomic
def draft_notice(
    case: Case, *, due_at: datetime, promise: Promise | None = None, metric: str = "", cycle: int = 0
) -> DelayNotice:
    """Draft what the customer is told where a time cannot be kept: that of a promise, or of a clock. Once for each
    time; drafted again it is the one that there is. Those who lead the desk hear of it half way to the time. Of a clock
    the newest draft alone waits: those of a time that it had before are dropped.
    """
    now = clock.now()
    awaits = promise is None or promise.kind == Promise.Kind.REPLY
    new_due = later_time(case, after=max(now, due_at), reply=awaits) or due_at
    with translation.override(ours_for(case.language)):
        said = {"reason": reason_for(case), "stands": stands_for(case), "new_due_at": new_due}
    notice, new = DelayNotice.objects.get_or_create(
        company_id=case.company_id,
        case=case,
        promise=promise,
        metric=metric,
        cycle=cycle,
        due_at=due_at,
        defaults=said | {"made_at": now, "next_at": now + (due_at - now) / 2 if due_at > now else None},
    )
    if new and promise is None:
        same = DelayNotice.objects.filter(
            case=case, promise=None, metric=metric, cycle=cycle, state=State.OPEN
        )
        same.exclude(pk=notice.pk).update(state=State.DROPPED, next_at=None)
    if new:
        record(DelayDrafted(**_about(notice, case)), by=_CLOCK)
    return notice


def later_time(case: Case, *, after: datetime, reply: bool) -> datetime | None:
    """By when it will be, as a notice proposes: of a first answer (`reply`) the end of the working day by which four of
    five who waited as long were answered, else the end of the next working day.
    """
    calendar, likely = calendar_for(case.desk), likely_answered(case) if reply else None
    if likely is None:
        return calendar.end_of_day(after, 1)
    return calendar.end_of_day(max(after, likely), 0)


@transaction.atomic
def settle_notice(notice: DelayNotice, *, state: DelayNotice.State, by: Actor) -> None:
    """Say that a notice was sent, or is not needed. Raises NotAllowed, and Conflict for one that is settled already:
    whoever sends it settles it first, so that of two who send at once one does.
    """
    case = notice.case.continued_in or notice.case
    if not policies.may_promise(by, case):
        raise NotAllowed(Permission.CASE_UPDATE)
    if not DelayNotice.objects.filter(pk=notice.pk, state=State.OPEN).update(state=state, next_at=None):
        raise Conflict(_("Somebody has settled this already."))


@transaction.atomic
def note_sent(
    notice: DelayNotice | None, promise: Promise | None, case: Case, said: Said, *, by: Actor
) -> None:
    """Keep what a notice said that was sent, drafted by itself or (None) written by somebody for a promise: taken back,
    it is a draft with this.
    """
    if notice is None and promise is not None:
        now, same = clock.now(), {"case": case, "promise": promise, "due_at": promise.due_at}
        notice, _new = DelayNotice.objects.get_or_create(
            **same,
            company_id=case.company_id,
            metric="",
            cycle=0,
            defaults={"made_at": now, "new_due_at": said.due_at, "state": State.SENT},
        )
    if notice is not None:
        parts = {"reason": said.reason, "stands": said.stands, "new_due_at": said.due_at, "text": said.text}
        where = {"message_id": said.message, "answer_id": said.answer}
        rows = DelayNotice.objects.filter(pk=notice.pk)
        rows.update(**parts, **where, state=State.SENT, next_at=None)
        fact = DelayTold(
            **case.where,
            delay_notice=notice.pk,
            promise=notice.promise_id,
            metric=notice.metric,
            cycle=notice.cycle,
            due=notice.due_at.isoformat(),
            until=said.due_at.isoformat(),
            message=said.message,
            answer=said.answer,
        )
        record(fact, by=by)


@transaction.atomic
def draft_again(case: int, *, message: int | None = None, answer: int | None = None) -> bool:
    """What was sent, or waited, will not leave: a notice that it was is a draft again, with its words. Whether one
    waits so. Done again it does nothing.
    """
    in_it = Q(message=message) | Q(answer__message=message) if message else Q(answer=answer)
    rows = DelayNotice.objects.filter(in_it, Q(case=case) | Q(case__continued_in=case))
    now = clock.now()
    for notice in rows.filter(state=State.SENT).select_for_update(of=["self"]):
        half = now + (notice.due_at - now) / 2 if notice.due_at > now else None
        DelayNotice.objects.filter(pk=notice.pk).update(state=State.OPEN, next_at=half)
        home = notice.case.continued_in or notice.case
        record(DelayTakenBack(**home.where, delay_notice=notice.pk), by=_CLOCK)
    return _live().filter(pk__in=rows.values("pk")).exists()


def notices_of(case: Case) -> list[DelayNotice]:
    """The drafts that wait in a case: of times that still run, the first due first. One query."""
    rows = _live().filter(Q(case=case) | Q(case__continued_in=case))
    return list(rows.select_related("promise").order_by("due_at", "id"))


def notice_by_id(pk: int, *, case: Case) -> DelayNotice:
    """A draft that waits, by the case in which it is shown. Raises NotFound."""
    found = next((one for one in notices_of(case) if one.pk == pk), None)
    if found is None:
        raise NotFound(pk)
    return found


def notice_for(promise: Promise) -> DelayNotice | None:
    """The draft that waits for a promise, as it is due now. One query."""
    return _live().filter(promise=promise).first()


def tell_waiting_notices() -> int:
    """Tell those who lead the desks of drafts that nobody has sent half way to their time; returns of how many."""
    return tell_each_due(DelayNotice, _told, reason="notices of any company may wait")


@transaction.atomic
def _told(pk: int, now: datetime) -> bool:
    held = DelayNotice.objects.select_for_update(of=["self"], skip_locked=True)
    rows = held.filter(pk=pk, next_at__lte=now).select_related("case__continued_in", "promise")
    notice = rows.first()
    if notice is None:
        return False
    DelayNotice.objects.filter(pk=pk).update(next_at=None)
    case = notice.case.continued_in or notice.case
    if case.status not in ACTIVE or not _live().filter(pk=pk).exists():
        return False
    record(DelayWaits(**_about(notice, case)), by=_CLOCK)
    return True


def _live() -> QuerySet[DelayNotice]:
    runs = Clock.objects.filter(
        case=OuterRef("case"), metric=OuterRef("metric"), cycle=OuterRef("cycle"), state="running"
    )
    of_promise = Q(promise__state=Promise.State.OPEN, promise__due_at=F("due_at"))
    return DelayNotice.objects.filter(of_promise | Q(Exists(runs), promise=None), state=State.OPEN)


def _about(notice: DelayNotice, case: Case) -> dict[str, Any]:
    owner = (notice.promise.owner_id if notice.promise else None) or case.assignee_id
    return {
        **case.where,
        "delay_notice": notice.pk,
        "promise": notice.promise_id,
        "metric": notice.metric,
        "owner": owner,
        "due": notice.due_at.isoformat(),
    }


def reason_for(case: Case) -> str:
    """Why it takes longer, as far as the case itself says; who sends it knows better."""
    if case.status == Status.WAITING_THIRD:
        return _("The answer of the place that knows takes longer than we thought.")
    if case.assignee_id is None:
        return _("We answer in turn, and have not come to your matter yet.")
    return _("Looking into your matter takes longer than we thought.")


def stands_for(case: Case) -> str:
    """How it stands, as the case says."""
    if case.status == Status.WAITING_THIRD:
        return _("We have asked the place that knows, and wait for its answer.")
    return _("We are working on it.")
