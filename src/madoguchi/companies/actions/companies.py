"""Companies, and the operators who may answer for them."""

from django.db import transaction
from django.utils.translation import gettext as _

from madoguchi.companies import policies
from madoguchi.companies.events import CompanyAdded, CompanyChanged, OperatorAdded, OperatorChanged
from madoguchi.companies.models import NOT_TWO_HYPHENS, Company, Engagement, OperatorCompany
from madoguchi.infra import scope
from madoguchi.infra.event_log import record
from madoguchi.infra.writing import set_changed, unique
from madoguchi.kernel.actor import Actor, Permission
from madoguchi.kernel.errors import NotAllowed, Refused
from madoguchi.kernel.text import one_line

MOST_NAME = 200


@transaction.atomic
def add_company(*, name: str, slug: str, prefix: str, accent_hue: int, by: Actor) -> Company:
    """Add a company. Its short name and case letters are in what customers hold, so they stay as they are.

    Raises NotAllowed, or Refused when the short name or the letters are taken, or it has two hyphens in a row.
    """
    if not policies.may_add_company(by):
        raise NotAllowed(Permission.ORGANISATIONS)
    with scope.everywhere(reason="a new company is in nobody's scope yet"):
        _refuse_taken(slug=slug, prefix=prefix)
        with unique(_("There is such a company already."), field="slug"):
            company = Company.objects.create(
                name=_named(name), slug=slug, prefix=prefix, accent_hue=accent_hue
            )
        record(CompanyAdded(company=company.pk, name=company.name), by=by)
    return company


@transaction.atomic
def change_company(company: Company, *, name: str, accent_hue: int, by: Actor) -> None:
    """Change a company's name and colour. Raises NotAllowed, or Refused for an empty name."""
    if not policies.may_change_company(by, company=company.pk):
        raise NotAllowed(Permission.ORGANISATIONS)
    changes = set_changed(company, name=_named(name), accent_hue=accent_hue)
    if changes:
        record(CompanyChanged(company=company.pk, changes=changes), by=by)


@transaction.atomic
def add_operator(*, name: str, own_of: Company | None, by: Actor) -> OperatorCompany:
    """Add an operator: a vendor, or (`own_of`) a company that answers for itself.

    A vendor concerns no company before it is engaged, so the log tells of it from then on. Raises NotAllowed,
    or Refused when the name is taken.
    """
    if not policies.may_add_company(by):
        raise NotAllowed(Permission.ORGANISATIONS)
    with unique(_("There is an operator of this name already."), field="name"):
        operator = OperatorCompany.objects.create(name=_named(name), own_of=own_of)
    if own_of is not None:
        record(OperatorAdded(company=own_of.pk, operator=operator.pk, name=operator.name), by=by)
    return operator


@transaction.atomic
def change_operator(operator: OperatorCompany, *, name: str, by: Actor) -> None:
    """Rename an operator; every company that has engaged it is told. Raises NotAllowed or Refused."""
    if not policies.may_add_company(by):
        raise NotAllowed(Permission.ORGANISATIONS)
    with unique(_("There is an operator of this name already."), field="name"):
        changes = set_changed(operator, name=_named(name))
    if changes:
        for company in _companies_of(operator):
            record(OperatorChanged(company=company, operator=operator.pk, changes=changes), by=by)


def _companies_of(operator: OperatorCompany) -> set[int]:
    engaged = Engagement.objects.filter(operator=operator).values_list("company_id", flat=True)
    own = {operator.own_of_id} if operator.own_of_id is not None else set()
    return set(engaged) | own


def _refuse_taken(*, slug: str, prefix: str) -> None:
    if "--" in slug:
        raise Refused(str(NOT_TWO_HYPHENS.message), field="slug")
    if Company.objects.filter(slug=slug).exists():
        raise Refused(_("This short name is taken."), field="slug")
    if Company.objects.filter(prefix=prefix).exists():
        raise Refused(_("These letters are taken."), field="prefix")


def _named(name: str) -> str:
    named = one_line(name, most=MOST_NAME + 1)
    if not named:
        raise Refused(_("A name is needed."), field="name")
    if len(named) > MOST_NAME:
        raise Refused(_("Write %(most)s characters at most.") % {"most": MOST_NAME}, field="name")
    return named
