"""Staff, and a small world of two companies with their people, made for tests."""

from contextlib import AbstractContextManager
from dataclasses import dataclass
from itertools import count

from madoguchi.companies.factories import (
    make_company,
    make_desk,
    make_engagement,
    make_entry_point,
    make_operator,
)
from madoguchi.companies.models import Company, Desk, Engagement, EntryPoint, OperatorCompany
from madoguchi.infra import scope
from madoguchi.kernel.actor import OperatingModel, Role
from madoguchi.people.models import CompanyMember, OperatorMember, Seat, User

_numbers = count(1)
_REASON = "a factory makes what a test asks for, whosever it is"


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
    number = next(_numbers)
    user = User(
        name=name or f"佐藤 花子{number}",
        kana="さとう はなこ",
        email=email or f"person{number}@staff.example",
        is_administrator=administrator,
        language=language,
    )
    user.set_password(password or None)
    user.save()
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


def make_side(*, name: str, model: OperatingModel = OperatingModel.VENDOR_CENTRE) -> Side:
    """A company, its desk with a mail address, an operator who answers there, and a person of each role."""
    company = make_company(name=name)
    desk, operator = make_desk(company), make_operator()
    engagement = make_engagement(operator, desk, model=model)
    return Side(
        company=company,
        desk=desk,
        entry_point=make_entry_point(desk),
        operator=operator,
        engagement=engagement,
        agent=make_operator_person(operator, Role.AGENT, seats=(engagement,), name="青木 翔"),
        supervisor=make_operator_person(operator, Role.SUPERVISOR, seats=(engagement,), name="森 美咲"),
        manager=make_operator_person(operator, Role.MANAGER, name="石川 健"),
        company_staff=make_company_person(company, Role.COMPANY_STAFF, name="中村 彩"),
        company_manager=make_company_person(company, Role.COMPANY_MANAGER, name="小林 誠"),
    )


def make_world() -> World:
    """Two companies with their people, and the administrator."""
    return World(
        ours=make_side(name="ひなた衣料"),
        theirs=make_side(name="つばめ電機"),
        administrator=make_person(name="管理 太郎", administrator=True),
    )
