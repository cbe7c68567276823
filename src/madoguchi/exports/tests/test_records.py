"""Customers and orders as tables: what stands in them for whom, in which letters, and that they come in again."""

import csv
from datetime import date, datetime, timedelta
from io import StringIO
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from madoguchi.commerce.actions import set_up_shop
from madoguchi.commerce.documents.tax import Rounding, totals_of
from madoguchi.commerce.factories import make_variant, order_of
from madoguchi.commerce.models import Order, OrderLine, Parcel
from madoguchi.commerce.outside import keep_outside
from madoguchi.commerce.parcels import make_parcel
from madoguchi.commerce.queries import reckoned
from madoguchi.customers.actions import add_customer
from madoguchi.customers.models import Customer, Identity
from madoguchi.exports.actions import export_records, take, work
from madoguchi.exports.models import Export
from madoguchi.exports.records import _PARCEL_STATES, Span, head_of, rows_of
from madoguchi.imports.actions import target_of
from madoguchi.imports.parcel_table import state_named, take_parcels
from madoguchi.imports.records import Person
from madoguchi.imports.reports import Report
from madoguchi.imports.running import SOURCES, run
from madoguchi.imports.sale_rows import NAMES, sale_of
from madoguchi.imports.sources import Asked
from madoguchi.infra.models import Event
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor, system
from madoguchi.kernel.errors import NotAllowed, Refused
from madoguchi.people.factories import Side, World
from madoguchi.people.queries import actor_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def lead(world: World) -> Actor:
    return actor_of(world.ours.company_manager)


@pytest.fixture
def misaki(world: World) -> Customer:
    with world.ours.scope():
        return add_customer(
            world.ours.company.pk,
            name="髙橋 美咲",
            kana="タカハシ ミサキ",
            emails=["misaki@home.example", "m2@home.example"],
            phones=["+81 90-1234-5678"],
            members=["A-1"],
            address="京都市中京区 𠮷田町1",
            memo="=1+1",
            by=system("test"),
        )


def written(world: World, what: str, by: Actor, **said: object) -> bytes:
    """The file, as it is taken along."""
    with world.ours.scope():
        made = export_records(world.ours.company, what, called="表", by=by, **said)  # type: ignore[arg-type]
    work(made.pk, company=world.ours.company.pk)
    with world.ours.scope():
        made.refresh_from_db()
        assert (made.state, made.reason) == ("ready", "")
        with take(made, by=by) as file:
            return file.read()


def brought_in(side: Side, path: Path) -> None:
    with side.scope():
        target = target_of(side.entry_point, source="there", importer=side.supervisor.pk)
    run(SOURCES["csv"]((path,), Asked()), target, report=Report(None), progress=lambda _n: None)


def rows(content: bytes, letters: str = "utf-8-sig") -> list[dict[str, str]]:
    return list(csv.DictReader(StringIO(content.decode(letters), newline="")))


def test_customers_stand_in_it_with_all_their_addresses(world: World, lead: Actor, misaki: Customer) -> None:
    with world.ours.scope():
        stopped = add_customer(world.ours.company.pk, name="止めた 人", by=system("test"))
        Customer.objects.filter(pk=stopped.pk).update(use_stopped_at=clock.now())
        Customer.objects.create(company=world.ours.company, created_at=clock.now())

    content = written(world, "customers", lead)

    [row] = rows(content)
    assert content.startswith(b"\xef\xbb\xbf")
    assert row == {
        "顧客番号": str(misaki.pk),
        "氏名": "髙橋 美咲",
        "フリガナ": "タカハシ ミサキ",
        "旧姓": "",
        "メールアドレス": "misaki@home.example",
        "他のメールアドレス": "m2@home.example",
        "電話番号": "'+81 90-1234-5678",
        "他の電話番号": "",
        "会員番号": "A-1",
        "他の会員番号": "",
        "住所": "京都市中京区 𠮷田町1",
        "備考": "'=1+1",
        "登録日時": f"{misaki.created_at.astimezone(clock.TOKYO):%Y-%m-%d %H:%M:%S}",
    }
    with world.ours.scope():
        data = Event.objects.get(kind="list.taken").data
        assert (data["cases"], data["customers"], data["orders"]) == (0, 1, 0)


def test_shift_jis_has_no_mark_and_geta_for_what_it_lacks(
    world: World, lead: Actor, misaki: Customer
) -> None:
    [row] = rows(written(world, "customers", lead, letters="cp932"), "cp932")

    assert (row["氏名"], row["住所"]) == ("髙橋 美咲", "京都市中京区 〓田町1")


