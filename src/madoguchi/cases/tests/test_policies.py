"""Who may do what with a case, role by role and model by model. Pure: no database."""

from collections.abc import Callable

import pytest

from madoguchi.cases import policies
from madoguchi.cases.models import Case
from madoguchi.kernel.actor import Actor, ActorKind, Grant, OperatingModel, Role, system

OURS, THEIRS, DESK, SISTER, ME, COLLEAGUE = 1, 2, 10, 11, 100, 101
VENDOR = OperatingModel.VENDOR_CENTRE
Ask = Callable[[Actor, Case], bool]

ASKS: dict[str, Ask] = {
    "read": policies.may_read,
    "reply": policies.may_reply,
    "note": policies.may_note,
    "update": policies.may_update,
    "take": lambda actor, case: policies.may_assign(actor, case, to=actor.id),
    "give": lambda actor, case: policies.may_assign(actor, case, to=COLLEAGUE),
}
ANSWERS = {"read", "reply", "note", "update", "take"}
LEADS = ANSWERS | {"give"}


def case(*, company: int = OURS, desk: int = DESK, assignee: int | None = None) -> Case:
    return Case(company_id=company, desk_id=desk, assignee_id=assignee)


def person(*grants: Grant) -> Actor:
    return Actor(kind=ActorKind.PERSON, name="青木 翔", id=ME, grants=grants)


def may(actor: Actor, which: Case) -> set[str]:
    return {name for name, ask in ASKS.items() if ask(actor, which)}


@pytest.mark.parametrize(
    ("role", "desk", "allowed"),
    [
        (Role.AGENT, DESK, ANSWERS),
        (Role.SUPERVISOR, DESK, LEADS),
        (Role.MANAGER, DESK, LEADS),
        (Role.COMPANY_STAFF, None, {"read"}),
        (Role.COMPANY_MANAGER, None, {"read"}),
        (Role.ADMINISTRATOR, None, set()),
    ],
)
def test_each_role_at_its_place(role: Role, desk: int | None, allowed: set[str]) -> None:
    actor = person(Grant(company=OURS, role=role, desk=desk, model=VENDOR))
    assert may(actor, case()) == allowed
    assert may(actor, case(company=THEIRS)) == set()
    assert may(actor, case(desk=SISTER)) == (allowed if desk is None else set())


@pytest.mark.parametrize("model", list(OperatingModel))
@pytest.mark.parametrize("role", [Role.COMPANY_STAFF, Role.COMPANY_MANAGER])
def test_a_company_directs_people_only_where_they_are_its_temporary_staff(
    role: Role, model: OperatingModel
) -> None:
    everywhere = Grant(company=OURS, role=role)
    at_the_desk = Grant(company=OURS, role=role, desk=DESK, model=model)
    temp = model == OperatingModel.TEMP_STAFF

    here = may(person(everywhere, at_the_desk), case())
    elsewhere = may(person(everywhere, at_the_desk), case(desk=SISTER))

    assert here == ({"read", "note", "take", "give"} if temp else {"read"})
    assert elsewhere == {"read"}


def test_even_then_it_does_not_answer_the_customers_in_their_place() -> None:
    grant = Grant(company=OURS, role=Role.COMPANY_MANAGER, desk=DESK, model=OperatingModel.TEMP_STAFF)
    assert not policies.may_reply(person(grant), case())
    assert not policies.may_update(person(grant), case())


@pytest.mark.parametrize(
    ("holder", "to", "allowed"),
    [
        (None, ME, True),
        (None, COLLEAGUE, False),
        (None, None, True),
        (ME, None, True),
        (ME, COLLEAGUE, False),
        (ME, ME, True),
        (COLLEAGUE, ME, False),
        (COLLEAGUE, None, False),
    ],
)
def test_an_agent_takes_what_is_free_and_gives_up_what_is_theirs(
    holder: int | None, to: int | None, allowed: bool
) -> None:
    agent = person(Grant(company=OURS, role=Role.AGENT, desk=DESK, model=VENDOR))
    assert policies.may_assign(agent, case(assignee=holder), to=to) is allowed
    supervisor = person(Grant(company=OURS, role=Role.SUPERVISOR, desk=DESK, model=VENDOR))
    assert policies.may_assign(supervisor, case(assignee=holder), to=to) is True


def test_customers_and_the_nobody_of_no_grant_may_nothing() -> None:
    customer = Actor(kind=ActorKind.CUSTOMER, name="髙橋 美咲")
    assert may(customer, case()) == set()
    assert may(person(), case(assignee=ME)) == set()


def test_an_administrator_beside_their_desk_has_what_the_desk_gives() -> None:
    both = (
        Grant(company=OURS, role=Role.ADMINISTRATOR),
        Grant(company=OURS, role=Role.AGENT, desk=DESK, model=VENDOR),
    )
    assert may(person(*both), case()) == ANSWERS
    assert may(person(*both), case(desk=SISTER)) == set()


def test_the_product_itself_may_do_everything() -> None:
    assert may(system("intake"), case()) == LEADS
