"""Recording what happens to a person: the log belongs to companies, so each one concerned is told."""

from collections.abc import Iterable
from typing import Any

from madoguchi.companies.models import Company, Engagement, OperatorCompany
from madoguchi.infra.event_log import record
from madoguchi.infra.facts import Fact
from madoguchi.kernel.actor import Actor, Permission
from madoguchi.kernel.errors import NotAllowed
from madoguchi.people import policies
from madoguchi.people.models import User
from madoguchi.people.queries import standing_of


def tell(companies: Iterable[int], fact: type[Fact], *, by: Actor, **data: Any) -> None:
    """Record the fact once for each of the companies; a person of none is no company's matter yet."""
    for company in sorted(set(companies)):
        record(fact(company=company, **data), by=by)


def companies_concerned(person: User) -> set[int]:
    """The companies in scope whose work the person does or did; all of them for an administrator."""
    standing = standing_of(person)
    if standing.administrator:
        return every_company()
    own = Company.objects.filter(pk__in=standing.companies).values_list("pk", flat=True)
    return set(own) | companies_of_operators(standing.operators)


def companies_of_operators(operators: Iterable[int]) -> set[int]:
    """The companies in scope for which these operators answer or have answered."""
    operators = list(operators)
    engaged = Engagement.objects.filter(operator_id__in=operators).values_list("company_id", flat=True)
    owners = OperatorCompany.objects.filter(pk__in=operators).values_list("own_of_id", flat=True)
    return set(engaged) | set(Company.objects.filter(pk__in=owners).values_list("pk", flat=True))


def every_company() -> set[int]:
    """All companies in scope."""
    return set(Company.objects.values_list("pk", flat=True))


def require_account(by: Actor, person: User) -> None:
    """Raises NotAllowed unless the actor looks after this person's account."""
    if not policies.may_look_after_account(by, standing_of(person)):
        raise NotAllowed(Permission.PEOPLE)
