"""What the rules of a division ask for: cases, desks, how it stands there; and how it would have gone."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from heapq import heappop, heappush

from django.db.models import Count, F

from madoguchi.cases.events import CaseOpened
from madoguchi.cases.models import Case
from madoguchi.companies.models import Desk
from madoguchi.infra.models import Event
from madoguchi.kernel import clock
from madoguchi.kernel.channel import Channel
from madoguchi.people.queries import running_engagements, staff_by_desk
from madoguchi.routing.division import Asked, By, Load, Rule, choose, first_fit, open_places
from madoguchi.routing.models import Division, Sharing, Skill
from madoguchi.routing.queries import WAITS, here_among

DAYS, MOST_CASES = 7, 2_000
Need = tuple[str, int]


def division_of(desk: Desk) -> Division:
    """How what comes to a desk is divided, as kept or as nothing. One query."""
    return Division.objects.filter(desk=desk).first() or Division(company_id=desk.company_id, desk=desk)


def desks_taking_part(division: Division) -> dict[int, Desk]:
    """The other desks of its rules that are open and at which an operator is engaged today. One query."""
    return {pk: desk for pk, desk in desks_of_divisions([division]).items() if pk != division.desk_id}


def desks_of_divisions(divisions: Iterable[Division]) -> dict[int, Desk]:
    """The desks of their rules that are open and at which an operator is engaged today. One query."""
    wanted = {one["desk"] for division in divisions for rule in division.rules for one in rule["to"]}
    engaged = running_engagements().filter(desk_id__in=wanted).values("desk_id")
    return {desk.pk: desk for desk in Desk.objects.filter(pk__in=engaged, active=True)}


def asked_of(case: Case) -> Asked:
    """What rules ask of a case: as it came in."""
    return Asked(
        at=case.opened_at,
        channel=case.channel,
        subject=case.subject,
        tags=frozenset(case.tags),
        matter=case.matter_id,
    )


def needs_of(case: Case) -> frozenset[Need]:
    """What a case takes at the desk to which it came. One query."""
    sharing = Sharing.objects.filter(desk=case.desk_id).first()
    return needs_by_tags(sharing, case.tags) if sharing else frozenset()


def needs_by_tags(sharing: Sharing, tags: Iterable[str]) -> frozenset[Need]:
    """The skills that a case with these tags takes."""
    found = set(tags)
    return frozenset((need["skill"], need["level"]) for need in sharing.needs if need["tag"] in found)


def loads_of(desks: Sequence[int], *, needs: Iterable[Need] = ()) -> dict[int, Load]:
    """How it stands at some desks now. Four queries, one more where something must be known."""
    rows = Case.objects.filter(WAITS, desk_id__in=desks).order_by().values_list("desk_id")
    waiting = dict(rows.annotate(number=Count("pk")))
    staff = staff_by_desk(desks)
    here = here_among(set().union(*staff.values()))
    able = _who_know(here, needs)
    return {
        desk: Load(
            waiting=waiting.get(desk, 0),
            here=len(staff.get(desk, set()) & here),
            able=len(staff.get(desk, set()) & able),
        )
        for desk in desks
    }


def _who_know(people: set[int], needs: Iterable[Need]) -> set[int]:
    wanted = list(needs)
    if not wanted or not people:
        return people
    known: dict[int, set[Need]] = defaultdict(set)
    today = clock.today()
    for skill in Skill.objects.filter(member__user_id__in=people).annotate(person=F("member__user_id")):
        if skill.holds_on(today):
            known[skill.person].update(
                need for need in wanted if need[0] == skill.name and need[1] <= skill.level
            )
    return {person for person, knows in known.items() if len(knows) == len(wanted)}


@dataclass(frozen=True, slots=True)
class Tried:
    """What rules would have done with the cases of the last days: how many came (`more`: there were older ones), how
    many each rule had sent to each desk, and how many stayed.
    """

    cases: int
    more: bool
    sent: Mapping[tuple[int, int], int]
    stayed: int


def try_rules(desk: Desk, rules: Sequence[Rule]) -> Tried:
    """Send what came to a desk in the last seven days once more, in its order. Each waits as long as its first answer
    took; who is here is taken to be everybody of a desk. Five queries.
    """
    cases = _came_to(desk)
    places = sorted({one.desk for rule in rules for one in rule.places})
    staff = staff_by_desk(places)
    people = {pk: staff.get(pk, set()) for pk in places}
    sharing = Sharing.objects.filter(desk=desk).first()
    sent: Counter[tuple[int, int]] = Counter()
    given: dict[tuple[int, tuple[int, ...]], Counter[int]] = defaultdict(Counter)
    waits: dict[int, list[datetime]] = defaultdict(list)
    for case in cases[:MOST_CASES]:
        fit = first_fit(rules, asked_of(case))
        if fit is None:
            continue
        number, rule = fit
        able = _who_know(set().union(*people.values()), needs_by_tags(sharing, case.tags) if sharing else ())
        loads = _loads_then(people, able, waits, case.opened_at)
        among = tuple(sorted(one.desk for one in open_places(rule, loads)))
        count = given[number, among]
        choice = choose(rule, loads, count if rule.by == By.SHARE else {})
        if choice:
            count[choice.desk] += 1
            sent[number, choice.desk] += 1
            heappush(waits[choice.desk], case.first_replied_at or clock.now())
    looked_at = min(len(cases), MOST_CASES)
    return Tried(looked_at, len(cases) > MOST_CASES, sent, looked_at - sent.total())


def _loads_then(
    people: Mapping[int, set[int]], able: set[int], waits: Mapping[int, list[datetime]], at: datetime
) -> dict[int, Load]:
    for ends in waits.values():
        while ends and ends[0] <= at:
            heappop(ends)
    return {
        desk: Load(waiting=len(waits.get(desk, ())), here=len(staff), able=len(staff & able))
        for desk, staff in people.items()
    }


def _came_to(desk: Desk) -> list[Case]:
    """The newest cases that were opened at a desk in the last seven days, the oldest of them first."""
    since = clock.now() - timedelta(days=DAYS)
    opened = Event.objects.filter(kind=CaseOpened.kind, desk_id=desk.pk, at__gte=since)
    rows = Case.objects.filter(pk__in=opened.values("case_id"), continued_in=None).exclude(
        channel=Channel.PHONE
    )
    return list(rows.order_by("-opened_at", "-id")[: MOST_CASES + 1])[::-1]
