"""What time at phones was spent with, put into the log: being ready for calls, being on one, wrapping one up.

The database keeps a stretch when a phone turns; what goes on is told every quarter of an hour. A page that was not
heard of any more was there until its last sign of life.
"""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

import structlog
from django.db.models import F, Q
from django.db.models.functions import Greatest

from madoguchi.companies.models import EntryPoint
from madoguchi.infra import scope
from madoguchi.infra.event_log import record
from madoguchi.infra.models import Event
from madoguchi.kernel import clock
from madoguchi.people.queries import desks_answered_by
from madoguchi.voice.events import CallHandedOn, PhoneSpent
from madoguchi.voice.models import AgentPhone, Call
from madoguchi.voice.phones import HEARD_WITHIN, PHONE

logger = structlog.get_logger()
PIECE = timedelta(minutes=15)
State = AgentPhone.State
COUNTED = (State.READY, State.TALKING, State.WRAPPING)
# Of these the page must be heard of; a talk may be by telephone.
BY_PAGE = (State.READY, State.WRAPPING)
OWN_ROLES = (AgentPhone.Role.TALKS, AgentPhone.Role.ASKED)


def write_down_spent() -> int:
    """Tell the log what ended, what has gone on for long, and what ended unheard; how many stretches that were. Done
    again it does what is left.
    """
    now = clock.now()
    goes_on = Q(begun__lte=now - PIECE, seen_at__gt=now - HEARD_WITHIN) | Q(
        begun__lte=now - PIECE, state=State.TALKING
    )
    unheard = Q(seen_at__lte=now - HEARD_WITHIN, seen_at__gt=F("begun"), state__in=BY_PAGE)
    going = Q(state__in=COUNTED, role__in=OWN_ROLES) & (goes_on | unheard)
    rows = AgentPhone.objects.annotate(begun=Greatest("since", "counted_until"))
    wanted = rows.filter(~Q(spent=[]) | going).order_by("pk").values_list("pk", flat=True)
    return sum(_tell(pk, now) for pk in list(wanted))


def _tell(pk: int, now: datetime) -> int:
    try:
        with scope.everywhere(
            reason="who is ready for calls is so for every company whose calls they answer"
        ):
            phone = AgentPhone.objects.select_for_update().get(pk=pk)
            told = [*phone.spent, *_going_on(phone, now)]
            for one in told:
                _record(phone.user_id, one)
            AgentPhone.objects.filter(pk=pk).update(spent=[], counted_until=phone.counted_until)
            return len(told)
    except (
        Exception
    ):  # whatever it is about this one, the next minute tries again; the others do not wait for it
        logger.exception("phone.time_not_told", phone=pk)
        return 0


def _going_on(phone: AgentPhone, now: datetime) -> list[dict[str, Any]]:
    """What a phone has done since it was counted last, if that is to be told now; it is counted up to its end then."""
    if phone.state not in COUNTED or phone.role not in OWN_ROLES:
        return []
    begun = max(phone.since, phone.counted_until or phone.since)
    heard = max(phone.seen_at, phone.since) if phone.state == State.WRAPPING else phone.seen_at
    unheard = phone.state in BY_PAGE and heard <= now - HEARD_WITHIN
    end = heard if unheard else now
    if end <= begun or not (unheard or end - begun >= PIECE):
        return []
    phone.counted_until = end
    stretch = {"doing": phone.state, "begin": begun.isoformat(), "end": end.isoformat(), "call": phone.call}
    return [stretch]


def _record(person: int, stretch: dict[str, Any]) -> None:
    told = {name: stretch[name] for name in ("doing", "begin", "end")}
    if stretch["doing"] == State.READY:
        for company, desks in _rung_at(person).items():
            record(PhoneSpent(company=company, person=person, desks=desks, **told), by=PHONE)
    elif call := Call.objects.filter(uid=stretch["call"]).first():
        desk = _had_at(call, person)
        where: dict[str, Any] = {"company": call.company_id, "desk": desk, "call": call.pk}
        record(PhoneSpent(**where, person=person, desks=[desk], **told), by=PHONE)


def _had_at(call: Call, person: int) -> int:
    """At which desk somebody had a call: it may be another's since they handed it on."""
    handed = Event.objects.filter(
        company_id=call.company_id, kind=CallHandedOn.kind, at__gte=call.offered_at, data__call=call.pk
    )
    last = (
        handed.filter(data__person=person).order_by("-id").values_list("data__from_desk", flat=True).first()
    )
    return call.desk_id if last is None else int(last)


def _rung_at(person: int) -> dict[int, list[int]]:
    """The desks with a number at which somebody may be rung, by company. Two queries."""
    desks = desks_answered_by(person)
    with_number = _with_numbers(desk for _company, desk in desks)
    found: dict[int, list[int]] = defaultdict(list)
    for company, desk in desks:
        if desk in with_number:
            found[company].append(desk)
    return found


def _with_numbers(desks: Iterable[int]) -> set[int]:
    points = EntryPoint.objects.filter(desk_id__in=list(desks), kind=EntryPoint.Kind.PHONE, active=True)
    return set(points.values_list("desk_id", flat=True))
