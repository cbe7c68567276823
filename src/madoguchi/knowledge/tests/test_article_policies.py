"""Who proposes and approves what a company knows: by role, desk, company and who employs whom. Pure."""

from collections.abc import Callable

import pytest

from madoguchi.kernel.actor import Actor, ActorKind, Grant, OperatingModel, Permission, Role, system
from madoguchi.knowledge.policies import may_approve_article, may_write_article

OURS, THEIRS, HERE, ELSEWHERE = 1, 2, 10, 11
Policy = Callable[..., bool]
ALL = (may_write_article, may_approve_article)


def somebody(
    role: Role,
    *,
    desk: int | None = None,
    model: OperatingModel = OperatingModel.VENDOR_CENTRE,
    only: frozenset[Permission] | None = None,
) -> Actor:
    return Actor(ActorKind.PERSON, "花子", 5, (Grant(OURS, role, desk, model=model, only=only),))


@pytest.mark.parametrize(
    ("role", "writes", "approves"),
    [
        (Role.AGENT, True, False),
        (Role.SUPERVISOR, True, False),
        (Role.MANAGER, True, False),
        (Role.COMPANY_STAFF, True, False),
        (Role.COMPANY_MANAGER, True, True),
        # Whoever runs the installation has no part in what a company says.
        (Role.ADMINISTRATOR, False, False),
    ],
)
@pytest.mark.parametrize("desk", [HERE, None])
def test_everybody_at_work_proposes_and_the_company_approves(
    role: Role, writes: bool, approves: bool, desk: int | None
) -> None:
    actor = somebody(role)
    assert [policy(actor, company=OURS, desk=desk) for policy in ALL] == [writes, approves]
    assert [policy(actor, company=THEIRS, desk=desk) for policy in ALL] == [False, False]


@pytest.mark.parametrize(
    ("role", "model", "may"),
    [
        (Role.SUPERVISOR, OperatingModel.IN_HOUSE, True),
        (Role.MANAGER, OperatingModel.IN_HOUSE, True),
        (Role.AGENT, OperatingModel.IN_HOUSE, False),
        (Role.COMPANY_STAFF, OperatingModel.IN_HOUSE, False),
        (Role.SUPERVISOR, OperatingModel.TEMP_STAFF, False),
        (Role.MANAGER, OperatingModel.IN_HOUSE_OUTSOURCED, False),
        (Role.SUPERVISOR, OperatingModel.VENDOR_CENTRE, False),
        (Role.COMPANY_STAFF, OperatingModel.TEMP_STAFF, False),
    ],
)
def test_where_a_company_answers_itself_the_heads_of_its_desks_speak_for_it(
    role: Role, model: OperatingModel, may: bool
) -> None:
    actor = somebody(role, desk=HERE, model=model)
    assert may_approve_article(actor, company=OURS, desk=HERE) is may
    # but for their own desk alone
    assert not may_approve_article(actor, company=OURS, desk=ELSEWHERE)
    assert not may_approve_article(actor, company=OURS, desk=None)


@pytest.mark.parametrize(
    ("policy", "here", "elsewhere", "for_all"),
    [
        (may_write_article, True, False, True),
        (may_approve_article, False, False, False),
    ],
)
def test_whoever_works_at_one_desk_proposes_there_and_for_all(
    policy: Policy, here: bool, elsewhere: bool, for_all: bool
) -> None:
    actor = somebody(Role.AGENT, desk=HERE)
    assert [policy(actor, company=OURS, desk=desk) for desk in (HERE, ELSEWHERE, None)] == [
        *(here, elsewhere, for_all)
    ]


@pytest.mark.parametrize("desk", [HERE, None])
def test_a_token_does_no_more_than_it_was_given(desk: int | None) -> None:
    reader = somebody(Role.COMPANY_MANAGER, only=frozenset({Permission.ARTICLES_READ}))
    assert [policy(reader, company=OURS, desk=desk) for policy in ALL] == [False, False]
    other = somebody(Role.COMPANY_MANAGER, only=frozenset({Permission.CASE_READ}))
    assert [policy(other, company=OURS, desk=desk) for policy in ALL] == [False, False]


@pytest.mark.parametrize("policy", ALL)
def test_a_customer_does_nothing_of_it_and_the_product_itself_what_its_desk_needs(policy: Policy) -> None:
    customer = Actor(ActorKind.CUSTOMER, "客", 3)
    assert not policy(customer, company=OURS, desk=HERE)
    assert not policy(customer, company=OURS, desk=None)
    assert policy(system("import"), company=OURS, desk=HERE)
