"""Events on their way to a company's own systems: signed, tried again, given up, replayed, and nowhere private."""

import base64
import hashlib
import hmac
import json
import ssl
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.house.at_once import Somebody, at_once, unfinished, until_waiting
from tests.servers.ground import self_signed

from madoguchi.cases.factories import make_case
from madoguchi.infra import event_log, scope
from madoguchi.infra.event_log import Recorded
from madoguchi.infra.models import Event
from madoguchi.kernel import clock
from madoguchi.kernel.actor import system
from madoguchi.kernel.errors import Conflict, NotAllowed, Refused
from madoguchi.people.factories import World
from madoguchi.people.queries import actor_of
from madoguchi.webhooks import actions
from madoguchi.webhooks.models import NO_TRUST, NOTHING, NOWHERE, PAUSES, Delivery, Endpoint
from madoguchi.webhooks.queries import is_left
from madoguchi.webhooks.reactions import tell_endpoints
from madoguchi.webhooks.tests.receiver import Receiver, receiving

SHELL = system("test")


@pytest.fixture
def receiver(settings: Any) -> Iterator[Receiver]:
    settings.WEBHOOKS_PRIVATE = True
    with receiving() as found:
        yield found


def endpoint_at(world: World, url: str, *kinds: str) -> Endpoint:
    with world.ours.scope():
        return actions.add_endpoint(world.ours.company.pk, url=url, kinds=kinds, by=SHELL)


def something_happens(world: World, *, by_the_other: bool = False) -> list[Recorded]:
    """A case is opened, and the reader of the log tells of it."""
    side = world.theirs if by_the_other else world.ours
    case = make_case(side.entry_point)
    with side.scope():
        row = Event.objects.get(case_id=case.pk, kind="case.opened")
        event = Recorded(
            event_log.Cursor(row.tx, row.pk),
            *(row.kind, row.at, row.actor_kind, row.actor_id, row.actor_name),
            *(row.company_id, row.case_id, row.desk_id, json.dumps(row.data)),
        )
        tell_endpoints([event])
    return [event]


def only_delivery(world: World) -> Delivery:
    with world.ours.scope():
        return Delivery.objects.select_related("endpoint").get()


def send_now(world: World) -> Delivery:
    actions.deliver(only_delivery(world).pk, company=world.ours.company.pk)
    return only_delivery(world)


def proof(secret: str, heard: Any) -> str:
    """The signature as a receiver reckons it, from the specification."""
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signed = f"{heard.headers['webhook-id']}.{heard.headers['webhook-timestamp']}.{heard.body}"
    return "v1," + base64.b64encode(hmac.new(key, signed.encode(), hashlib.sha256).digest()).decode()


@pytest.mark.django_db
def test_an_event_is_told_signed_and_by_ids_alone(world: World, receiver: Receiver) -> None:
    endpoint = endpoint_at(world, receiver.url)
    [event] = something_happens(world)
    before = clock.now().timestamp()
    done = send_now(world)
    [heard] = receiver.heard
    assert (done.state, done.status, done.tries) == ("delivered", 204, 1)
    assert heard.headers["webhook-id"] == f"evt_{event.id}"
    assert abs(int(heard.headers["webhook-timestamp"]) - before) < 60
    assert heard.headers["webhook-signature"] == proof(endpoint.secret, heard)
    told = json.loads(heard.body)
    assert (told["type"], told["timestamp"]) == ("case.opened", event.at.isoformat())
    assert (told["data"]["desk"], told["data"]["company"]) == (world.ours.desk.pk, world.ours.company.slug)
    assert "炊飯器" not in heard.body
    assert "home.example" not in heard.body


@pytest.mark.django_db
def test_the_secret_is_not_in_the_database_as_it_is(world: World, as_owner: Any) -> None:
    endpoint = endpoint_at(world, "https://shop.example/hook")
    with world.ours.scope():
        [(kept,)] = Endpoint.objects.extra(select={"kept": "secret::text"}).values_list("kept")
    assert endpoint.secret.startswith("whsec_")
    assert endpoint.secret not in kept


@pytest.mark.django_db
def test_only_what_was_asked_for_is_told_and_nothing_of_others(world: World, receiver: Receiver) -> None:
    endpoint_at(world, receiver.url, "message.sent")
    something_happens(world)
    something_happens(world, by_the_other=True)
    with scope.everywhere(reason="test"):
        assert not Delivery.objects.exists()


