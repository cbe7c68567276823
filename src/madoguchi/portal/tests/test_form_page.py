"""The form of a desk: what is sent becomes a case; what is refused is kept on the screen and nowhere else."""

import re
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from madoguchi.cases.actions import end_link
from madoguchi.cases.factories import make_case
from madoguchi.cases.models import Message
from madoguchi.channels.webform.models import Form
from madoguchi.channels.webform.submission import decode
from madoguchi.companies.factories import make_desk, make_entry_point
from madoguchi.companies.models import Desk
from madoguchi.customers.actions import mark_undeliverable
from madoguchi.customers.models import Customer
from madoguchi.delivery.actions.acknowledge import acknowledge
from madoguchi.infra import files, scope
from madoguchi.infra.models import Event
from madoguchi.intake.models import Arrival, RawArrival
from madoguchi.kernel.actor import system
from madoguchi.kernel.channel import Channel, Party
from madoguchi.people.queries import actor_of
from madoguchi.portal import actions
from madoguchi.portal.tests.conftest import all_rows, kept, messages_of, only_case, typed

NOTHING = (0, 0, 0)
QUESTIONS = [
    {"name": "order", "label": "ご注文番号", "kind": "text", "required": True},
    {"name": "when", "label": "ご購入日", "kind": "date", "required": False},
    {
        "name": "what",
        "label": "症状",
        "kind": "choice",
        "required": True,
        "choices": ["音が出ない", "その他"],
    },
]


def test_a_form_without_an_introduction_begins_as_its_desk_greets(visitor, form_url, door):
    with scope.everywhere(reason="test"):
        Form.objects.update(introduction="")
        Desk.objects.update(greeting="修理センターでございます。")

    page = visitor.client.get(form_url)

    assert '<p class="introduction">修理センターでございます。</p>' in page.content.decode()


def test_a_sent_form_becomes_a_case_of_the_desk(visitor, form_url, door):
    # when
    answer = visitor.send(form_url, typed())

    # then
    assert answer.status_code == 302
    assert kept() == (1, 1, 1)
    case = only_case()
    assert (case.company_id, case.desk_id, case.entry_point_id) == (door.company_id, door.desk_id, door.pk)
    assert (case.channel, case.subject, case.language) == ("form", "サイズを交換したい", "ja")
    assert case.customer.name == "山田 美咲"
    with all_rows():
        identities = sorted(case.customer.identities.values_list("kind", "value"))
    assert identities == [("email", "misaki@customer.example"), ("phone", "+819012345678")]
    [message] = messages_of(case)
    assert message.author == "customer"
    assert message.text == "届いたシャツが大きかったです。\n交換できますか。"


def test_thanks_name_the_case_and_the_link_to_its_page_comes_by_mail_alone(visitor, form_url):
    # given
    answer = visitor.send(form_url, typed())

    # when
    thanks = visitor.open(answer.headers["Location"]).content.decode()

    # then whoever typed the address reads its number, and the mail to that address bears the link
    case = only_case()
    assert case.spoken_number(case.company.prefix) in thanks
    assert "確認のメールをまもなくお送りします" in thanks
    assert "ご入力のメールアドレスにお送りするそのメール" in thanks
    assert "/my/" not in thanks
    with all_rows():
        opened = Event.objects.get(kind="case.opened").pk
    with scope.acting_for([case.company_id]):
        mail = acknowledge(case.pk, cause=opened)
    assert mail is not None
    assert [party["address"] for party in mail.message.to] == ["misaki@customer.example"]
    link = re.search(r"/my/\S+", mail.text)
    assert link
    page = visitor.open(link[0])
    assert page.status_code == 200
    assert case.subject in page.content.decode()


def test_thanks_looked_at_again_after_the_link_was_ended_give_none(visitor, form_url, world):
    thanks = visitor.send(form_url, typed()).headers["Location"]
    case = only_case()
    with scope.acting_for([case.company_id]):
        end_link(case, by=actor_of(world.ours.agent))

    again = visitor.open(thanks)

    assert again.status_code == 200
    assert "/my/" not in again.content.decode()


