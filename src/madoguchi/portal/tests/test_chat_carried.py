"""A talk goes on by mail and elsewhere: the link goes to the address alone, and proves it to be theirs."""

import re
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from django.http import HttpResponse
from django.test import Client

from madoguchi.administration.audit import words_seen
from madoguchi.cases.actions import end_link
from madoguchi.cases.factories import make_case
from madoguchi.channels.webchat.models import Visit
from madoguchi.companies.models import EntryPoint
from madoguchi.customers.models import Customer, Identity
from madoguchi.delivery.actions import send
from madoguchi.delivery.models import Outgoing
from madoguchi.delivery.restraint import too_many_acknowledgements
from madoguchi.infra import scope
from madoguchi.infra.models import Event
from madoguchi.kernel import clock
from madoguchi.kernel.actor import system
from madoguchi.kernel.channel import Party
from madoguchi.people.queries import actor_of
from madoguchi.portal.chat.passes import Pass, open_mine, open_pass, sign_mine
from madoguchi.portal.tests.conftest import (
    Browser,
    all_rows,
    kept,
    messages_of,
    only_case,
)

MAIL = "misaki@customer.example"


def link_in_mail() -> str:
    """The path of the link in the one letter that waits."""
    with all_rows():
        [outgoing] = Outgoing.objects.filter(channel="email")
    [link] = re.findall(r"https?://\S+/mine/\S+", outgoing.text)
    return urlsplit(link).path


def pass_on(page: HttpResponse) -> str:
    """The pass that a page of ours gives to the chat on it."""
    [signed] = re.findall(r'data-chat-pass="([^"]+)"', page.content.decode())
    return signed


def identities() -> list[tuple[str, str]]:
    with all_rows():
        return list(
            Identity.objects.filter(customer=only_case().customer)
            .exclude(kind="web")
            .values_list("kind", "value")
        )


def events() -> list[Event]:
    with all_rows():
        return list(Event.objects.filter(kind="chat.address_proven"))


@pytest.fixture
def talk(guest: Browser) -> Browser:
    """A visitor who has written."""
    guest.say("在庫はありますか。")
    return guest


@pytest.fixture
def reader() -> Client:
    """Whoever reads the mail, in another browser."""
    return Client(headers={"Accept-Language": "ja"})


def test_the_link_goes_to_the_address_and_the_case_shows_the_letter_without_it(talk, chat):
    # when
    talk.after = 0
    answer = talk.ask("carried", address=MAIL)

    # then
    assert (answer.status_code, answer.json()["said"][0]["text"]) == (200, "在庫はありますか。")
    letter = messages_of(only_case())[-1]
    assert (letter.automatic, letter.to) == ("chat_link", [{"name": "", "address": MAIL}])
    assert "/mine/" not in letter.text
    assert "（やりとりのページの宛先）" in letter.text
    signed = link_in_mail().rstrip("/").rpartition("/")[2]
    mine, address = open_mine(signed, entry_point=chat.pk)
    assert (mine.visitor, address) == (open_pass(talk.signed).visitor, MAIL)
    with scope.acting_for([chat.company_id]):
        assert Visit.objects.get().address == MAIL
    assert (identities(), events()) == ([], [])


def test_the_letter_is_no_answer_and_stands_not_in_the_chat(talk):
    before = only_case()
    talk.ask("carried", address=MAIL)
    after = only_case()
    assert (after.status, after.waiting_since, after.first_replied_at) == (
        before.status,
        before.waiting_since,
        None,
    )
    talk.after = 0
    assert [one["text"] for one in talk.look()] == ["在庫はありますか。"]


