"""Calls that wait at a desk whose company divides what comes: which operator's desk is asked for somebody.

The rules, and the count of their shares, are those of cases (`routing.dividing`). A call is not left where nobody is at
the phones: it goes to a desk where somebody is, and on to the next when nobody takes it up in the time of its rule.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Count

from madoguchi.cases.actions import place_at_desk
from madoguchi.cases.models import Case
from madoguchi.companies.models import Desk
from madoguchi.infra.event_log import record
from madoguchi.kernel import clock
from madoguchi.kernel.channel import Channel
from madoguchi.people.queries import staff_by_desk
from madoguchi.routing.dividing import chosen
from madoguchi.routing.division import Asked, By, Choice, Load, Place, Rule, choose, first_fit, is_full
from madoguchi.routing.division_queries import desks_taking_part
from madoguchi.routing.division_rules import read_rules
from madoguchi.routing.models import Division
from madoguchi.routing.queries import not_absent
from madoguchi.voice.events import CallDivided
from madoguchi.voice.models import AgentPhone, Call
from madoguchi.voice.phones import HEARD_WITHIN, PHONE, is_anybody_free, take_phone
from madoguchi.voice.queries import case_of


def take_phone_of(
    *, front: int, desk: int, company: int, call: str, person: int = 0, aside: bool = False
) -> int | None:
    """`take_phone` for a call to a number of the desk `front`: at the desk that is wished, else at the one that the
    rules name; a person who is wanted by name is looked for where the call is.
    """
    where = desk or _place_of(call, front, is_sought=not person)
    return take_phone(desk=where, company=company, call=call, person=person, aside=aside)


def bring_case(call: Call, case: Case) -> None:
    """Have the case of a call stand where the call was sent, so that who answers sees it; one that somebody has, or
    that was sent elsewhere by hand, stays.
    """
    been = {call.entry_point.desk_id, *(one["to"] for one in call.divided)}
    if call.divided and case.desk_id in been:
        place_at_desk(case, to=call.desk, by=PHONE)


def _place_of(uid: str, front: int, *, is_sought: bool) -> int:
    rows = Call.objects.filter(uid=uid)
    at = rows.values_list("desk_id", flat=True).first()
    if at is None or not is_sought or not Division.objects.filter(desk=front, is_on=True).exists():
        return at or front
    with transaction.atomic():
        call = rows.select_for_update(of=("self",)).select_related("entry_point").get()
        if call.divided:
            _go_on(call, front)
        elif not _send_first(call, front):
            return front
        return call.desk_id


def _send_first(call: Call, front: int) -> bool:
    """Whether a rule fits and somebody is at the phones of one of its desks: then the call is there."""
    division = Division.objects.select_for_update().get(desk=front)
    desks = desks_taking_part(division)
    asked = Asked(at=clock.now(), channel=Channel.PHONE)
    fit = first_fit(read_rules(division.rules, among=desks), asked)
    if fit is None:
        return False
    number, rule = fit
    loads = phones_of([one.desk for one in rule.places])
    there = tuple(one for one in rule.places if loads[one.desk].here)
    choice = chosen(division, number, replace(rule, places=there), loads) if there else None
    if choice is None:
        return False
    _send(call, choice, desks[choice.desk], division)
    return True


def _go_on(call: Call, front: int) -> None:
    """Send a call to the next desk where nobody took it up in time, or nobody is at the phones any more."""
    last, division = call.divided[-1], Division.objects.get(desk=front)
    desks = desks_taking_part(division)
    rules = {rule.name: rule for rule in read_rules(division.rules, among=desks)}
    rule, waited = rules.get(last["rule"]), clock.now() - datetime.fromisoformat(last["at"])
    if rule is None:
        return
    loads = phones_of([call.desk_id, *(one.desk for one in rule.places)])
    is_late = bool(rule.calls_after) and waited >= timedelta(seconds=rule.calls_after)
    if loads[call.desk_id].here and not is_late:
        return
    could = _next(call, rule, loads)
    # Who is left is asked in the order of the rule, unless it goes by price, load or skill: shares are for what comes.
    by = By.ORDER if rule.by == By.SHARE else rule.by
    if choice := choose(replace(rule, by=by, places=could), loads, {}):
        _send(call, choice, desks[choice.desk], division, round(waited.total_seconds()))


def _next(call: Call, rule: Rule, loads: Mapping[int, Load]) -> tuple[Place, ...]:
    """The other desks where somebody is: first those that were not asked and have room, then any where somebody is
    free.
    """
    others = [one for one in rule.places if one.desk != call.desk_id and loads[one.desk].here]
    tried = {one["to"] for one in call.divided}
    fresh = tuple(one for one in others if one.desk not in tried and not is_full(one, loads[one.desk]))
    return fresh or tuple(one for one in others if is_anybody_free(desk=one.desk, company=call.company_id))


def _send(call: Call, choice: Choice, to: Desk, division: Division, seconds: int = 0) -> None:
    said = {"rule": choice.rule.name, "to": to.pk, "at": clock.now().isoformat()}
    call.divided, call.desk = [*call.divided, said], to
    call.save(update_fields=["divided", "desk"])
    if case := case_of(call):
        bring_case(call, case)
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


def phones_of(desks: Sequence[int]) -> dict[int, Load]:
    """How it stands at the phones of some desks: how many calls wait, and how many people take calls, now or when they
    are done with one. Three queries, one more for who is away.
    """
    staff = staff_by_desk(desks)
    people = not_absent(set().union(*staff.values()))
    heard = AgentPhone.objects.filter(user_id__in=people, seen_at__gt=clock.now() - HEARD_WITHIN)
    here = set(heard.exclude(state=AgentPhone.State.AWAY).values_list("user_id", flat=True))
    waiting = _waiting_at(desks)
    return {
        desk: Load(
            waiting=waiting.get(desk, 0),
            here=len(staff.get(desk, set()) & here),
            able=len(staff.get(desk, set()) & here),
        )
        for desk in desks
    }


def _waiting_at(desks: Sequence[int]) -> dict[int, int]:
    """How many callers at these desks nobody talks to: those who wait, for whom a phone rings, or who hear an
    announcement before that.
    """
    talks = AgentPhone.objects.filter(state=AgentPhone.State.TALKING).exclude(call="")
    rows = Call.objects.filter(desk__in=list(desks), direction=Call.Direction.INBOUND)
    rows = rows.exclude(state=Call.State.ENDED).exclude(uid__in=talks.values("call"))
    return dict(rows.order_by().values_list("desk_id").annotate(number=Count("pk")))