@pytest.mark.parametrize(("own", "told"), [("", True), ("{{ link }}", True), ("受付 {{case}}", False)])
def test_thanks_promise_the_link_where_the_acknowledgement_brings_it(visitor, form_url, door, own, told):
    with all_rows():
        type(door.desk).objects.filter(pk=door.desk_id).update(acknowledgement=own)

    thanks = visitor.open(visitor.send(form_url, typed()).headers["Location"]).content.decode()

    assert ("ご用件のページを開くためのリンク" in thanks) is told


def test_a_form_under_a_known_address_changes_nothing_of_that_customer(visitor, form_url, door):
    # given a customer without a name, whose mail came back
    known = make_case(door, sender=Party("misaki@customer.example"))
    with scope.acting_for([door.company_id]):
        mark_undeliverable(
            company=door.company_id,
            address="misaki@customer.example",
            status="5.1.1",
            why="no such user",
            by=system("delivery"),
        )

    # when
    visitor.send(form_url, {**typed(), "email": "MISAKI@customer.example"})

    # then
    with all_rows():
        customer = Customer.objects.get(pk=known.customer_id)
        identities = list(customer.identities.values_list("kind", "value"))
        assert customer.identities.get().undeliverable_at is not None
        message = Message.objects.get(channel="form", case__customer=customer)
    assert customer.name == ""
    assert identities == [("email", "misaki@customer.example")]
    assert message.text.endswith("交換できますか。\n\nフォームに記入された電話番号: 090-1234-5678")


def test_a_number_that_is_known_is_not_said_again(visitor, form_url):
    visitor.send(form_url, typed())

    visitor.send(form_url, {**typed(), "phone": "０９０ー１２３４ー５６７８"})

    with all_rows():
        texts = set(Message.objects.values_list("text", flat=True))
    assert texts == {"届いたシャツが大きかったです。\n交換できますか。"}


def test_thanks_promise_no_mail_where_the_desk_sends_none(visitor, form_url, door):
    with all_rows():
        door.desk.acknowledge = False
        door.desk.save()

    answer = visitor.send(form_url, typed())

    thanks = visitor.open(answer.headers["Location"]).content.decode()
    assert "確認のメール" not in thanks


def test_thanks_have_no_number_while_the_form_is_not_handled(visitor, form_url):
    # given a token from which nothing was sent yet, as while another process still handles it
    sending = visitor.sending(form_url)

    thanks = visitor.open(f"{form_url}sent/{sending}/")

    assert thanks.status_code == 200
    assert "受付番号を準備しています" in thanks.content.decode()


def test_thanks_for_a_token_not_made_here_are_not_found(visitor, form_url, world):
    other = make_entry_point(world.ours.desk, kind=Channel.FORM, address="other")
    of_another_form = visitor.sending(f"/form/{other.address}/")

    assert visitor.open(f"{form_url}sent/{of_another_form}/").status_code == 404
    assert visitor.open(f"{form_url}sent/made-up/").status_code == 404


def test_sent_twice_it_counts_once(visitor, form_url):
    # given
    values = {**typed(), "sending": visitor.sending(form_url)}

    # when
    first = visitor.send(form_url, values)
    second = visitor.send(form_url, values)

    # then
    assert kept() == (1, 1, 1)
    assert second.headers["Location"] == first.headers["Location"]


def test_corrected_and_sent_again_it_joins_the_same_case(visitor, form_url):
    # given
    values = {**typed(), "sending": visitor.sending(form_url)}
    visitor.send(form_url, values)

    # when
    visitor.send(form_url, {**values, "message": "すみません、Mサイズでした。"})

    # then
    assert kept() == (2, 1, 2)
    assert [m.text for m in messages_of(only_case())][1] == "すみません、Mサイズでした。"


def test_a_second_form_opened_anew_is_a_second_case(visitor, form_url):
    visitor.send(form_url, typed())
    visitor.send(form_url, typed())

    assert kept() == (2, 2, 2)


