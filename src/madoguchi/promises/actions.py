"""Saying what a desk keeps towards its customers, and reading the clocks of its cases: the only writers of both."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

import structlog
from django.db import transaction
from django.utils.translation import gettext as _

from madoguchi.cases.actions import NOTHING_DUE, Due, note_due
from madoguchi.cases.models import ACTIVE, Case
from madoguchi.companies.models import Desk
from madoguchi.infra import scope
from madoguchi.infra.event_log import record
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor, Permission, system
from madoguchi.kernel.errors import NotAllowed, Refused
from madoguchi.people.queries import staff_of_desk
from madoguchi.promises import clocks, policies
from madoguchi.promises.events import (
    ClockBreached,
    ClockReached,
    ClockWarned,
    ServiceLevelsChanged,
    ServiceLevelsSwitched,
)
from madoguchi.promises.happened import events_of
from madoguchi.promises.located import Wrong
from madoguchi.promises.models import Clock, ServiceLevels, ServiceLevelsVersion
from madoguchi.promises.policy import RESPONSIBLE, SENIORS, TO_WHOM, Act, Deed, Policy
from madoguchi.promises.queries import policies_of, read_text, said_here
from madoguchi.promises.story import tell

MOST_CHARACTERS, AT_ONCE = 100_000, 500
TRIED_AGAIN_AFTER = timedelta(minutes=10)
# When a clock is due, and its id: how far a round of those that are due has come.
_Place = tuple[datetime, int]
_CLOCK = system("promises")
logger = structlog.get_logger()


@transaction.atomic
def set_levels(desk: Desk, *, text: str, by: Actor) -> ServiceLevels:
    """Say what a desk keeps towards its customers, as `docs/clocks.md` writes it; every version is kept, and the first
    is not in use before `switch_levels`. Saying the same again does nothing.

    Raises NotAllowed for who does not set up the desk, Refused, with line and field, for what is not right.
    """
    _require(desk, by)
    text = text.replace("\r\n", "\n")
    if len(text) > MOST_CHARACTERS:
        raise Refused(_("This is too long to be kept."), field="text")
    try:
        wanted = read_text(text)
    except Wrong as error:
        raise Refused(said_here(error), field="text") from error
    _require_people(desk, wanted)
    _require_desks(desk, wanted)
    levels = locked_levels(desk)
    before = levels.text if levels else ""
    _require_direction(desk, _directing(wanted) - _directing(read_text(before) if before else ()), by)
    if levels is None:
        levels = ServiceLevels.objects.create(desk=desk, company_id=desk.company_id, text=text)
    elif levels.text == text:
        return levels
    else:
        levels.text, levels.version = text, levels.version + 1
        levels.save(update_fields=["text", "version"])
    _keep_version(levels, by)
    fact = ServiceLevelsChanged(**_where(desk), version=levels.version, changes={"text": [before, text]})
    record(fact, by=by)
    return levels


def locked_levels(desk: Desk) -> ServiceLevels | None:
    """What a desk keeps, which nobody else writes before the transaction ends; None where nothing was ever said."""
    # The desk is locked: before anything is said, there is no other row that two could wait for.
    Desk.objects.select_for_update(no_key=True).get(pk=desk.pk)
    return ServiceLevels.objects.filter(desk=desk).first()


def restore_version(levels: ServiceLevels, number: int, *, by: Actor) -> None:
    """Let a desk keep again what it once kept, as a new version. Raises as `set_levels`."""
    set_levels(levels.desk, text=levels.versions.get(number=number).text, by=by)


@transaction.atomic
def switch_levels(levels: ServiceLevels, *, active: bool, by: Actor) -> None:
    """Take the service levels of a desk into use, or out of it. Cases that are opened from the first time on have
    clocks; taken out of use, nothing is measured of a case any more when something happens to it. Raises
    NotAllowed; twice does nothing.
    """
    _require(levels.desk, by)
    if not ServiceLevels.objects.filter(pk=levels.pk, active=not active).update(active=active):
        return
    levels.active = active
    if active and levels.since is None:
        levels.since = clock.now()
        levels.save(update_fields=["since"])
    fact = ServiceLevelsSwitched(**_where(levels.desk), version=levels.version, active=active)
    record(fact, by=by)


@transaction.atomic
def read_clocks(case: int) -> list[Clock]:
    """Read the clocks of a case anew from all that happened to it, and keep what they show; returns what is kept.

    Whoever has to hear of one is told, once: of so much of its time as its policy says, and of all of it. Read again
    without anything having happened they are as before, so it may be called by anybody at any time.
    """
    here = Case.objects.select_for_update(no_key=True).filter(pk=case).first()
    if here is None:
        return []
    now = clock.now()
    events = events_of(here)
    wanted = policies_of(here, events)
    kept = {(row.metric, row.cycle): row for row in Clock.objects.filter(case=here)}
    if not wanted and not kept:
        return []
    story = tell(events)
    shown = clocks.read_clocks(story, wanted, at=max(now, events[-1].at))
    rows = [_row(here, one, kept.pop((one.metric.value, one.cycle), None), now) for one in shown]
    wound = {(cycle.metric.value, cycle.number) for cycle in story.cycles}
    for name, row in kept.items():
        _leave(row, wound=name in wound)
    for row, one in zip(rows, shown, strict=True):
        _tell(here, row, now)
        _tell_moments(here, row, one, now)
        row.save()
    note_due(here, _next_due(rows))
    return rows


def tell_due() -> int:
    """Read the clocks of all companies that somebody has to hear of by now; returns of how many cases.

    It asks for what is due by an index, so many at a time until nothing is, and looks at no other clock however many
    there are. Each case is a transaction of its own; one that cannot be read is tried again after a while.
    """
    now = clock.now()
    told: set[int] = set()
    after: _Place | None = None
    while rows := _due(now, after):
        after = rows[-1][:2]
        cases = {case: company for _at, _id, case, company in rows}
        told |= {case for case, company in cases.items() if _guarded(case, company, now)}
    return len(told)


def due_clocks(now: datetime, after: _Place | None = None) -> Any:
    """The clocks of which somebody has to hear by a moment, longest due first, so many at a time, from a place on."""
    found = Clock.objects.filter(next_at__lte=now)
    if after is not None:
        at, id_ = after
        found = found.filter(next_at__gte=at).exclude(next_at=at, id__lte=id_)
    return found.order_by("next_at", "id")[:AT_ONCE]


def _due(now: datetime, after: _Place | None) -> list[Any]:
    with scope.everywhere(reason="clocks of any company may run out"):
        return list(due_clocks(now, after).values_list("next_at", "id", "case_id", "company_id"))


def read_clocks_of(cases: Iterable[int]) -> None:
    """Read the clocks of these cases, each once, locked in the order in which a merge locks its two."""
    for case in sorted(set(cases)):
        read_clocks(case)


def _guarded(case: int, company: int, now: datetime) -> bool:
    with scope.acting_for([company]):
        try:
            read_clocks(case)
        except Exception:  # whatever it is about this case must not keep the others from being told
            again_at = now + TRIED_AGAIN_AFTER
            Clock.objects.filter(case_id=case, next_at__lte=now).update(next_at=again_at)
            logger.exception("clocks_not_read", case=case, again_at=again_at.isoformat())
            return False
    return True


def _row(case: Case, shown: clocks.Clock, kept: Clock | None, now: datetime) -> Clock:
    assert shown.policy
    assert shown.target
    row = kept or Clock(case=case, company_id=case.company_id, metric=shown.metric.value, cycle=shown.cycle)
    breached_at = None if _was_kept(row, shown) else shown.breached_at
    row.policy, row.target, row.business = shown.policy.name[:200], shown.target.length, shown.target.business
    row.state, row.why = shown.state.value, shown.why
    row.began_at, row.ended_at, row.due_at = shown.began_at, shown.ended_at, shown.due_at
    # What was broken under a policy that was changed since stays broken.
    row.breached_at = row.breached_at or breached_at
    row.counted, row.read_at = shown.counted, now
    row.next_at = None
    if row.runs and row.breached_at is None:
        row.next_at = shown.due_at if row.warned_at else shown.warn_at
    return row


def _was_kept(row: Clock, shown: clocks.Clock) -> bool:
    """Whether this ended in time, before what a merge has brought since could have been broken."""
    in_time = row.state == clocks.State.MET and row.breached_at is None
    if not in_time or row.ended_at is None or shown.breached_at is None:
        return False
    return shown.is_over and shown.breached_at < row.ended_at


def _next_due(rows: Iterable[Clock]) -> Due:
    """The running clock that is due first, and whether somebody was warned of any that runs."""
    running = [row for row in rows if row.runs and row.due_at]
    first = min(running, key=lambda row: row.due_at or row.began_at, default=None)
    if first is None:
        return NOTHING_DUE
    return Due(first.due_at, first.metric, any(row.warned_at or row.told_at for row in running))


def _leave(row: Clock, *, wound: bool) -> None:
    """No policy measures it any more: what was broken stays, and no other trace. What was never `wound`, as what ended
    with an answer that was taken back since, is gone.
    """
    if row.breached_at is None or not wound:
        row.delete()
    elif row.state != clocks.State.STOPPED:
        row.state, row.next_at = clocks.State.STOPPED, None
        row.save(update_fields=["state", "next_at"])


def _tell(case: Case, row: Clock, now: datetime) -> None:
    """Record what somebody has to hear of this clock, once, and say when there will be more."""
    about = _about(case, row)
    if row.breached_at and row.told_at is None:
        row.told_at = now
        record(ClockBreached(**about, due=row.breached_at.isoformat()), by=_CLOCK)
    elif row.next_at and row.due_at and row.warned_at is None and row.next_at <= now:
        row.warned_at, row.next_at = now, row.due_at
        if case.status in ACTIVE:
            record(ClockWarned(**about, due=row.due_at.isoformat()), by=_CLOCK)


def _tell_moments(case: Case, row: Clock, shown: clocks.Clock, now: datetime) -> None:
    """Record that moments have come for which a policy has acts, once each, and mind the next. What ended before
    anybody looked needs none.
    """
    for offset, (_at, policy) in shown.reached.items() if row.runs and case.status in ACTIVE else ():
        seconds = int(offset.total_seconds())
        if seconds in row.acted:
            continue
        row.acted.append(seconds)
        acts = [{"do": act.do.value, "value": act.value} for act in policy.acts_at(shown.metric, offset)]
        about = _about(case, row) | {"policy_name": policy.name[:200]}
        record(ClockReached(**about, seconds=seconds, acts=acts), by=_CLOCK)
    coming = [at for at in shown.coming.values() if row.runs]
    row.next_at = min(filter(None, [row.next_at, *coming]), default=None)


def _about(case: Case, row: Clock) -> dict[str, Any]:
    return {**case.where, "metric": row.metric, "cycle": row.cycle, "policy_name": row.policy}


def _keep_version(levels: ServiceLevels, by: Actor) -> None:
    ServiceLevelsVersion.objects.create(
        company_id=levels.company_id,
        levels=levels,
        number=levels.version,
        text=levels.text,
        user_id=by.id,
        at=clock.now(),
    )


def _require_people(desk: Desk, wanted: Iterable[Policy]) -> None:
    """Whom a policy names works at the desk. One query, where any is named."""
    acts = [act for policy in wanted for act in policy.acts if act.do in TO_WHOM]
    named = {act.value.casefold() for act in acts} - {RESPONSIBLE, SENIORS}
    if not named:
        return
    known = staff_of_desk(desk.pk, company=desk.company_id).filter(email__in=named)
    strangers = named - set(known.values_list("email", flat=True))
    if strangers:
        words = _("Nobody with the address %(address)s works at this desk.")
        raise Refused(words % {"address": min(strangers)}, field="text")


def _require_desks(desk: Desk, wanted: Iterable[Policy]) -> None:
    """To where a policy moves is another open desk of the company. One query, where any is named."""
    named = {act.value for policy in wanted for act in policy.acts if act.do == Deed.DESK}
    if not named:
        return
    others = Desk.objects.filter(company=desk.company_id, active=True, name__in=named).exclude(pk=desk.pk)
    unknown = named - set(others.values_list("name", flat=True))
    if unknown:
        words = _("The company has no other desk called “%(name)s” that is open.")
        raise Refused(words % {"name": min(unknown)}, field="text")


def _directing(wanted: Iterable[Policy]) -> set[Act]:
    directing = (*TO_WHOM, Deed.TASK)
    return {act for policy in wanted for act in policy.acts if act.do in directing}


def _require_direction(desk: Desk, fresh: set[Act], by: Actor) -> None:
    """Who may not direct a desk's people does not do so by a policy either; what others wrote there stays."""
    if fresh and not policies.may_direct_by_acts(by, company=desk.company_id, desk=desk.pk):
        words = _(
            "Only who may direct the people of this desk lets a policy hand over, notify or set tasks. Let it raise the"
            " priority or add a tag, and ask the operator for the rest."
        )
        raise Refused(words, field="text")


def _where(desk: Desk) -> dict[str, Any]:
    return {"company": desk.company_id, "desk": desk.pk}


def _require(desk: Desk, by: Actor) -> None:
    if not policies.may_set_levels(by, company=desk.company_id, desk=desk.pk):
        raise NotAllowed(Permission.DESKS)
