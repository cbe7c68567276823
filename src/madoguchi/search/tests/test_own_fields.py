"""Cases are found in the box by what desks of their own want to know: `返金額:10000以上`."""

from datetime import datetime
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from madoguchi.cases import asking
from madoguchi.cases.actions import fill
from madoguchi.cases.factories import make_case
from madoguchi.cases.models import Case
from madoguchi.commerce.factories import make_variant, order_of
from madoguchi.companies.factories import make_desk
from madoguchi.companies.models import Engagement
from madoguchi.fields.factories import make_field
from madoguchi.fields.models import Field
from madoguchi.infra import scope
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor
from madoguchi.people.factories import World
from madoguchi.people.queries import actor_of
from madoguchi.search.factories import index_everything
from madoguchi.search.queries import search

pytestmark = pytest.mark.django_db
NOW = datetime.fromisoformat("2026-11-29T10:00:00+09:00")


@pytest.fixture
def fields(world: World) -> dict[str, Field]:
    desk = world.ours.desk
    return {
        "原因": make_field(desk, "choice", label="原因", choices=["輸送中の破損", "初期不良", "お客様都合"]),
        "対象製品": make_field(
            desk, "tree", label="対象製品", choices=["家電 / 炊飯器 / IH", "家電 / 冷蔵庫", "家具 / 棚"]
        ),
        "返金額": make_field(desk, "number", label="返金額（税込）"),
        "購入日": make_field(desk, "date", label="購入日"),
        "型番": make_field(desk, label="型番"),
    }


@pytest.fixture
def cases(world: World, agent: Actor, fields: dict[str, Field]) -> list[Case]:
    """A broken rice cooker, a faulty refrigerator, and a case of which nothing is known."""
    known: list[dict[str, str]] = [
        {
            "原因": "輸送中の破損",
            "対象製品": "家電 / 炊飯器 / IH",
            "返金額": "12,800",
            "購入日": "2026-11-03",
            "型番": "ＫＳ-１０",
        },
        {"原因": "初期不良", "対象製品": "家電 / 冷蔵庫", "返金額": "98000", "購入日": "2026-10-31"},
        {},
    ]
    made = []
    for values in known:
        case = make_case(world.ours.entry_point, text="返品したいです。")
        with world.ours.scope():
            for label, value in values.items():
                fill(case, field=fields[label].pk, written=value, by=agent)
        made.append(case)
    index_everything()
    return made


def found(world: World, text: str, actor: Actor | None) -> list[int]:
    with world.ours.scope(), clock.held_at(NOW):
        return sorted(hit.case for hit in search(text, actor=actor, desks=[world.ours.desk]).hits)


@pytest.mark.parametrize("few", [0, 2_000])
@pytest.mark.parametrize(
    ("typed", "wanted"),
    [
        ("原因:破損", [0]),
        ("原因：初期不良 返品", [1]),
        ("原因:なし", [2]),
        ("原因:あり", [0, 1]),
        ("対象製品:家電", [0, 1]),
        ("対象製品:炊飯器", [0]),
        ("対象製品:家具", []),
        ("返金額（税込）:12800", [0]),
        ("返金額（税込）:１万", []),
        ("返金額（税込）:>12800", [1]),
        ("返金額（税込）:12,800以上", [0, 1]),
        ("返金額（税込）:10000..20000", [0]),
        ("返金額（税込）:98000未満", [0]),
        ("購入日:2026-11-03", [0]),
        ("購入日:11/3", [0]),
        ("購入日:10/31まで", [1]),
        ("購入日:2026-11-01〜2026-11-30", [0]),
        ("型番:ks-1", [0]),
        ("型番:ks-1 原因:初期不良", []),
        ("「返品」 型番:なし 原因:あり", [1]),
    ],
)
def test_each_kind_is_asked_in_its_own_way(
    world: World,
    agent: Actor,
    cases: list[Case],
    typed: str,
    wanted: list[int],
    few: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Whether the index names few cases or they are looked through, with words beside it and without."""
    monkeypatch.setattr(asking, "FEW", few)

    assert found(world, typed, agent) == [cases[n].pk for n in wanted]


def test_a_name_that_is_no_fields_is_a_word_as_before(world: World, agent: Actor, cases: list[Case]) -> None:
    talk = make_case(world.ours.entry_point, text="10:30に伺います。URLは https://shop.example/a です。")
    index_everything()

    for typed in ("10:30", "https://shop.example/a", "https://shop.example"):
        assert found(world, typed, agent) == [talk.pk], typed


def test_fields_of_one_name_at_two_desks_are_asked_together(
    world: World, agent: Actor, cases: list[Case]
) -> None:
    make_field(make_desk(world.ours.company), "number", label="原因")

    assert found(world, "原因:破損", None) == [cases[0].pk]


def test_what_is_masked_is_not_found_out(world: World, agent: Actor) -> None:
    """Given a field that holds phone numbers, who is not to see these finds nothing by it."""
    field = make_field(world.ours.desk, label="携帯", holds="phone")
    case = make_case(world.ours.entry_point)
    with world.ours.scope():
        fill(case, field=field.pk, written="090-1234-5678", by=agent)
    index_everything()
    assert found(world, "携帯:5678", agent) == [case.pk]

    with scope.everywhere(reason="a test"):
        Engagement.objects.filter(company=world.ours.company).update(masked=["phone"])
    masked: Any = actor_of(world.ours.agent)

    assert found(world, "携帯:5678", masked) == []


def test_products_and_orders_are_meant_by_what_they_are_called(
    world: World, agent: Actor, cases: list[Case]
) -> None:
    product = make_field(world.ours.desk, "product", label="対象商品")
    order = make_field(world.ours.desk, "order", label="関連する注文")
    kettle = make_variant(world.ours.company, name="南部鉄瓶", code="TB")
    order_of(cases[0].customer_id, world.ours.desk.pk, (kettle, 1))
    with world.ours.scope():
        fill(Case.objects.get(pk=cases[0].pk), field=product.pk, written="TB", by=agent)
        fill(Case.objects.get(pk=cases[1].pk), field=order.pk, written="O-1001", by=agent)

    assert found(world, "対象商品:鉄瓶", agent) == [cases[0].pk]
    assert found(world, "対象商品:tb", None) == [cases[0].pk]
    assert found(world, "関連する注文:１００１", agent) == [cases[1].pk]
    assert found(world, "関連する注文:o-1001 返品", None) == [cases[1].pk]
    assert found(world, "関連する注文:なし 返品", agent) == [cases[0].pk, cases[2].pk]
    assert found(world, "関連する注文:O-1002", agent) == []
    assert found(world, "対象商品:急須", agent) == []


@pytest.mark.parametrize("typed", ["商品:南部鉄瓶", "商品:鉄瓶", "商品:急須", "注文:1001"])
def test_a_name_that_many_desks_have_costs_no_more_than_that_of_one(
    world: World, agent: Actor, cases: list[Case], typed: str
) -> None:
    desks = [world.ours.desk, *(make_desk(world.ours.company) for _ in range(4))]
    for desk in desks:
        make_field(desk, "product", label="商品")
        make_field(desk, "order", label="注文")
    kettle = make_variant(world.ours.company, name="南部鉄瓶", code="TB")
    order_of(cases[0].customer_id, world.ours.desk.pk, (kettle, 1))
    asked = []
    for several in (desks[:1], desks):
        with world.ours.scope(), CaptureQueriesContext(connection) as queries:
            search(typed, actor=agent, desks=several)
        asked.append(len(queries))

    assert asked[0] == asked[1]