def test_what_is_missing_is_said_and_nothing_typed_is_lost(visitor, form_url):
    # when
    answer = visitor.send(form_url, {**typed(), "name": " ", "email": "misaki@", "phone": "12"})

    # then
    assert answer.status_code == 422
    assert kept() == NOTHING
    text = answer.content.decode()
    assert "お名前を入力してください。" in text
    assert "メールアドレスの形が正しくないようです。" in text
    assert "電話番号を市外局番から入力してください。" in text
    assert "届いたシャツが大きかったです。\n交換できますか。" in text
    assert 'value="サイズを交換したい"' in text
    assert 'value="misaki@"' in text


def test_a_browser_is_answered_in_its_language(form_url):
    english = Client(headers={"Accept-Language": "en-GB,en;q=0.8"})

    page = english.get(form_url)
    refused = english.post(form_url, {})

    assert page.headers["Content-Language"] == "en"
    assert '<html lang="en"' in page.content.decode()
    assert "Enter your name." in refused.content.decode()


def test_a_language_chosen_on_the_page_is_remembered(visitor, form_url):
    chosen = visitor.open(f"{form_url}?language=en")
    later = visitor.open(form_url)

    assert chosen.headers["Content-Language"] == "en"
    assert later.headers["Content-Language"] == "en"


@pytest.mark.parametrize("wanted", ["fr", "xx", "' OR 1=1"])
def test_a_language_we_do_not_speak_is_no_choice(visitor, form_url, wanted):
    page = visitor.open(f"{form_url}?language={wanted}")

    assert page.headers["Content-Language"] == "ja"
    assert "madoguchi_language" not in page.cookies


def test_wide_letters_in_address_and_number_are_put_right(visitor, form_url):
    visitor.send(
        form_url,
        {**typed(), "email": " ｍｉｓａｋｉ＠customer.example ", "phone": "０９０－１２３４－５６７８"},
    )

    case = only_case()
    with all_rows():
        identities = sorted(case.customer.identities.values_list("kind", "value"))
    assert identities == [("email", "misaki@customer.example"), ("phone", "+819012345678")]


def test_questions_are_asked_and_their_answers_stand_in_the_message(visitor, form_url, configure):
    # given
    configure(
        title="修理のお申し込み",
        fields=[*QUESTIONS, {"name": "how", "label": "くわしく", "kind": "textarea", "required": False}],
        ask_phone=False,
        take_files=False,
    )
    page = visitor.open(form_url).content.decode()
    assert "修理のお申し込み" in page
    assert "電話番号" not in page
    assert 'type="file"' not in page

    # when
    answers = {"question-order": "H-77", "question-when": "2026-07-01", "question-what": "音が出ない"}
    visitor.send(form_url, {**typed(), **answers})

    # then
    [message] = messages_of(only_case())
    assert message.text == (
        "届いたシャツが大きかったです。\n交換できますか。\n\n"
        "【ご注文番号】 H-77\n\n【ご購入日】 2026-07-01\n\n【症状】 音が出ない"
    )


def test_questions_refuse_what_is_no_answer(visitor, form_url, configure):
    # given
    configure(title="修理", fields=QUESTIONS)

    # when
    answer = visitor.send(form_url, {**typed(), "question-when": "きのう", "question-what": "選択肢にない"})

    # then
    assert answer.status_code == 422
    assert kept() == NOTHING
    assert set(answer.context["form"].errors) == {"question-order", "question-when", "question-what"}
    assert "日付は 2026-08-01 のように入力してください。" in answer.content.decode()


def test_files_come_with_the_message(visitor, form_url, door):
    # given
    photo = SimpleUploadedFile("写真.jpg", b"\xff\xd8 bytes", content_type="image/jpeg")
    note = SimpleUploadedFile("../../etc/passwd", b"root", content_type="nonsense\r\nX: y")

    # when
    visitor.send(form_url, {**typed(), "attachments": [photo, note]})

    # then
    [message] = messages_of(only_case())
    taken = sorted((a.filename, a.content_type, a.size) for a in message.attachments.all())
    assert taken == [("passwd", "application/octet-stream", 4), ("写真.jpg", "image/jpeg", 8)]
    kept_photo = _named(message, "写真.jpg")
    assert files.read(kept_photo.sha256, company=door.company_id) == b"\xff\xd8 bytes"


def _named(message, filename):
    return next(a for a in message.attachments.all() if a.filename == filename)


