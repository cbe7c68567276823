"""Who may look after whom."""

import pytest

from madoguchi.kernel.actor import Actor, ActorKind, Grant, OperatingModel, Role
from madoguchi.people.policies import (
    Standing,
    companies_managed,
    may_appoint_administrators,
    may_give,
    may_look_after_account,
    may_see,
    operators_managed,
)


def person(*grants: Grant, administrator: bool = False) -> Actor:
    return Actor(ActorKind.PERSON, "誰か", id=1, grants=grants, administrator=administrator)


def of_operator(role: Role, operator: int = 7) -> Grant:
    return Grant(company=1, role=role, desk=5, operator=operator, model=OperatingModel.VENDOR_CENTRE)


MANAGER = person(of_operator(Role.MANAGER))
COMPANY_MANAGER = person(Grant(company=1, role=Role.COMPANY_MANAGER))
ADMINISTRATOR = person(administrator=True)


def test_a_manager_looks_after_the_own_operator_alone() -> None:
    assert operators_managed(MANAGER) == {7}
    assert companies_managed(MANAGER) == frozenset()
    assert may_see(MANAGER, Standing(operators=frozenset({7})))
    assert not may_see(MANAGER, Standing(operators=frozenset({8}), companies=frozenset({1})))


def test_a_company_manager_looks_after_the_companys_staff_alone() -> None:
    assert companies_managed(COMPANY_MANAGER) == {1}
    assert operators_managed(COMPANY_MANAGER) == frozenset()
    assert not may_see(COMPANY_MANAGER, Standing(operators=frozenset({7})))


def test_a_company_manager_of_temporary_staff_still_employs_nobody_of_the_agency() -> None:
    temporary = Grant(company=1, role=Role.COMPANY_MANAGER, desk=5, model=OperatingModel.TEMP_STAFF)
    actor = person(Grant(company=1, role=Role.COMPANY_MANAGER), temporary)
    assert operators_managed(actor) == frozenset()
    assert not may_give(actor, Role.AGENT, operator=7)


@pytest.mark.parametrize("role", [Role.AGENT, Role.SUPERVISOR, Role.COMPANY_STAFF])
def test_others_look_after_nobody(role: Role) -> None:
    actor = person(of_operator(role))
    assert not may_see(actor, Standing(operators=frozenset({7})))
    assert not may_give(actor, Role.AGENT, operator=7)


@pytest.mark.parametrize(
    ("standing", "expected"),
    [
        (Standing(operators=frozenset({7})), True),
        (Standing(operators=frozenset({7, 8})), False),
        (Standing(operators=frozenset({7}), companies=frozenset({1})), False),
        (Standing(operators=frozenset({7}), administrator=True), False),
        (Standing(), False),
    ],
)
def test_an_account_is_looked_after_by_who_answers_for_all_of_it(standing: Standing, expected: bool) -> None:
    assert may_look_after_account(MANAGER, standing) is expected
    assert may_look_after_account(ADMINISTRATOR, standing)


def test_nobody_gives_more_than_they_hold() -> None:
    assert may_give(MANAGER, Role.MANAGER, operator=7)
    assert not may_give(MANAGER, Role.AGENT, operator=8)
    assert not may_give(MANAGER, Role.COMPANY_STAFF, company=1)
    assert may_give(COMPANY_MANAGER, Role.COMPANY_MANAGER, company=1)
    assert not may_give(COMPANY_MANAGER, Role.COMPANY_MANAGER, company=2)
    assert not may_give(COMPANY_MANAGER, Role.AGENT, operator=7)
    assert may_give(ADMINISTRATOR, Role.MANAGER, operator=8)


def test_only_administrators_make_administrators() -> None:
    assert may_appoint_administrators(ADMINISTRATOR)
    assert not may_appoint_administrators(MANAGER)
    assert not may_appoint_administrators(COMPANY_MANAGER)
