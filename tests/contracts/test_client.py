"""The client in Python, against the product as it answers over HTTP."""

from collections.abc import Iterator
from typing import Any

import pytest

from madoguchi.companies.models import Desk
from madoguchi.kernel.actor import Permission
from madoguchi.people import actions
from madoguchi.people.factories import World
from madoguchi.people.queries import actor_of
from madoguchi_client import File, Madoguchi, Problem

pytestmark = pytest.mark.django_db(transaction=True)
MAY = [
    Permission.CASE_READ,
    Permission.CASE_OPEN,
    Permission.CASE_NOTE,
    Permission.CASE_REPLY,
    Permission.CASE_UPDATE,
    Permission.CUSTOMER_READ,
    Permission.CUSTOMER_EDIT,
]


@pytest.fixture
def desk(world: World, live_server: Any) -> Iterator[Madoguchi]:
    with world.ours.scope():
        agent = world.ours.agent
        _token, words = actions.make_token(agent, name="client", permissions=MAY, days=1, by=actor_of(agent))
    with Madoguchi(live_server.url, token=words) as client:
        yield client


def test_a_matter_from_its_opening_to_its_end(world: World, desk: Madoguchi) -> None:
    since = desk.now()
    [place] = desk.desks()
    file = File("写真.png", b"\x89PNG", "image/png")
    asked = {"desk": place["id"], "email": "misaki@home.example", "name": "髙橋 美咲", "text": "届きません。"}
    number = desk.open_case(**asked, files=[file], key="order-1")
    assert desk.open_case(**asked, files=[file], key="order-1") == number
    assert [line.number for line in desk.cases(limit=1)] == [number]
    desk.note(number, "倉庫に確認")
    seen = desk.case(number)
    assert (seen.messages[0]["text"], seen.notes[0]["text"]) == ("届きません。", "倉庫に確認")
    sent = desk.reply(number, "本日お送りしました。", if_match=seen.etag)
    assert (sent.state, sent.pending) == ("queued", None)
    assert desk.change_case(number, status="solved", tags=["配送"]).status == "solved"
    touches = list(desk.contacts(number, limit=1))
    assert [(one.channel, one.inbound, one.messages) for one in touches] == [
        ("form", True, [seen.messages[0]["id"]]),
        ("form", False, [sent.message]),
    ]
    told = list(desk.events(after=since, types=["case.opened", "note.added", "case.status"]))
    assert [event.type for event in told[:2]] == ["case.opened", "note.added"]
    assert {event.case for event in told} == {number}
    assert list(desk.events(after=told[-1].cursor)) == []


def test_customers(world: World, desk: Madoguchi) -> None:
    made = desk.add_customer(world.ours.company.slug, name="髙橋 美咲", emails=["misaki@home.example"])
    assert [one["id"] for one in desk.customers(email="misaki@home.example")] == [made]
    assert desk.change_customer(made, memo="お得意様")["memo"] == "お得意様"


def test_what_goes_wrong_is_told(world: World, desk: Madoguchi) -> None:
    number = desk.open_case(desk=world.ours.desk.pk, email="a@home.example", text="はい")
    with world.ours.scope():
        Desk.objects.update(check_attachment=True)
    with pytest.raises(Problem) as asked:
        desk.reply(number, "添付します。")
    assert (asked.value.status, list(asked.value.questions)) == (422, ["attachment"])
    assert desk.reply(number, "添付します。", confirmed=["attachment"]).state == "queued"
    with pytest.raises(Problem) as absent:
        desk.case("XX-1")
    assert absent.value.status == 404
    with pytest.raises(Problem) as changed:
        desk.change_case(number, priority=3, if_match='"0-x"')
    assert changed.value.status == 412
