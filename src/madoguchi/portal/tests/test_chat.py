"""A chat from its first word to the answer: what a visitor's page asks and is told, and what is kept of it."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from madoguchi.cases.actions import add_note
from madoguchi.cases.actions.see import see_case
from madoguchi.cases.models import Case, Contact
from madoguchi.channels.email.models import SentMail
from madoguchi.channels.webchat.models import Visit, Widget
from madoguchi.companies.factories import make_entry_point
from madoguchi.companies.models import Desk, EntryPoint
from madoguchi.customers.models import Identity
from madoguchi.delivery.actions import ANYTHING, Reply, reply, send, take_back
from madoguchi.delivery.models import Outgoing
from madoguchi.infra import scope
from madoguchi.kernel import clock
from madoguchi.kernel.channel import Channel, Party
from madoguchi.kernel.errors import Refused
from madoguchi.portal import queries
from madoguchi.portal.chat import actions, talk
from madoguchi.portal.chat.passes import open_pass
from madoguchi.portal.tests.conftest import SITE, Browser, all_rows, kept, messages_of, only_case
from madoguchi.project.live.guests import case_behind

NOON = datetime(2026, 8, 3, 3, 0, tzinfo=UTC)


def of_company(point: EntryPoint) -> Any:
    return scope.acting_for([point.company_id])


def test_the_first_word_opens_a_case_of_a_customer_of_whom_nothing_is_proven(guest, chat):
    # when
    [said] = guest.say("Lサイズの在庫はありますか。", called="山田 美咲", address="misaki@customer.example")

    # then
    assert (said["ours"], said["text"]) == (False, "Lサイズの在庫はありますか。")
    assert kept() == (1, 1, 1)
    case, visitor = only_case(), open_pass(guest.signed).visitor
    assert (case.channel, case.subject, case.desk_id) == ("chat", "Lサイズの在庫はありますか。", chat.desk_id)
    assert case.customer.name == "山田 美咲"
    with all_rows():
        assert list(Identity.objects.values_list("kind", "value")) == [("web", visitor)]
        assert Visit.objects.get().address == "misaki@customer.example"
        assert not Outgoing.objects.exists()  # nobody is acknowledged by mail who reads it on the page


def test_a_talk_is_one_case_and_one_contact_and_a_message_sent_twice_is_one(guest, answer):
    # given
    guest.say("在庫はありますか。")

    # when
    guest.say("Lサイズです。", id="m2")
    guest.say("Lサイズです。", id="m2", called="山田")
    answer("ございます。")

    # then
    assert [m.text for m in messages_of(only_case())] == [
        "在庫はありますか。",
        "Lサイズです。",
        "ございます。",
    ]
    with all_rows():
        assert Contact.objects.count() == 1


def test_what_is_said_another_day_is_a_contact_of_its_own(guest):
    with clock.held_at(NOON):
        guest.say("在庫はありますか。")
    with clock.held_at(NOON + timedelta(days=1)):
        guest.say("昨日の続きです。", id="m2")
    assert kept() == (2, 1, 2)
    with all_rows():
        assert Contact.objects.count() == 2


def test_an_answer_is_sent_once_the_page_says_it_has_it_and_read_once_it_is_seen(guest, answer):
    # given
    guest.say("在庫はありますか。")
    outgoing = answer("3点ございます。")
    assert (outgoing.state, outgoing.channel) == ("queued", "chat")

    # when
    [told] = guest.look()

    # then
    assert (told["ours"], told["text"]) == (True, "3点ございます。")
    assert guest.look() == []
    with all_rows():
        outgoing.refresh_from_db()
        assert (outgoing.state, outgoing.receipt) == ("sent", "")
        assert Outgoing.objects.get().message.sent_at is not None

    # and when
    assert guest.look(seen=True) == []
    with all_rows():
        outgoing.refresh_from_db()
        assert (outgoing.state, outgoing.receipt) == ("sent", "read")


def test_an_answer_whose_response_was_lost_is_neither_sent_nor_read_and_goes_by_mail(guest, answer, chat):
    with clock.held_at(NOON):
        # given responses that carry an answer and never come
        guest.say("在庫はありますか。", called="山田", address="misaki@customer.example")
        outgoing = answer("3点ございます。")
        guest.ask("talk", seen=True)
        guest.ask("said", text="もしもし", id="m2", seen=True)

        # then it still waits
        with of_company(chat):
            outgoing.refresh_from_db()
            assert (outgoing.state, outgoing.receipt) == ("queued", "")
            assert outgoing.message.sent_at is None

    # and leaves by mail
    with clock.held_at(NOON + timedelta(minutes=5)):
        send(outgoing.pk, company=outgoing.company_id)
        send(outgoing.pk, company=outgoing.company_id)
    with of_company(chat):
        assert SentMail.objects.get().recipients == ["misaki@customer.example"]


def test_a_first_word_sent_again_because_its_response_was_lost_is_the_same_visitor(guest, chat):
    # given
    secret = "0123456789abcdef" * 2
    guest.ask("said", text="在庫はありますか。", id="m1", secret=secret)

    # when it is sent again, and another one before any pass has come
    [first, second] = [
        open_pass(guest.ask("said", text=text, id=id, secret=secret).json()["pass"]).visitor
        for text, id in (("在庫はありますか。", "m1"), ("Lサイズです。", "m2"))
    ]

    # then
    assert first == second
    assert secret[:16] not in first
    assert [m.text for m in messages_of(only_case())] == ["在庫はありますか。", "Lサイズです。"]
    with all_rows():
        assert list(Visit.objects.values_list("visitor", flat=True)) == [first]

    # and whoever has another secret is somebody else
    other = guest.ask("said", text="在庫はありますか。", id="m1", secret="f" * 32).json()["pass"]
    assert open_pass(other).visitor != first


@pytest.mark.parametrize("secret", ["a" * 31, "a" * 101])
def test_a_secret_that_can_be_guessed_is_refused(guest, secret):
    refused = guest.ask("said", text="はい", id="m1", secret=secret)
    assert (refused.status_code, refused.json()["field"]) == (422, "secret")
    assert kept() == (0, 0, 0)


def test_a_chat_that_is_not_there_for_a_moment_is_told_apart_from_a_pass_that_is_not_known(guest, chat):
    # given
    guest.say("在庫はありますか。")
    with all_rows():
        Desk.objects.filter(pk=chat.desk_id).update(active=False)

    # when, then
    away = guest.ask("talk")
    assert (away.status_code, away.json()) == (404, {"error": "not found"})

    # and once it is back the same pass is good, another one is not
    with all_rows():
        Desk.objects.filter(pk=chat.desk_id).update(active=True)
    assert [one["text"] for one in guest.look()] == []
    stranger = Browser(guest.address, signed="x").ask("talk")
    assert (stranger.status_code, stranger.json()["field"]) == (404, "pass")


def test_a_reloaded_page_is_told_everything_again(guest, answer):
    # given
    guest.say("在庫はありますか。")
    answer("ございます。")
    guest.look()

    # when
    reloaded = Browser(guest.address, signed=guest.signed)

    # then
    assert [one["text"] for one in reloaded.look()] == ["在庫はありますか。", "ございます。"]


def test_what_was_said_earlier_is_fetched_in_parts_and_is_only_the_visitors_own(guest, chat, monkeypatch):
    # given
    monkeypatch.setattr(queries, "MOST_AT_ONCE", 2)
    monkeypatch.setattr(talk, "MOST_AT_ONCE", 2)
    for n in range(5):
        guest.say(f"質問{n}", id=f"m{n}")
    said = Browser(guest.address, signed=guest.signed).look()
    assert [one["text"] for one in said] == ["質問3", "質問4"]

    def earlier(who: Browser, before: int) -> tuple[list[str], bool]:
        told = who.ask("earlier", before=before).json()
        return [one["text"] for one in told["earlier"]], told["more"]

    # then
    assert earlier(guest, said[0]["id"]) == (["質問1", "質問2"], True)
    assert earlier(guest, said[0]["id"] - 2) == (["質問0"], False)
    assert earlier(guest, 0) == ([], False)
    other = Browser(guest.address)
    other.say("別の人です。")
    assert earlier(other, said[1]["id"]) == ([], False)


def test_that_a_visitor_writes_is_told_to_the_desk_and_what_we_have_read_to_them(guest, agent, monkeypatch):
    # given
    told = []
    monkeypatch.setattr(actions.fleeting, "tell", told.append)
    [said] = guest.say("在庫はありますか。")
    told.clear()

    # when
    assert guest.ask("typing").status_code == 200

    # then
    case = only_case()
    assert told == [actions.fleeting.News("chat.typing", case.company_id, case.desk_id, case.pk)]
    assert guest.ask("talk").json()["read"] == 0
    with scope.acting_for([case.company_id]):
        see_case(case, by=agent)
    assert guest.ask("talk").json()["read"] == said["id"]
    assert Browser(guest.address, signed="none").ask("typing").status_code == 404


def test_an_answer_that_nobody_took_can_be_taken_back(guest, answer, agent):
    guest.say("在庫はありますか。")
    outgoing = answer("間違い")
    with scope.acting_for([outgoing.company_id]):
        take_back(outgoing.pk, by=agent)
    assert guest.look() == []


def test_whoever_left_and_gave_an_address_is_answered_by_mail_in_the_same_case(guest, answer, chat):
    # given
    with clock.held_at(NOON):
        guest.say("在庫はありますか。", called="山田", address="misaki@customer.example")
        outgoing = answer("3点ございます。")

        # when their page has not taken it at once, it waits
        send(outgoing.pk, company=outgoing.company_id)
        with of_company(chat):
            outgoing.refresh_from_db()
            assert (outgoing.state, outgoing.channel) == ("queued", "chat")
            assert outgoing.due_at == NOON + timedelta(minutes=5)

    # and then it goes by mail
    with clock.held_at(NOON + timedelta(minutes=5)):
        send(outgoing.pk, company=outgoing.company_id)
        send(outgoing.pk, company=outgoing.company_id)
    with of_company(chat):
        outgoing.refresh_from_db()
        assert (outgoing.state, outgoing.channel) == ("sent", "email")
        mail = SentMail.objects.get()
        assert mail.recipients == ["misaki@customer.example"]
        assert only_case().reply_token in outgoing.external_id
        # what was typed proves nothing: the address is nobody's yet
        assert not Identity.objects.filter(kind="email").exists()
        back = Browser(guest.address, signed=guest.signed).look
    with clock.held_at(NOON + timedelta(days=1)):
        assert [one["text"] for one in back()] == ["在庫はありますか。", "3点ございます。"]


def test_whoever_gave_no_address_finds_the_answer_when_they_return(guest, answer):
    # given
    with clock.held_at(NOON):
        guest.say("在庫はありますか。")
        outgoing = answer("ございます。")
    with clock.held_at(NOON + timedelta(days=2)):
        send(outgoing.pk, company=outgoing.company_id)
        with all_rows():
            outgoing.refresh_from_db()
            assert (outgoing.state, outgoing.due_at) == ("queued", NOON + timedelta(days=3))

        # when, then
        assert [one["text"] for one in guest.look()] == ["ございます。"]
        guest.look()
    with all_rows():
        outgoing.refresh_from_db()
        assert outgoing.state == "sent"


def test_a_chat_has_no_copies(guest, agent):
    guest.say("在庫はありますか。")
    case = only_case()

    with scope.acting_for([case.company_id]), pytest.raises(Refused):
        reply(case, Reply(text="はい", cc=(Party("a@b.example"),)), by=agent)
    with all_rows():
        assert not Outgoing.objects.exists()


def test_a_pass_of_another_chat_a_forged_or_an_old_one_is_absent(guest, world):
    # given
    with clock.held_at(NOON):
        guest.say("在庫はありますか。")
    theirs = make_entry_point(world.theirs.desk, kind=Channel.CHAT, address="their-chat")
    with scope.acting_for([theirs.company_id]):
        Widget.objects.create(company_id=theirs.company_id, entry_point=theirs, sites=[SITE])
    before = kept()

    # when, then
    with clock.held_at(NOON):
        for address, signed in (
            ("their-chat", guest.signed),
            ("shop-chat", guest.signed + "x"),
            ("shop-chat", ""),
        ):
            stranger = Browser(address, signed=signed)
            assert stranger.ask("talk").status_code == 404
            if signed:
                assert stranger.ask("said", text="こんにちは", id="m9").status_code == 404
    with clock.held_at(NOON + timedelta(days=91)):
        assert guest.ask("talk").status_code == 404
    assert kept() == before
    assert case_behind("nonsense") is None


def test_only_the_sites_of_the_chat_may_ask(guest):
    for site in ("https://evil.example", "http://shop.example", "null"):
        refused = Browser(guest.address, site=site).ask("said", text="こんにちは", id="m1")
        assert refused.status_code == 403
        # The page there reads that it is refused, so that it does not tell of a lost connection; nothing else.
        assert refused.json() == {"error": "this chat does not stand on that site"}
        assert refused.headers["Access-Control-Allow-Origin"] == site
        assert "Origin" in refused.headers["Vary"]
        assert "Access-Control-Allow-Methods" not in refused.headers
    assert kept() == (0, 0, 0)

    # and where it stands, without cookies
    about = guest.client.get(f"/chat/{guest.address}/about/", headers={"Origin": SITE})
    assert about.headers["Access-Control-Allow-Origin"] == SITE
    assert "Access-Control-Allow-Credentials" not in about.headers
    assert not about.cookies
    assert about.json()["title"] == "ご案内"


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ({"text": "  ", "id": "m1"}, "text"),
        ({"text": "あ" * 5001, "id": "m1"}, "text"),
        ({"text": "はい", "id": "m1", "address": "misaki"}, "address"),
    ],
)
def test_what_cannot_be_taken_is_said_and_nothing_is_kept(guest, asked, field):
    refused = guest.ask("said", **asked)
    assert (refused.status_code, refused.json()["field"]) == (422, field)
    assert kept() == (0, 0, 0)


def test_too_much_at_once_waits(guest, monkeypatch):
    monkeypatch.setattr(actions, "MOST_OF_VISITOR", 1)
    with clock.held_at(NOON):
        guest.say("一")
        refused = guest.ask("said", text="二", id="m2")
    assert (refused.status_code, refused.json()["seconds"]) == (429, 60)
    assert kept() == (1, 1, 1)


def test_notes_and_mail_to_others_are_not_told(guest, answer, agent):

    guest.say("在庫はありますか。")
    case = only_case()
    with scope.acting_for([case.company_id]):
        add_note(case, text="倉庫に確認", by=agent)
        reply(
            Case.objects.get(pk=case.pk),
            Reply(text="在庫は？", to=(Party("depot@supplier.example"),), confirmed=ANYTHING),
            by=agent,
        )
    assert guest.look() == []
    assert case_behind(guest.signed) == case.pk
