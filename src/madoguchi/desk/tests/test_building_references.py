"""Views ask for products, orders and customers as people name them: by codes, names and numbers, never by ids."""

import pytest
from django.test import Client

from madoguchi.cases.actions import fill
from madoguchi.cases.factories import make_case
from madoguchi.cases.models import Case
from madoguchi.commerce.factories import make_variant, order_of
from madoguchi.customers.factories import make_customer
from madoguchi.desk.tests.conftest import counted, everything
from madoguchi.desk.tests.test_building import kept, saved, text
from madoguchi.fields.factories import make_field
from madoguchi.people.factories import World
from madoguchi.people.queries import actor_of
from madoguchi.views.filters import All, Condition, Not, read_filter
from madoguchi.views.models import SavedView

pytestmark = pytest.mark.django_db


def test_products_and_orders_are_asked_for_as_people_call_them(
    agent: Client, world: World, case: Case, number: str
) -> None:
    product = make_field(world.ours.desk, "product", label="対象の商品")
    order = make_field(world.ours.desk, "order", label="関連する注文")
    variant = make_variant(world.ours.company, name="南部鉄瓶", code="TB")
    kettle, placed = variant.product, order_of(case.customer_id, case.desk_id, (variant, 1))
    with world.ours.scope():
        fill(case, field=product.pk, written="TB", by=actor_of(world.ours.agent))
    asked = {"r.join": "all", "r.count": "2", "do": "show", "name": "南部鉄瓶の注文"}
    asked |= {"r.0.field": f"product:{product.pk}", "r.0.op": "in", "r.0.text": "南部鉄瓶"}
    asked |= {"r.1.field": f"order:{order.pk}", "r.1.op": "not_in", "r.1.text": "o-1001"}

    page = text(agent.post("/views/new/", asked))
    agent.post("/views/new/", {**asked, "do": "save", "column": str(product.pk)})
    kept_view = everything(SavedView)[0]

    assert '<p role="status">1 件</p>' in page
    assert read_filter(kept_view.filter) == All(
        (
            Condition(f"product:{product.pk}", "in", (kettle.pk,)),
            Not(Condition(f"order:{order.pk}", "in", (placed.pk,))),
        )
    )
    again = text(agent.get(f"/views/{kept_view.pk}/"))
    assert ">南部鉄瓶 (TB)</textarea>" in again
    assert 'name="r.1.text" value="O-1001"' in again
    assert "南部鉄瓶 (TB)" in text(agent.get(f"/cases/?saved={kept_view.pk}"))


@pytest.mark.parametrize(
    ("kind", "written", "problem"),
    [
        ("product", "12", "「12」に当てはまる商品がないか、複数あります。商品コードを入力してください。"),
        (
            "product",
            "湯のみ",
            "「湯のみ」に当てはまる商品がないか、複数あります。商品コードを入力してください。",
        ),
        ("order", "1001", "注文「1001」は見つかりません。O-1001 のような注文番号を入力してください。"),
        ("order", "#1001", "注文「#1001」は見つかりません。O-1001 のような注文番号を入力してください。"),
        ("order", "id:1", "注文「id:1」は見つかりません。O-1001 のような注文番号を入力してください。"),
        ("product", "#12", "「#12」に当てはまる商品がないか、複数あります。商品コードを入力してください。"),
        (
            "customer",
            "1001",
            "「1001」という用件はありません。A-123 のように、そのお客様の用件の番号を入力してください。",
        ),
        (
            "customer",
            "#1001",
            "「#1001」という用件はありません。A-123 のように、そのお客様の用件の番号を入力してください。",
        ),
        (
            "customer",
            "id:1001",
            "「id:1001」という用件はありません。A-123 のように、そのお客様の用件の番号を入力してください。",
        ),
    ],
)
def test_what_names_no_product_or_order_of_the_company_is_told(
    agent: Client, world: World, kind: str, written: str, problem: str
) -> None:
    """Neither what only another company has, nor what several are called, nor a figure that looks like an id."""
    field = make_field(world.ours.desk, kind)
    stranger = make_case(world.theirs.entry_point)
    order_of(stranger.customer_id, stranger.desk_id)
    for code in ("A-1", "A-2"):
        make_variant(world.ours.company, name="湯のみ", code=code)
    asked = {"r.join": "all", "r.count": "1", "do": "save", "name": "x"}
    asked |= {"r.0.field": f"{kind}:{field.pk}", "r.0.op": "in", "r.0.text": written}

    answer = agent.post("/views/new/", asked)

    assert answer.status_code == 422
    assert problem in text(answer)
    assert written in text(answer)
    assert kept() == []


