"""Fields that refer to a product or an order: told by code, name or number, and by nothing of another company."""

import pytest

from madoguchi.cases.actions import fill
from madoguchi.cases.factories import make_case
from madoguchi.cases.models import Case
from madoguchi.cases.queries import asked_of
from madoguchi.commerce.factories import make_variant, order_of
from madoguchi.commerce.models import Order, Product
from madoguchi.commerce.products import Said, keep_products
from madoguchi.fields.actions import Shape, add_field
from madoguchi.fields.factories import make_field
from madoguchi.fields.models import Field
from madoguchi.fields.references import names_of, offered
from madoguchi.fields.values import asked
from madoguchi.infra.models import Event
from madoguchi.kernel.actor import Actor, system
from madoguchi.kernel.errors import Refused
from madoguchi.people.factories import World

pytestmark = pytest.mark.django_db


@pytest.fixture
def case(world: World) -> Case:
    return make_case(world.ours.entry_point)


@pytest.fixture
def product(world: World) -> Field:
    return make_field(world.ours.desk, "product", label="対象の商品")


@pytest.fixture
def order(world: World) -> Field:
    return make_field(world.ours.desk, "order", label="関連する注文")


def kettle(world: World) -> Product:
    return make_variant(
        world.ours.company, name="南部鉄瓶", code="TB-10", product="TB", kana="テツビン"
    ).product


def kept(case: Case) -> dict[str, object]:
    return Case.objects.get(pk=case.pk).filled


class TestProducts:
    @pytest.mark.parametrize(
        "written",
        ["TB", "ＴＢ", "tb", "TB-10", "南部鉄瓶", "南部鉄瓶 (TB)", "南部鉄瓶（ＴＢ）", "てつびん", "鉄瓶"],
    )
    def test_a_product_is_named_by_code_name_or_reading(
        self, world: World, agent: Actor, case: Case, product: Field, written: str
    ) -> None:
        found = kettle(world)
        make_variant(world.ours.company, name="急須", code="TB-20")
        with world.ours.scope():
            fill(case, field=product.pk, written=written, by=agent)

            assert kept(case) == {product.key: {"product": found.pk}}
            assert names_of(kept(case).values(), actor=agent).of({"product": found.pk}) == "南部鉄瓶 (TB)"
            [told] = Event.objects.filter(case_id=case.pk, kind="case.filled")
            assert (told.data["of"], told.data["after"]) == ("product", {"product": found.pk})

    def test_one_that_is_no_longer_sold_is_named_by_its_code_and_not_offered(
        self, world: World, agent: Actor, case: Case, product: Field
    ) -> None:
        found = kettle(world)
        with world.ours.scope():
            gone = Said(code="TB-10", product="TB", name="南部鉄瓶", price=1, active=False)
            keep_products(world.ours.company, [gone], by=system("tests"))
            fill(case, field=product.pk, written="TB", by=agent)

            assert kept(case) == {product.key: {"product": found.pk}}
            assert offered(product, "鉄瓶", customer=case.customer_id, actor=agent) == []

    def test_several_are_told_apart_by_their_codes(
        self, world: World, agent: Actor, case: Case, product: Field
    ) -> None:
        for code in ("A-1", "A-2"):
            make_variant(world.ours.company, name="湯のみ", code=code)
        with world.ours.scope():
            with pytest.raises(Refused) as refused:
                fill(case, field=product.pk, written="湯のみ", by=agent)

            assert str(refused.value) == (
                "対象の商品: 当てはまる商品が複数あります（湯のみ (A-1)、湯のみ (A-2)）。商品コードを入力してください。"
            )
            assert kept(case) == {}
            fill(case, field=product.pk, written="A-2", by=agent)
            assert names_of(kept(case).values(), actor=agent).of(kept(case)[product.key]) == "湯のみ (A-2)"

    def test_another_companys_is_as_if_there_were_none(
        self, world: World, agent: Actor, case: Case, product: Field
    ) -> None:
        make_variant(world.theirs.company, name="よその鍋", code="N-1")
        with world.ours.scope():
            for written in ("N-1", "よその鍋", "鍋"):
                with pytest.raises(Refused) as refused:
                    fill(case, field=product.pk, written=written, by=agent)
                assert str(refused.value) == (
                    "対象の商品: この商品は見つかりません。登録されている商品コードか商品名を入力してください。"
                )

            assert (kept(case), Event.objects.filter(case_id=case.pk, kind="case.filled").count()) == ({}, 0)


