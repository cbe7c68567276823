"""Who may be calling from a number that is one record's: people of its household or firm, and records like it."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.translation import gettext as _

from madoguchi.cases.models import Case
from madoguchi.customers.policies import may_join
from madoguchi.customers.queries import CustomerView, sees_customers
from madoguchi.desk.household import household_of
from madoguchi.desk.one_person import likely
from madoguchi.kernel.actor import Actor

MOST_FELLOWS = 5


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody who may be calling, and why. `page` is the page of the case on which that is said of them, with their
    record chosen: `whose` for another person, `join` for another record of the same; empty for who may not say so.
    """

    person: CustomerView
    why: str
    page: str = ""


def candidates(case: Case, *, actor: Actor) -> list[Candidate]:
    """People of the household or firm first, as they belong, then the likeliest records; each once. Queries as those of
    `household_of` and `likely`, which keep who was shown. None for whom customers are not shown.
    """
    if not sees_customers(actor, company=case.company_id):
        return []
    found = {one.person.id: one for one in (*_alike(case, actor=actor), *_fellows(case, actor=actor))}
    return sorted(found.values(), key=lambda one: one.page == "join")


def _fellows(case: Case, *, actor: Actor) -> Iterator[Candidate]:
    beside = household_of(case, actor=actor)
    page = "whose" if may_join(actor, company=case.company_id) else ""
    belong = [(one, "") for one in beside.people]
    belong += [(one, group.group.name or group.sort) for group in beside.groups for one in group.others]
    for one, group in belong[:MOST_FELLOWS]:
        why = _("%(name)s (%(role)s)") % {"name": group, "role": one.role} if group and one.role else group
        yield Candidate(one.person, why or one.role or beside.sort, page)


def _alike(case: Case, *, actor: Actor) -> Iterator[Candidate]:
    for one in likely(case.customer, actor=actor):
        yield Candidate(one.person, f"{'・'.join(one.reasons)} ({one.score} %)", "join")
