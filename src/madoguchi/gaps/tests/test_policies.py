"""Who may settle what no article says: whoever may write the company's articles, at whatever desk."""

from dataclasses import replace

import pytest

from madoguchi.gaps.policies import may_settle, may_stop
from madoguchi.kernel.actor import Actor, ActorKind, Grant, Permission, Role, system

COMPANY, DESK, OPERATOR = 1, 10, 100


def somebody(role: Role, *, company: int = COMPANY, desk: int | None = DESK) -> Actor:
    return Actor(ActorKind.PERSON, "誰か", 7, (Grant(company, role, desk, OPERATOR),))


@pytest.mark.parametrize(
    "role", [Role.AGENT, Role.SUPERVISOR, Role.MANAGER, Role.COMPANY_STAFF, Role.COMPANY_MANAGER]
)
def test_whoever_works_for_the_company_settles(role):
    assert may_settle(somebody(role), company=COMPANY)
    assert may_settle(somebody(role, desk=None), company=COMPANY)


@pytest.mark.parametrize(
    "actor",
    [
        somebody(Role.AGENT, company=2),
        somebody(Role.COMPANY_MANAGER, company=2, desk=None),
        Actor(ActorKind.PERSON, "誰か", 7),
        system("bot"),
    ],
    ids=["another company's agent", "another company's manager", "without a place", "the system"],
)
def test_nobody_else_does(actor):
    assert not may_settle(actor, company=COMPANY)


@pytest.mark.parametrize(
    ("role", "owner", "may"),
    [
        (Role.AGENT, 7, True),
        (Role.AGENT, 8, False),
        (Role.AGENT, None, False),
        (Role.COMPANY_STAFF, 8, False),
        (Role.SUPERVISOR, 8, True),
        (Role.MANAGER, None, True),
        (Role.COMPANY_MANAGER, 8, True),
    ],
)
def test_who_began_a_search_or_leads_stops_it(role, owner, may):
    assert may_stop(somebody(role), company=COMPANY, owner=owner) is may
    assert not may_stop(somebody(role, company=2), company=COMPANY, owner=owner)


def test_a_token_settles_only_with_the_right_to_write():
    [grant] = somebody(Role.MANAGER).grants
    reads = replace(grant, only=frozenset({Permission.ARTICLES_READ}))
    writes = replace(grant, only=frozenset({Permission.ARTICLES_WRITE}))
    assert not may_settle(Actor(ActorKind.PERSON, "誰か", 7, (reads,)), company=COMPANY)
    assert may_settle(Actor(ActorKind.PERSON, "誰か", 7, (writes,)), company=COMPANY)
