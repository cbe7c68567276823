"""The key to the customer's own page goes to the customer, and to nobody who reads the case."""

import pytest
from django.conf import LazySettings

from madoguchi.cases.factories import make_case
from madoguchi.cases.models import Case, Message
from madoguchi.channels.email.channel import MOST_TEXT, as_inbound
from madoguchi.channels.email.models import SentMail
from madoguchi.channels.email.parse import parse
from madoguchi.companies.factories import make_engagement, make_operator
from madoguchi.delivery.actions import Reply, acknowledge, reply, send
from madoguchi.delivery.links import case_page
from madoguchi.delivery.models import Outgoing
from madoguchi.infra import scope
from madoguchi.kernel.actor import DataScope
from madoguchi.kernel.channel import Party
from madoguchi.kernel.errors import Refused
from madoguchi.people.factories import World, make_operator_person
from madoguchi.people.queries import actor_of

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def case(world: World, settings: LazySettings) -> Case:
    settings.MAIL_TRANSPORT, settings.UNDO_SECONDS = "outbox", 0
    return make_case(world.ours.entry_point, sender=Party("misaki@home.example", "髙橋 美咲"))


def sent_text(outgoing: Outgoing) -> str:
    send(outgoing.pk, company=outgoing.company_id)
    with scope.acting_for([outgoing.company_id]):
        return parse(bytes(SentMail.objects.latest("id").raw)).text


@pytest.mark.parametrize("own_words", ["", "{{customer}} 様 受付 {{case}} 状況 {{link}}"])
def test_the_acknowledgement_takes_the_key_along_and_leaves_none_in_the_case(
    case: Case, world: World, own_words: str
) -> None:
    with scope.acting_for([case.company_id]):
        type(case.desk).objects.filter(pk=case.desk_id).update(acknowledgement=own_words)
        outgoing = acknowledge(case.pk, cause=1)
        assert outgoing is not None
        kept = Message.objects.get(pk=outgoing.message_id).text
        key = case_page(case.pk, case.company_id)

    left = sent_text(outgoing)

    assert key in left
    assert "髙橋 美咲 様" in left
    assert "/my/" not in kept
    assert "髙橋" not in kept
    assert "（お客様専用ページのアドレス）" in kept


def test_a_key_that_comes_back_quoted_is_taken_out(case: Case) -> None:
    key = case_page(case.pk, case.company_id)
    raw = f"From: a@home.example\r\nContent-Type: text/html\r\n\r\n<p>はい</p><a href='{key}'>{key}</a>".encode()

    inbound = as_inbound(parse(raw))

    signature = key.rstrip("/").rpartition("/")[2]
    assert "/my/■■■■" in inbound.text
    assert signature not in inbound.text + inbound.new_text + inbound.html


def test_a_case_takes_so_much_of_a_text_and_says_that_there_is_more() -> None:
    raw = b"From: a@home.example\r\n\r\n" + b"a b " * (MOST_TEXT // 4 + 10)

    text = as_inbound(parse(raw)).text

    assert len(text) == MOST_TEXT + len("\n[…]")
    assert text.endswith("\n[…]")


def test_who_may_not_see_addresses_writes_to_the_customer_alone(case: Case, world: World) -> None:
    operator = make_operator()
    seen = DataScope(masked=frozenset({"email"}))
    seat = make_engagement(operator, world.ours.desk, data_scope=seen)
    agent = actor_of(make_operator_person(operator, seats=(seat,)))
    with scope.acting_for(agent.companies):
        with pytest.raises(Refused) as refused:
            reply(case, Reply(text="はい。", cc=(Party("me@elsewhere.example"),)), by=agent)
        assert refused.value.field == "cc"
        assert Outgoing.objects.count() == 0

        assert reply(case, Reply(text="はい。"), by=agent).state == Outgoing.State.QUEUED
