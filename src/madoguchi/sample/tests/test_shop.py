"""What the sample companies sell and their customers bought: the same every time, and as it would have been taken."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction
from django.test import override_settings

from madoguchi.commerce.documents.registration import registration_number
from madoguchi.commerce.documents.tax import totals_of
from madoguchi.commerce.models import Counter, Order, OrderLine, Product, Shop, Variant
from madoguchi.commerce.queries import in_order, products_matching, reckoned
from madoguchi.commerce.slips import slip_of
from madoguchi.companies.models import Company
from madoguchi.customers.models import Customer
from madoguchi.infra import reactions, scope
from madoguchi.infra.models import Event
from madoguchi.sample.load import load
from madoguchi.sample.shelves import written

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 24, 2, 30, tzinfo=UTC)
_REASON = "a test looks at the sample world of all companies"


@contextmanager
def _files_in(folder: Path) -> Iterator[None]:
    hashers = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    with override_settings(DATA=folder, FILES_ROOT=folder, PASSWORD_HASHERS=hashers):
        yield


@pytest.fixture(scope="module")
def filled(
    django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Path]:
    """A small world, loaded once for all tests of this file, and gone with its transaction."""
    folder = tmp_path_factory.mktemp("shop")
    with django_db_blocker.unblock(), transaction.atomic():
        with _files_in(folder):
            reactions.enrol()
            load(cases=60, now=NOW)
        with scope.everywhere(reason=_REASON):
            yield folder
        transaction.set_rollback(True)


def told() -> list[tuple[object, ...]]:
    """Every order by what does not depend on the database."""
    rows = (
        Order.objects.select_related("customer", "company")
        .prefetch_related("lines")
        .order_by("company", "number")
    )
    return [
        (
            *(
                o.company.slug,
                o.number,
                o.customer.name,
                o.state,
                o.payment,
                o.placed_at,
                o.total,
                str(o.once),
            ),
            *((line.code, line.quantity, line.unit_price) for line in in_order(o)),
        )
        for o in rows
    ]


def test_each_company_sells_what_is_written(filled: Path) -> None:
    for company in Company.objects.all():
        said = written()[company.slug]
        rows = said["products"].strip().splitlines()
        assert Variant.objects.filter(company=company).count() == len(rows)
        assert Product.objects.filter(company=company).count() == len({row.split("｜")[1] for row in rows})
        shop = Shop.objects.get(company=company)
        assert registration_number(shop.registration_number) == shop.registration_number
        first = rows[0].split("｜")
        assert first[0] in [one.code for one in products_matching(first[2], company=company.pk)]
        assert products_matching(first[0], company=company.pk)[0].code == first[0]


def test_orders_are_as_they_would_have_been_taken(filled: Path) -> None:
    orders = list(Order.objects.select_related("policy").prefetch_related("lines"))
    assert len(orders) > 20
    for order in orders:
        lines = in_order(order)
        totals = totals_of(reckoned(line) for line in lines)
        assert (order.net, order.tax) == (totals.net, totals.tax)
        assert [line.place for line in lines] == list(range(1, len(lines) + 1))
        assert order.policy is not None
        assert order.policy.at <= order.placed_at <= NOW
        assert order.delivered_at is None or order.delivered_at <= NOW
        assert (order.state == "delivered") == (order.delivered_at is not None)
        if order.payment == "on_delivery":
            assert order.paid_at == order.delivered_at
        if order.paid_at is not None:
            assert order.placed_at < order.paid_at < NOW
            assert order.state != "cancelled"
            assert order.payment != "later" or order.delivered_at is not None
        if order.placed_at > NOW - timedelta(days=1):
            assert order.state in ("placed", "cancelled")


def test_what_has_gone_out_is_in_one_parcel_with_all_its_goods(filled: Path) -> None:
    states = set()
    for order in Order.objects.prefetch_related("lines", "parcels__pieces", "parcels__steps"):
        went = order.state in ("shipped", "delivered")
        assert len(order.parcels.all()) == went
        for parcel in order.parcels.all():
            goods = {line.pk: line.quantity for line in order.lines.all() if not line.shipping}
            assert {piece.line_id: piece.quantity for piece in parcel.pieces.all()} == goods
            assert slip_of(parcel.slip, parcel.carrier) == parcel.slip
            steps = sorted(parcel.steps.all(), key=lambda step: step.at)
            assert (parcel.state, parcel.moved_at) == (steps[-1].state, steps[-1].at)
            assert order.placed_at < steps[0].at
            assert (parcel.state == "delivered") == (order.delivered_at == steps[-1].at)
            states.add(parcel.state)
    assert "delivered" in states
    assert not OrderLine.objects.filter(shipping=True).exclude(code__endswith="SHIP").exists()
    assert OrderLine.objects.filter(shipping=True).count() == Order.objects.count()


def test_some_of_them_are_paid(filled: Path) -> None:
    came = Order.objects.filter(state="delivered")
    assert {order.paid_at is None for order in came} == {True, False}


def test_numbers_go_on_without_a_gap_and_are_told(filled: Path) -> None:
    for company in Company.objects.all():
        numbers = sorted(Order.objects.filter(company=company).values_list("number", flat=True))
        assert numbers == list(range(1001, 1001 + len(numbers)))
        assert Counter.objects.get(company=company, kind="order").last == numbers[-1]
    told_of = set(Event.objects.filter(kind="order.placed").values_list("data__order", flat=True))
    assert told_of == set(Order.objects.values_list("pk", flat=True))


def test_nobody_who_only_sends_advertisements_buys(filled: Path) -> None:
    assert Customer.objects.exclude(pk__in=Order.objects.values("customer")).exists()


def test_more_of_it_goes_on_from_there(filled: Path) -> None:
    before = told()
    with transaction.atomic(), _files_in(filled):
        load(cases=20, now=NOW)
        after = told()
        transaction.set_rollback(True)
    assert [row for row in before if row not in after] == []
    assert len(after) > len(before)