class TestOrders:
    @pytest.mark.parametrize("written", ["O-1001", "o1001", "１００１", "Ｏ－１００１"])
    def test_an_order_is_named_by_its_number(
        self, world: World, agent: Actor, case: Case, order: Field, written: str
    ) -> None:
        found = order_of(case.customer_id, case.desk_id)
        with world.ours.scope():
            fill(case, field=order.pk, written=written, by=agent)

            assert kept(case) == {order.key: {"order": found.pk}}
            names = names_of(kept(case).values(), actor=agent)
            assert (names.of({"order": found.pk}), names.orders) == ("O-1001", {found.pk})

    @pytest.mark.parametrize("written", ["O-1002", "A-1001", "1001の注文", "0"])
    def test_what_is_no_order_of_the_company_is_refused(
        self, world: World, agent: Actor, case: Case, order: Field, written: str
    ) -> None:
        order_of(case.customer_id, case.desk_id)
        stranger = make_case(world.theirs.entry_point)
        for _twice in range(2):
            order_of(stranger.customer_id, stranger.desk_id)
        with world.ours.scope():
            with pytest.raises(Refused) as refused:
                fill(case, field=order.pk, written=written, by=agent)

            assert str(refused.value) == (
                "関連する注文: この注文は見つかりません。O-1001 のような注文番号を入力してください。"
            )
            assert kept(case) == {}

    def test_one_that_is_gone_is_told_by_its_id(
        self, world: World, agent: Actor, case: Case, order: Field
    ) -> None:
        found = order_of(case.customer_id, case.desk_id)
        with world.ours.scope():
            fill(case, field=order.pk, written="O-1001", by=agent)
            Order.objects.filter(pk=found.pk).delete()

            names = names_of(kept(case).values(), actor=agent)
            assert (names.of({"order": found.pk}), names.orders) == (f"#{found.pk}", frozenset())

    def test_what_the_customer_bought_last_is_offered(
        self, world: World, agent: Actor, case: Case, product: Field, order: Field
    ) -> None:
        found = kettle(world)
        with world.ours.scope():
            variant = found.variants.get()
        placed = order_of(case.customer_id, case.desk_id, (variant, 1))
        make_variant(world.ours.company, name="急須", code="K-1")
        with world.ours.scope():
            day = placed.placed_at.date().isoformat()
            [(number, about)] = offered(order, "", customer=case.customer_id, actor=agent)
            assert (number, about.removeprefix(about[:10]), len(day)) == ("O-1001", " 南部鉄瓶", 10)
            assert offered(product, "", customer=case.customer_id, actor=agent) == [("南部鉄瓶 (TB)", "")]
            assert offered(product, "急", customer=case.customer_id, actor=agent) == [("急須 (K-1)", "")]


def test_a_field_is_shown_once_something_is_referred_to(
    world: World, agent: Actor, case: Case, order: Field
) -> None:
    why = make_field(world.ours.desk, label="返品の理由", only_if=order)
    order_of(case.customer_id, case.desk_id)
    with world.ours.scope():
        form = asked_of(case).form
        assert asked(form, kept(case)) == [order]
        fill(case, field=order.pk, written="O-1001", by=agent)
        assert asked(form, kept(case)) == [order, why]
        fill(case, field=order.pk, written="", by=agent)
        assert asked(form, kept(case)) == [order]


def test_of_a_reference_it_cannot_be_said_which(world: World, order: Field) -> None:
    with world.ours.scope():
        shape = Shape(label="理由", only_if=order, only_values=["O-1001"])
        with pytest.raises(Refused, match="空のまま"):
            add_field(world.ours.desk, kind="text", shape=shape, by=system("tests"))

        assert list(Field.objects.values_list("label", flat=True)) == ["関連する注文"]
