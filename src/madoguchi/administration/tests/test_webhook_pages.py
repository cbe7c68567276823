"""Webhooks in the settings: added, tried on a real receiver, switched, given a new secret; the log and its replays."""

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from madoguchi.infra import scope
from madoguchi.kernel import clock
from madoguchi.kernel.actor import system
from madoguchi.people.factories import Side, World
from madoguchi.people.models import User
from madoguchi.webhooks import actions
from madoguchi.webhooks.models import Delivery, Endpoint
from madoguchi.webhooks.tests.receiver import Receiver, receiving

Browser = Callable[[User], Client]
PAGE = "/administration/webhooks/"
WITH_KEY = "https://shop.example/hook/very-secret-key?token=also-secret"


@pytest.fixture
def receiver(settings: Any) -> Iterator[Receiver]:
    settings.WEBHOOKS_PRIVATE = True
    with receiving() as found:
        yield found


@pytest.fixture
def manager(world: World, signed_in: Browser) -> Client:
    return signed_in(world.ours.company_manager)


def added(side: Side, url: str = WITH_KEY) -> Endpoint:
    with side.scope():
        return actions.add_endpoint(side.company.pk, url=url, kinds=["case.opened"], by=system("test"))


def sent(endpoint: Endpoint, side: Side, event: int = 1) -> Delivery:
    now = clock.now()
    with side.scope():
        return Delivery.objects.create(
            company=side.company,
            endpoint=endpoint,
            event_id=event,
            kind="case.opened",
            body="{}",
            state=Delivery.State.FAILED,
            tries=10,
            status=500,
            response="壊れています",
            due_at=now,
            tried_at=now,
            made_at=now,
        )


def everything() -> list[Any]:
    with scope.everywhere(reason="a test compares all rows"):
        return [
            *Endpoint.objects.order_by("pk").values_list(),
            *Delivery.objects.order_by("pk").values_list(),
        ]


def only() -> Endpoint:
    with scope.everywhere(reason="a test looks at all endpoints"):
        return Endpoint.objects.get()


def test_it_is_added_and_its_secret_shown_once(world: World, manager: Client) -> None:
    given = {"company": world.ours.company.pk, "url": WITH_KEY, "kinds": ["case.opened", "message.received"]}
    address = manager.post(f"{PAGE}new/", given)["Location"]
    session = str(dict(manager.session.items()))

    shown, again = manager.get(address), manager.get(address)

    found = only()
    assert (found.url, found.kinds) == (WITH_KEY, ["case.opened", "message.received"])
    assert re.findall(r"whsec_[\w+/=]+", shown.content.decode()) == [found.secret]
    assert "whsec_" not in again.content.decode()
    assert ("webhook_secret_shown_once" in session, found.secret in session) == (True, False)
    assert "no-store" in again["Cache-Control"]


@pytest.mark.parametrize(
    ("given", "field"), [({"url": "http://shop.example/"}, "url"), ({"kinds": ["answer.held"]}, "kinds")]
)
def test_what_cannot_be_is_refused_beside_its_field(
    world: World, manager: Client, given: dict[str, Any], field: str
) -> None:
    whole = {"company": world.ours.company.pk, "url": WITH_KEY, "kinds": [], **given}
    answer = manager.post(f"{PAGE}new/", whole)
    assert (answer.status_code, list(answer.context["form"].errors)) == (422, [field])
    assert everything() == []


def test_the_company_is_one_of_ones_own(world: World, manager: Client) -> None:
    answer = manager.post(f"{PAGE}new/", {"company": world.theirs.company.pk, "url": WITH_KEY})
    assert (answer.status_code, list(answer.context["form"].errors)) == (422, ["company"])
    assert everything() == []


def test_it_is_changed(world: World, manager: Client) -> None:
    found = added(world.ours)
    manager.post(f"{PAGE}{found.pk}/", {"url": "https://other.example/", "kinds": []})
    assert (only().url, only().kinds, only().secret) == ("https://other.example/", [], found.secret)


def test_a_test_shows_what_the_receiver_really_said(
    world: World, manager: Client, receiver: Receiver
) -> None:
    found = added(world.ours, receiver.url)
    receiver.answer = lambda: (503, "準備中です <b>")
    refused = manager.post(f"{PAGE}{found.pk}/test/").content.decode()
    receiver.answer = lambda: (200, "ok")
    taken = manager.post(f"{PAGE}{found.pk}/test/").content.decode()

    assert "503\n準備中です &lt;b&gt;" in refused
    assert "システムはテストを受け取りませんでした。" in refused
    assert "システムがテストを受け取りました。" in taken
    first, _second = receiver.heard
    assert json.loads(first.body)["type"] == "webhook.test"
    assert first.headers["webhook-signature"].startswith("v1,")
    assert first.headers["webhook-id"].startswith("test_")
    assert only().failing_since is None


def test_nothing_is_reached_in_a_private_network(world: World, manager: Client) -> None:
    found = added(world.ours, "https://127.0.0.1:9/")
    page = manager.post(f"{PAGE}{found.pk}/test/").content.decode()
    assert "システムはテストを受け取りませんでした。" in page
    assert "このサーバーには送信できません。" in page
    assert "leads to" not in page


