"""A chat that was ended because of its manner takes nothing more, says where the matter goes on, and goes on there."""

from collections.abc import Callable
from typing import Any

import pytest

from madoguchi.channels.email.models import SentMail
from madoguchi.companies.models import EntryPoint
from madoguchi.delivery.actions import send
from madoguchi.delivery.models import Outgoing
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor
from madoguchi.people.factories import World
from madoguchi.people.queries import actor_of
from madoguchi.portal.tests.conftest import Browser, messages_of, only_case
from madoguchi.portal.tests.test_chat import NOON, of_company
from madoguchi.shield import marking, stopping
from madoguchi.shield.models import Stop
from madoguchi.shield.queries import ways_on

pytestmark = pytest.mark.django_db
MISAKI = "misaki@customer.example"


def end(world: World, *, agreed: bool = True) -> Stop:
    """The talk of the only case is ended after a threat, as two people wish, or one of them."""
    agent, case = actor_of(world.ours.agent), only_case()
    with world.ours.scope():
        made = marking.mark(case, sort="threat", by=agent)
        stop = stopping.ask_stop(made, onward="mail", reason="脅迫", by=agent)
        if agreed:
            stopping.decide_stop(stop, agreed=True, by=actor_of(world.ours.supervisor))
    return stop


def refused(guest: Browser, text: str) -> tuple[int, Any]:
    answer = guest.ask("said", text=text, id="m9")
    return answer.status_code, answer.json().get("error")


def test_it_says_where_the_matter_goes_on_and_takes_nothing_more(guest: Browser, world: World) -> None:
    guest.say("家に行くぞ", called="山田", address=MISAKI)
    end(world)

    assert refused(guest, "まだか") == (
        422,
        "このチャットは終了しました。ご用件は引き続きメールで承ります。",
    )

    assert [message.text for message in messages_of(only_case())] == ["家に行くぞ"]
    # What was said can still be read.
    guest.after = 0
    assert [said["text"] for said in guest.look()] == ["家に行くぞ"]


def test_answers_go_by_mail_at_once_although_the_page_is_open(
    guest: Browser, answer: Callable[[str], Outgoing], world: World, chat: EntryPoint
) -> None:
    with clock.held_at(NOON):
        guest.say("家に行くぞ", called="山田", address=MISAKI)
        end(world)
        outgoing = answer("ご用件にはメールでお答えします。")

        for _ in range(2):
            send(outgoing.pk, company=chat.company_id)

    with of_company(chat):
        outgoing.refresh_from_db()
        assert (outgoing.state, outgoing.channel) == ("sent", "email")
        assert SentMail.objects.get().recipients == [MISAKI]


def test_an_answer_that_the_open_page_shows_is_mailed_all_the_same(
    guest: Browser, answer: Callable[[str], Outgoing], world: World, chat: EntryPoint
) -> None:
    with clock.held_at(NOON):
        guest.say("家に行くぞ", called="山田", address=MISAKI)
        before = answer("お待ちください。")
        guest.look(seen=True)
        guest.look(seen=True)
        end(world)
        outgoing = answer("ご用件にはメールでお答えします。")

        # when: the page takes and shows it before it left
        guest.look(seen=True)
        guest.look(seen=True)
        with of_company(chat):
            outgoing.refresh_from_db()
            assert (outgoing.state, outgoing.receipt) == ("queued", "")
        for _ in range(2):
            send(outgoing.pk, company=chat.company_id)

    with of_company(chat):
        outgoing.refresh_from_db()
        before.refresh_from_db()
        assert (before.state, before.channel, before.receipt) == ("sent", "chat", "read")
        assert (outgoing.state, outgoing.channel) == ("sent", "email")
        assert SentMail.objects.get().recipients == [MISAKI]


@pytest.mark.parametrize("how", ["only asked", "lifted"])
def test_where_it_was_not_ended_or_is_open_again_it_takes_what_is_said(
    guest: Browser, world: World, how: str
) -> None:
    guest.say("家に行くぞ", called="山田", address=MISAKI)
    stop = end(world, agreed=how == "lifted")
    if how == "lifted":
        with world.ours.scope():
            stopping.lift_stop(stop, by=actor_of(world.ours.supervisor))

    guest.say("失礼しました。", id="m2")

    assert [message.text for message in messages_of(only_case())] == ["家に行くぞ", "失礼しました。"]


def test_who_gave_no_address_is_not_cut_off(guest: Browser, world: World, agent: Actor) -> None:
    guest.say("家に行くぞ")

    with world.ours.scope():
        assert ways_on(only_case()) == []


def test_another_visitor_of_the_same_chat_is_not_touched(
    guest: Browser, world: World, chat: EntryPoint
) -> None:
    guest.say("家に行くぞ", called="山田", address=MISAKI)
    end(world)

    [said] = Browser(chat.address).say("在庫はありますか。")

    assert said["text"] == "在庫はありますか。"
