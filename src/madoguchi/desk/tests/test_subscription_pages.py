"""Subscriptions at the desk: read out before one begins, beside the case, in the journey, cancelled with a reason."""

from datetime import timedelta

import pytest
from django.test import Client

from madoguchi.cases.models import Case, Look
from madoguchi.commerce.factories import make_subscription, make_variant, order_of
from madoguchi.commerce.models import Order, Product, Subscription, Variant
from madoguchi.commerce.queries import in_order
from madoguchi.commerce.subscriptions import write_subscription_terms
from madoguchi.desk.tests.conftest import HTMX, everything
from madoguchi.desk.tests.test_browsing import text
from madoguchi.desk.tests.test_order_pages import hidden
from madoguchi.kernel import clock
from madoguchi.kernel.actor import system
from madoguchi.people.factories import World
from madoguchi.people.queries import actor_of
from madoguchi.signals.actions import Seen, raise_signal

pytestmark = pytest.mark.django_db
SHELL = system("test")


@pytest.fixture
def order(world: World, case: Case) -> Order:
    tea = make_variant(
        world.ours.company, code="TEA", name="煎茶", price=1_080, tax_rate=8, warranty_months=12
    )
    return order_of(case.customer_id, case.desk_id, (tea, 2), case=case.pk)


def test_it_is_read_out_begun_and_cancelled_with_a_reason(
    agent: Client, world: World, case: Case, number: str, order: Order
) -> None:
    at = f"/orders/{order.pk}/again/"
    assert agent.get(at).status_code == 302
    with world.ours.scope():
        write_subscription_terms(
            world.ours.company, words="解約は電話でも承ります。", notice_days=5, least_orders=3, by=SHELL
        )
        (line,) = in_order(order)
    first = clock.today() + timedelta(days=20)
    typed = {"line": str(line.pk), "rhythm": "2 month", "first_on": first.isoformat(), "do": "read"}
    opened = text(agent.get(at))
    wrong = agent.post(at, typed | {"first_on": clock.today().isoformat()})
    read = text(agent.post(at, typed))

    assert "煎茶 × 2" in opened
    assert wrong.status_code == 422
    for words in ("定期購入です", "2か月ごと", f"{first:%Y-%m-%d}", "¥2,160", "¥4,320", "解約は電話でも"):
        assert words in read
    with world.ours.scope():
        terms = {"words": "解約はいつでも承ります。", "notice_days": 5, "least_orders": 3}
        write_subscription_terms(world.ours.company, **terms, by=SHELL)
    other = agent.post(at, hidden(read) | {"do": "begin"})
    assert (other.status_code, everything(Subscription)) == (409, [])
    read = text(other)
    assert "条件が変わりました" in read
    assert "解約はいつでも承ります。" in read
    made = agent.post(at, hidden(read) | {"do": "begin"})
    (one,) = everything(Subscription)
    assert (made.status_code, made["Location"]) == (302, f"/subscriptions/{one.pk}/")
    assert (one.said.count("¥2,160"), one.every, one.unit, one.total) == (1, 2, "month", 2_160)

    page = text(agent.get(f"/subscriptions/{one.pk}/"))
    assert "今日解約すると" in page
    assert str(one) in text(agent.get(f"/cases/{number}/purchases/", headers=HTMX))
    assert f"定期購入 {one} の開始" in text(agent.get(f"/cases/{number}/journey/?kind=subscription"))
    assert agent.post(f"/subscriptions/{one.pk}/skip/", {"due": first.isoformat()}).status_code == 302
    assert agent.post(f"/subscriptions/{one.pk}/pause/", {"until": "x"}).status_code == 422
    assert agent.post(f"/subscriptions/{one.pk}/pause/", {"until": ""}).status_code == 302
    assert agent.post(f"/subscriptions/{one.pk}/resume/").status_code == 302
    assert agent.post(f"/subscriptions/{one.pk}/nonsense/").status_code == 404
    assert agent.post(f"/subscriptions/{one.pk}/cancel/", {"reason": ""}).status_code == 422
    gone = agent.post(f"/subscriptions/{one.pk}/cancel/", {"reason": "enough", "at_once": "1"})
    (one,) = everything(Subscription)
    assert (gone.status_code, one.state, one.reason, one.last_on) == (302, "ended", "enough", None)
    listed = text(agent.get("/subscriptions/?state=ended"))
    assert [(look.times, look.shown) for look in everything(Look) if not look.customer_id] == [(1, 1)]
    assert str(one) in listed
    assert "余っている" in listed
    assert str(one) not in text(agent.get("/subscriptions/?state=active"))
    assert agent.post(f"/subscriptions/{one.pk}/keep/").status_code == 302
    assert everything(Subscription)[0].state == "active"


def test_what_is_held_is_read_out_at_the_price_of_now_before_it_goes_on(
    agent: Client, world: World, order: Order
) -> None:
    one = make_subscription(order)
    at = f"/subscriptions/{one.pk}/"
    with world.ours.scope():
        Subscription.objects.update(state="held", trouble="price")
        Variant.objects.update(unit_price=1_200)
    page = text(agent.get(at))
    assert "1回の代金は税・送料込みで ¥2,400 です。" in page
    assert "これまでは1回 ¥2,160 でした。" in page
    with world.ours.scope():
        Variant.objects.update(unit_price=1_300)
    other = agent.post(f"{at}resume/", hidden(page))
    assert other.status_code == 422
    assert everything(Subscription)[0].state == "held"

    assert "¥2,600" in text(other)
    assert agent.post(f"{at}resume/", hidden(text(other))).status_code == 302
    (one,) = everything(Subscription)
    assert (one.state, one.total, one.said.count("¥2,600")) == ("active", 2_600, 1)


def test_who_cancels_what_is_held_hears_that_nothing_is_made_until_it_goes_on(
    agent: Client, world: World, order: Order
) -> None:
    one = make_subscription(order)
    with world.ours.scope():
        terms = {"words": "三回", "notice_days": 5, "least_orders": 3}
        bound = write_subscription_terms(world.ours.company, **terms, by=SHELL)
        Subscription.objects.update(state="held", trouble="price", terms=bound)
    page = text(agent.get(f"/subscriptions/{one.pk}/"))

    assert "再開するまで注文はありません。" in page
    assert "最後の注文は" not in page
    gone = agent.post(f"/subscriptions/{one.pk}/cancel/", {"reason": "price"}, follow=True)
    assert "解約しました。再開するまで注文はありません。" in text(gone)
    assert "最後の注文は" not in text(gone)


def test_a_defect_stands_in_the_journey_and_its_piece_beside_the_warranty(
    agent: Client, world: World, case: Case, number: str, order: Order
) -> None:
    with world.ours.scope():
        tea = Product.objects.get(code="TEA").pk
        seen = Seen(kind="product", words="封が開いていた", product=tea, lot="l-7", serial="sn 9")
        raise_signal(case, seen, by=actor_of(world.ours.agent))
    journey = text(agent.get(f"/cases/{number}/journey/"))
    beside = text(agent.get(f"/cases/{number}/purchases/", headers=HTMX))

    assert "煎茶の不具合の申し出" in journey
    assert "ロット L-7 · 製造番号 SN9 · 封が開いていた" in journey
    assert "ロット L-7 · 製造番号 SN9" in beside
    assert "ロット L-7" in text(agent.get(f"/orders/{order.pk}/"))
