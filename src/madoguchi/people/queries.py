"""Who somebody is and what they may do; who works where."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import date
from typing import Any

from django.db.models import Manager, Q, QuerySet

from madoguchi.companies.models import Desk, Engagement
from madoguchi.infra import scope
from madoguchi.infra.prepared import fetch_all
from madoguchi.infra.prepared_query import PreparedQuery, Slot
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor, ActorKind, DataScope, Grant, OperatingModel, Permission, Role
from madoguchi.kernel.errors import NotFound
from madoguchi.people.models import CompanyMember, OperatorMember, Seat, User
from madoguchi.people.policies import Standing, companies_managed, may_see, operators_managed

_GRANTS = "SELECT * FROM people_grants(%s, %s, %s)"


def actor_of(user: User) -> Actor:
    """The person as an actor, with every grant that holds today. One query, which needs no scope.

    Who is locked out has none: what they set going (many cases, an answer for later) goes no further.
    """
    if not user.is_active:
        return Actor(kind=ActorKind.PERSON, name=user.name, id=user.pk)
    rows = fetch_all(_GRANTS, [user.pk, clock.today(), user.is_administrator])
    grants = tuple(_grant(*row) for row in rows)
    return Actor(
        kind=ActorKind.PERSON, name=user.name, id=user.pk, grants=grants, administrator=user.is_administrator
    )


def staff_of_desk(desk: int, *, company: int) -> QuerySet[User]:
    """Active people who may be responsible for a case of this desk today: those seated there under a running
    engagement, and their managers.
    """
    return _staff(desk, company, clock.today())


def seniors_of_desk(desk: int, *, company: int) -> list[User]:
    """The supervisors among them; where there is none, their managers. One query, or two."""
    staff = staff_of_desk(desk, company=company)
    by_role = (
        list(staff.filter(operator_memberships__role=role).distinct())
        for role in (Role.SUPERVISOR, Role.MANAGER)
    )
    return next(filter(None, by_role), [])


def managers_of_desk(desk: int, *, company: int) -> list[User]:
    """The operators' managers (管理責任者) among them. One query."""
    staff = staff_of_desk(desk, company=company)
    return list(staff.filter(operator_memberships__role=Role.MANAGER).distinct())


def employers_of_temporary_staff(desk: int, *, company: int) -> list[User]:
    """Who answers for the temporary staff of a desk: managers of the agencies that sent them (派遣元), and of the
    company that directs them (派遣先); nobody where none work there. One query, or two.
    """
    sent = running_engagements().filter(desk=desk, company=company, model=OperatingModel.TEMP_STAFF)
    agencies = list(sent.values_list("operator", flat=True))
    if not agencies:
        return []
    agency = Q(operator_memberships__operator__in=agencies, operator_memberships__role=Role.MANAGER)
    firm = Q(company_memberships__company=company, company_memberships__role=Role.COMPANY_MANAGER)
    return list(User.objects.filter(agency | firm, is_active=True).distinct())


def is_mail_of_company(address: str, *, company: int) -> bool:
    """Whether somebody of the company itself signs in by this mail address. One query, or none."""
    if "@" not in address:
        return False
    members = CompanyMember.objects.filter(company=company, user__is_active=True)
    return members.filter(user__email__iexact=address.strip()).exists()


def works_at(person: int, *, desk: int, company: int) -> bool:
    """Whether somebody is among them. One query."""
    asked = {"desk": desk, "company": company, "today": clock.today(), "person": person}
    return _WORKS.first(asked) is not None


def staff_to_choose(desk: int, *, company: int) -> list[User]:
    """The same people as a list to choose from, which every opened case shows. One query."""
    return _STAFF.rows({"desk": desk, "company": company, "today": clock.today()})


def staff_of_desks(desks: Sequence[int]) -> QuerySet[User]:
    """The same people for several desks, each once."""
    return _working(running_engagements().filter(desk_id__in=desks))


def staff_by_desk(desks: Iterable[int], *, among: Collection[int] | None = None) -> dict[int, set[int]]:
    """The same people's ids, by desk; those `among` some alone. Two queries, however many desks there are."""
    found: dict[int, set[int]] = defaultdict(set)
    for desk, employers in employers_by_desk(desks, among=among).items():
        found[desk].update(employers)
    return found


def desks_answered_by(person: int) -> list[tuple[int, int]]:
    """The desks in scope at which somebody answers today, each with its company, in order. One query."""
    seated = Q(seats__member__user=person)
    leads = Q(operator__members__user=person, operator__members__role=Role.MANAGER)
    rows = running_engagements().filter(seated | leads).order_by("company_id", "desk_id")
    return list(rows.values_list("company_id", "desk_id").distinct())


def employers_by_desk(
    desks: Iterable[int], *, among: Collection[int] | None = None
) -> dict[int, dict[int, set[int]]]:
    """By desk, the same people's ids, and for which operators each works there. Two queries."""
    running = running_engagements().filter(desk_id__in=desks)
    seats = Seat.objects.filter(engagement__in=running, member__user__is_active=True)
    leads = OperatorMember.objects.filter(
        role=Role.MANAGER, operator__engagements__in=running, user__is_active=True
    )
    if among is not None:
        seats, leads = seats.filter(member__user__in=among), leads.filter(user__in=among)
    seated = seats.values_list("engagement__desk_id", "member__user_id", "engagement__operator_id")
    led = leads.values_list("operator__engagements__desk_id", "user_id", "operator_id")
    found: dict[int, dict[int, set[int]]] = defaultdict(lambda: defaultdict(set))
    for desk, person, operator in (*seated, *led):
        found[desk][person].add(operator)
    return found