def test_orders_stand_in_it_by_product_with_tax_and_within_the_days(
    world: World, lead: Actor, misaki: Customer
) -> None:
    tea = make_variant(
        world.ours.company, code="TEA", name="煎茶", price=1_000, tax_rate=8, tax_included=False
    )
    kettle = make_variant(world.ours.company, code="K-1", name="鉄瓶", price=13_200)
    order = order_of(misaki.pk, world.ours.desk.pk, (tea, 2), (kettle, 1))
    today, day = clock.today(), timedelta(days=1)

    found = rows(written(world, "orders", lead, span=Span(today, today)))

    assert [(one["商品コード"], one["数量"], one["単価"], one["税区分"], one["税率"]) for one in found] == [
        ("TEA", "2", "1000", "税抜", "8"),
        ("K-1", "1", "13200", "税込", "10"),
    ]
    assert {
        (one["注文番号"], one["状態"], one["合計"], one["お届け先"], one["会員番号"]) for one in found
    } == {(f"O-{order.number}", "受付", "15360", "髙橋 美咲", "A-1")}
    assert rows(written(world, "orders", lead, span=Span(today + day, None))) == []
    assert rows(written(world, "orders", lead, span=Span(None, today - day))) == []


def test_what_the_contract_keeps_from_somebody_is_kept_from_their_rows(
    world: World, misaki: Customer
) -> None:
    with world.ours.scope():
        world.ours.engagement.masked, world.ours.engagement.hidden = ["name"], ["phone", "address"]
        world.ours.engagement.save()
    order = order_of(misaki.pk, world.ours.desk.pk)
    by, said = actor_of(world.ours.supervisor), "090-1234-5678 髙橋様はご不在がち"

    with world.ours.scope():
        Customer.objects.filter(pk=misaki.pk).update(memo=said)
        Order.objects.filter(pk=order.pk).update(note=said)
        customer, count = rows_of("customers", [misaki.pk], actor=by)
        ordered, _count = rows_of("orders", [order.pk], actor=by)

    assert count == 1
    for cells in (customer, ordered):
        assert "髙••••" in cells
        assert not [kept for kept in ("美咲", "1234", "京都", "髙橋") if kept in cells]
        assert "••••••••••••• ••様はご不在がち" in cells


def test_who_may_not_and_what_makes_no_sense_begins_nothing(world: World, lead: Actor) -> None:
    with world.ours.scope():
        for by in (actor_of(world.ours.supervisor), actor_of(world.theirs.company_manager)):
            with pytest.raises(NotAllowed):
                export_records(world.ours.company, "customers", called="表", by=by)
        wrong = Span(date(2026, 2, 1), date(2026, 1, 1))
        for said in ({"what": "cases"}, {"letters": "latin-1"}, {"span": wrong}):
            with pytest.raises(Refused):
                export_records(
                    world.ours.company, **{"what": "customers", "called": "表", "by": lead, **said}
                )  # type: ignore[arg-type]
        assert not Export.objects.exists()


@pytest.mark.parametrize("letters", ["utf-8", "cp932"])
def test_what_was_taken_along_comes_in_elsewhere_and_changes_nothing_here(
    world: World, lead: Actor, misaki: Customer, tmp_path: Path, letters: str
) -> None:
    order_of(misaki.pk, world.ours.desk.pk)
    files = {}
    for what in ("customers", "orders"):
        files[what] = tmp_path / f"{what}.csv"
        files[what].write_bytes(written(world, what, lead, letters=letters))

    for what in ("customers", "orders"):
        brought_in(world.theirs, files[what])
        brought_in(world.ours, files[what])

    with world.theirs.scope():
        found = Customer.objects.get()
        assert (found.name, found.kana, found.memo) == ("髙橋 美咲", "タカハシ ミサキ", "=1+1")
        written_there = Identity.objects.order_by("written").values_list("written", flat=True)
        assert list(written_there) == ["+81 90-1234-5678", "A-1", "m2@home.example", "misaki@home.example"]
        order = Order.objects.get()
        assert (order.total, order.state, order.customer_id) == (13_200, "placed", found.pk)
    with world.ours.scope():
        assert (Customer.objects.count(), Order.objects.count(), Identity.objects.count()) == (1, 1, 4)


@pytest.mark.parametrize(
    ("at", "yen", "comes"),
    [
        # Programs for tables drop the seconds.
        ("2026-11-20 10:00", "13200", False),
        ("2026-11-20 10:00:59", "13200", False),
        ("2026-11-20 10:00:07", "13201", True),
        ("2019-03-04 10:00:07", "13200", True),
    ],
)
def test_an_order_of_another_system_comes_in_though_one_of_ours_has_its_number(
    world: World, lead: Actor, misaki: Customer, tmp_path: Path, at: str, yen: str, comes: bool
) -> None:
    with clock.held_at(datetime(2026, 11, 20, 10, 0, 7, tzinfo=clock.TOKYO)):
        order = order_of(misaki.pk, world.ours.desk.pk)
    text = written(world, "orders", lead).decode("utf-8-sig")
    table = tmp_path / "orders.csv"
    table.write_text(text.replace("2026-11-20 10:00:07", at).replace("13200", yen), encoding="utf-8")

    brought_in(world.ours, table)

    with world.ours.scope():
        found = list(Order.objects.order_by("pk").values_list("outside", flat=True))
    assert found == ["", *[str(order)] * comes]


