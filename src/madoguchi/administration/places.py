"""Roles that somebody may give, as choices of a form, and back."""

from dataclasses import dataclass

from django.db.models import Q
from django.utils.translation import gettext as _

from madoguchi.companies.models import Company, Engagement, OperatorCompany
from madoguchi.kernel.actor import Actor, Role
from madoguchi.kernel.errors import Refused
from madoguchi.people.models import ROLE_NAMES, OperatorMember, User
from madoguchi.people.policies import companies_managed, operators_managed

Choices = list[tuple[str, str | list[tuple[str, str]]]]
OPERATOR_ROLES = (Role.AGENT, Role.SUPERVISOR, Role.MANAGER)
COMPANY_ROLES = (Role.COMPANY_STAFF, Role.COMPANY_MANAGER)


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A role at an operator or a company, or (neither) for the installation."""

    role: Role
    operator: int | None = None
    company: int | None = None


def offered(actor: Actor) -> Choices:
    """Every role that the actor may give, grouped by where."""
    operators = OperatorCompany.objects.all()
    companies = Company.objects.all()
    if not actor.runs_installation:
        operators = operators.filter(pk__in=operators_managed(actor))
        companies = companies.filter(pk__in=companies_managed(actor))
    choices: Choices = [(o.name, _roles("operator", o.pk, OPERATOR_ROLES)) for o in operators]
    choices += [(c.name, _roles("company", c.pk, COMPANY_ROLES)) for c in companies]
    if actor.runs_installation:
        choices.append((_("This installation"), [("administrator", str(ROLE_NAMES[Role.ADMINISTRATOR]))]))
    return choices


def _roles(where: str, pk: int, roles: tuple[Role, ...]) -> list[tuple[str, str]]:
    return [(f"{where}:{pk}:{role}", str(ROLE_NAMES[role])) for role in roles]


def read(chosen: str) -> Place:
    """The place that a choice names; raises Refused for what names none."""
    parts = chosen.split(":")
    if parts == ["administrator"]:
        return Place(role=Role.ADMINISTRATOR)
    if len(parts) == 3 and parts[1].isdigit() and parts[2] in set(Role):
        where, pk, role = parts[0], int(parts[1]), Role(parts[2])
        if where == "operator":
            return Place(role=role, operator=pk)
        if where == "company":
            return Place(role=role, company=pk)
    raise Refused(_("Choose a role."), field="place")


def seats_offered(member: OperatorMember) -> list[Engagement]:
    """The engagements in sight under which an operator's person may be seated."""
    rows = Engagement.objects.filter(operator_id=member.operator_id).select_related("company", "desk")
    return list(rows.order_by("company__name", "desk__position"))


def seated_people(members: list[OperatorMember]) -> dict[int, list[int]]:
    """The engagements each member is seated under, by member."""
    rows = OperatorMember.objects.filter(pk__in=[m.pk for m in members], seats__isnull=False)
    seated: dict[int, list[int]] = {}
    for member, engagement in rows.values_list("pk", "seats__engagement_id"):
        seated.setdefault(member, []).append(engagement)
    return seated


def memberships(actor: Actor, person: User) -> list[OperatorMember]:
    """The person's roles at operators that the actor looks after."""
    mine = Q() if actor.runs_installation else Q(operator_id__in=operators_managed(actor))
    return list(
        person.operator_memberships.select_related("operator").filter(mine).order_by("operator__name")
    )
