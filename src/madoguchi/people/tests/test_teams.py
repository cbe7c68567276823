"""Which of a desk's people work at which of the company's desks."""

from datetime import timedelta

import pytest

from madoguchi.companies.factories import make_desk, make_engagement
from madoguchi.companies.models import Desk, Engagement
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Role
from madoguchi.people.factories import World, make_operator_person, seat
from madoguchi.people.models import User
from madoguchi.people.teams import Team, teams_of_desk

pytestmark = pytest.mark.django_db


def teams(world: World) -> list[Team]:
    with world.ours.scope():
        return teams_of_desk(world.ours.desk.pk, company=world.ours.company.pk)


def second_desk(world: World, *, at: tuple[User, ...], name: str = "返品窓口") -> Desk:
    """Another desk of the company, with its own person and these of ours."""
    desk = make_desk(world.ours.company, name=name)
    engagement = make_engagement(world.ours.operator, desk)
    make_operator_person(world.ours.operator, Role.AGENT, seats=(engagement,), name="大野 直樹")
    for person in at:
        seat(person.operator_memberships.get(), engagement)
    return desk


def test_a_desk_is_a_team_of_all_who_work_there(world: World) -> None:
    us = frozenset(one.pk for one in (world.ours.agent, world.ours.supervisor, world.ours.manager))

    assert teams(world) == [Team(world.ours.desk.name, "", us)]


def test_of_another_desk_those_count_who_work_here_too(world: World) -> None:
    desk = second_desk(world, at=(world.ours.agent,))
    with world.ours.scope():
        Desk.objects.filter(pk=desk.pk).update(kana="へんぴんまどぐち")

    # The manager sees to both without a seat; 大野 works there alone.
    assert teams(world)[1] == Team(
        "返品窓口", "へんぴんまどぐち", frozenset({world.ours.agent.pk, world.ours.manager.pk})
    )


def test_a_closed_desk_and_an_ended_contract_make_no_team(world: World) -> None:
    closed, ended = (second_desk(world, at=(world.ours.agent,), name=name) for name in ("旧窓口", "夜間窓口"))
    yesterday = clock.now().astimezone(clock.TOKYO).date() - timedelta(days=1)
    with world.ours.scope():
        Desk.objects.filter(pk=closed.pk).update(active=False)
        Engagement.objects.filter(desk=ended).update(ends_on=yesterday)

    assert [team.name for team in teams(world)] == [world.ours.desk.name]


def test_who_is_locked_out_is_in_no_team(world: World) -> None:
    User.objects.filter(pk=world.ours.agent.pk).update(is_active=False)

    assert [team.people for team in teams(world)] == [
        frozenset({world.ours.supervisor.pk, world.ours.manager.pk})
    ]
