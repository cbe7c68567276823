"""What a chat's page may ask, in which form, from where, and in which words it is refused; nothing is kept of it."""

import json
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client

from madoguchi.channels.webchat.models import Widget
from madoguchi.companies.factories import make_entry_point
from madoguchi.companies.models import Desk, EntryPoint
from madoguchi.infra import scope
from madoguchi.kernel.channel import Channel
from madoguchi.people.factories import World
from madoguchi.portal.chat.asking import MOST_BYTES
from madoguchi.portal.chat.pages import MOST_OF_ID, MOST_TEXT
from madoguchi.portal.tests.conftest import kept

SITE = "https://shop.example"


@pytest.fixture
def chat(world: World) -> EntryPoint:
    point = make_entry_point(world.ours.desk, kind=Channel.CHAT, address="shop-chat")
    with scope.acting_for([point.company_id]):
        Widget.objects.create(company_id=point.company_id, entry_point=point, sites=[SITE])
    return point


def ask(body: Any, *, what: str = "said", address: str = "shop-chat", site: str = SITE) -> HttpResponse:
    raw = body if isinstance(body, bytes) else json.dumps(body)
    headers = {"Origin": site} if site else {}
    return Client().post(f"/chat/{address}/{what}/", raw, content_type="text/plain", headers=headers)  # type: ignore[return-value]


@pytest.mark.parametrize(
    "body",
    [b"", b"no json", b"[]", b'"text"', b"null", b"\xff\xfe", b'{"text":', b" " * (MOST_BYTES + 1)],
    ids=["nothing", "no json", "a list", "a word", "null", "no letters", "cut off", "too much"],
)
def test_what_is_no_object_is_refused(chat: EntryPoint, body: bytes) -> None:
    for what in ("said", "talk"):
        answer = ask(body, what=what)
        assert (answer.status_code, list(json.loads(answer.content))) == (400, ["error"])
    assert kept() == (0, 0, 0)


@pytest.mark.parametrize(
    ("asked", "field", "japanese", "english"),
    [
        ({"text": " \u3000", "id": "m1"}, "text", "本文を入力してください。", "Write something first."),
        ({"text": "はい"}, "text", "本文を入力してください。", "Write something first."),
        ({"text": 7, "id": "m1"}, "text", "本文を入力してください。", "Write something first."),
        (
            {"text": "あ" * (MOST_TEXT + 1), "id": "m1"},
            "text",
            None,
            "This is too long. Write 5,000 characters at most at a time.",
        ),
        (
            {"text": "はい", "id": "m1", "address": "misaki"},
            "address",
            "メールアドレスの形が正しくないようです。misaki@example.jp のように入力してください。",
            "This does not look like a mail address. Enter it as in misaki@example.jp.",
        ),
    ],
)
def test_why_something_cannot_be_taken_is_said_in_the_visitors_language(
    chat: EntryPoint, asked: dict[str, Any], field: str, japanese: str | None, english: str
) -> None:
    for language, words in (("ja", japanese), ("en", english)):
        answer = ask(asked | {"language": language})
        told = json.loads(answer.content)
        assert (answer.status_code, told["field"]) == (422, field)
        assert words in (None, told["error"])
    assert kept() == (0, 0, 0)


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({}, "called"),
        ({"address": "misaki@customer.example"}, "called"),
        ({"called": "美咲"}, "address"),
        ({"called": "美咲", "address": "misaki@customer.example"}, None),
    ],
)
def test_where_name_and_address_are_needed_both_are(
    chat: EntryPoint, given: dict[str, str], field: str | None
) -> None:
    with scope.acting_for([chat.company_id]):
        Widget.objects.update(ask="required")
    answer = ask({"text": "はい", "id": "m1"} | given)
    if field is None:
        assert (answer.status_code, kept()) == (200, (1, 1, 1))
        # whoever has a pass said so already
        signed = json.loads(answer.content)["pass"]
        assert ask({"text": "もう一つ", "id": "m2", "pass": signed}).status_code == 200
        return
    assert (answer.status_code, json.loads(answer.content)["field"]) == (422, field)
    assert kept() == (0, 0, 0)


def test_the_longest_words_are_taken_and_what_stands_around_them_is_cut(chat: EntryPoint) -> None:
    said = {"text": "あ" * MOST_TEXT, "id": "m" * (MOST_OF_ID + 9), "called": "名" * 300, "page": "p" * 900}
    answer = ask(said)
    assert answer.status_code == 200
    [told] = json.loads(answer.content)["said"]
    assert told["text"] == "あ" * MOST_TEXT
    assert kept() == (1, 1, 1)


@pytest.mark.parametrize("after", [-1, "x", None, 2**70, 1.5])
def test_a_page_that_asks_after_what_makes_no_sense_is_told_everything(chat: EntryPoint, after: Any) -> None:
    signed = json.loads(ask({"text": "はい", "id": "m1"}).content)["pass"]
    answer = ask({"pass": signed, "after": after}, what="talk")
    assert answer.status_code == 200
    assert [one["text"] for one in json.loads(answer.content)["said"]] == ["はい"]


def test_a_chat_out_of_use_or_of_a_desk_out_of_use_is_absent(world: World, chat: EntryPoint) -> None:
    make_entry_point(world.ours.desk, kind=Channel.CHAT, address="unused", active=False)
    make_entry_point(world.ours.desk, kind=Channel.FORM, address="a-form")
    said = {"text": "はい", "id": "m1"}
    assert [ask(said, address=name).status_code for name in ("unused", "a-form", "nobody")] == [404] * 3
    with scope.acting_for([chat.company_id]):
        Desk.objects.filter(pk=chat.desk_id).update(active=False)
    assert ask(said).status_code == 404
    assert kept() == (0, 0, 0)


@pytest.mark.parametrize(("site", "status"), [(SITE, 200), ("", 403), ("https://evil.example", 403)])
def test_before_a_browser_asks_it_learns_whether_it_may(chat: EntryPoint, site: str, status: int) -> None:
    headers = {"Origin": site} if site else {}
    answer = Client().options("/chat/shop-chat/said/", headers=headers)
    shared = {
        name: answer.headers[name] for name in answer.headers if name.startswith("Access-Control-Allow-")
    }
    assert (answer.status_code, bool(shared)) == (status, site == SITE)
    if shared:
        assert shared == {
            "Access-Control-Allow-Origin": SITE,
            "Access-Control-Allow-Methods": "POST",
            "Access-Control-Allow-Headers": "Content-Type",
        }
        assert "Origin" in answer.headers["Vary"]
    assert kept() == (0, 0, 0)
