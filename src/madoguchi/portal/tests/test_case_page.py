"""The customer's own page: what they may see, what they may not, and how they answer."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from madoguchi.cases.actions import (
    Answering,
    add_note,
    assign,
    change_status,
    end_link,
    give_to_customer,
    set_priority,
    set_tags,
    write_answer,
)
from madoguchi.cases.models import Case, Message, Priority, ReplyTime, Status
from madoguchi.cases.reply_time import slot_of
from madoguchi.companies.models import Desk
from madoguchi.customers.factories import make_customer
from madoguchi.delivery.actions import ANYTHING, Reply, reply, take_back
from madoguchi.infra import files, scope
from madoguchi.infra.models import Event
from madoguchi.intake.actions import handle, receive
from madoguchi.kernel import clock
from madoguchi.kernel.actor import system
from madoguchi.kernel.channel import File, Party
from madoguchi.kernel.errors import NotAllowed
from madoguchi.people.queries import actor_of
from madoguchi.portal.links import case_link, sign
from madoguchi.portal.tests.conftest import OPENED_AT, all_rows, kept, messages_of, only_case, typed
from madoguchi.promises.keeping import Told, make_promise

LATER = timedelta(minutes=10)


@pytest.fixture
def case(visitor, form_url) -> Case:
    """A case that began with a form, with a photo."""
    photo = SimpleUploadedFile("写真.jpg", b"\xff\xd8 photo", content_type="image/jpeg")
    visitor.send(form_url, {**typed(), "attachments": [photo]})
    return only_case()


@pytest.fixture
def url(case: Case) -> str:
    return f"/my/{sign(case.pk, case.company_id)}/"


@pytest.fixture
def agent(world):
    """Somebody of our desk, as whoever acts."""
    with all_rows():
        return actor_of(world.ours.agent)


def read(visitor, url: str) -> str:
    """The page as text, long after everything has been sent."""
    with clock.held_at(OPENED_AT + timedelta(days=1)):
        page = visitor.client.get(url)
    assert page.status_code == 200
    return page.content.decode()


def answered(case: Case, agent, text: str, **how) -> Message:
    """An answer of ours, sent ten minutes later."""
    with clock.held_at(OPENED_AT + LATER), scope.acting_for([case.company_id]):
        return reply(case, Reply(text=text, confirmed=ANYTHING, **how), by=agent).message


def test_a_picture_within_an_answer_stands_there_by_its_name(visitor, case, url, agent):
    answered(
        case, agent, "こちらです。\n![図](image-1.png)", files=(File("image-1.png", "image/png", b"\x89PNG"),)
    )

    page = read(visitor, url)

    assert "こちらです。<br>[image-1.png]" in page or "こちらです。\n[image-1.png]" in page
    assert "![" not in page


def test_the_page_says_what_was_said_and_where_it_stands(visitor, case, url, agent):
    answered(case, agent, "交換を承ります。")

    page = read(visitor, url)

    assert case.spoken_number(case.company.prefix) in page
    assert "サイズを交換したい" in page
    assert "届いたシャツが大きかったです。" in page
    assert "交換を承ります。" in page
    assert "お返事をお待ちしています" in page
    assert "山田 美咲 様" in page


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (Status.NEW, "受け付けました"),
        (Status.OPEN, "対応しています"),
        (Status.WAITING_CUSTOMER, "お返事をお待ちしています"),
        (Status.WAITING_THIRD, "関係先に確認しています"),
        (Status.SOLVED, "解決しました"),
        (Status.CLOSED, "対応を終了しました"),
    ],
)
def test_every_status_has_words_for_the_customer(visitor, case, url, status, words):
    with all_rows():
        Case.objects.update(status=status)

    assert f">{words}</h2>" in read(visitor, url)


def test_how_soon_we_answer_stands_there_while_they_wait_for_us(visitor, case, url, agent):
    with all_rows():
        ReplyTime.objects.create(
            company_id=case.company_id,
            desk=case.desk,
            slot=slot_of(OPENED_AT),
            seconds=5_000,
            cases=40,
            measured_at=OPENED_AT + timedelta(days=1),
        )
    assert "<dt>お返事の目安</dt><dd>通常2時間以内</dd>" in read(visitor, url)

    with all_rows():
        change_status(Case.objects.get(pk=case.pk), to=Status.WAITING_CUSTOMER, by=agent)

    assert "お返事の目安" not in read(visitor, url)


def test_who_is_in_charge_is_named_by_family_name_only(visitor, case, url, agent):
    assert f"<dd>{case.desk.public_name}</dd>" in read(visitor, url)

    with all_rows():
        assign(case, to=agent.id, by=agent)

    page = read(visitor, url)
    assert f"<dd>{case.desk.public_name} · 青木</dd>" in page
    assert "翔" not in page


def test_what_only_staff_see_is_not_on_the_page(visitor, case, url, agent):
    # given
    with all_rows():
        add_note(case, text="お客様はお怒りの様子", by=agent)
        set_tags(case, to=["要注意"], by=agent)
        set_priority(case, to=Priority.URGENT, by=agent)
    answered(case, agent, "確認いたします。")

    # when
    page = read(visitor, url)

    # then
    for secret in ("お怒り", "要注意", "緊急", "Urgent", agent.name, case.reply_token):
        assert secret not in page


def test_an_answer_shows_with_the_signature_of_the_desk(visitor, case, url, agent):
    with all_rows():
        Desk.objects.update(signature="――――\n窓口 髙橋")
        case.desk.refresh_from_db()
    answered(case, agent, "はい。\n> いつ")

    page = read(visitor, url)

    assert page.index("はい。") < page.index("窓口 髙橋") < page.index("いつ")


def test_an_answer_shows_only_once_it_can_no_longer_be_taken_back(visitor, case, url, agent):
    answered(case, agent, "まちがえた返事")

    with clock.held_at(OPENED_AT + LATER + timedelta(seconds=1)):
        early = visitor.client.get(url).content.decode()

    assert "まちがえた返事" not in early
    assert "まちがえた返事" in read(visitor, url)


def test_an_answer_that_was_taken_back_never_shows(visitor, case, url, agent):
    message = answered(case, agent, "まちがえた返事")
    with all_rows():
        take_back(message.outgoing.pk, by=agent)

    assert "まちがえた返事" not in read(visitor, url)


def test_words_with_somebody_else_stay_between_us_and_them(visitor, case, url, agent, world):
    # given a question to the maker, and the maker's answer into the same case
    answered(case, agent, "在庫を教えてください", to=(Party(address="maker@maker.example"),))
    token_address = world.ours.entry_point.address.replace("@", f"+c.{case.reply_token}@")
    raw = (
        f"From: maker@maker.example\r\nTo: {token_address}\r\nMessage-ID: <m@maker.example>\r\n"
        "Subject: Re: stock\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n卸値は800円です\r\n"
    )
    arrival = receive(raw=raw.encode(), entry_point=world.ours.entry_point, source="test")
    handle(arrival, company=case.company_id)
    assert len(messages_of(case)) == 3

    # when
    page = read(visitor, url)

    # then
    assert "在庫を教えてください" not in page
    assert "卸値" not in page


def test_a_case_that_was_given_shows_its_new_customer_what_went_between_us_and_them(
    visitor, case, url, agent, world
):
    answered(case, agent, "髙橋様への返信です。")
    with scope.acting_for([case.company_id]):
        other = make_customer(world.ours.company, name="青木 涼", email="aoki@home.example")
        give_to_customer(case, to=other, by=agent)
    answered(case, agent, "青木様への返信です。")

    assert visitor.client.get(url).status_code == 404
    page = f"/my/{sign(case.pk, case.company_id, 2)}/"
    shown = read(visitor, page)
    assert "青木様への返信です。" in shown
    assert "髙橋様への返信です。" not in shown
    assert "届いたシャツが大きかったです。" not in shown
    visitor.send(page, {"message": "青木です。"})
    [said] = [one for one in messages_of(case) if one.text == "青木です。"]
    with scope.acting_for([case.company_id]):
        assert (said.sender_address, said.contact.customer_id) == ("aoki@home.example", other.pk)


def test_a_copy_to_the_customer_is_theirs_to_read(visitor, case, url, agent):
    copied = {
        "to": (Party(address="maker@maker.example"),),
        "cc": (Party(address="MISAKI@customer.example"),),
    }
    answered(case, agent, "交換品の手配をお願いします", **copied)

    assert "交換品の手配をお願いします" in read(visitor, url)


def test_an_automatic_message_is_marked(visitor, case, url):
    words = Answering(
        text="受け付けました(自動)",
        to=(Party(address="misaki@customer.example"),),
        external_id="auto@shop.example",
        subject="Re",
        sender=Party(address="desk@shop.example"),
        automatic="acknowledgement",
    )
    with all_rows():
        write_answer(case, words, by=system("delivery"))

    page = read(visitor, url)

    assert "受け付けました(自動)" in page
    assert "自動送信" in page


def test_the_quoted_part_is_folded_away(visitor, case, url, world):
    # given
    raw = (
        "From: misaki@customer.example\r\nMessage-ID: <q@customer.example>\r\nSubject: Re\r\n"
        f"To: {world.ours.entry_point.address.replace('@', f'+c.{case.reply_token}@')}\r\n"
        "Content-Type: text/plain; charset=utf-8\r\n\r\nお願いします。\r\n\r\n"
        "2026年8月1日(土) 10:00 窓口 <desk@shop.example>:\r\n> 交換を承ります。\r\n"
    )
    arrival = receive(raw=raw.encode(), entry_point=world.ours.entry_point, source="test")
    handle(arrival, company=case.company_id)

    # when
    page = read(visitor, url)

    # then
    shown, quoted = page.split("<details>")
    assert "お願いします。" in shown
    assert "交換を承ります。" not in shown
    assert "交換を承ります。" in quoted


def test_what_customers_write_is_shown_as_text_not_run(visitor, form_url):
    visitor.send(
        form_url, {**typed(), "subject": "<script>1</script>", "message": "<img src=x onerror=alert(1)>"}
    )
    case = only_case()

    page = read(visitor, f"/my/{sign(case.pk, case.company_id)}/")

    assert "<script>1" not in page
    assert "<img src=x" not in page
    assert "&lt;img src=x" in page


class TestAnswering:
    """An answer from the page goes through intake like any other message."""

    def test_it_joins_the_case_as_the_customers_words(self, visitor, case, url):
        # when
        photo = SimpleUploadedFile("伝票.png", b"png", content_type="image/png")
        answer = visitor.send(url, {"message": "Mサイズでお願いします。", "attachments": [photo]})

        # then
        assert answer.headers["Location"] == f"{url}?answered=1#answered"
        assert kept() == (2, 1, 2)
        message = messages_of(case)[1]
        assert (message.text, message.channel, message.author) == (
            "Mサイズでお願いします。",
            "form",
            "customer",
        )
        assert (message.sender_name, message.sender_address) == ("山田 美咲", "misaki@customer.example")
        assert message.contact.customer_id == case.customer_id
        assert [a.filename for a in message.attachments.all()] == ["伝票.png"]
        page = read(visitor, f"{url}?answered=1")
        assert "お返事を受け付けました。" in page
        assert "Mサイズでお願いします。" in page

    @pytest.mark.parametrize("status", [Status.SOLVED, Status.CLOSED])
    def test_it_takes_a_case_at_rest_up_again(self, visitor, case, url, agent, status):
        with all_rows():
            change_status(case, to=status, by=agent)
        assert "この用件の続きとして対応します。" in read(visitor, url)

        visitor.send(url, {"message": "まだ直っていません。"})

        assert only_case().status == Status.OPEN

    def test_a_case_that_began_by_mail_is_answered_too(self, visitor, world):
        # given
        raw = (
            f"From: Ken <ken@customer.example>\r\nTo: {world.ours.entry_point.address}\r\n"
            "Message-ID: <1@customer.example>\r\nSubject: Hello\r\n\r\nWhere is my parcel?\r\n"
        )
        company = world.ours.company.pk
        with clock.held_at(OPENED_AT):
            arrival = receive(raw=raw.encode(), entry_point=world.ours.entry_point, source="test")
            handle(arrival, company=company)
        case = only_case()

        # when
        visitor.send(f"/my/{sign(case.pk, company)}/", {"message": "It came just now."})

        # then
        assert kept() == (2, 1, 2)
        message = messages_of(case)[1]
        assert (message.sender_address, message.channel) == ("ken@customer.example", "form")

    def test_sent_twice_it_counts_once(self, visitor, case, url):
        values = {"message": "二回押しました", "sending": visitor.sending(url)}

        visitor.send(url, values)
        visitor.send(url, values)

        assert kept() == (2, 1, 2)

    def test_an_empty_answer_changes_nothing(self, visitor, case, url):
        before = kept()

        answer = visitor.send(url, {"message": " \n "})

        assert answer.status_code == 422
        assert kept() == before
        assert "内容を入力してください。" in answer.content.decode()

    def test_the_trap_changes_nothing(self, visitor, case, url):
        before = kept()

        answer = visitor.send(url, {"message": "buy", "homepage": "x"})

        assert (answer.status_code, kept()) == (422, before)

    def test_the_token_of_another_cases_page_changes_nothing(self, visitor, case, url, form_url):
        visitor.send(form_url, typed())
        with all_rows():
            other = Case.objects.exclude(pk=case.pk).get()
        foreign = visitor.sending(f"/my/{sign(other.pk, other.company_id)}/")
        before = kept()

        answer = visitor.send(url, {"message": "x", "sending": foreign})

        assert (answer.status_code, kept()) == (422, before)


class TestForeignLinks:
    """A link that was not made here is not found, whatever is asked of it."""

    @pytest.fixture
    def links(self, case, world) -> list[str]:
        good = sign(case.pk, case.company_id)
        return [
            "made-up",
            good[:-1] + ("A" if good[-1] != "A" else "B"),
            good.replace(f"-{case.pk}.", f"-{case.pk + 1}."),
            sign(case.pk, world.theirs.company.pk),
            sign(case.pk + 1000, case.company_id),
            case.reply_token,
        ]

    def test_they_are_not_found(self, visitor, links):
        assert [visitor.open(f"/my/{link}/").status_code for link in links] == [404] * 6

    def test_nothing_can_be_written_through_them(self, visitor, links, url):
        before, sending = kept(), visitor.sending(url)
        values = {"message": "x", "sending": sending}

        answers = [visitor.send(f"/my/{link}/", values).status_code for link in links]

        assert answers == [404] * 6
        assert kept() == before

    def test_no_file_is_given_through_them(self, visitor, links, case):
        [attachment] = messages_of(case)[0].attachments.all()

        given = [visitor.open(f"/my/{link}/files/{attachment.pk}/").status_code for link in links]

        assert given == [404] * 6

    def test_signed_in_staff_of_another_company_see_no_more_by_it(self, client, world, case):
        client.force_login(world.theirs.agent)

        assert client.get(f"/my/{sign(case.pk, world.theirs.company.pk)}/").status_code == 404


class TestFiles:
    """Files are downloads, and only those of messages that the customer may see."""

    def test_a_file_comes_as_a_download_that_cannot_run(self, visitor, case, url):
        [attachment] = messages_of(case)[0].attachments.all()

        answer = visitor.open(f"{url}files/{attachment.pk}/")

        assert answer.content == b"\xff\xd8 photo"
        assert answer.headers["Content-Disposition"].startswith("attachment; filename*=utf-8''%E5%86%99")
        assert answer.headers["Content-Type"] == "application/octet-stream"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
        assert answer.headers["Referrer-Policy"] == "no-referrer"

    def test_a_file_of_a_message_to_somebody_else_is_not_found(self, visitor, case, url, agent):
        contract = File("契約.pdf", "application/pdf", b"secret")
        message = answered(
            case, agent, "社外秘", to=(Party(address="maker@maker.example"),), files=(contract,)
        )
        [attachment] = _attachments(message)

        assert visitor.open(f"{url}files/{attachment.pk}/").status_code == 404

    def test_a_file_of_another_case_is_not_found(self, visitor, case, url, form_url):
        other_file = SimpleUploadedFile("b.txt", b"b")
        visitor.send(form_url, {**typed(), "email": "other@customer.example", "attachments": [other_file]})
        with all_rows():
            other = Case.objects.exclude(pk=case.pk).get()
        [attachment] = messages_of(other)[0].attachments.all()

        assert visitor.open(f"{url}files/{attachment.pk}/").status_code == 404

    def test_a_file_whose_bytes_are_gone_is_not_found(self, visitor, case, url, settings, tmp_path):
        [attachment] = messages_of(case)[0].attachments.all()
        settings.FILES_ROOT = tmp_path

        assert visitor.open(f"{url}files/{attachment.pk}/").status_code == 404


def _attachments(message: Message) -> list:
    with all_rows():
        return list(message.attachments.all())


def test_the_page_is_named_to_nobody(visitor, case, url):
    page = visitor.open(url)

    assert page.headers["Referrer-Policy"] == "no-referrer"
    assert page.headers["X-Robots-Tag"] == "noindex, nofollow, noarchive"
    assert "no-store" in page.headers["Cache-Control"]


def test_the_page_needs_no_cookie_and_sets_none(case, url):
    page = Client().get(url)

    assert page.status_code == 200
    assert not page.cookies


def test_a_browser_without_a_referrer_may_answer(visitor, case, url):
    """With `no-referrer` browsers send `Origin: null`, which Django's CSRF check refuses."""
    strict = Client(enforce_csrf_checks=True, headers={"Accept-Language": "ja", "Origin": "null"})
    sending = visitor.sending(url)

    with clock.held_at(OPENED_AT + LATER):
        answer = strict.post(url, {"message": "届きました", "sending": sending})

    assert answer.status_code == 302
    assert kept() == (2, 1, 2)


