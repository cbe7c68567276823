"""Tables of products, of what works together and of parcels: looked at, brought in, brought in again, by who may."""

import pytest

from madoguchi.cases.factories import make_case
from madoguchi.commerce.factories import make_variant, order_of
from madoguchi.commerce.models import Fit, Parcel, ParcelStep, Product, Stock, Variant
from madoguchi.imports.actions.uploading import look_again, start
from madoguchi.imports.models import Upload
from madoguchi.imports.tests.test_uploads import a_file, go, uploaded
from madoguchi.infra import stopping
from madoguchi.infra.models import Event
from madoguchi.kernel.errors import NotAllowed, Refused
from madoguchi.people.factories import World
from madoguchi.people.queries import actor_of

pytestmark = pytest.mark.django_db
PRODUCTS = (
    "商品コード,商品名,価格,税率,在庫場所,在庫,色\r\n"
    'K-1,南部鉄瓶,"13,200円",10%,本店,4,黒\r\n'
    "T-1,宇治煎茶,1080,8,,,\r\n"
    "T-2,番茶,千円,8,,,\r\n"
)


def in_it(found: Upload, world: World) -> Upload:
    """Brought in by who uploaded it."""
    with world.ours.scope():
        start(found, by=actor_of(found.owner))
    return go(found)


def counts(found: Upload) -> dict[str, dict[str, int]]:
    told: dict[str, dict[str, int]] = found.found["counts"]
    return told


def test_products_are_looked_at_then_kept_and_the_same_again_changes_nothing(world: World) -> None:
    looked = go(uploaded(world, a_file(PRODUCTS), system="products"))

    assert (looked.state, looked.found["guessed"]["letters"]) == ("looked", "cp932")
    assert counts(looked) == {"product": {"created": 2}, "unreadable": {"failed": 1}}
    assert looked.found["samples"][0]["what"] == "南部鉄瓶 ¥13,200"
    with world.ours.scope():
        [line] = looked.lines.all()
        assert (line.place, line.reason) == ("cases.csvの4行目", "「千円」は整数ではありません。")
        assert not Product.objects.exists()
        assert not Event.objects.filter(kind="products.imported").exists()

    done = in_it(looked, world)

    assert (done.state, counts(done)["product"]) == ("done", {"created": 2})
    with world.ours.scope():
        kettle = Variant.objects.get(code="K-1")
        assert (kettle.unit_price, kettle.attributes) == (13_200, {"色": "黒"})
        assert (Stock.objects.get().place, Stock.objects.get().quantity) == ("本店", 4)
    again = go(uploaded(world, a_file(PRODUCTS.replace("1080", "1180")), system="products"))
    assert counts(again)["product"] == {"skipped": 1, "updated": 1}
    with world.ours.scope():
        assert Variant.objects.get(code="T-1").unit_price == 1_080


def test_columns_that_were_said_once_are_kept_for_the_next_table(world: World) -> None:
    strange = "番,品,円\r\nK-1,鉄瓶,1000\r\n"
    refused = go(uploaded(world, a_file(strange), system="products"))
    assert refused.state == "failed"
    assert refused.found["headings"] == ["番", "品", "円"]
    said = {"columns": {"code": "番", "name": "品", "price": "円"}}
    with world.ours.scope():
        look_again(refused, said=said, by=actor_of(refused.owner))
    assert in_it(go(refused), world).state == "done"

    second = go(uploaded(world, a_file(strange.replace("K-1", "K-2")), system="products"))

    assert (second.state, counts(second)) == ("looked", {"product": {"created": 1}})
    assert second.asked["columns"] == said["columns"]
    with world.ours.scope(), pytest.raises(Refused):
        look_again(second, said={"columns": {"subject": "品"}}, by=actor_of(second.owner))


def test_a_long_table_that_was_stopped_goes_on_from_there(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = "".join(f"P-{n},品 {n},100\r\n" for n in range(120))
    found = go(uploaded(world, a_file(f"商品コード,商品名,価格\r\n{rows}"), system="products"))
    with world.ours.scope():
        start(found, by=actor_of(found.owner))
    # The process is to end: what it has in hand is settled, and the rest is for another one.
    with monkeypatch.context() as patch:
        patch.setattr(stopping, "_asked", True, raising=False)
        patch.setattr("madoguchi.imports.actions.working.is_stopping", lambda: True)
        half = go(found)
    assert (half.state, half.passed) == ("running", 50)
    with world.ours.scope():
        assert Variant.objects.count() == 50

    whole = go(half)

    assert (whole.state, counts(whole)["product"]) == ("done", {"created": 120})
    with world.ours.scope():
        assert Variant.objects.count() == 120


def test_pairs_and_parcels_come_in_and_what_cannot_hinders_no_other(world: World) -> None:
    kettle = make_variant(world.ours.company, code="K-1", name="鉄瓶")
    pairs = (
        "商品コード,外部の機種,互換性,出典,確認日\r\n"
        "K-1,IH-2000,可,取扱説明書 12頁,2026-08-01\r\n"
        "X-9,IH-2000,可,取扱説明書,2026-08-01\r\n"
    )
    found = in_it(go(uploaded(world, a_file(pairs), system="fits")), world)
    assert counts(found)["pair"] == {"created": 1, "failed": 1}
    with world.ours.scope():
        assert Fit.objects.get().product_id == kettle.product_id

    case = make_case(world.ours.entry_point)
    order = order_of(case.customer_id, case.desk_id, (kettle, 1))
    parcels = (
        "送り状番号,注文番号,配送会社,状態,日時\r\n"
        f"1234-5678-9013,{order},ヤマト運輸,発送済み,2026/11/20 10:00\r\n"
        "1234-5678-9024,O-9999,ヤマト運輸,発送済み,2026/11/20 10:00\r\n"
    )
    looked = go(uploaded(world, a_file(parcels), system="parcels"))
    assert counts(looked)["parcel"] == {"created": 1, "failed": 1}
    with world.ours.scope():
        assert not Parcel.objects.exists()
    assert counts(in_it(looked, world))["parcel"] == {"created": 1, "failed": 1}
    with world.ours.scope():
        assert (Parcel.objects.get().order_id, ParcelStep.objects.count()) == (order.pk, 1)
    moved = parcels.replace("発送済み", "配達完了").replace("11/20 10:00", "11/21 15:00")
    looked = go(uploaded(world, a_file(moved), system="parcels"))
    assert counts(looked)["parcel"] == {"updated": 1, "failed": 1}


@pytest.mark.parametrize("system", ["products", "fits", "parcels"])
def test_who_keeps_no_shop_brings_in_none_of_it(world: World, system: str) -> None:
    for person in (world.ours.manager, world.ours.company_staff, world.theirs.company_manager):
        with pytest.raises(NotAllowed):
            uploaded(world, a_file(PRODUCTS), system=system, by=person)

    with world.ours.scope():
        assert not Upload.objects.exists()