@pytest.mark.django_db
def test_an_event_told_twice_is_one_delivery_sent_once(world: World, receiver: Receiver) -> None:
    endpoint_at(world, receiver.url)
    events = something_happens(world)
    with world.ours.scope():
        tell_endpoints(events)
    send_now(world)
    send_now(world)
    assert len(receiver.heard) == 1


@pytest.mark.django_db
def test_for_a_day_both_secrets_sign(world: World, receiver: Receiver) -> None:
    endpoint = endpoint_at(world, receiver.url)
    old = endpoint.secret
    with world.ours.scope():
        actions.rotate_secret(endpoint, by=SHELL)
    something_happens(world)
    send_now(world)
    [heard] = receiver.heard
    both = heard.headers["webhook-signature"].split()
    assert endpoint.secret != old
    assert both == [proof(endpoint.secret, heard), proof(old, heard)]
    with clock.held_at(clock.now() + timedelta(days=2)):
        with world.ours.scope():
            actions.replay(only_delivery(world), by=SHELL)
        send_now(world)
    assert receiver.heard[1].headers["webhook-signature"] == proof(endpoint.secret, receiver.heard[1])


@pytest.mark.django_db
def test_what_is_not_taken_is_tried_again_later_with_the_same_words(world: World, receiver: Receiver) -> None:
    endpoint_at(world, receiver.url)
    receiver.answer = lambda: (500, "壊れています")
    now = clock.now()
    with clock.held_at(now):
        something_happens(world)
        failed = send_now(world)
    assert (failed.state, failed.status, failed.response) == ("queued", 500, "壊れています")
    assert 4 <= (failed.due_at - now).total_seconds() <= 6
    assert failed.endpoint.failing_since == now
    receiver.answer = lambda: (200, "ok")
    send_now(world)
    assert len(receiver.heard) == 1
    with clock.held_at(failed.due_at):
        done = send_now(world)
    assert (done.state, done.tries, done.endpoint.failing_since) == ("delivered", 2, None)
    first, second = receiver.heard
    assert (first.body, first.headers["webhook-id"]) == (second.body, second.headers["webhook-id"])


@pytest.mark.django_db
def test_the_others_wait_while_an_endpoint_fails(world: World, receiver: Receiver) -> None:
    endpoint_at(world, receiver.url)
    receiver.answer = lambda: (503, "")
    something_happens(world)
    send_now(world)
    something_happens(world)
    with world.ours.scope():
        second = Delivery.objects.order_by("pk").last()
    assert second is not None
    actions.deliver(second.pk, company=world.ours.company.pk)
    with world.ours.scope():
        second.refresh_from_db()
        endpoint = Endpoint.objects.get()
    assert (second.state, second.tries, second.due_at) == ("queued", 0, endpoint.paused_until)
    assert len(receiver.heard) == 1


@pytest.mark.django_db
@pytest.mark.parametrize("status", [400, 404, 422, 307])
def test_what_is_refused_by_itself_holds_up_no_other(world: World, receiver: Receiver, status: int) -> None:
    endpoint_at(world, receiver.url)
    receiver.answer = lambda: (status, "これは要りません")
    now = clock.now()
    with clock.held_at(now):
        something_happens(world)
        refused = send_now(world)
    assert (refused.state, refused.status, refused.endpoint.paused_until) == ("queued", status, None)
    assert 4 <= (refused.due_at - now).total_seconds() <= 6
    receiver.answer = lambda: (204, "")
    something_happens(world)
    with world.ours.scope():
        other = Delivery.objects.exclude(pk=refused.pk).get()
    actions.deliver(other.pk, company=world.ours.company.pk)
    with world.ours.scope():
        other.refresh_from_db()
    assert (other.state, len(receiver.heard)) == ("delivered", 2)


@pytest.mark.django_db
@pytest.mark.parametrize("status", [408, 429, 500, 503])
def test_a_busy_endpoint_is_left_in_peace_for_half_an_hour_at_most(
    world: World, receiver: Receiver, status: int
) -> None:
    endpoint_at(world, receiver.url)
    receiver.answer = lambda: (status, "")
    now = clock.now()
    with clock.held_at(now):
        something_happens(world)
        with world.ours.scope():
            Delivery.objects.update(tries=len(PAUSES) - 1)
        busy = send_now(world)
    assert busy.endpoint.paused_until == now + timedelta(minutes=30)
    assert 69_120 <= (busy.due_at - now).total_seconds() <= 103_680


