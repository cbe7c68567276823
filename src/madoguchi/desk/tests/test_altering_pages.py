"""A subscription that goes on otherwise: typed, read to the customer at the price of now, then changed."""

from datetime import timedelta

import pytest
from django.test import Client

from madoguchi.cases.actions.sure import set_identity_needs
from madoguchi.cases.identity import Act, Level
from madoguchi.cases.models import Case
from madoguchi.commerce.factories import make_subscription, make_variant, order_of
from madoguchi.commerce.models import Order, Subscription, Variant
from madoguchi.commerce.recurring import make_due
from madoguchi.desk.tests.conftest import everything
from madoguchi.desk.tests.test_browsing import text
from madoguchi.desk.tests.test_order_pages import hidden
from madoguchi.infra.models import Event
from madoguchi.kernel import clock
from madoguchi.people.factories import World
from madoguchi.people.queries import actor_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def one(world: World, case: Case) -> Subscription:
    tea = make_variant(world.ours.company, code="TEA", name="煎茶", price=1_080, tax_rate=8)
    return make_subscription(order_of(case.customer_id, case.desk_id, (tea, 2), case=case.pk))


def typed(one: Subscription, **other: str) -> dict[str, str]:
    now = {"due": one.next_on.isoformat(), "next_on": one.next_on.isoformat(), "quantity": str(one.quantity)}
    now |= {name: getattr(one, name) for name in ("recipient", "postcode", "address", "phone", "payment")}
    return {**now, "rhythm": f"{one.every} {one.unit}", "do": "read", **other}


def test_it_is_read_at_the_price_of_now_and_goes_on_so(
    agent: Client, world: World, one: Subscription
) -> None:
    at, later = f"/subscriptions/{one.pk}/change/", one.next_on + timedelta(days=3)
    opened = text(agent.get(at))
    assert f'name="next_on" type="date" value="{one.next_on:%Y-%m-%d}"' in opened
    wanted = {"quantity": "3", "rhythm": "2 month", "next_on": later.isoformat(), "address": "大阪市北区1-1"}

    read = text(agent.post(at, typed(one, **wanted)))
    assert everything(Subscription) == [one]
    for words in ("煎茶 × 3、2か月ごと", f"{later:%Y-%m-%d}", "¥3,240", "¥2,160", "お届け先が変わります"):
        assert words in read
    with world.ours.scope():
        Variant.objects.update(unit_price=1_000)
    other = agent.post(at, hidden(read) | {"do": "agreed"})
    assert (other.status_code, everything(Subscription)[0].quantity) == (409, 2)
    done = agent.post(at, hidden(text(other)) | {"do": "agreed"})

    assert (done.status_code, done["Location"]) == (302, f"/subscriptions/{one.pk}/")
    (now,) = everything(Subscription)
    assert (now.quantity, now.every, now.unit, now.total) == (3, 2, "month", 3_000)
    assert (now.first_on, now.next_on, now.address, now.recipient) == (
        later,
        later,
        "大阪市北区1-1",
        one.recipient,
    )
    assert now.said.startswith("これは定期購入です")
    assert now.said.endswith(one.said)
    (told,) = everything(Event, kind="subscription.altered")
    assert told.data["what"] == ["quantity", "rhythm", "day", "place"]
    assert told.data["total"] == 3_000
    with clock.held_at(clock.now() + (later - clock.today())):
        assert make_due() == 1
    (made,) = everything(Order, case_id=None)
    assert (made.total, made.address) == (3_000, "大阪市北区1-1")
    assert everything(Subscription)[0].next_on > later + timedelta(days=55)


