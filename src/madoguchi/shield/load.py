"""How many hard contacts somebody had in a row, and offering them a rest.

hard contact = a mark that was not cleared and met them, or a complaint of severity 3 or 4 they are responsible for
streak       = hard contacts of the last eight hours since their last rest
"""

from collections.abc import Iterable
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
from madoguchi.shield.models import Care, Mark

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