@pytest.mark.django_db
def test_where_nobody_answers_the_others_wait(world: World, receiver: Receiver) -> None:
    endpoint_at(world, receiver.url.replace("http:", "https:"))
    now = clock.now()
    with clock.held_at(now):
        something_happens(world)
        unheard = send_now(world)
    assert (unheard.status, unheard.endpoint.paused_until) == (None, unheard.due_at)


@pytest.mark.django_db
def test_what_an_endpoint_said_last_stays_when_it_is_off(world: World, receiver: Receiver) -> None:
    endpoint = endpoint_at(world, receiver.url)
    receiver.answer = lambda: (503, "準備中です")
    something_happens(world)
    waiting = send_now(world)
    with world.ours.scope():
        actions.switch(endpoint, on=False, by=SHELL)
    with clock.held_at(waiting.due_at):
        left = send_now(world)
    assert (left.state, left.status, left.response) == ("failed", 503, "準備中です")
    assert (is_left(left), len(receiver.heard)) == (True, 1)


@pytest.mark.django_db
def test_it_is_given_up_after_the_last_try_and_can_be_replayed(world: World, receiver: Receiver) -> None:
    endpoint_at(world, receiver.url)
    receiver.answer = lambda: (500, "")
    something_happens(world)
    for _ in range(len(PAUSES) + 1):
        with clock.held_at(max(only_delivery(world).due_at, clock.now())):
            done = send_now(world)
    assert (done.state, done.tries, is_left(done)) == ("failed", len(PAUSES) + 1, False)
    assert len(receiver.heard) == len(PAUSES) + 1
    receiver.answer = lambda: (200, "")
    with world.ours.scope():
        actions.replay(done, by=actor_of(world.ours.company_manager))
    assert send_now(world).state == "delivered"
    with world.ours.scope():
        assert Event.objects.get(kind="webhook.replayed").data["delivery"] == done.pk


@pytest.mark.django_db
@pytest.mark.parametrize(("days", "status", "off"), [(6, 500, True), (4, 500, False), (0, 410, True)])
def test_who_takes_nothing_for_days_or_is_gone_is_switched_off_and_says_why(
    world: World, receiver: Receiver, days: int, status: int, off: bool
) -> None:
    endpoint = endpoint_at(world, receiver.url)
    receiver.answer = lambda: (status, "")
    with world.ours.scope():
        Endpoint.objects.update(failing_since=clock.now() - timedelta(days=days))
    something_happens(world)
    send_now(world)
    with world.ours.scope():
        endpoint.refresh_from_db()
        assert bool(endpoint.off_why) == off
        assert Event.objects.filter(kind="webhook.switched").count() == int(off)
        if off:
            actions.switch(endpoint, on=True, by=SHELL)
            assert (endpoint.off_why, endpoint.failing_since) == ("", None)


@pytest.mark.django_db
def test_a_redirect_is_not_followed(world: World, receiver: Receiver) -> None:
    endpoint_at(world, receiver.url)
    receiver.answer = lambda: (307, "")
    something_happens(world)
    assert (send_now(world).state, len(receiver.heard)) == ("queued", 1)


@pytest.mark.django_db
@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]", "169.254.169.254", "10.0.0.1"])
def test_nothing_private_is_reached(world: World, receiver: Receiver, settings: Any, host: str) -> None:
    settings.WEBHOOKS_PRIVATE = False
    port = receiver.url.split(":")[2]
    endpoint_at(world, f"https://{host}:{port}")
    something_happens(world)
    done = send_now(world)
    assert (done.state, done.status, receiver.heard) == ("queued", None, [])
    assert done.response == NOWHERE


@pytest.mark.django_db
@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "no-such-server.invalid", f"{'a' * 64}.example"])
def test_a_server_within_is_told_no_other_than_one_that_is_not_there(
    world: World, settings: Any, host: str
) -> None:
    settings.WEBHOOKS_PRIVATE = False
    endpoint = endpoint_at(world, f"https://{host}:9")
    something_happens(world)
    done = send_now(world)
    with world.ours.scope():
        tried = actions.try_out(endpoint, by=SHELL)
    assert (done.status, done.response) == (tried.status, tried.words) == (None, NOWHERE)


