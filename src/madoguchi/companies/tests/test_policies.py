"""Who may set what up."""

import pytest

from madoguchi.companies import policies
from madoguchi.kernel.actor import Actor, ActorKind, Grant, OperatingModel, Role, system


def person(role: Role, *, company: int = 1, desk: int | None = None) -> Actor:
    grant = Grant(company=company, role=role, desk=desk, operator=7, model=OperatingModel.TEMP_STAFF)
    administrator = role == Role.ADMINISTRATOR
    return Actor(ActorKind.PERSON, "誰か", id=1, grants=(grant,), administrator=administrator)


@pytest.mark.parametrize("role", list(Role))
def test_only_administrators_add_companies_and_engage(role: Role) -> None:
    expected = role == Role.ADMINISTRATOR
    assert policies.may_add_company(person(role)) is expected
    assert policies.may_engage(person(role), company=1) is expected
    assert policies.may_change_company(person(role), company=1) is expected


@pytest.mark.parametrize("role", list(Role))
def test_desks_and_data_scope_are_the_companys(role: Role) -> None:
    expected = role in (Role.ADMINISTRATOR, Role.COMPANY_MANAGER)
    assert policies.may_set_up_desk(person(role), company=1, desk=5) is expected
    assert policies.may_set_data_scope(person(role), company=1) is expected


def test_another_company_is_out_of_reach() -> None:
    manager = person(Role.COMPANY_MANAGER, company=2)
    assert not policies.may_set_up_desk(manager, company=1)
    assert not policies.may_set_data_scope(manager, company=1)


def test_the_product_itself_may_do_everything() -> None:
    assert policies.may_add_company(system("seed"))
    assert policies.may_engage(system("seed"), company=1)
