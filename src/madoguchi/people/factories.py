"""Staff, and a small world of two companies with their people, made for tests."""

from contextlib import AbstractContextManager
from dataclasses import dataclass
from itertools import count

from madoguchi.companies.factories import (
    new_company,
    new_desk,
    new_engagement,
    new_entry_point,
    new_operator,
)
from madoguchi.companies.models import Company, Desk, Engagement, EntryPoint, OperatorCompany
from madoguchi.infra import scope
from madoguchi.kernel.actor import Role
from madoguchi.people.models import CompanyMember, OperatorMember, Seat, User

_numbers = count(1)
_REASON = "a factory makes what a test asks for, whosever it is"
_NAMES = {
    Role.AGENT: "青木 翔",
    Role.SUPERVISOR: "森 美咲",
    Role.MANAGER: "石川 健",
    Role.COMPANY_STAFF: "中村 彩",
    Role.COMPANY_MANAGER: "小林 誠",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """One company with a desk, the operator who answers there, and one person of each role."""

    company: Company
    desk: Desk
    entry_point: EntryPoint
    operator: OperatorCompany
    engagement: Engagement
    agent: User
    supervisor: User
    manager: User
    company_staff: User
    company_manager: User

    def scope(self) -> AbstractContextManager[None]:
        """Work on this company's data, as a request of its people does."""
        return scope.acting_for([self.company.pk])


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """Two companies that must never see one another, and the administrator of the installation."""

    ours: Side
    theirs: Side
    administrator: User


def make_person(
    *, name: str = "", email: str = "", password: str = "", administrator: bool = False, language: str = "ja"
) -> User:
    """A person who belongs nowhere yet; without a password they cannot sign in by one."""
    user = _new_person(
        name=name, email=email, password=password, administrator=administrator, language=language
    )
    user.save()
    return user


def _new_person(
    *, name: str = "", email: str = "", password: str = "", administrator: bool = False, language: str = "ja"
) -> User:
    number = next(_numbers)
    user = User(
        name=name or f"佐藤 花子{number}",
        kana="さとう はなこ",
        email=email or f"person{number}@staff.example",
        is_administrator=administrator,
        language=language,
    )
    user.set_password(password or None)
    return user


def make_operator_person(
    operator: OperatorCompany, role: Role = Role.AGENT, *, seats: tuple[Engagement, ...] = (), name: str = ""
) -> User:
    """A person of an operator, seated under these engagements (a manager needs no seat)."""
    user = make_person(name=name)
    member = OperatorMember.objects.create(user=user, operator=operator, role=role)
    for engagement in seats:
        seat(member, engagement)
    return user


def seat(member: OperatorMember, engagement: Engagement) -> Seat:
    """Let an operator's person work under an engagement."""
    with scope.everywhere(reason=_REASON):
        return Seat.objects.create(member=member, engagement=engagement, company_id=engagement.company_id)


def make_company_person(company: Company, role: Role = Role.COMPANY_STAFF, *, name: str = "") -> User:
    """A person of the company that owns the customers."""
    user = make_person(name=name)
    with scope.everywhere(reason=_REASON):
        CompanyMember.objects.create(user=user, company=company, role=role)
    return user


def make_world() -> World:
    """Two companies with their people, and the administrator; stored table by table, since most tests want one."""
    with scope.everywhere(reason=_REASON):
        return _make_world("ひなた衣料", "つばめ電機")


def _make_world(*names: str) -> World:
    """For each name a company, its desk with a mail address, an operator who answers there, and their people."""
    companies = Company.objects.bulk_create([new_company(name=name) for name in names])
    desks = Desk.objects.bulk_create([new_desk(company) for company in companies])
    doors = EntryPoint.objects.bulk_create([new_entry_point(desk) for desk in desks])
    operators = OperatorCompany.objects.bulk_create([new_operator() for _ in names])
    engagements = Engagement.objects.bulk_create(list(map(new_engagement, operators, desks)))
    new = [_new_person(name=name) for _ in names for name in _NAMES.values()]
    *people, administrator = User.objects.bulk_create(
        [*new, _new_person(name="管理 太郎", administrator=True)]
    )
    of_each = [
        dict(zip(_NAMES, people[at : at + len(_NAMES)], strict=True))
        for at in range(0, len(new), len(_NAMES))
    ]
    _give_roles(companies, engagements, of_each)
    ours, theirs = (
        Side(company=company, desk=desk, entry_point=door, operator=operator, engagement=engagement, **staff)
        for company, desk, door, operator, engagement, staff in zip(
            companies, desks, doors, operators, engagements, of_each, strict=True
        )
    )
    return World(ours=ours, theirs=theirs, administrator=administrator)


def _give_roles(
    companies: list[Company], engagements: list[Engagement], people: list[dict[Role, User]]
) -> None:
    """One of each role, the agent and the supervisor with a seat."""
    members = OperatorMember.objects.bulk_create(
        OperatorMember(user=staff[role], operator=engagement.operator, role=role)
        for engagement, staff in zip(engagements, people, strict=True)
        for role in (Role.AGENT, Role.SUPERVISOR, Role.MANAGER)
    )
    under = {engagement.operator_id: engagement for engagement in engagements}
    Seat.objects.bulk_create(
        Seat(
            member=member,
            engagement=under[member.operator_id],
            company_id=under[member.operator_id].company_id,
        )
        for member in members
        if member.role != Role.MANAGER
    )
    CompanyMember.objects.bulk_create(
        CompanyMember(user=staff[role], company=company, role=role)
        for company, staff in zip(companies, people, strict=True)
        for role in (Role.COMPANY_STAFF, Role.COMPANY_MANAGER)
    )