def test_to_look_at_the_link_proves_nothing_and_to_say_so_does(talk, reader, chat, settings):
    # given
    settings.BASE_URL = "http://testserver"
    talk.ask("carried", address=MAIL)
    link = link_in_mail()

    # when a program looks into it
    page = reader.get(link)

    # then it finds nothing of what was said
    assert page.status_code == 200
    assert MAIL in page.content.decode()
    assert "在庫はありますか。" not in page.content.decode()
    assert page.headers["X-Robots-Tag"] == "noindex, nofollow, noarchive"
    assert (identities(), events()) == ([], [])

    # when a person says that it is theirs
    there = reader.post(link)

    # then they go on in the talk, and the customer is known by the address
    elsewhere = Browser(chat.address, site="http://testserver", signed=pass_on(there))
    assert [one["text"] for one in elsewhere.look()] == ["在庫はありますか。"]
    elsewhere.say("Lサイズです。", id="m2")
    assert [one["text"] for one in talk.look()] == ["Lサイズです。"]
    assert identities() == [("email", MAIL)]
    [event] = events()
    assert (event.data["added"], event.actor_kind) == (True, "customer")
    assert kept()[1] == 1


def test_said_twice_it_is_told_once(talk, reader):
    talk.ask("carried", address=MAIL)
    reader.post(link_in_mail())
    reader.post(link_in_mail())
    assert (identities(), len(events())) == ([("email", MAIL)], 1)


def test_an_address_of_another_customer_stays_theirs_and_a_person_is_told(talk, reader, world):
    # given
    with all_rows():
        talked = only_case().customer_id
    talk.ask("carried", address=MAIL)
    make_case(world.ours.entry_point, sender=Party(MAIL, "山田 美咲"))

    # when
    there = reader.post(link_in_mail())

    # then the talk is shown all the same, and nobody's record has changed
    assert pass_on(there)
    with all_rows():
        assert list(Identity.objects.filter(customer=talked).values_list("kind", flat=True)) == ["web"]
        assert Customer.objects.exclude(pk=talked).get().identities.get().value == MAIL
    [event] = events()
    assert event.data["added"] is False


def test_to_a_record_that_has_an_address_none_is_added_and_nothing_else_of_the_case_is_shown(
    talk, reader, chat
):
    # given a visitor whom somebody took for a customer that is known
    with all_rows():
        case = only_case()
        Identity.objects.create(
            company_id=case.company_id,
            customer=case.customer,
            kind="email",
            value="known@customer.example",
            written="known@customer.example",
        )
        case.messages.create(
            company_id=case.company_id,
            contact=case.contacts.get(),
            author="customer",
            channel="email",
            text="秘密の用件です。",
            external_id="mail-1",
            at=case.opened_at,
        )
    talk.ask("carried", address=MAIL)

    # when
    there = reader.post(link_in_mail())

    # then
    assert identities() == [("email", "known@customer.example")]
    assert [event.data["added"] for event in events()] == [False]
    assert "秘密の用件です。" not in there.content.decode()
    elsewhere = Browser(chat.address, signed=pass_on(there))
    assert [one["text"] for one in elsewhere.look()] == ["在庫はありますか。"]


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("", "メールアドレスを入力してください。"),
        ("misaki", "メールアドレス"),
        ("noreply@customer.example", "ご自身のアドレス"),
    ],
)
def test_to_no_address_nothing_is_sent(talk, address, words):
    refused = talk.ask("carried", address=address)
    assert (refused.status_code, refused.json()["field"]) == (422, "address")
    assert words in refused.json()["error"]
    with all_rows():
        assert not Outgoing.objects.exists()
        assert Visit.objects.get().address == ""


def test_to_an_address_of_ours_nothing_is_sent(talk, world):
    refused = talk.ask("carried", address=world.ours.entry_point.address)
    assert refused.status_code == 422
    with all_rows():
        assert not Outgoing.objects.exists()


def test_a_desk_without_mail_says_so(talk, chat, world):
    assert talk.client.get(f"/chat/{chat.address}/about/").json()["carry"] is True
    with all_rows():
        EntryPoint.objects.filter(pk=world.ours.entry_point.pk).update(active=False)
    assert talk.client.get(f"/chat/{chat.address}/about/").json()["carry"] is False
    refused = talk.ask("carried", address=MAIL)
    assert "この窓口ではメールをお送りできません。" in refused.json()["error"]