def test_a_long_case_shows_its_newest_messages_and_the_way_to_all(visitor, case, url, monkeypatch):
    # given
    monkeypatch.setattr("madoguchi.portal.queries.MOST_AT_ONCE", 2)
    for text in ("二通目", "三通目"):
        visitor.send(url, {"message": text})

    # when
    newest, everything = read(visitor, url), read(visitor, f"{url}?all")

    # then
    assert "届いたシャツ" not in newest
    assert "以前の1件も表示する" in newest
    assert "届いたシャツ" in everything
    assert "以前の" not in everything


def test_the_customer_sees_what_was_promised_in_a_message_but_not_our_words(case, url, agent, visitor):
    sent = answered(case, agent, "返金は3日後までにいたします。")
    due = OPENED_AT + timedelta(days=3)
    with clock.held_at(OPENED_AT + LATER), scope.acting_for([case.company_id]):
        fresh = Case.objects.get(pk=case.pk)
        for words, message in (("うるさい人に返金", sent.pk), ("内線で聞いた返金", None)):
            make_promise(fresh, Told(kind="refund", words=words, due_at=due), by=agent, message=message)

    page = read(visitor, url)

    assert page.count("お約束") == 1
    assert "返金 · " in page
    assert "うるさい" not in page
    assert "内線" not in page


