"""Subscriptions by programs: read within walls and masks, changed by the rules of their page, once for each key."""

from datetime import date, timedelta
from typing import Any

import pytest

from madoguchi.api.tests.conftest import READ, Program, all_of, post
from madoguchi.cases.actions.sure import set_identity_needs
from madoguchi.cases.factories import make_case
from madoguchi.cases.identity import Act, Level
from madoguchi.cases.models import Look
from madoguchi.commerce.factories import make_subscription, make_variant, order_of
from madoguchi.commerce.models import Subscription
from madoguchi.commerce.products import Said, keep_products
from madoguchi.commerce.recurring import make_due
from madoguchi.infra.models import Event
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Permission, system
from madoguchi.people.factories import World
from madoguchi.people.queries import actor_of

pytestmark = pytest.mark.django_db
SELL = (*READ, Permission.ORDER_TAKE)


@pytest.fixture
def made(world: World) -> Subscription:
    case = make_case(world.ours.entry_point)
    tea = make_variant(world.ours.company, code="TEA", name="煎茶", price=1_080, stock=9)
    return make_subscription(order_of(case.customer_id, case.desk_id, (tea, 2), case=case.pk))


def test_they_are_listed_and_shown(world: World, program: Program, made: Subscription) -> None:
    client = program()
    listed = client.get("/api/v1/subscriptions").json()
    (line,) = client.get(f"/api/v1/customers/{made.customer_id}/subscriptions").json()
    whole = client.get(f"/api/v1/subscriptions/{made.pk}").json()

    assert listed == {"items": [line], "next": None}
    assert (line["number"], line["state"], line["code"], line["quantity"]) == ("S-1001", "active", "TEA", 2)
    assert (line["every"], line["unit"], line["total"]) == (1, "month", 2_160)
    assert line.items() <= whole.items()
    assert whole["recipient"] == "髙橋 美咲"
    assert whole["notice_until"] == (made.next_on - timedelta(days=5)).isoformat()
    assert (whole["orders"], whole["solicitation"]) == ([], None)
    with world.ours.scope():
        world.ours.engagement.masked = ["name", "address"]
        world.ours.engagement.save()
        assert Look.objects.filter(customer_id=made.customer_id).exists()
    masked = client.get(f"/api/v1/subscriptions/{made.pk}").json()
    assert "髙橋" not in masked["recipient"]
    assert "中京区" not in masked["address"]


def test_lists_go_by_pages_and_by_how_they_stand(world: World, program: Program, made: Subscription) -> None:
    other = make_subscription(order_of(made.customer_id, made.desk_id))
    client = program()
    first = client.get("/api/v1/subscriptions", {"limit": 1}).json()
    second = client.get("/api/v1/subscriptions", {"limit": 1, "after": first["next"]}).json()

    assert [one["id"] for one in first["items"] + second["items"]] == [made.pk, other.pk]
    assert (first["next"], second["next"]) == (made.pk, None)
    assert client.get("/api/v1/subscriptions", {"state": "held"}).json()["items"] == []
    active = client.get("/api/v1/subscriptions", {"state": "active"}).json()["items"]
    assert [one["id"] for one in active] == [made.pk, other.pk]


def test_one_is_left_out_paused_taken_up_and_cancelled(
    world: World, program: Program, made: Subscription
) -> None:
    client, at, due = program("agent", *SELL), f"/api/v1/subscriptions/{made.pk}", made.next_on
    skipped = [post(client, f"{at}/skip", {"due": due.isoformat()}, key="s") for _time in range(2)]
    other = post(client, f"{at}/skip", {"due": due.isoformat()}, key="s2")
    paused = post(client, f"{at}/pause", {}, key="p")
    again = post(client, f"{at}/pause", {}, key="p2")
    resumed = post(client, f"{at}/resume", {}, key="r")
    cancelled = post(client, f"{at}/cancel", {"reason": "price"}, key="c")

    assert (skipped[0].status_code, skipped[1].json()) == (201, skipped[0].json())
    assert date.fromisoformat(skipped[0].json()["next_on"]) > due
    assert (other.status_code, again.status_code) == (409, 409)
    assert [one.json()["state"] for one in (paused, resumed, cancelled)] == ["paused", "active", "ended"]
    assert (cancelled.json()["last_on"], cancelled["Location"]) == (None, at)
    whole = client.get(at).json()
    assert (whole["state"], whole["reason"]) == ("ended", "price")
    assert whole["orders"] == [{"due": due.isoformat(), "order": None}]
    with world.ours.scope():
        kinds = Event.objects.filter(kind__startswith="subscription.").order_by("id")
        assert [one.kind.partition(".")[2] for one in kinds] == [
            "begun",
            "moved",
            "moved",
            "moved",
            "cancelled",
        ]