@pytest.mark.usefixtures("held_clock")
def test_a_mailbox_is_not_filled(talk):
    told = [talk.ask("carried", address=MAIL).status_code for _time in range(6)]
    assert told == [200] * 5 + [429]
    with all_rows():
        assert Outgoing.objects.count() == 5


def test_a_letter_carries_nothing_that_the_visitor_wrote(guest):
    guest.say("【重要】不正利用 https://evil.example/login")
    guest.ask("carried", address=MAIL)

    letter = messages_of(only_case())[-1]
    with all_rows():
        [outgoing] = Outgoing.objects.all()
        number = outgoing.message.case.spoken_number(outgoing.company.prefix)
    assert letter.subject == f"チャットのやりとりの続きのご案内 [{number}]"
    assert letter.to == [{"name": "", "address": MAIL}]
    assert "evil" not in f"{letter.subject}{letter.text}{outgoing.text}"


@pytest.mark.usefixtures("held_clock")
def test_from_one_place_many_visitors_send_no_more_than_it_may(chat, monkeypatch):
    monkeypatch.setattr("madoguchi.portal.chat.actions.MOST_LINKS_FROM_ADDRESS", 2)
    told = []
    for number in range(3):
        visitor = Browser(chat.address)
        visitor.say("在庫はありますか。")
        told.append(visitor.ask("carried", address=f"m{number}@customer.example").status_code)

    assert told == [200, 200, 429]
    with all_rows():
        assert Outgoing.objects.count() == 2


def test_letters_to_typed_addresses_leave_a_desk_its_acknowledgements(talk, monkeypatch, world):
    monkeypatch.setattr("madoguchi.delivery.restraint.MOST_TYPED_OF_A_DESK", 1)
    told = [talk.ask("carried", address=f"m{number}@customer.example").status_code for number in range(2)]

    assert told == [200, 422]
    case = only_case()
    with scope.acting_for([case.company_id]):
        assert Outgoing.objects.count() == 1
        monkeypatch.setattr("madoguchi.delivery.restraint.MOST_OF_A_DESK", 1)
        to = (Party("m0@customer.example"),)
        assert too_many_acknowledgements(case, to, point=world.ours.entry_point) == ""


def test_who_has_written_nothing_has_nothing_to_carry(guest, chat):
    assert guest.ask("carried", address=MAIL).status_code == 404
    with all_rows():
        assert not Outgoing.objects.exists()


def test_a_forged_or_an_ended_link_leads_nowhere(talk, reader, chat, world):
    # given
    talk.ask("carried", address=MAIL)
    link = link_in_mail()
    forged = link.rstrip("/")[:-2] + "xx/"
    case = only_case()
    visitor = open_pass(talk.signed).visitor
    theirs = sign_mine(Pass(chat.pk + 1000, visitor, 0), address=MAIL)

    # then
    assert reader.post(forged).status_code == 404
    assert reader.post(f"/chat/{chat.address}/mine/{theirs}/").status_code == 404
    with scope.acting_for([case.company_id]):
        end_link(case, by=system("test"))
    assert reader.get(link).status_code == 404
    assert reader.post(link).status_code == 404
    assert (identities(), events()) == ([], [])

    # and after 90 days it is none
    with clock.held_at(clock.now() + timedelta(days=91)):
        assert reader.post(link).status_code == 404


def test_an_answer_to_the_letter_goes_on_in_the_case(talk):
    talk.ask("carried", address=MAIL)
    with all_rows():
        [outgoing] = Outgoing.objects.all()
        send(outgoing.pk, company=outgoing.company_id)
        outgoing.refresh_from_db()
    assert outgoing.state == "sent"
    assert only_case().reply_token in outgoing.external_id
    assert kept()[1] == 1


def test_in_the_log_the_address_is_for_who_reads_cases(talk, reader, agent, world):
    talk.ask("carried", address=MAIL)
    reader.post(link_in_mail())
    with all_rows():
        [event] = Event.objects.filter(kind="chat.address_proven")
        assert words_seen([event], agent) == {event.pk: {"address": ["", MAIL]}}
        assert words_seen([event], actor_of(world.administrator)) == {}