@pytest.mark.parametrize(
    ("wanted", "said"),
    [
        ({}, "変わったところがありません"),
        ({"quantity": "0"}, "1 から 9999 まで"),
        ({"quantity": "x"}, "数量を書いてください"),
        ({"rhythm": "27 week"}, "間隔"),
        ({"next_on": "2020-01-01"}, "明日から1年以内"),
        ({"address": " "}, "届け先"),
        ({"payment": "elsewhere"}, "支払い方法"),
        ({"postcode": "12"}, "郵便番号"),
    ],
)
def test_what_makes_no_sense_is_said_and_nothing_changes(
    agent: Client, one: Subscription, wanted: dict[str, str], said: str
) -> None:
    answer = agent.post(f"/subscriptions/{one.pk}/change/", typed(one, **wanted))

    assert (answer.status_code, said in text(answer)) == (422, True)
    assert everything(Subscription) == [one]
    assert everything(Event, kind="subscription.altered") == []


def test_once_the_days_of_notice_are_over_only_the_way_and_the_payment_change(
    agent: Client, one: Subscription
) -> None:
    at = f"/subscriptions/{one.pk}/change/"
    with clock.held_at(clock.now() + (one.next_on - clock.today()) - timedelta(days=1)):
        late = agent.post(at, typed(one, quantity="1"))
        read = text(agent.post(at, typed(one, payment="transfer")))
        done = agent.post(at, hidden(read) | {"do": "agreed"})

    assert (late.status_code, "もう準備に入っています" in text(late)) == (422, True)
    assert done.status_code == 302
    (now,) = everything(Subscription)
    assert (now.quantity, now.payment, now.next_on, now.first_on) == (
        2,
        "transfer",
        one.next_on,
        one.first_on,
    )


def test_what_was_cancelled_keeps_its_last_order_and_what_is_held_waits(
    agent: Client, world: World, one: Subscription
) -> None:
    at = f"/subscriptions/{one.pk}/change/"
    with world.ours.scope():
        Subscription.objects.update(cancelled_at=clock.now(), last_on=one.next_on, reason="price")
    assert "解約済みです" in text(agent.post(at, typed(one, quantity="1")))
    assert agent.post(at, typed(one, payment="transfer")).status_code == 200
    with world.ours.scope():
        Subscription.objects.update(state="held", trouble="price")
    assert agent.post(at, typed(one, payment="transfer")).status_code == 409
    assert everything(Subscription)[0].payment == one.payment


def test_who_does_not_see_where_it_goes_leaves_it_as_it_is(
    agent: Client, world: World, one: Subscription
) -> None:
    with world.ours.scope():
        world.ours.engagement.masked = ["name", "address", "phone"]
        world.ours.engagement.save()
    at = f"/subscriptions/{one.pk}/change/"
    opened = text(agent.get(at))
    assert one.address not in opened
    assert one.recipient not in opened
    nowhere = {"recipient": "", "postcode": "", "address": "", "phone": ""}
    read = text(agent.post(at, typed(one, quantity="1", **nowhere)))
    assert one.address not in read

    assert agent.post(at, hidden(read) | {"do": "agreed"}).status_code == 302
    (now,) = everything(Subscription)
    assert (now.quantity, now.address, now.recipient, now.phone) == (
        1,
        one.address,
        one.recipient,
        one.phone,
    )


def test_another_place_wants_the_identity_checked_as_one_in_the_record(
    agent: Client, world: World, one: Subscription
) -> None:
    with world.ours.scope():
        by = actor_of(world.ours.company_manager)
        set_identity_needs(world.ours.company, {Act.ADDRESS: Level.TWO}, by=by)
    at = f"/subscriptions/{one.pk}/change/"
    asked = agent.post(at, hidden(text(agent.post(at, typed(one, address="堺市1")))) | {"do": "agreed"})
    assert (asked.status_code, "本人確認が足りません" in text(asked)) == (422, True)
    assert everything(Subscription) == [one]

    less = agent.post(at, hidden(text(agent.post(at, typed(one, quantity="1")))) | {"do": "agreed"})
    assert less.status_code == 302
    because = hidden(text(asked)) | {"because": "called_back"}
    (now,) = everything(Subscription)
    again = hidden(text(agent.post(at, typed(now, address="堺市1"))))
    assert agent.post(at, again | {"do": "agreed", "because": because["because"]}).status_code == 302
    assert everything(Subscription)[0].address == "堺市1"
