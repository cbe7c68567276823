"""Dividing what comes to a desk among the desks of several operators. The client company says how; nobody is directed
by it but desks (37号告示), and who answers at one of them sees what was sent there and nothing else.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from madoguchi.cases.actions import place_at_desk
from madoguchi.cases.models import Case
from madoguchi.companies.models import Desk
from madoguchi.infra.event_log import record
from madoguchi.infra.models import Event
from madoguchi.infra.writing import set_changed
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor, Permission, system
from madoguchi.kernel.channel import Channel
from madoguchi.kernel.errors import NotAllowed, Refused
from madoguchi.routing import also
from madoguchi.routing.division import By, Choice, Load, Place, Rule, choose, first_fit, is_full, open_places
from madoguchi.routing.division_queries import asked_of, desks_taking_part, loads_of, needs_of
from madoguchi.routing.division_rules import MOST_PLACES, MOST_RULES, read_rule, read_rules
from madoguchi.routing.events import CaseDivided, DivisionChanged
from madoguchi.routing.models import Division
from madoguchi.routing.queries import WAITS

ITSELF = system("routing")
# What was sent on longer ago is looked at no more.
LOOK_BACK, AT_ONCE = timedelta(days=7), 500


@transaction.atomic
def set_division(desk: Desk, *, rules: Sequence[Mapping[str, Any]], is_on: bool, by: Actor) -> Division:
    """Say how what comes to a desk is divided; shares are counted anew from then on.

    Raises NotAllowed for who does not set up the desk, Refused for rules that cannot be.
    """
    if not by.may(Permission.DESKS, company=desk.company_id, desk=desk.pk):
        raise NotAllowed(Permission.DESKS)
    _require_sense(desk, rules)
    Division.objects.get_or_create(desk=desk, defaults={"company_id": desk.company_id})
    division = Division.objects.select_for_update().get(desk=desk)
    changes = set_changed(division, rules=list(rules), is_on=is_on)
    if "rules" in changes:
        Division.objects.filter(pk=division.pk).update(given=[])
    if changes:
        record(DivisionChanged(company=desk.company_id, desk=desk.pk, changes=changes), by=by)
    return division


@transaction.atomic
def set_in_use(desk: Desk, *, is_on: bool, by: Actor) -> None:
    """Take the rules of a desk into use or out of it, as they stand by now. Raises NotAllowed."""
    if not by.may(Permission.DESKS, company=desk.company_id, desk=desk.pk):
        raise NotAllowed(Permission.DESKS)
    division = Division.objects.select_for_update().filter(desk=desk).first()
    if division and (changes := set_changed(division, is_on=is_on)):
        record(DivisionChanged(company=desk.company_id, desk=desk.pk, changes=changes), by=by)


def _require_sense(desk: Desk, rules: Sequence[Mapping[str, Any]]) -> None:
    names = [rule["name"] for rule in rules]
    if len(rules) > MOST_RULES or any(len(rule["to"]) > MOST_PLACES for rule in rules):
        raise Refused(_("These are too many rules, or too many desks."), field="name")
    if not all(names) or len(set(names)) < len(names):
        raise Refused(_("Each rule needs a name of its own."), field="name")
    there = set(Desk.objects.filter(company=desk.company_id).exclude(pk=desk.pk).values_list("pk", flat=True))
    for rule in rules:
        try:
            read = read_rule(rule)
        except ValueError:
            raise Refused(_("Write both times, as 18:00 and 9:00."), field="begin") from None
        if not read.places or any(one.desk not in there or one.weight < 1 for one in read.places):
            raise Refused(_("Choose at least one other desk of the company."), field="name")


@transaction.atomic
def divide(case: Case) -> Desk | None:
    """Send a case that came to a desk with rules to the desk that they choose; None where it stays.

    Once for each case: who sends one back by hand knows better. Calls are divided while they wait (`voice.dividing`).
    """
    division = Division.objects.select_for_update().filter(desk=case.desk_id, is_on=True).first()
    if division is None or not _is_free(case) or _tried(case, division.desk_id):
        return None
    desks = desks_taking_part(division)
    fit = first_fit(read_rules(division.rules, among=desks), asked_of(case))
    if fit is None:
        return None
    number, rule = fit
    loads = loads_of([one.desk for one in rule.places], needs=needs_of(case))
    choice = chosen(division, number, rule, loads)
    return _send(case, choice, desks, division) if choice else None


def chosen(division: Division, number: int, rule: Rule, loads: Mapping[int, Load]) -> Choice | None:
    """What a rule chooses now; of shares it is counted, cases and calls together. The division is locked, so two never
    count as one.
    """
    if rule.by != By.SHARE:
        return choose(rule, loads, {})
    among = sorted(one.desk for one in open_places(rule, loads))
    count = next((c for c in division.given if c["rule"] == number and c["among"] == among), None)
    if count is None:
        count = {"rule": number, "among": among, "had": [0] * len(among)}
        division.given.append(count)
    choice = choose(rule, loads, dict(zip(among, count["had"], strict=True)))
    if choice:
        count["had"][among.index(choice.desk)] += 1
        division.save(update_fields=["given"])
    return choice


def _send(
    case: Case, choice: Choice, desks: Mapping[int, Desk], division: Division, minutes: int = 0
) -> Desk | None:
    """The desk to which it went, with why in the log; None where it could not be placed there after all."""
    to = desks[choice.desk]
    if not place_at_desk(case, to=to, by=ITSELF):
        return None
    fact = CaseDivided(
        company=case.company_id,
        desk=division.desk_id,
        case=case.pk,
        named=choice.rule.name,
        chosen_by=choice.rule.by,
        to_desk=choice.desk,
        own=choice.own,
        whole=choice.whole,
        minutes=minutes,
    )
    record(fact, by=ITSELF)
    return to


def _is_free(case: Case) -> bool:
    """Whether nobody has a case, as it is now; it is kept so until the transaction is over, and who reaches for the
    queue passes it over.
    """
    free = Case.objects.select_for_update().filter(WAITS, pk=case.pk, desk=case.desk_id)
    return free.exclude(channel=Channel.PHONE).exists() and not also.left_alone([case.pk])


def _tried(case: Case, desk: int) -> list[int]:
    """The desks to which the rules of a desk have sent a case already, in this order."""
    told = Event.objects.filter(case_id=case.pk, kind=CaseDivided.kind, desk_id=desk).order_by("id")
    return [event.data["to_desk"] for event in told.only("data")]


def divide_those(cases: Iterable[int]) -> set[int]:
    """Send on those of these cases that came to a desk with rules; the desks to which they went. One query where no
    desk in scope has any.
    """
    fronts = [one.desk_id for one in dividing_desks()]
    if not fronts:
        return set()
    rows = Case.objects.filter(WAITS, pk__in=set(cases), desk_id__in=fronts).order_by("opened_at", "id")
    return {desk.pk for case in rows if (desk := divide(case))}


def dividing_desks() -> list[Division]:
    """The divisions in scope that are in use. One query."""
    return list(Division.objects.filter(is_on=True, desk__active=True).select_related("desk"))


def overflow(division: Division) -> int:
    """Send on what nobody has taken up in the time of its rule, to where there is room and somebody; how many.

    Each case goes to each desk once at most, so nothing goes round in circles.
    """
    rules = {rule.name: rule for rule in read_rules(division.rules, among=desks_taking_part(division))}
    if not any(rule.after for rule in rules.values()):
        return 0
    waiting = Case.objects.filter(WAITS, company=division.company_id)
    waiting = waiting.exclude(desk=division.desk_id).exclude(channel=Channel.PHONE)
    could = waiting.filter(pk__in=_could_go_on(division, rules, waiting)).order_by("waiting_since", "id")
    return sum(_overflow_one(case, division, rules) for case in could[:AT_ONCE])


def _could_go_on(division: Division, rules: Mapping[str, Rule], waiting: QuerySet[Case]) -> list[int]:
    """Those whose time at the desk of a rule is over and for which another has room: what has nowhere left would else
    be looked at each minute, and what came later never. Two queries, and those of how the desks stand.
    """
    told = Event.objects.filter(kind=CaseDivided.kind, desk_id=division.desk_id)
    told = told.filter(case_id__in=waiting.values("pk")).order_by("id")
    tried: dict[int, set[int]] = defaultdict(set)
    last: dict[int, tuple[datetime, str]] = {}
    for case, at, data in told.values_list("case_id", "at", "data"):
        tried[case].add(data["to_desk"])
        last[case] = (at, data["named"])
    loads = loads_of(list({one.desk for rule in rules.values() for one in rule.places}))
    room = {name: {one.desk for one in _with_room(rule, loads)} for name, rule in rules.items()}
    now = clock.now()
    return [
        case
        for case, (at, named) in last.items()
        if (rule := rules.get(named)) and rule.after
        if timedelta(minutes=rule.after) <= now - at < LOOK_BACK and room[named] - tried[case]
    ]


def _with_room(rule: Rule, loads: Mapping[int, Load]) -> list[Place]:
    """The places of a rule where somebody is and that are not full."""
    return [
        one for one in rule.places if loads.get(one.desk, Load()).here and not is_full(one, loads[one.desk])
    ]


@transaction.atomic
def _overflow_one(case: Case, division: Division, rules: Mapping[str, Rule]) -> bool:
    last = Event.objects.filter(case_id=case.pk, kind=CaseDivided.kind, desk_id=division.desk_id).latest("id")
    rule, waited = rules.get(last.data["named"]), clock.now() - last.at
    if rule is None or not rule.after or waited < timedelta(minutes=rule.after):
        return False
    if case.desk_id != last.data["to_desk"] or not _is_free(case):
        return False
    loads = loads_of([one.desk for one in rule.places], needs=needs_of(case))
    could = _with_room(rule, loads)
    # Who is left is asked in the order of the rule, unless it goes by price, load or skill: shares are for what comes.
    by = By.ORDER if rule.by == By.SHARE else rule.by
    choice = choose(
        replace(rule, by=by, places=tuple(could)), loads, {}, without=_tried(case, division.desk_id)
    )
    minutes = int(waited.total_seconds() // 60)
    return bool(choice and _send(case, choice, desks_taking_part(division), division, minutes))