@pytest.mark.django_db
def test_who_answers_without_a_certificate_or_with_nothing_is_told_so(
    world: World, receiver: Receiver, tmp_path: Path
) -> None:
    endpoint = endpoint_at(world, receiver.url.replace("http:", "https:"))
    made = self_signed(tmp_path)
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    tls.load_cert_chain(made.certificate, made.key)
    with world.ours.scope():
        assert actions.try_out(endpoint, by=SHELL).words == NOTHING
    with receiving(tls) as untrusted, world.ours.scope():
        actions.change_endpoint(endpoint, url=untrusted.url, kinds=[], by=SHELL)
        assert actions.try_out(endpoint, by=SHELL).words == NO_TRUST
        assert untrusted.heard == []


@pytest.mark.django_db
@pytest.mark.parametrize(
    "url",
    [
        *("http://shop.example/", "https://", "ftp://x.example", "https://u:p@x.example", "x", "https://x:0"),
        *(
            "https://a b.example/",
            "https://a\tb.example/",
            "https://a\nb.example/",
            "https://a\x00b.example/",
        ),
        *(
            "https://a\u3000b.example/",
            "https://a\u200bb.example/",
            "https://x.example:80 /",
            "https://窓..example/",
        ),
        "https://x.example/hook\r\nHost: y",
    ],
)
def test_what_is_no_address_for_it_is_refused(world: World, url: str) -> None:
    with world.ours.scope():
        with pytest.raises(Refused):
            actions.add_endpoint(world.ours.company.pk, url=url, by=SHELL)
        assert not Endpoint.objects.exists()


@pytest.mark.django_db
def test_what_colleagues_do_is_no_event_for_it(world: World) -> None:
    with world.ours.scope(), pytest.raises(Refused):
        actions.add_endpoint(world.ours.company.pk, url="https://x.example", kinds=["answer.held"], by=SHELL)


@pytest.mark.django_db
@pytest.mark.parametrize("who", ["agent", "supervisor", "manager", "company_staff"])
def test_only_who_sets_up_the_company_says_where_its_events_go(world: World, who: str) -> None:
    endpoint = endpoint_at(world, "https://shop.example/hook")
    by = actor_of(getattr(world.ours, who))
    with world.ours.scope():
        before = list(Endpoint.objects.values_list())
        for act in (
            lambda: actions.add_endpoint(world.ours.company.pk, url="https://x.example", by=by),
            lambda: actions.change_endpoint(endpoint, url="https://x.example", kinds=[], by=by),
            lambda: actions.rotate_secret(endpoint, by=by),
            lambda: actions.switch(endpoint, on=False, by=by),
            lambda: actions.remove_endpoint(endpoint, by=by),
        ):
            with pytest.raises(NotAllowed):
                act()
        assert list(Endpoint.objects.values_list()) == before


@pytest.mark.django_db
def test_what_is_removed_or_off_is_told_nothing(world: World, receiver: Receiver) -> None:
    endpoint = endpoint_at(world, receiver.url)
    something_happens(world)
    with world.ours.scope():
        actions.remove_endpoint(endpoint, by=SHELL)
        actions.remove_endpoint(endpoint, by=SHELL)
        assert Event.objects.filter(kind="webhook.removed").count() == 1
    assert (send_now(world).state, receiver.heard) == ("failed", [])


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_send_it_once(world: World, receiver: Receiver) -> None:
    endpoint_at(world, receiver.url)
    something_happens(world)
    pk, company = only_delivery(world).pk, world.ours.company.pk
    at_once(*[lambda: actions.deliver(pk, company=company)] * 4)
    assert len(receiver.heard) == 1
    assert only_delivery(world).state == "delivered"


@pytest.mark.django_db(transaction=True)
def test_what_a_killed_worker_left_under_way_is_sent_again(world: World, receiver: Receiver) -> None:
    endpoint_at(world, receiver.url)
    something_happens(world)
    with world.ours.scope():  # as it is left when the process ends while the other side has not answered
        Delivery.objects.update(state="sending", tries=1)
    assert actions.resume_left_over() == 0
    with clock.held_at(clock.now() + timedelta(minutes=3)):
        assert actions.resume_left_over() == 1
        assert actions.resume_left_over() == 0
        done = send_now(world)
    assert (done.state, done.tries, len(receiver.heard)) == ("delivered", 2, 1)


