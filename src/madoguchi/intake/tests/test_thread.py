"""A mail comes in, becomes a case, is acknowledged, answered, and the answer is answered."""

from datetime import timedelta
from email.header import Header

import pytest
from django.conf import LazySettings

from madoguchi.cases.models import Case, Message, Status
from madoguchi.cases.queries import View, page_of
from madoguchi.channels.email.models import SentMail
from madoguchi.channels.email.parse import ParsedMail, parse
from madoguchi.delivery.actions import Reply, reply, send
from madoguchi.delivery.models import Outgoing
from madoguchi.infra import reactions, scope
from madoguchi.intake.actions import handle, receive
from madoguchi.intake.models import Arrival
from madoguchi.kernel import clock
from madoguchi.people.factories import World
from madoguchi.people.queries import actor_of

pytestmark = pytest.mark.django_db(transaction=True)

FIRST = """\
From: {name} <misaki@customer.example>
To: {to}
Subject: =?UTF-8?B?54KK6aOv5Zmo44Gu6Zu75rqQ44GM5YWl44KK44G+44Gb44KT?=
Message-ID: <first@customer.example>
Date: Sat, 21 Nov 2026 10:00:00 +0900
Content-Type: text/plain; charset=ISO-2022-JP
Content-Transfer-Encoding: 7bit

"""
BODY = "お世話になっております。アオイの高橋です。炊飯器の電源が入りません。"


@pytest.fixture(autouse=True)
def _no_waiting(settings: LazySettings) -> None:
    settings.UNDO_SECONDS = 0
    settings.MAIL_TRANSPORT = "outbox"


def arrive(world: World, raw: bytes) -> Arrival:
    stored = receive(raw=raw, entry_point=world.ours.entry_point, source="test")
    assert stored is not None
    arrival = handle(stored, company=world.ours.company.pk)
    assert arrival is not None
    return arrival


def first_mail(world: World) -> bytes:
    name = Header("高橋 美咲", "iso-2022-jp").encode()
    head = FIRST.format(to=world.ours.entry_point.address, name=name)
    return head.encode() + BODY.encode("iso-2022-jp")


def deliver_all() -> list[ParsedMail]:
    with scope.everywhere(reason="test"):
        due = list(Outgoing.objects.filter(state="queued").order_by("id"))
    for outgoing in due:
        send(outgoing.pk, company=outgoing.company_id)
    with scope.everywhere(reason="test"):
        return [parse(bytes(sent.raw)) for sent in SentMail.objects.order_by("id")]


def test_a_first_mail_becomes_a_case_and_is_acknowledged_with_its_number(world: World) -> None:
    reactions.run_all()

    arrival = arrive(world, first_mail(world))

    assert arrival.state == Arrival.State.HANDLED
    reactions.run_all()
    [mail] = deliver_all()
    with scope.acting_for([world.ours.company.pk]):
        case = Case.objects.select_related("customer").get(pk=arrival.case_id)
        number = case.spoken_number(world.ours.company.prefix)
        assert case.subject == "炊飯器の電源が入りません"
        assert case.customer.name == "高橋 美咲"
        assert case.status == Status.NEW
        assert case.waiting_since == case.opened_at
    assert mail.subject == f"Re: 炊飯器の電源が入りません [{number}]"
    assert number in mail.text
    assert [a.address for a in mail.to] == ["misaki@customer.example"]
    assert mail.in_reply_to == ("first@customer.example",)
    assert mail.auto == "loop"


def test_an_answer_goes_out_and_the_reply_to_it_comes_home(world: World) -> None:
    arrival = arrive(world, first_mail(world))
    agent = actor_of(world.ours.agent)
    with scope.acting_for(agent.companies):
        case = Case.objects.get(pk=arrival.case_id)
        reply(case, Reply(text="交換いたします。"), by=agent)
    [mail] = deliver_all()

    again = (
        f"From: other@customer.example\r\nTo: {world.ours.entry_point.address}\r\nSubject: Fw: different\r\n"
        f"Message-ID: <second@customer.example>\r\nIn-Reply-To: <{mail.message_id}>\r\n\r\nThank you.\r\n"
    )
    answered = arrive(world, again.encode())

    assert answered.case_id == arrival.case_id
    with scope.acting_for(agent.companies):
        case.refresh_from_db()
        texts = list(Message.objects.filter(case=case).order_by("id").values_list("author", "text"))
        assert case.status == Status.OPEN
        assert case.message_count == 3
        assert case.assignee_id == agent.id
        mine = page_of(View.MINE, desks=[world.ours.desk.pk], person=agent.id)
        assert [c.id for c in mine.cases] == [case.pk]
    assert [author for author, _ in texts] == ["customer", "staff", "customer"]
    assert texts[1][1] == "交換いたします。"


def test_the_same_mail_by_two_ways_is_one_message(world: World) -> None:
    raw = first_mail(world)
    first = arrive(world, raw)

    same_bytes = receive(raw=raw, entry_point=world.ours.entry_point, source="test")
    by_another_way = arrive(world, b"Received: from elsewhere\r\n" + raw)

    assert same_bytes is None
    assert by_another_way.state == Arrival.State.REPEATED
    assert by_another_way.case_id == first.case_id
    with scope.acting_for([world.ours.company.pk]):
        assert Message.objects.count() == 1
        assert Case.objects.count() == 1


def test_a_strangers_guess_of_a_case_number_opens_a_new_case(world: World) -> None:
    arrival = arrive(world, first_mail(world))
    with scope.acting_for([world.ours.company.pk]):
        number = Case.objects.get(pk=arrival.case_id).spoken_number(world.ours.company.prefix)

    guess = arrive(world, f"From: stranger@evil.example\r\nSubject: Re: [{number}]\r\n\r\nHello\r\n".encode())
    own = arrive(world, f"From: misaki@customer.example\r\nSubject: Re: [{number}]\r\n\r\nHello\r\n".encode())

    assert guess.case_id != arrival.case_id
    assert own.case_id == arrival.case_id


def test_what_has_no_sender_waits_in_quarantine_with_the_reason(world: World) -> None:
    arrival = arrive(world, b"\xff\xfe garbage \x00")

    assert arrival.state == Arrival.State.QUARANTINED
    assert arrival.reason
    with scope.acting_for([world.ours.company.pk]):
        assert Case.objects.count() == 0
        assert bytes(Arrival.objects.get().raw.content) == b"\xff\xfe garbage \x00"


def test_a_message_is_sent_once_however_often_the_job_runs(world: World) -> None:
    arrival = arrive(world, first_mail(world))
    agent = actor_of(world.ours.agent)
    with scope.acting_for(agent.companies):
        outgoing = reply(Case.objects.get(pk=arrival.case_id), Reply(text="はい。"), by=agent)

    for _ in range(3):
        send(outgoing.pk, company=outgoing.company_id)
    with clock.held_at(clock.now() + timedelta(hours=1)):
        send(outgoing.pk, company=outgoing.company_id)

    with scope.acting_for(agent.companies):
        outgoing.refresh_from_db()
        assert outgoing.state == Outgoing.State.SENT
        assert outgoing.tries == 1
        assert SentMail.objects.count() == 1