def test_too_many_files_are_refused_and_the_words_kept(visitor, form_url):
    sheets = [SimpleUploadedFile(f"{n}.txt", b"x") for n in range(11)]

    answer = visitor.send(form_url, {**typed(), "attachments": sheets})

    assert answer.status_code == 422
    assert kept() == NOTHING
    text = answer.content.decode()
    assert "ファイルは10個までにしてください。" in text
    assert "交換できますか。" in text


def test_files_too_large_together_are_dropped_while_they_arrive(visitor, form_url, settings):
    # given
    settings.MAX_UPLOAD_BYTES = 1000
    halves = [SimpleUploadedFile(f"{n}.bin", b"x" * 600) for n in range(2)]

    # when
    answer = visitor.send(form_url, {**typed(), "attachments": halves})

    # then
    assert answer.status_code == 422
    assert kept() == NOTHING
    assert [f.size for f in answer.wsgi_request.FILES.getlist("attachments")] == [600]
    text = answer.content.decode()
    assert "ファイルが大きすぎます。合わせて 0.001 MB 以内" in text
    assert "もう一度選んでください" not in text
    assert "交換できますか。" in text


def test_files_are_asked_for_again_when_something_else_was_wrong(visitor, form_url):
    photo = SimpleUploadedFile("a.jpg", b"x", content_type="image/jpeg")

    answer = visitor.send(form_url, {**typed(), "name": "", "attachments": [photo]})

    assert "もう一度選んでください" in answer.content.decode()
    assert kept() == NOTHING


def test_card_numbers_are_blotted_out(visitor, form_url):
    visitor.send(
        form_url, {**typed(), "message": "カードは 4111 1111 1111 1111 です", "name": "4111111111111111"}
    )

    [message] = messages_of(only_case())
    assert message.text == "カードは ■■■■ ■■■■ ■■■■ 1111 です"
    with all_rows():
        sent = decode(bytes(RawArrival.objects.get().content))
    assert (sent.text, sent.name) == (message.text, "■■■■■■■■■■■■1111")


class TestPrograms:
    """Who behaves like a program gets the form back; a person only has to press once more."""

    def test_the_trap_is_emptied_and_nothing_is_kept(self, visitor, form_url):
        answer = visitor.send(form_url, {**typed(), "homepage": "https://spam.example"})

        assert answer.status_code == 422
        assert kept() == NOTHING
        text = answer.content.decode()
        assert "もう一度「送信する」を押してください。" in text
        assert "spam.example" not in text
        assert "交換できますか。" in text

    def test_haste_is_asked_to_read_it_over(self, visitor, form_url):
        values = {**typed(), "sending": visitor.sending(form_url)}

        hasty = visitor.send(form_url, values, after=timedelta(seconds=1))
        assert (hasty.status_code, kept()) == (422, NOTHING)
        assert "入力がとても早かった" in hasty.content.decode()

        later = visitor.send(form_url, values, after=timedelta(seconds=2))
        assert (later.status_code, kept()) == (302, (1, 1, 1))

    @pytest.mark.parametrize("token", ["", "made-up", "WyJhIl0:1abc:def"])
    def test_a_token_not_made_here_is_replaced_by_one_that_works(self, visitor, form_url, token):
        # when
        refused = visitor.send(form_url, {**typed(), "sending": token})

        # then
        assert (refused.status_code, kept()) == (422, NOTHING)
        fresh = refused.context["form"]["sending"].value()
        again = visitor.send(form_url, {**typed(), "sending": fresh}, after=timedelta(minutes=2))
        assert (again.status_code, kept()) == (302, (1, 1, 1))

    def test_a_token_of_another_form_is_refused(self, visitor, form_url, world):
        other = make_entry_point(world.theirs.desk, kind=Channel.FORM, address="theirs")
        foreign = visitor.sending(f"/form/{other.address}/")

        refused = visitor.send(form_url, {**typed(), "sending": foreign})

        assert (refused.status_code, kept()) == (422, NOTHING)


