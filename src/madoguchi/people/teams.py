"""Who of a desk's people works at which of the company's desks: a note calls all of them by the name of that desk."""

from collections import defaultdict
from dataclasses import dataclass

from madoguchi.companies.models import Desk
from madoguchi.kernel.actor import Role
from madoguchi.people.models import OperatorMember, Seat
from madoguchi.people.queries import running_engagements, staff_of_desk


@dataclass(frozen=True, slots=True)
class Team:
    """A desk, and those of another desk's people who work there as well."""

    name: str
    kana: str
    people: frozenset[int]


def teams_of_desk(desk: int, *, company: int) -> list[Team]:
    """The company's desks in use at which people of this desk work today, itself among them, in the company's order.

    Who works at such a desk but not at this one is not in its team: they may not read the case. Four queries.
    """
    staff = set(staff_of_desk(desk, company=company).values_list("pk", flat=True))
    running = running_engagements().filter(company=company)
    seated = Seat.objects.filter(engagement__in=running, member__user__in=staff)
    managers = OperatorMember.objects.filter(
        role=Role.MANAGER, user__in=staff, operator__engagements__in=running
    )
    people: dict[int, set[int]] = defaultdict(set)
    for where, person in (
        *seated.values_list("engagement__desk", "member__user"),
        *managers.values_list("operator__engagements__desk", "user"),
    ):
        people[where].add(person)
    desks = Desk.objects.filter(pk__in=people, active=True)
    return [Team(one.name, one.kana, frozenset(people[one.pk])) for one in desks]