def test_the_page_needs_seven_queries_however_long_the_case(visitor, case, url):
    visitor.send(url, {"message": "二通目"})
    visitor.send(url, {"message": "三通目"})

    with CaptureQueriesContext(connection) as asked:
        visitor.open(url)

    # The case, the addresses, which messages, those shown, their files, how soon we answer, and what was promised.
    # With the case comes whether they may object to something and read a policy on harassment; what opens and ends a
    # scope is not counted.
    assert sum(query["sql"].startswith('SELECT "') for query in asked) == 7


def test_the_link_in_mails_is_absolute(case, settings, visitor):
    settings.BASE_URL = "https://help.example.jp"

    link = case_link(case.pk, case.company_id, 1)

    assert link == f"https://help.example.jp/my/{sign(case.pk, case.company_id)}/"
    assert visitor.open(link.removeprefix("https://help.example.jp")).status_code == 200


def test_the_file_store_is_asked_for_this_company_only(case):
    [attachment] = messages_of(case)[0].attachments.all()

    with pytest.raises(FileNotFoundError):
        files.read(attachment.sha256, company=case.company_id + 1)


class TestAnEndedLink:
    def test_it_opens_nothing_and_says_what_to_do(self, visitor, world, case) -> None:
        page = f"/my/{sign(case.pk, case.company_id)}/"
        sending = visitor.sending(page)
        with world.ours.scope():
            end_link(case, by=actor_of(world.ours.agent))
            before = Message.objects.count()

        shown = visitor.open(page)
        sent = visitor.send(page, {"message": "I am not she.", "sending": sending})

        for response in (shown, sent):
            assert response.status_code == 404
            text = response.content.decode()
            assert "このリンクは、現在ご利用いただけません" in text
            assert "当窓口からの最後のメールにご返信ください" in text
            assert case.subject not in text
        with world.ours.scope():
            assert Message.objects.count() == before
            assert Event.objects.filter(kind="case.link_ended", case_id=case.pk).get().data == {
                "generation": 2
            }

    def test_a_link_made_since_opens_the_page(self, visitor, world, case) -> None:
        with world.ours.scope():
            end_link(case, by=actor_of(world.ours.agent))

        assert visitor.open(f"/my/{sign(case.pk, case.company_id, 2)}/").status_code == 200
        assert visitor.open(f"/my/{sign(case.pk, case.company_id, 3)}/").status_code == 404

    def test_only_who_works_the_case_ends_it(self, world, case) -> None:
        with world.ours.scope():
            for stranger in (world.ours.company_staff, world.theirs.agent):
                with pytest.raises(NotAllowed):
                    end_link(case, by=actor_of(stranger))
            assert Case.objects.get(pk=case.pk).link_generation == 1
