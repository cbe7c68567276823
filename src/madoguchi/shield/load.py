"""How many hard contacts somebody had in a row, offering them a rest, and sparing them the next.

hard contact = a mark that was not cleared and met them, or a complaint of severity 3 or 4 they are responsible for
streak       = hard contacts of the last eight hours since their last rest
hard case    = one with a mark that was not cleared, something noticed that nobody has settled, or such a complaint that
               is open
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from madoguchi.cases.models import Case
from madoguchi.companies.models import Desk
from madoguchi.complaints.models import Complaint
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor, Permission, system
from madoguchi.people.models import User
from madoguchi.people.queries import staff_of_desks
from madoguchi.shield.caring import offer_rest
from madoguchi.shield.models import Care, Mark, Suggestion

SHIFT, WEEK, MOST_IN_A_ROW = timedelta(hours=8), timedelta(days=7), 2
VERSION = 1
_ITSELF = system("shield")


@dataclass(frozen=True, slots=True)
class Load:
    """What somebody had: in a row since their last rest, and in seven days; whether a rest is offered to them."""

    person: User
    streak: int
    week: int
    rest_offered: bool

    @property
    def is_much(self) -> bool:
        """Whether they have had as many in a row as nobody should."""
        return self.streak >= MOST_IN_A_ROW


def loads_at(actor: Actor) -> list[Load]:
    """The load of everybody at the desks that the actor leads, the heaviest first. Five queries."""
    desks = _led(actor)
    people = list(staff_of_desks(desks)) if desks else []
    counted = _counted([one.pk for one in people])
    loads = [Load(one, *counted[one.pk]) for one in people]
    return sorted(loads, key=lambda load: (-load.streak, -load.week, load.person.kana))


def offer_rest_where_needed(person: int, case: Case) -> Care | None:
    """Offer somebody a rest who had as many hard contacts in a row as nobody should; None where that is not so, or one
    is offered already.
    """
    streak, _week, offered = _counted([person])[person]
    if streak < MOST_IN_A_ROW or offered:
        return None
    return offer_rest(person, case, by=_ITSELF)


def hard_among(cases: Collection[int]) -> set[int]:
    """Those of these cases that are hard on whoever answers, by themselves or by what went on in them. Two queries."""
    went_on = Case.objects.filter(continued_in__in=cases).values_list("pk", "continued_in_id")
    home = {pk: pk for pk in cases} | {pk: into for pk, into in went_on if into}
    marks = Mark.objects.filter(case__in=home).exclude(state=Mark.State.CLEARED)
    noticed = Suggestion.objects.filter(case__in=home, settled_at=None)
    grave = Complaint.objects.filter(case__in=home, state=Complaint.State.OPEN)
    grave = grave.filter(severity__gte=Complaint.Severity.SERIOUS)
    every = [rows.order_by().values_list("case_id", flat=True) for rows in (marks, noticed, grave)]
    return {home[pk] for pk in every[0].union(*every[1:])}


def spared_among(people: Collection[int]) -> set[int]:
    """Those of these people who have had as many hard contacts in a row as nobody should. Three queries."""
    return {pk for pk, (streak, _week, _offered) in _counted(people).items() if streak >= MOST_IN_A_ROW}


def _led(actor: Actor) -> list[int]:
    wide = Desk.objects.filter(company__in=actor.companies_with(Permission.CASE_APPROVE))
    return sorted({*wide.values_list("pk", flat=True), *actor.desks_with(Permission.CASE_APPROVE)})


def _counted(people: Iterable[int]) -> dict[int, tuple[int, int, bool]]:
    """Of each person: in a row, in seven days, and whether a rest is offered. Three queries."""
    who, now = list(people), clock.now()
    hard: dict[int, list[datetime]] = {pk: [] for pk in who}
    marks = Mark.objects.filter(person__in=who, marked_at__gt=now - WEEK).exclude(state=Mark.State.CLEARED)
    for pk, at in marks.values_list("person", "marked_at"):
        hard[pk].append(at)
    grave = Complaint.objects.filter(responsible__in=who, severity__gte=Complaint.Severity.SERIOUS)
    for pk, at in grave.filter(made_at__gt=now - WEEK).values_list("responsible", "made_at"):
        hard[pk].append(at)
    rests = Care.objects.filter(person__in=who, sort=Care.Sort.REST, made_at__gt=now - WEEK)
    rested, offered = dict.fromkeys(who, now - SHIFT), set()
    for pk, settled_at, outcome in rests.values_list("person", "settled_at", "outcome"):
        if settled_at is None:
            offered.add(pk)
        elif outcome == Care.Outcome.DONE:
            rested[pk] = max(rested[pk], settled_at)
    return {
        pk: (sum(at > rested[pk] for at in times), len(times), pk in offered) for pk, times in hard.items()
    }