def test_what_an_older_log_keeps_of_the_network_is_not_shown(world: World, manager: Client) -> None:
    found = added(world.ours)
    delivery = sent(found, world.ours)
    with world.ours.scope():
        Delivery.objects.filter(pk=delivery.pk).update(
            status=None, response="HostRefused: vm leads to 10.1.2.3, which is kept from such connections"
        )
    page = manager.get(f"{PAGE}{found.pk}/log/").content.decode()
    assert ("10.1.2.3" in page, "10秒以内に応答がなかったか" in page) == (False, True)


def test_a_secret_is_shown_on_the_page_of_its_webhook_alone(world: World, manager: Client) -> None:
    old, other = added(world.ours), added(world.ours, "https://other.example/")
    manager.post(f"{PAGE}{old.pk}/rotate/")
    assert "whsec_" not in manager.get(f"{PAGE}{other.pk}/").content.decode()
    assert "whsec_" in manager.get(f"{PAGE}{old.pk}/").content.decode()


def test_what_no_key_opens_is_not_shown(world: World, manager: Client) -> None:
    found = added(world.ours)
    session = manager.session
    session["webhook_secret_shown_once"] = {"endpoint": found.pk, "secret": "whsec_clear"}
    session.save()
    assert "whsec_" not in manager.get(f"{PAGE}{found.pk}/").content.decode()
    session["webhook_secret_shown_once"] = "of another key"
    session.save()
    assert manager.get(f"{PAGE}{found.pk}/").status_code == 200


def test_a_new_secret_is_shown_once_and_the_old_one_signs_for_a_day(world: World, manager: Client) -> None:
    old = added(world.ours)
    manager.post(f"{PAGE}{old.pk}/rotate/")
    page = manager.get(f"{PAGE}{old.pk}/").content.decode()
    assert (only().secret in page, old.secret in page, only().old_secret) == (True, False, old.secret)
    assert only().secret not in manager.get(f"{PAGE}{old.pk}/").content.decode()


def test_it_is_switched_off_said_why_and_on_again(world: World, manager: Client) -> None:
    found = added(world.ours)
    manager.post(f"{PAGE}{found.pk}/switch/", {"on": "0"})
    assert "手動で止めました。" in manager.get(PAGE).content.decode()
    with world.ours.scope():
        actions.switch(found, on=True, by=system("test"))
        actions.switch(found, on=False, why="It said that it is gone (410).", by=system("test"))
    assert "(410) と応答したため" in manager.get(f"{PAGE}{found.pk}/").content.decode()
    manager.post(f"{PAGE}{found.pk}/switch/", {"on": "1"})
    assert only().off_why == ""


def test_it_is_removed(world: World, manager: Client) -> None:
    found = added(world.ours)
    manager.post(f"{PAGE}{found.pk}/remove/")
    assert only().removed_at is not None
    assert manager.get(f"{PAGE}{found.pk}/").status_code == 404


def test_the_log_shows_what_was_said_and_sends_again(world: World, manager: Client) -> None:
    found = added(world.ours)
    delivery = sent(found, world.ours)
    page = manager.get(f"{PAGE}{found.pk}/log/").content.decode()
    assert ("壊れています" in page, "断念" in page, "very-secret-key" in page) == (True, True, False)

    manager.post(f"{PAGE}{found.pk}/log/{delivery.pk}/replay/")

    with world.ours.scope():
        delivery.refresh_from_db()
    assert (delivery.state, delivery.tries) == ("queued", 0)


def test_the_log_says_that_the_webhook_was_off_beside_what_was_said_last(
    world: World, manager: Client
) -> None:
    found = added(world.ours)
    delivery = sent(found, world.ours)
    with world.ours.scope():
        Delivery.objects.filter(pk=delivery.pk).update(tries=2)
    page = manager.get(f"{PAGE}{found.pk}/log/").content.decode()
    assert ("Webhook が停止していたため、送信をやめました" in page, "壊れています" in page) == (True, True)


def test_a_delivery_is_found_at_its_own_endpoint_alone(world: World, manager: Client) -> None:
    delivery = sent(added(world.ours), world.ours)
    other = added(world.ours, "https://other.example/")
    before = everything()
    assert manager.post(f"{PAGE}{other.pk}/log/{delivery.pk}/replay/").status_code == 404
    assert everything() == before


def test_lists_name_the_server_alone(world: World, manager: Client) -> None:
    added(world.ours)
    page = manager.get(PAGE).content.decode()
    assert ("shop.example" in page, "secret" in page) == (True, False)


@pytest.mark.parametrize("who", ["company_manager", "manager"])
def test_the_audit_log_names_the_server_alone(world: World, signed_in: Browser, who: str) -> None:
    found = added(world.ours)
    with world.ours.scope():
        actions.change_endpoint(found, url=f"{WITH_KEY}2", kinds=[], by=system("test"))
    page = signed_in(getattr(world.ours, who)).get("/administration/audit/").content.decode()
    assert ("secret-key" in page, "also-secret" in page) == (False, False)


def test_the_list_and_the_log_ask_no_more_for_more(
    world: World, manager: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    found = added(world.ours)
    sent(found, world.ours)
    for address in (PAGE, f"{PAGE}{found.pk}/log/"):
        with django_assert_max_num_queries(18):
            manager.get(address)
    for number in range(2, 6):
        sent(added(world.ours, f"https://{number}.example/"), world.ours, number)
        sent(found, world.ours, number)
    for address in (PAGE, f"{PAGE}{found.pk}/log/"):
        with django_assert_max_num_queries(18):
            manager.get(address)