@pytest.mark.django_db
def test_old_deliveries_are_forgotten_unless_they_are_under_way(world: World, receiver: Receiver) -> None:
    endpoint_at(world, receiver.url)
    something_happens(world)
    with clock.held_at(clock.now() + timedelta(days=31)):
        assert actions.forget_old() == 0
        send_now(world)
        assert actions.forget_old() == 1


def replay_it(world: World) -> None:
    with world.ours.scope():
        actions.replay(Delivery.objects.get(), by=SHELL)


@pytest.mark.django_db(transaction=True)
def test_what_is_being_sent_is_not_replayed_at_the_same_time(world: World, receiver: Receiver) -> None:
    endpoint_at(world, receiver.url)
    something_happens(world)
    meanwhile: list[object] = []

    def answer() -> tuple[int, str]:
        meanwhile.append(Somebody(lambda: replay_it(world)).done())
        return 200, ""

    receiver.answer = answer
    done = send_now(world)

    assert [type(one) for one in meanwhile] == [Conflict]
    assert (done.state, done.tries, len(receiver.heard)) == ("delivered", 1, 1)
    with world.ours.scope():
        assert not Event.objects.filter(kind="webhook.replayed").exists()


@pytest.mark.django_db(transaction=True)
def test_whoever_was_taken_for_dead_does_not_write_over_who_sends_now(
    world: World, receiver: Receiver
) -> None:
    endpoint_at(world, receiver.url)
    something_happens(world)
    delivery = only_delivery(world)

    def send_again() -> None:
        with clock.held_at(clock.now() + timedelta(minutes=3)):
            assert actions.resume_left_over() == 1
            actions.deliver(delivery.pk, company=delivery.company_id)

    def late() -> tuple[int, str]:
        receiver.answer = lambda: (200, "the second")
        Somebody(send_again).done()
        return 500, "the first"

    receiver.answer = late
    done = send_now(world)

    assert (done.state, done.tries, done.response) == ("delivered", 2, "the second")
    assert [one.headers["webhook-id"] for one in receiver.heard] == [f"evt_{delivery.event_id}"] * 2


@pytest.mark.django_db(transaction=True)
def test_a_replay_waits_for_the_endpoint_before_it_holds_the_delivery(
    world: World, receiver: Receiver
) -> None:
    """As sending does: in the other order each of two would wait for the other."""
    endpoint = endpoint_at(world, receiver.url)
    something_happens(world)
    send_now(world)

    with unfinished(
        endpoint.company_id, lambda: Endpoint.objects.select_for_update().get(pk=endpoint.pk)
    ) as commit:
        replaying = Somebody(lambda: replay_it(world))
        until_waiting(replaying)
        with world.ours.scope():
            assert Delivery.objects.select_for_update(nowait=True).get().state == "delivered"
        commit()
    assert replaying.done() is None
    assert send_now(world).state == "delivered"
    assert len(receiver.heard) == 2


@pytest.mark.django_db
def test_the_log_says_where_to_and_nothing_by_which_one_could_write_there(world: World) -> None:
    first = "https://hooks.shop.example:8443/T0/B0/geheim?token=himitsu"
    endpoint = endpoint_at(world, first)
    with world.ours.scope():
        actions.change_endpoint(endpoint, url=first.replace("himitsu", "naisho"), kinds=[], by=SHELL)
        actions.change_endpoint(endpoint, url=first, kinds=[], by=SHELL)
        added, there, back = (e.data for e in Event.objects.order_by("id"))

    assert added["host"] == "hooks.shop.example:8443"
    assert len(added["fingerprint"]) == 12
    before, after = there["changes"]["address"]
    assert before == f"hooks.shop.example:8443 {added['fingerprint']}"
    assert before != after
    assert back["changes"] == {"address": [after, before]}
    said = json.dumps([added, there, back]) + str(endpoint) + repr(endpoint)
    assert not [word for word in ("geheim", "himitsu", "naisho", "T0") if word in said]


@pytest.mark.django_db(transaction=True)
def test_two_at_once_do_not_pass_the_most_that_a_company_may_have(world: World) -> None:
    for number in range(19):
        endpoint_at(world, f"https://shop.example/{number}")

    outcomes = at_once(*[lambda: endpoint_at(world, "https://shop.example/last")] * 2)

    assert sorted(type(one).__name__ for one in outcomes) == ["Endpoint", "Refused"]
    with world.ours.scope():
        assert Endpoint.objects.count() == 20