def test_one_goes_on_otherwise_at_what_was_quoted(world: World, program: Program, made: Subscription) -> None:
    client, at = program("agent", *SELL), f"/api/v1/subscriptions/{made.pk}"
    wanted = {"due": made.next_on.isoformat(), "quantity": 3, "payment": "transfer"}
    quoted = post(client, f"{at}/change/quote", wanted)
    unread = post(client, f"{at}/change", wanted, key="unread")
    dearer = post(client, f"{at}/change", wanted | {"total": 3_239, "said": "3袋"}, key="dearer")
    nothing = post(client, f"{at}/change", {"due": wanted["due"]}, key="nothing")
    unchanged = client.get(at).json()

    what = {"changed": ["quantity", "payment"], "total": 3_240, "next_on": wanted["due"]}
    assert (quoted.status_code, quoted.json()) == (200, what)
    assert [one.status_code for one in (unread, dearer, nothing)] == [422, 409, 422]
    assert (unchanged["quantity"], unchanged["payment"]) == (2, made.payment)
    done = [post(client, f"{at}/change", wanted | {"total": 3_240, "said": "3袋"}, key="k") for _ in range(2)]
    assert (done[0].status_code, done[1].json()) == (201, done[0].json())
    now = client.get(at).json()
    assert (now["quantity"], now["payment"], now["total"], now["address"]) == (
        3,
        "transfer",
        3_240,
        unchanged["address"],
    )


def test_one_is_taken_away_as_sure_as_the_company_wants_or_for_a_reason(
    world: World, program: Program, made: Subscription
) -> None:
    with world.ours.scope():
        set_identity_needs(
            world.ours.company, {Act.CANCEL: Level.ONE}, by=actor_of(world.ours.company_manager)
        )
    client, at = program("agent", *SELL), f"/api/v1/subscriptions/{made.pk}"
    asked = [
        post(client, f"{at}/{what}", body, key=what)
        for what, body in (
            ("skip", {"due": made.next_on.isoformat()}),
            ("pause", {}),
            ("cancel", {"reason": "price"}),
        )
    ]

    assert [one.status_code for one in asked] == [422, 422, 422]
    assert client.get(at).json()["state"] == "active"
    done = post(client, f"{at}/cancel", {"reason": "price", "because": "called_back"}, key="because")
    assert (done.status_code, done.json()["state"]) == (201, "ended")
    with world.ours.scope():
        (told,) = Event.objects.filter(kind="case.acted_unsure")
        assert (told.data["act"], told.data["reason"]) == ("cancel", "called_back")


def test_what_was_held_goes_on_at_the_total_that_was_read_out(
    world: World, program: Program, made: Subscription
) -> None:
    with world.ours.scope():
        dearer = [Said(code="TEA", name="煎茶", price=1_200)]
        keep_products(world.ours.company, dearer, by=system("test"))
    with clock.held_at(clock.now() + timedelta(days=31)):
        assert make_due() == 0
        client, at = program("agent", *SELL), f"/api/v1/subscriptions/{made.pk}"
        assert client.get(at).json()["trouble"] == "price"
        unsaid = post(client, f"{at}/resume", {"total": 2_400}, key="a")
        wrong = post(client, f"{at}/resume", {"total": 2_160, "said": "1回 2,160円です"}, key="b")
        right = post(client, f"{at}/resume", {"total": 2_400, "said": "1回 2,400円です"}, key="c")

    assert [one.status_code for one in (unsaid, wrong, right)] == [422, 409, 201]
    with world.ours.scope():
        kept = Subscription.objects.get()
    assert (kept.state, kept.total, kept.said.partition("\n")[0]) == ("active", 2_400, "1回 2,400円です")


@pytest.mark.parametrize(
    ("what", "said"),
    [
        ("skip", {}),
        ("skip", {"due": "2027-02-30"}),
        ("pause", {"until": "2020-01-01"}),
        ("pause", {"until": "2027-01-01", "why": "x"}),
        ("cancel", {}),
        ("cancel", {"reason": "because"}),
        ("resume", {"total": -1}),
    ],
)
def test_nonsense_changes_nothing(
    world: World, program: Program, made: Subscription, what: str, said: dict[str, Any]
) -> None:
    client, before = program("agent", *SELL), all_of(world.ours)["commerce.Subscription"]

    assert post(client, f"/api/v1/subscriptions/{made.pk}/{what}", said).status_code == 422
    assert all_of(world.ours)["commerce.Subscription"] == before


def test_who_may_not_sell_and_strangers_change_nothing(
    world: World, program: Program, made: Subscription
) -> None:
    at, before = f"/api/v1/subscriptions/{made.pk}", all_of(world.ours)["commerce.Subscription"]
    stranger = program("agent", *SELL, side=world.theirs)

    for what, said in (("pause", {}), ("cancel", {"reason": "price"})):
        assert post(program(), f"{at}/{what}", said).status_code == 403
        assert post(stranger, f"{at}/{what}", said).status_code == 404
    assert stranger.get(at).status_code == 404
    assert stranger.get(f"/api/v1/customers/{made.customer_id}/subscriptions").status_code == 404
    assert stranger.get("/api/v1/subscriptions").json() == {"items": [], "next": None}
    assert all_of(world.ours)["commerce.Subscription"] == before