class TestLimits:
    """Beyond a limit the words stay in the form, and nothing is stored."""

    @pytest.mark.parametrize("limit", ["MOST_OF_VISITOR", "MOST_OF_ADDRESS", "MOST_OF_ENTRY_POINT"])
    def test_the_next_one_is_asked_to_wait(self, visitor, form_url, monkeypatch, limit):
        # given
        monkeypatch.setattr(actions, limit, 1)
        visitor.send(form_url, typed())

        # when
        answer = visitor.send(form_url, typed())

        # then
        assert answer.status_code == 429
        assert kept() == (1, 1, 1)
        text = answer.content.decode()
        assert "短い間に多くの送信がありました。" in text
        assert "交換できますか。" in text

    def test_visitors_are_told_apart_by_where_they_come_from(self, visitor, form_url, monkeypatch):
        monkeypatch.setattr(actions, "MOST_OF_VISITOR", 1)

        visitor.send(form_url, typed(), REMOTE_ADDR="192.0.2.1")
        answer = visitor.send(form_url, typed(), REMOTE_ADDR="192.0.2.2")

        assert answer.status_code == 302
        assert kept() == (2, 2, 2)

    def test_a_forged_forwarding_header_makes_no_other_visitor(self, visitor, form_url, monkeypatch):
        monkeypatch.setattr(actions, "MOST_OF_VISITOR", 1)

        visitor.send(form_url, typed(), headers={"X-Forwarded-For": "203.0.113.1"})
        answer = visitor.send(form_url, typed(), headers={"X-Forwarded-For": "203.0.113.2"})

        assert answer.status_code == 429
        assert kept() == (1, 1, 1)


class TestNoForm:
    """An address that leads to no form is not found, and takes nothing."""

    @pytest.fixture(autouse=True)
    def _doors(self, world):
        make_entry_point(world.ours.desk, kind=Channel.FORM, address="closed", active=False)
        shut = make_desk(world.ours.company, active=False)
        make_entry_point(shut, kind=Channel.FORM, address="shut-desk")
        make_entry_point(world.ours.desk, kind=Channel.EMAIL, address="mail@shop.example")

    @pytest.mark.parametrize("address", ["nowhere", "closed", "shut-desk", "mail@shop.example"])
    def test_it_is_not_found(self, visitor, address):
        assert visitor.open(f"/form/{address}/").status_code == 404
        assert visitor.client.post(f"/form/{address}/", typed()).status_code == 404
        assert kept() == NOTHING

    def test_the_page_that_says_so_speaks_the_visitors_language(self):
        page = Client(headers={"Accept-Language": "en"}).get("/form/nowhere/")

        assert page.status_code == 404
        assert '<html lang="en"' in page.content.decode()


def test_only_reading_and_sending_are_known(visitor, form_url):
    assert visitor.client.put(form_url).status_code == 405
    assert visitor.client.delete(form_url).status_code == 405


def test_what_cannot_be_handled_is_kept_and_the_visitor_thanked(visitor, form_url, monkeypatch):
    # given a form whose arrival intake cannot digest
    monkeypatch.setattr("madoguchi.intake.actions.handling.look_up", _broken)

    # when
    answer = visitor.send(form_url, typed())

    # then
    assert kept() == (1, 0, 0)
    with all_rows():
        assert Arrival.objects.get().state == Arrival.State.QUARANTINED
    thanks = visitor.open(answer.headers["Location"])
    assert thanks.status_code == 200
    assert "もう一度送信していただく必要はありません" in thanks.content.decode()


def _broken(*_args, **_kwargs):
    raise RuntimeError("a fault of ours")


def test_a_form_needs_two_queries(visitor, form_url):
    with CaptureQueriesContext(connection) as asked:
        visitor.open(form_url)

    # The entry point and its shape; what opens and ends a scope is not counted.
    assert sum(query["sql"].startswith('SELECT "') for query in asked) == 2


def test_a_form_is_complete_without_scripts_and_names_its_errors(visitor, form_url):
    page = visitor.send(form_url, {**typed(), "name": ""}).content.decode()

    assert 'autocomplete="name"' in page
    assert 'aria-invalid="true"' in page
    assert 'aria-describedby="id_name_error"' in page
    assert 'href="#id_name"' in page
    assert "<button" in page
