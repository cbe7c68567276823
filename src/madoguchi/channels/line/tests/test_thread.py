"""One question by LINE, from the webhook to its answer."""

from datetime import timedelta

import pytest
from django.utils import timezone
from tests.servers.line import USER, Line

from madoguchi.cases.actions import change_status
from madoguchi.cases.models import Case, Contact, Message, Status
from madoguchi.channels.line.composing import retry_key
from madoguchi.channels.line.models import Friend, Received
from madoguchi.channels.line.tests.conftest import Desk
from madoguchi.customers.models import Identity
from madoguchi.delivery.actions import Reply, reply
from madoguchi.delivery.models import Outgoing
from madoguchi.kernel.actor import Actor
from madoguchi.people.queries import actor_of

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def agent(desk: Desk) -> Actor:
    with desk.side.scope():
        return actor_of(desk.side.agent)


def answer(desk: Desk, agent: Actor, text: str = "本日お送りしました。") -> Outgoing:
    with desk.side.scope():
        reply(desk.case(), Reply(text=text), by=agent)
    return desk.send_all()[-1]


def test_a_question_becomes_a_case_of_one_customer(desk: Desk, line: Line) -> None:
    desk.take(desk.said("注文した服が届きません😢"))

    with desk.side.scope():
        [message], case = Message.objects.all(), desk.case()
        [identity] = Identity.objects.filter(customer=case.customer)
        assert (case.channel, case.subject, case.status) == ("line", "注文した服が届きません😢", "new")
        assert (message.text, message.sender_address, message.sender_name) == (
            case.subject,
            USER,
            "髙橋 美咲",
        )
        assert (identity.kind, identity.value, case.customer.name) == ("line", USER, "髙橋 美咲")
        assert case.entry_point == desk.point
        assert Received.objects.get().body == ""


def test_what_is_said_next_belongs_to_the_same_case_and_sitting(desk: Desk, line: Line) -> None:
    desk.take(desk.said("届きません", ago=30), desk.said("もう一週間です", ago=10))
    desk.take(desk.said("お願いします"))

    with desk.side.scope():
        said = Message.objects.order_by("at").values_list("text", flat=True)
        assert list(said) == ["届きません", "もう一週間です", "お願いします"]
        assert (Case.objects.count(), Contact.objects.count()) == (1, 1)


def test_events_that_come_in_another_order_stand_as_they_were_said(desk: Desk, line: Line) -> None:
    first, second = desk.said("届きません", ago=300), desk.said("もう一週間です", ago=200)
    desk.take(second)
    desk.take(first)

    with desk.side.scope():
        said = Message.objects.order_by("at").values_list("text", flat=True)
        assert list(said) == ["届きません", "もう一週間です"]
        assert Case.objects.count() == 1


def test_an_event_that_is_handed_in_again_counts_once(desk: Desk, line: Line) -> None:
    once = desk.said()
    desk.take(once)
    desk.take({**once, "deliveryContext": {"isRedelivery": True}})

    with desk.side.scope():
        assert (Received.objects.count(), Message.objects.count()) == (1, 1)


def test_the_same_message_under_another_event_counts_once(desk: Desk, line: Line) -> None:
    desk.take(desk.said(message="100001"))
    desk.take(desk.said(message="100001"))

    with desk.side.scope():
        assert (Received.objects.count(), Message.objects.count()) == (2, 1)


def test_a_matter_closed_long_ago_is_followed_by_a_new_case(desk: Desk, line: Line, agent: Actor) -> None:
    desk.take(desk.said())
    old = desk.case()
    with desk.side.scope():
        change_status(old, to=Status.SOLVED, by=agent, without_words=True, complete=False)
        Case.objects.update(solved_at=timezone.now() - timedelta(days=400))

    desk.take(desk.said("別の注文のことです"), desk.said("サイズを替えたい"))

    with desk.side.scope():
        new = Case.objects.exclude(pk=old.pk).get()
        assert (new.follows_id, new.messages.count(), new.customer_id) == (old.pk, 2, old.customer_id)


def test_an_answer_leaves_by_the_reply_token_while_it_lasts(desk: Desk, line: Line, agent: Actor) -> None:
    line.tokens = {"token-1"}
    desk.take(desk.said(replyToken="token-1"))

    outgoing = answer(desk, agent)

    assert (outgoing.state, outgoing.channel) == ("sent", "line")
    assert line.replied == [
        {"replyToken": "token-1", "messages": [{"type": "text", "text": "本日お送りしました。"}]}
    ]
    assert line.pushed == []


def test_a_second_answer_is_pushed_under_its_retry_key(desk: Desk, line: Line, agent: Actor) -> None:
    line.tokens = {"token-1"}
    desk.take(desk.said(replyToken="token-1"))
    answer(desk, agent)

    outgoing = answer(desk, agent, "追ってご連絡します。")

    assert line.pushed == [{"to": USER, "messages": [{"type": "text", "text": "追ってご連絡します。"}]}]
    assert line.keys == [retry_key(outgoing.external_id, 0)]


def test_a_token_that_is_over_is_not_tried(desk: Desk, line: Line, agent: Actor) -> None:
    line.tokens = {"token-1"}
    desk.take(desk.said(replyToken="token-1", ago=55))

    assert answer(desk, agent).state == "sent"

    assert (line.replied, len(line.pushed)) == ([], 1)
    with desk.side.scope():
        assert Friend.objects.get().reply_token == ""


def test_a_token_that_line_knows_no_more_gives_way_to_a_push(desk: Desk, line: Line, agent: Actor) -> None:
    desk.take(desk.said(replyToken="used-up"))

    assert answer(desk, agent).state == "sent"

    assert len(line.pushed) == 1
    assert [path for path in line.asked if path.endswith("/reply")] == ["/v2/bot/message/reply"]


def test_the_case_waits_for_the_customer_after_it(desk: Desk, line: Line, agent: Actor) -> None:
    desk.take(desk.said())
    answer(desk, agent)

    with desk.side.scope():
        message = Message.objects.get(author="staff")
        assert (desk.case().status, message.channel) == ("waiting_customer", "line")
        assert (message.to, message.contact_id) == (
            [{"name": "髙橋 美咲", "address": USER}],
            Contact.objects.get().pk,
        )