LINES = st.lists(
    st.tuples(
        st.integers(0, 999), st.sampled_from((10, 8, 0)), st.booleans(), st.integers(1, 20), st.booleans()
    ),
    min_size=1,
    max_size=5,
)


@pytest.fixture
def bought(world: World, misaki: Customer) -> Order:
    return order_of(misaki.pk, world.ours.desk.pk)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(lines=LINES, here=st.sampled_from(Rounding), there=st.sampled_from(Rounding))
@example(lines=[(95, 8, False, 10, False)], here=Rounding.FLOOR, there=Rounding.FLOOR)
@example(
    lines=[(95, 8, False, 1, False), (335, 10, False, 1, True)], here=Rounding.CEIL, there=Rounding.FLOOR
)
def test_an_order_comes_in_elsewhere_at_the_prices_and_for_the_sum_for_which_it_was_sold(
    world: World,
    bought: Order,
    lines: list[tuple[int, int, bool, int, bool]],
    here: Rounding,
    there: Rounding,
) -> None:
    lines = [(*lines[0][:4], False), *lines[1:]]
    with world.ours.scope():
        OrderLine.objects.filter(order=bought).delete()
        rows_here = [
            OrderLine(
                company=world.ours.company,
                order=bought,
                place=place,
                name="煎茶",
                quantity=count,
                unit_price=price,
                tax_rate=rate,
                tax_included=included,
                shipping=shipping,
            )
            for place, (price, rate, included, count, shipping) in enumerate(lines, 1)
        ]
        OrderLine.objects.bulk_create(rows_here)
        sums = totals_of([reckoned(line) for line in rows_here], here)
        bought.rounding, bought.net, bought.tax = here.value, sums.net, sums.tax
        bought.save()
        text = (
            head_of("orders") + rows_of("orders", [bought.pk], actor=actor_of(world.ours.company_manager))[0]
        )
    heads, *cells = csv.reader(StringIO(text, newline=""))
    found = {name: heads.index(word) for name, words in NAMES.items() for word in words if word in heads}
    read = [("", {name: row[at] for name, at in found.items() if row[at]}) for row in cells]

    sale = sale_of(read, lambda _given, place: Person(id="1", place=place))

    goods = [line for line in rows_here if not line.shipping]
    told = [line for line in sale.said.lines if not line.shipping]
    assert [(one.total, one.quantity, one.tax_rate, one.tax_included) for one in told] == [
        (one.unit_price * one.quantity, one.quantity, one.tax_rate, one.tax_included) for one in goods
    ]
    with world.theirs.scope():
        set_up_shop(world.theirs.company, rounding=there.value, by=system("test"))
        who = Customer.objects.create(company=world.theirs.company, created_at=clock.now())
        made = keep_outside(who.pk, sale.said, desk=world.theirs.desk, by=system("test"))
    assert made.total == sums.total


def test_parcels_stand_in_it_and_say_nothing_new_when_they_come_in_again(
    world: World, lead: Actor, misaki: Customer, tmp_path: Path
) -> None:
    orders = [order_of(misaki.pk, world.ours.desk.pk) for _one in range(2)]
    sent = datetime(2026, 11, 20, 10, 30, tzinfo=clock.TOKYO)
    with world.ours.scope():
        for order, slip, state in zip(
            orders, ("1234-5678-9013", "3001-0000-0001"), ("preparing", "handed_over"), strict=True
        ):
            make_parcel(order, carrier="yamato", slip=slip, state=state, at=sent, by=system("test"))

    content = written(world, "parcels", lead)

    assert [tuple(row.values()) for row in rows(content)] == [
        ("300100000001", str(orders[1]), "ヤマト運輸", "発送済み", "2026-11-20 10:30:00"),
        ("123456789013", str(orders[0]), "ヤマト運輸", "発送準備中", ""),
    ]
    (tmp_path / "p.csv").write_bytes(content)
    with world.ours.scope():
        told = take_parcels(tmp_path / "p.csv", company=world.ours.company.pk, by=system("test"))
        assert (told.added, told.moved, told.known, told.wrong) == (0, 0, 2, [])
        assert Event.objects.get(kind="list.taken").data["parcels"] == 2


@pytest.mark.parametrize("state", Parcel.State)
def test_what_a_parcel_is_called_when_it_leaves_is_what_it_is_when_it_comes_in(state: Parcel.State) -> None:
    assert state_named(_PARCEL_STATES[state]) == state
