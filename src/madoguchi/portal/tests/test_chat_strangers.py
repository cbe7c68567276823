"""What a chat does with those who mean it no good: other sites, made-up requests, card numbers, other people's mail."""

import json

import pytest
from django.test import Client

from madoguchi.channels.webchat.models import Visit, Widget
from madoguchi.channels.webchat.saying import decode
from madoguchi.companies.factories import make_entry_point
from madoguchi.companies.models import EntryPoint
from madoguchi.infra import scope
from madoguchi.intake.models import RawArrival
from madoguchi.kernel.channel import Channel
from madoguchi.people.factories import World
from madoguchi.portal.tests.conftest import all_rows, kept

SITE = "https://shop.example"
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
