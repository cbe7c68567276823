"""How many chats one person holds at once, where the desk has set a limit."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection

from madoguchi.cases.actions import assign, change_status
from madoguchi.cases.actions.chats import GOES_ON
from madoguchi.cases.factories import make_case
from madoguchi.cases.models import Case, Status
from madoguchi.companies.factories import make_entry_point
from madoguchi.companies.models import Desk
from madoguchi.delivery.actions import Reply, reply
from madoguchi.infra import scope
from madoguchi.infra.models import Event
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor
from madoguchi.kernel.channel import Channel, Party
from madoguchi.kernel.errors import Refused
from madoguchi.kernel.identity import new_visitor
from madoguchi.people.factories import World
from madoguchi.people.queries import actor_of


@pytest.fixture
def by(world: World) -> Actor:
    return actor_of(world.ours.agent)


@pytest.fixture
def chat_case(world: World) -> Callable[..., Case]:
    """A chat that nobody has yet, at a desk where one person has two at once."""
    point = make_entry_point(world.ours.desk, kind=Channel.CHAT, address="shop-chat")
    with world.ours.scope():
        Desk.objects.filter(pk=world.ours.desk.pk).update(chats_at_once=2)

    def make(channel: Channel = Channel.CHAT) -> Case:
        at = point if channel == Channel.CHAT else world.ours.entry_point
        sender = Party(new_visitor(), "") if channel == Channel.CHAT else Party("a@customer.example", "")
        made = make_case(at, sender=sender)
        with world.ours.scope():
            Case.objects.filter(pk=made.pk).update(channel=channel, assignee=None)
            made.messages.update(channel=channel)
            return Case.objects.select_related("desk", "company", "customer").get(pk=made.pk)

    return make


def take(case: Case, by: Actor) -> None:
    with scope.acting_for([case.company_id]):
        assign(case, to=by.id, by=by)


def holder(case: Case) -> int | None:
    with scope.acting_for([case.company_id]):
        return Case.objects.get(pk=case.pk).assignee_id


def test_who_has_as_many_as_the_desk_allows_takes_no_further_one(chat_case, by):
    # given
    first, second, third = chat_case(), chat_case(), chat_case()
    take(first, by)
    take(second, by)

    # when
    with pytest.raises(Refused) as refused:
        take(third, by)

    # then
    assert refused.value.field == "assignee"
    assert str(refused.value) == (
        "この人はすでに2件のチャットを受け持っており、この窓口で持てる数に達しています。"
        "1件を解決にするか、ほかの人に任せてください。"
    )
    assert holder(third) is None
    with scope.acting_for([third.company_id]):
        assert not Event.objects.filter(case_id=third.pk, kind="case.assigned").exists()


def test_nobody_gives_them_one_either_and_others_have_room(chat_case, by, world):
    # given
    first, second, third = chat_case(), chat_case(), chat_case()
    take(first, by)
    take(second, by)
    supervisor = actor_of(world.ours.supervisor)

    # then
    with scope.acting_for([third.company_id]):
        with pytest.raises(Refused):
            assign(third, to=by.id, by=supervisor)
        assign(third, to=supervisor.id, by=supervisor)
    assert holder(third) == supervisor.id


def test_who_answers_first_would_have_it_and_so_is_refused_with_nothing_sent(chat_case, by, world):
    # given
    first, second, third = chat_case(), chat_case(), chat_case()
    take(first, by)
    take(second, by)

    # then
    with scope.acting_for([third.company_id]):
        with pytest.raises(Refused) as refused:
            reply(third, Reply(text="はい。"), by=by)
        assert refused.value.field == "assignee"
        assert not third.messages.filter(author="staff").exists()
        reply(second, Reply(text="はい。"), by=by)
    assert holder(third) is None


@pytest.mark.parametrize("what", ["solved", "left", "given_up"])
def test_a_talk_that_has_ended_gives_room(chat_case, by, what):
    # given
    first, second, third = chat_case(), chat_case(), chat_case()
    take(first, by)
    take(second, by)

    # when
    with scope.acting_for([first.company_id]):
        if what == "solved":
            change_status(first, to=Status.SOLVED, by=by, without_words=True)
        elif what == "given_up":
            assign(first, to=None, by=by)
        else:
            Case.objects.filter(pk=first.pk).update(touched_at=clock.now() - GOES_ON - timedelta(seconds=1))

    # then
    take(third, by)
    assert holder(third) == by.id


def test_mails_are_not_counted_and_have_room(chat_case, by):
    mails = [chat_case(Channel.EMAIL) for _n in range(3)]
    cases = [*mails, chat_case(), chat_case(), chat_case(Channel.EMAIL)]
    for case in cases:
        take(case, by)
    assert [holder(case) for case in cases] == [by.id] * 6


def test_without_a_limit_nothing_is_counted(chat_case, by, world, django_assert_max_num_queries):
    with world.ours.scope():
        Desk.objects.filter(pk=world.ours.desk.pk).update(chats_at_once=None)
    cases = [chat_case() for _n in range(4)]
    for case in cases:
        take(case, by)
    assert [holder(case) for case in cases] == [by.id] * 4


@pytest.mark.django_db(transaction=True)
def test_of_several_at_once_no_more_are_taken_than_there_is_room_for(chat_case, by):
    # given
    cases = [chat_case() for _n in range(5)]

    def try_to_take(case: Case) -> bool:
        try:
            take(case, by)
        except Refused:
            return False
        finally:
            connection.close()
        return True

    # when
    with ThreadPoolExecutor(5) as threads:
        taken = list(threads.map(try_to_take, cases))

    # then
    assert sum(taken) == 2
    assert [holder(case) for case in cases].count(by.id) == 2
