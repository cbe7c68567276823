"""What a chat does with those who mean it no good: other sites, made-up requests, card numbers, other people's mail."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client

from madoguchi.cases.actions import end_link, merge
from madoguchi.cases.factories import make_case
from madoguchi.cases.models import Case
from madoguchi.channels.webchat.models import Visit, Widget
from madoguchi.channels.webchat.saying import decode
from madoguchi.companies.factories import make_entry_point
from madoguchi.companies.models import EntryPoint
from madoguchi.customers.actions import join_customers
from madoguchi.delivery.actions import ANYTHING, Reply, reply
from madoguchi.infra import scope
from madoguchi.intake.models import RawArrival
from madoguchi.kernel import clock
from madoguchi.kernel.channel import Channel, Party
from madoguchi.people.factories import World
from madoguchi.portal.tests.conftest import all_rows, kept
from madoguchi.project.live.guests import case_behind

SITE = "https://shop.example"
NOON = datetime(2026, 8, 3, 3, 0, tzinfo=UTC)
FIRST_WORD = {"text": "在庫はありますか。", "id": "m1", "language": "ja"}


@pytest.fixture
def chat(world: World) -> EntryPoint:
    """The chat of our desk, on the pages of its shop."""
    point = make_entry_point(world.ours.desk, kind=Channel.CHAT, address="shop-chat")
    with scope.acting_for([point.company_id]):
        Widget.objects.create(company_id=point.company_id, entry_point=point, sites=[SITE])
    return point


def post(what: str, body: object, **headers: str):
    """What a page posts: words of JSON as they are, anything else as JSON."""
    content = body if isinstance(body, str) else json.dumps(body)
    address = f"/chat/shop-chat/{what}/"
    return Client().post(address, content, content_type="text/plain", headers={"Origin": SITE, **headers})


def visits() -> int:
    with all_rows():
        return Visit.objects.count()


@pytest.mark.parametrize("what", ["said", "talk"])
@pytest.mark.parametrize("headers", [{}, {"Origin": SITE}])
def test_an_image_on_any_site_says_nothing(chat, what, headers):
    refused = Client().get(f"/chat/shop-chat/{what}/", FIRST_WORD, headers=headers)

    assert (refused.status_code, refused.headers["Allow"]) == (405, "POST")
    assert (kept(), visits()) == ((0, 0, 0), 0)


def test_whoever_names_no_site_is_refused_and_our_own_pages_are_not(chat, settings):
    # given
    settings.BASE_URL = "https://help.example"

    # when
    refused = Client().post("/chat/shop-chat/said/", json.dumps(FIRST_WORD), content_type="text/plain")

    # then
    assert refused.status_code == 403
    assert (kept(), visits()) == ((0, 0, 0), 0)

    # and from our own pages
    assert post("said", FIRST_WORD, Origin="https://help.example").status_code == 200
    assert kept() == (1, 1, 1)


@pytest.mark.parametrize(
    "body",
    [
        '{"text": "\\ud800", "id": "m1"}',
        '{"text": "はい", "id": "\\ud800"}',
        '{"text": "はい", "id": "m1", "called": "\\udfff"}',
        "[" * 90_000,
        '{"text": ' + "[" * 90_000,
        "{",
        "[]",
        "x" * 100_001,
    ],
    ids=["text", "id", "name", "deep", "deep text", "cut off", "list", "long"],
)
def test_what_no_page_writes_is_refused_in_a_word_and_nothing_is_kept(chat, body):
    refused = post("said", body)

    assert refused.status_code == 400
    assert len(refused.json()["error"]) < 60
    assert (kept(), visits()) == ((0, 0, 0), 0)


def test_a_card_number_is_in_nothing_that_is_kept_of_a_chat(chat):
    # when
    answer = post(
        "said",
        {
            "text": "4111 1111\x00 1111 1111 です",
            "id": "m1",
            "called": "4111111111111111",
            "page": f"{SITE}/?card=4111-1111-1111-1111",
        },
    )

    # then
    assert answer.status_code == 200
    with all_rows():
        raw = bytes(RawArrival.objects.get().content)
        visit = Visit.objects.get()
    saying = decode(raw)
    assert saying.text == "■■■■ ■■■■ ■■■■ 1111 です"
    assert saying.called == visit.called == "■■■■■■■■■■■■1111"
    assert saying.page == f"{SITE}/?card=■■■■-■■■■-■■■■-1111"


def test_who_claims_to_be_a_customer_reads_their_own_words_alone(chat, world, agent):
    # given a case of Kato by mail, and somebody in the chat who says that they are Kato
    kato = make_case(
        world.ours.entry_point, sender=Party("kato@home.example", "加藤 恵"), text="住所は秘密町5です。"
    )
    signed = post("said", {**FIRST_WORD, "text": "加藤です。"}).json()["pass"]
    with scope.acting_for([chat.company_id]):
        talk = Case.objects.get(channel="chat")
        asked = reply(talk, Reply(text="承ります。"), by=agent)

        # when we take their word for it
        into = Case.objects.select_related("customer").get(pk=kato.pk)
        join_customers(talk.customer, into=into.customer, by=agent)
        merge(Case.objects.get(pk=talk.pk), into=Case.objects.get(pk=kato.pk), by=agent)
        told = reply(
            Case.objects.get(pk=kato.pk),
            Reply(text="秘密町5へお届けします。", to=(Party("kato@home.example"),), confirmed=ANYTHING),
            by=agent,
        )

    # then
    said = post("talk", {"pass": signed, "after": told.message_id - 1}).json()["said"]
    assert said == []
    said = post("talk", {"pass": signed, "after": 0}).json()["said"]
    assert [one["text"] for one in said] == ["加藤です。", "承ります。"]
    with all_rows():
        asked.refresh_from_db()
        told.refresh_from_db()
    assert (asked.state, told.state) == ("sent", "queued")


def test_the_page_of_one_visitor_takes_no_answer_to_another(chat, agent):
    # given two visitors whose cases became one
    first, second = (post("said", {**FIRST_WORD, "id": name}).json()["pass"] for name in ("m1", "m2"))
    with scope.acting_for([chat.company_id]):
        one, other = Case.objects.select_related("customer").order_by("pk")
        answer = reply(one, Reply(text="ございます。"), by=agent)
        join_customers(one.customer, into=other.customer, by=agent)
        merge(Case.objects.get(pk=one.pk), into=Case.objects.get(pk=other.pk), by=agent)

    # when
    told = post("talk", {"pass": second, "after": answer.message_id, "seen": True})

    # then
    assert (told.status_code, told.json()["said"]) == (200, [])
    with all_rows():
        answer.refresh_from_db()
    assert (answer.state, answer.receipt) == ("queued", "")
    theirs = post("talk", {"pass": first, "after": 0}).json()["said"]
    assert [said["text"] for said in theirs] == [FIRST_WORD["text"], "ございます。"]


def test_a_pass_ends_ninety_days_after_the_first_word_however_often_it_was_used(chat):
    # given
    first = {**FIRST_WORD, "secret": "s" * 32}
    with clock.held_at(NOON):
        signed = post("said", first).json()["pass"]
    for day in (60, 90):
        with clock.held_at(NOON + timedelta(days=day)):
            signed = post("talk", {"pass": signed}).json()["pass"]

    # when, then
    with clock.held_at(NOON + timedelta(days=90, seconds=1)):
        assert case_behind(signed) is None
        for what, asked in (
            ("talk", {"pass": signed}),
            ("said", {**first, "pass": signed, "id": "m2"}),
            ("said", {**first, "id": "m2"}),
        ):
            refused = post(what, asked)
            assert (refused.status_code, refused.json()["field"]) == (404, "pass")
    assert kept() == (1, 1, 1)


def test_a_pass_ends_with_the_link_to_its_case(chat, agent):
    # given
    signed = post("said", FIRST_WORD).json()["pass"]
    with scope.acting_for([chat.company_id]):
        case = Case.objects.get()
        assert case_behind(signed) == case.pk

        # when
        end_link(case, by=agent)

    # then
    assert post("talk", {"pass": signed}).status_code == 404
    assert post("said", {**FIRST_WORD, "id": "m2", "pass": signed}).status_code == 404
    assert case_behind(signed) is None
    assert kept() == (1, 1, 1)

    # and whoever begins anew is somebody new
    assert len(post("said", {**FIRST_WORD, "id": "m3"}).json()["said"]) == 1
    assert kept() == (2, 2, 2)
