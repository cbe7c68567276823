"""Calls that wait at a desk whose company divides what comes: which operator's desk is asked for somebody.

The rules, and the count of their shares, are those of cases (`routing.dividing`). A call is not left where nobody is at
the phones: it goes to a desk where somebody is, on to the next when nobody takes it up in the time of its rule, and
back to where it came in when no rule is for it any more or nobody is at any of the desks.
"""

from collections.abc import Collection
from dataclasses import replace
from functools import partial

from django.db import transaction

from madoguchi.cases.actions import place_at_desk
from madoguchi.cases.models import Case
from madoguchi.companies.models import Desk
from madoguchi.infra.event_log import record
from madoguchi.kernel import clock
from madoguchi.routing.dividing import chosen
from madoguchi.routing.division import Choice, choose
from madoguchi.routing.division_queries import desks_taking_part, division_of
from madoguchi.routing.division_rules import read_rules
from madoguchi.routing.models import Division
from madoguchi.voice.events import CallCameBack, CallDivided
from madoguchi.voice.floor import Floor, floor_of, waiting_at
from madoguchi.voice.models import Call
from madoguchi.voice.phones import PHONE, is_anybody_free, take_phone
from madoguchi.voice.queries import case_of
from madoguchi.voice.whereto import Back, Send, Where, whereto


def take_phone_of(
    *, front: int, desk: int, company: int, call: str, person: int = 0, aside: bool = False
) -> int | None:
    """`take_phone` for a call to a number of the desk `front`: at the desk that is wished, else at the one that the
    rules name; a person who is wanted by name is looked for where the call is.
    """
    where = desk or (_at(call) or front if person else place_of(call, front))
    return take_phone(desk=where, company=company, call=call, person=person, aside=aside) if where else None


def bring_case(call: Call, case: Case) -> None:
    """Have the case of a call stand where the call was sent, or where its caller chose to be, so that who answers sees
    it; one that somebody has, or that was sent elsewhere by hand, stays.
    """
    been = {call.entry_point.desk_id, *(one["to"] for one in call.divided)}
    chosen = call.message_id is None and call.desk_id != call.entry_point.desk_id
    if (call.divided or chosen) and case.desk_id in been:
        place_at_desk(case, to=call.desk, by=PHONE)


def place_of(uid: str, front: int, *, among: Collection[int] | None = None) -> int:
    """The desk at which somebody is wanted for a call to a number of the desk `front`, which is there from now on with
    its case. It rings `among` these people alone (None: at anybody). 0 where calls are divided and it is not written
    down yet.
    """
    at = _at(uid)
    if at in (0, front) and not Division.objects.filter(desk=front, is_on=True).exists():
        return front
    if not at:
        return 0
    with transaction.atomic():
        calls = Call.objects.select_for_update(of=("self",)).select_related("entry_point__desk")
        call = calls.get(uid=uid)
        _move(call, division_of(call.entry_point.desk), among)
        return call.desk_id


def _at(uid: str) -> int:
    return Call.objects.filter(uid=uid).values_list("desk_id", flat=True).first() or 0


def _move(call: Call, division: Division, among: Collection[int] | None) -> None:
    """Have a call be where it is to be. How it stands is looked at before anything is held that others wait for."""
    where = Where(call.desk_id, division.desk_id, call.divided)
    desks = desks_taking_part(division) if division.is_on else {}
    rules = read_rules(division.rules, among=desks) if division.is_on else []
    floor = floor_of([*{where.at, where.front, *desks}], among=among)
    is_free = partial(_is_free, call, floor, among)
    match whereto(where, rules, floor.loads, is_free, clock.now()):
        case Send() as way:
            if choice := _choice(way, division, floor):
                _send(call, choice, desks[choice.desk], division)
        case Back(reason=reason):
            _bring_back(call, division.desk, reason)


def _is_free(call: Call, floor: Floor, among: Collection[int] | None, desk: int) -> bool:
    ready = floor.ready.get(desk)
    return bool(ready) and is_anybody_free(desk=desk, company=call.company_id, among=among)


def _choice(way: Send, division: Division, floor: Floor) -> Choice | None:
    """One desk of a rule. While it counts no other call is counted; where the rules were changed meanwhile, the next
    look goes by these.
    """
    if not way.counted:
        return choose(way.rule, floor.loads, {})
    held = Division.objects.select_for_update().get(pk=division.pk)
    if not held.is_on or held.rules != division.rules:
        return None
    waiting = waiting_at([one.desk for one in way.rule.places])
    loads = {desk: replace(load, waiting=waiting.get(desk, 0)) for desk, load in floor.loads.items()}
    return chosen(held, way.number, way.rule, loads)


def _send(call: Call, choice: Choice, to: Desk, division: Division) -> None:
    seconds = _put(call, to, choice.rule.name)
    fact = CallDivided(
        company=call.company_id,
        desk=division.desk_id,
        call=call.pk,
        named=choice.rule.name,
        chosen_by=choice.rule.by,
        to_desk=to.pk,
        own=choice.own,
        whole=choice.whole,
        seconds=seconds,
    )
    record(fact, by=PHONE)


def _bring_back(call: Call, front: Desk, reason: str) -> None:
    left = call.desk_id
    seconds = _put(call, front, "")
    where = {"company": call.company_id, "desk": front.pk, "call": call.pk}
    record(CallCameBack(**where, from_desk=left, reason=reason, seconds=seconds), by=PHONE)


def _put(call: Call, to: Desk, rule: str) -> int:
    """A call and its case are at a desk from now on; for how many seconds it was where it had been sent before."""
    now = clock.now()
    waited = Where(call.desk_id, 0, call.divided).waited(now)
    call.divided, call.desk = [*call.divided, {"rule": rule, "to": to.pk, "at": now.isoformat()}], to
    call.save(update_fields=["divided", "desk"])
    if case := case_of(call):
        bring_case(call, case)
    return round(waited.total_seconds())
