"""The queue minds how many chats a desk lets one person have, whoever gives or takes them."""

from datetime import timedelta

import pytest
from django.test import Client
from tests.house.at_once import at_once

from madoguchi.cases.actions import claim_first
from madoguchi.cases.actions.chats import GOES_ON
from madoguchi.cases.factories import make_case
from madoguchi.cases.models import Case, Status
from madoguchi.companies.models import Desk
from madoguchi.infra import scope
from madoguchi.infra.models import Event
from madoguchi.kernel import clock
from madoguchi.kernel.actor import system
from madoguchi.kernel.channel import Channel
from madoguchi.kernel.errors import Refused
from madoguchi.people.factories import World
from madoguchi.people.queries import actor_of
from madoguchi.routing.actions import pull, push
from madoguchi.routing.factories import at_work
from madoguchi.routing.models import Sharing
from madoguchi.routing.queries import hands

pytestmark = pytest.mark.django_db
TEST = system("test")


def chats(world: World, count: int, *, limit: int | None = 2) -> list[Case]:
    """So many chats that nobody has, at a desk that lets one person have `limit`."""
    cases = [make_case(world.ours.entry_point) for _ in range(count)]
    with world.ours.scope():
        Case.objects.filter(pk__in=[case.pk for case in cases]).update(channel=Channel.CHAT)
        Desk.objects.filter(pk=world.ours.desk.pk).update(chats_at_once=limit)
    return cases


def take(world: World) -> Case | None:
    actor = actor_of(world.ours.agent)
    with scope.acting_for(actor.companies):
        return pull(by=actor)


def held(world: World) -> int:
    with world.ours.scope():
        return Case.objects.filter(assignee=world.ours.agent).count()


def answered(world: World) -> None:
    """All that somebody has was answered: nobody waits there, and the talks go on."""
    with world.ours.scope():
        Case.objects.exclude(assignee=None).update(
            status=Status.WAITING_CUSTOMER, waiting_since=None, touched_at=clock.now()
        )


def test_who_pulls_has_no_more_than_the_desk_allows_answered_or_not(world: World) -> None:
    chats(world, 3)
    at_work(world.ours.agent)
    assert take(world)
    assert take(world)
    answered(world)
    with pytest.raises(Refused, match="手持ちがいっぱい"):
        take(world)
    assert held(world) == 2

    with world.ours.scope():
        Case.objects.exclude(assignee=None).update(touched_at=clock.now() - GOES_ON - timedelta(seconds=1))
    assert take(world)


def test_nor_is_more_given_out(world: World) -> None:
    chats(world, 3)
    with world.ours.scope():
        Sharing.objects.create(company=world.ours.company, desk=world.ours.desk, pushes=True)
    at_work(world.ours.agent)

    def give_out() -> int:
        with world.ours.scope():
            return push(Desk.objects.get(pk=world.ours.desk.pk))

    assert give_out() == 2
    answered(world)
    assert (give_out(), held(world)) == (0, 2)


def test_the_statement_that_decides_refuses_chats_and_gives_what_is_none(world: World) -> None:
    first, second, third = chats(world, 3, limit=1)
    mail = make_case(world.ours.entry_point)
    wanted = {case.pk: case.desk_id for case in (first, second, third, mail)}
    with world.ours.scope():
        taken = [claim_first(wanted, to=world.ours.agent.pk, by=TEST) for _ in range(3)]
        assert taken == [first, mail, None]
        assert list(Case.objects.filter(assignee=None).order_by("pk")) == [second, third]
        assert Event.objects.filter(kind="case.assigned").count() == 2


def test_without_a_limit_it_gives_what_it_is_asked_for_and_the_queue_three(world: World) -> None:
    cases = chats(world, 5, limit=None)
    at_work(world.ours.agent)
    for _ in range(3):
        assert take(world)
    assert take(world) is None
    with world.ours.scope():
        assert claim_first({cases[4].pk: cases[4].desk_id}, to=world.ours.agent.pk, by=TEST) == cases[4]


def test_a_share_that_leaves_a_rest_is_no_way_around_the_limit(world: World) -> None:
    """Of 48 chats each takes 20 thousandths, so that 960 are full."""
    chats(world, 49, limit=48)
    at_work(world.ours.agent)
    with world.ours.scope():
        first = list(Case.objects.order_by("pk").values_list("pk", flat=True)[:48])
        Case.objects.filter(pk__in=first).update(assignee=world.ours.agent, touched_at=clock.now())
        assert hands([world.ours.agent.pk]) == ({world.ours.agent.pk: 960}, set())
    assert take(world) is None
    assert held(world) == 48


@pytest.mark.django_db(transaction=True)
def test_of_several_pulls_at_once_no_more_are_given_than_there_is_room_for(world: World) -> None:
    chats(world, 6)
    at_work(world.ours.agent)
    at_once(*[lambda: take(world) for _ in range(6)])
    assert held(world) == 2


def test_the_page_of_the_desk_leaves_the_limit_to_the_settings(world: World, client: Client) -> None:
    client.force_login(world.ours.supervisor)
    page = client.get(f"/queue/{world.ours.desk.pk}/").text
    assert 'name="mails"' in page
    assert 'name="chats"' not in page