def test_a_number_sign_is_how_people_write_the_number_of_an_order(
    agent: Client, world: World, case: Case
) -> None:
    order = make_field(world.ours.desk, "order", label="関連する注文")
    placed = order_of(case.customer_id, case.desk_id)
    asked = {"r.join": "all", "r.count": "1", "do": "save", "name": "その注文"}
    asked |= {"r.0.field": f"order:{order.pk}", "r.0.op": "in", "r.0.text": "#1001、＃O-1001"}

    agent.post("/views/new/", asked)

    view = everything(SavedView)[0]
    assert read_filter(view.filter) == All((Condition(f"order:{order.pk}", "in", (placed.pk,)),))


def test_what_is_gone_is_told_and_not_taken_for_another_of_that_number(agent: Client, world: World) -> None:
    order = make_field(world.ours.desk, "order", label="関連する注文")
    gone = {"version": 1, "all": [{"field": f"order:{order.pk}", "test": "in", "value": [1001]}]}

    page = text(agent.get(f"/views/{saved(world, world.ours.agent, of=gone).pk}/"))

    assert 'name="r.0.text" value="id:1001"' in page


def test_a_customer_of_whom_no_case_can_be_named_stays(agent: Client, world: World) -> None:
    customer = make_customer(world.ours.company)
    filter = {"version": 1, "all": [{"field": "customer", "test": "in", "value": [customer.pk]}]}
    asked = {"r.join": "all", "r.count": "1", "do": "save", "name": "同じ"}
    asked |= {"r.0.field": "customer", "r.0.op": "in", "r.0.text": f"id:{customer.pk}"}

    agent.post("/views/new/", asked)

    [view] = everything(SavedView)
    assert view.filter == filter
    assert f'name="r.0.text" value="id:{customer.pk}"' in text(agent.get(f"/views/{view.pk}/"))


def test_many_products_are_looked_up_at_once(agent: Client, world: World) -> None:
    field = make_field(world.ours.desk, "product")
    made = [
        make_variant(world.ours.company, name=f"湯のみ{n:02}", code=f"Y-{n:02}").product for n in range(50)
    ]
    words = [("のみ{:02}", "湯のみ{:02}", "y-{:02}", "Y-{:02}")[n % 4].format(n) for n in range(50)]
    asked = {"r.join": "all", "r.count": "1", "do": "save", "name": "湯のみ"}
    asked |= {"r.0.field": f"product:{field.pk}", "r.0.op": "in"}
    with counted() as one:
        agent.post("/views/new/", {**asked, "do": "show", "r.0.text": "のみ00"})
    with counted() as all_:
        agent.post("/views/new/", {**asked, "do": "show", "r.0.text": "\n".join(words)})

    agent.post("/views/new/", {**asked, "r.0.text": "\n".join(words)})

    view = everything(SavedView)[0]
    assert len(all_) == len(one)
    assert read_filter(view.filter) == All(
        (Condition(f"product:{field.pk}", "in", tuple(one.pk for one in made)),)
    )


@pytest.mark.parametrize(
    ("kind", "between"), [("product", "\n"), ("order", "、"), ("customer", "、")], ids=str
)
def test_more_than_a_filter_takes_is_refused_and_nothing_cut_off(
    agent: Client, world: World, kind: str, between: str
) -> None:
    field = make_field(world.ours.desk, kind)
    written = between.join(f"Y-{n}" for n in range(51))
    asked = {"r.join": "all", "r.count": "1", "do": "save", "name": "x"}
    asked |= {"r.0.field": f"{kind}:{field.pk}", "r.0.op": "in", "r.0.text": written}

    answer = agent.post("/views/new/", asked)

    assert answer.status_code == 422
    assert "値を 1 個から 50 個までで選んでください。" in text(answer)
    assert written in text(answer)
    assert kept() == []
