"""Where people work: their role at an operator or company, and the desks they are seated at."""

from collections.abc import Iterable

from django.db import transaction
from django.utils.translation import gettext as _

from madoguchi.companies.models import Company, Engagement
from madoguchi.kernel.actor import Actor, Permission, Role
from madoguchi.kernel.errors import NotAllowed, Refused
from madoguchi.people import policies
from madoguchi.people.actions.telling import companies_of_operators, tell
from madoguchi.people.events import PlaceGiven, PlaceTaken, SeatsChanged
from madoguchi.people.models import CompanyMember, OperatorMember, Seat, User

OPERATOR_ROLES = frozenset({Role.AGENT, Role.SUPERVISOR, Role.MANAGER})
COMPANY_ROLES = frozenset({Role.COMPANY_STAFF, Role.COMPANY_MANAGER})


@transaction.atomic
def give_place(
    person: User, *, role: Role, operator: int | None = None, company: int | None = None, by: Actor
) -> None:
    """Give somebody a role at one operator or one company, in place of the one they may have there.

    Raises NotAllowed for a role above the actor's own or a place that is not in their hands, Refused for
    one's own role and for a role that does not exist there.
    """
    _require(by, person, role=role, operator=operator, company=company)
    if role not in (OPERATOR_ROLES if operator is not None else COMPANY_ROLES):
        raise Refused(_("There is no such role here."), field="role")
    before = _role_at(person, operator=operator, company=company)
    if before == role:
        return
    if before is not None and not policies.may_give(by, Role(before), operator=operator, company=company):
        raise NotAllowed(Permission.PEOPLE)
    _write_place(person, role=role, operator=operator, company=company)
    told = companies_of_operators([operator]) if operator is not None else {company or 0}
    tell(told, PlaceGiven, by=by, person=person.pk, operator=operator, role=role, before=before)


@transaction.atomic
def take_place(person: User, *, operator: int | None = None, company: int | None = None, by: Actor) -> None:
    """Take somebody's role at an operator (and all seats with it) or at a company.

    Their account stays; without any place it shows them nothing. Raises NotAllowed, or Refused for oneself.
    """
    role = _role_at(person, operator=operator, company=company)
    if role is None:
        return
    _require(by, person, role=Role(role), operator=operator, company=company)
    if operator is not None:
        OperatorMember.objects.filter(user=person, operator_id=operator).delete()
    else:
        CompanyMember.objects.filter(user=person, company_id=company).delete()
    told = companies_of_operators([operator]) if operator is not None else {company or 0}
    tell(told, PlaceTaken, by=by, person=person.pk, operator=operator, role=role)


@transaction.atomic
def set_seats(member: OperatorMember, *, engagements: Iterable[int], by: Actor) -> None:
    """Seat an operator's person under exactly these of its engagements, among those in the actor's sight.

    Raises NotAllowed, or Refused for an engagement of another operator.
    """
    if not policies.may_give(by, Role(member.role), operator=member.operator_id):
        raise NotAllowed(Permission.PEOPLE)
    OperatorMember.objects.select_for_update().get(pk=member.pk)
    offered = {e.pk: e for e in Engagement.objects.filter(operator_id=member.operator_id)}
    wanted = set(engagements)
    if not wanted <= offered.keys():
        raise Refused(_("This operator is not engaged there."), field="engagements")
    had = set(Seat.objects.filter(member=member).values_list("engagement_id", flat=True))
    Seat.objects.filter(member=member, engagement_id__in=had - wanted).delete()
    Seat.objects.bulk_create(
        Seat(member=member, engagement_id=pk, company_id=offered[pk].company_id)
        for pk in sorted(wanted - had)
    )
    _tell_seats(member, offered, before=had, after=wanted, by=by)


def _tell_seats(
    member: OperatorMember,
    engagements: dict[int, Engagement],
    *,
    before: set[int],
    after: set[int],
    by: Actor,
) -> None:
    for company in sorted({engagements[pk].company_id for pk in before ^ after}):
        here = {pk for pk, e in engagements.items() if e.company_id == company}
        seats = {"before": sorted(before & here), "after": sorted(after & here)}
        tell([company], SeatsChanged, by=by, person=member.user_id, **seats)


def _require(by: Actor, person: User, *, role: Role, operator: int | None, company: int | None) -> None:
    if not policies.may_give(by, role, operator=operator, company=company):
        raise NotAllowed(Permission.PEOPLE)
    if by.id == person.pk:
        raise Refused(_("You cannot change your own role. Ask another person in charge."))


def _role_at(person: User, *, operator: int | None, company: int | None) -> str | None:
    if operator is not None:
        places = OperatorMember.objects.filter(user=person, operator_id=operator).values_list(
            "role", flat=True
        )
    else:
        places = CompanyMember.objects.filter(user=person, company_id=company).values_list("role", flat=True)
    return places.first()


def _write_place(person: User, *, role: Role, operator: int | None, company: int | None) -> None:
    if operator is not None:
        OperatorMember.objects.update_or_create(
            user=person, operator_id=operator, defaults={"role": role.value}
        )
    elif company is not None and Company.objects.filter(pk=company).exists():
        CompanyMember.objects.update_or_create(user=person, company_id=company, defaults={"role": role.value})
    else:
        raise Refused(_("Choose an operator or a company."), field="place")