def people_led(by: Actor, desks: Iterable[Desk]) -> dict[int, set[int]]:
    """By desk, the people of the operators for whom somebody leads there and works there too; never those of another
    operator, and nobody for the company's own staff: they see, and do not direct. Two queries.
    """
    places = {desk.pk: desk.company_id for desk in desks}
    found: dict[int, set[int]] = {}
    for desk, working in employers_by_desk(places).items():
        here = (g for g in by.grants if g.covers(company=places[desk], desk=desk))
        leads = {g.operator for g in here if g.allows(Permission.CALL_WATCH)}
        mine = leads & working.get(by.id or 0, set())
        found[desk] = {person for person, operators in working.items() if mine & operators}
    return found


def _staff(desk: int | Slot, company: int | Slot, today: date | Slot) -> QuerySet[User]:
    return _working(_running(today).filter(desk_id=desk, company_id=company))


def _working(running: QuerySet[Engagement]) -> QuerySet[User]:
    seated = Seat.objects.filter(engagement__in=running).values("member__user_id")
    managers = OperatorMember.objects.filter(role=Role.MANAGER, operator__engagements__in=running)
    either = Q(pk__in=seated) | Q(pk__in=managers.values("user_id"))
    return User.objects.filter(either, is_active=True).order_by("kana", "name")


_STAFF = PreparedQuery(lambda: _staff(Slot("desk"), Slot("company"), Slot("today")))
_WORKS = PreparedQuery(
    lambda: _staff(Slot("desk"), Slot("company"), Slot("today")).filter(pk=Slot("person")).order_by()
)


def people_by_id(ids: Iterable[int]) -> dict[int, User]:
    """People by id, for showing who did something."""
    return User.objects.in_bulk(list(ids))


def _grant(
    company: int,
    role: str,
    desk: int | None,
    operator: int | None,
    model: str | None,
    masked: list[str],
    hidden: list[str],
) -> Grant:
    return Grant(
        company=company,
        role=Role(role),
        desk=desk,
        operator=operator,
        model=OperatingModel(model) if model else None,
        data_scope=DataScope(masked=frozenset(masked), hidden=frozenset(hidden)),
    )


def running_engagements() -> QuerySet[Engagement]:
    """Engagements that are in force today, by the calendar of Japan."""
    return _running(clock.today())


def _running(today: date | Slot) -> QuerySet[Engagement]:
    return Engagement.objects.filter(Q(ends_on=None) | Q(ends_on__gte=today), starts_on__lte=today)


def standing_of(person: User) -> Standing:
    """Everywhere a person belongs, in sight or not: who looks after an account must answer for all of it."""
    with scope.everywhere(reason="what an account leads to is decided by all of its places"):
        return Standing(
            operators=frozenset(person.operator_memberships.values_list("operator_id", flat=True)),
            companies=frozenset(person.company_memberships.values_list("company_id", flat=True)),
            administrator=person.is_administrator,
        )


def standings_of(people: QuerySet[User]) -> dict[int, Standing]:
    """The same for several people, by id. Three queries, however many they are."""
    found = dict(people.values_list("pk", "is_administrator"))
    operators: dict[int, set[int]] = {person: set() for person in found}
    companies: dict[int, set[int]] = {person: set() for person in found}
    with scope.everywhere(reason="what an account leads to is decided by all of its places"):
        for person, operator in _places(OperatorMember.objects, "operator_id", found):
            operators[person].add(operator)
        for person, company in _places(CompanyMember.objects, "company_id", found):
            companies[person].add(company)
    return {
        person: Standing(frozenset(operators[person]), frozenset(companies[person]), administrator)
        for person, administrator in found.items()
    }


def _places(members: "Manager[Any]", where: str, people: Iterable[int]) -> Iterable[tuple[int, int]]:
    return members.filter(user__in=list(people)).values_list("user_id", where) if people else ()


def people_to_look_after(actor: Actor, *, words: str = "") -> QuerySet[User]:
    """The people whom the actor looks after or at least employs, by name; `words` are looked for in names and
    addresses.
    """
    people = User.objects.order_by("kana", "name", "pk")
    if not actor.runs_installation:
        employed = Q(operator_memberships__operator_id__in=operators_managed(actor))
        staff = Q(company_memberships__company_id__in=companies_managed(actor))
        people = people.filter(pk__in=User.objects.filter(employed | staff).values("pk"))
    for word in words.split():
        people = people.filter(Q(name__icontains=word) | Q(kana__icontains=word) | Q(email__icontains=word))
    return people


def person_to_look_after(actor: Actor, person: int) -> User:
    """One of those; raises NotFound for anybody else."""
    found = User.objects.filter(pk=person).first()
    if found is None or not may_see(actor, standing_of(found)):
        raise NotFound
    return found
