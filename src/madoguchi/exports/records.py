"""Customers, orders and parcels of a company as tables: which rows there are, and what stands in them for whom.

Columns are called as an import of such tables reads them (docs/running/importing.md): what was taken along comes in
elsewhere as it is. Amounts are whole yen: with tax but for what a piece costs, which is as it was sold.
"""

import codecs
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Final

from django.db.models import QuerySet

from madoguchi.commerce.documents.tax import Rounding, totals_of
from madoguchi.commerce.models import Order, OrderLine, Parcel
from madoguchi.commerce.queries import in_order, reckoned
from madoguchi.customers.blots import blotters_for
from madoguchi.customers.models import Customer, Identity
from madoguchi.customers.queries import CustomerView, show, views_of
from madoguchi.exports.tables import line_of
from madoguchi.kernel.actor import Actor, DataScope
from madoguchi.kernel.blotting import NOTHING, Blotter
from madoguchi.kernel.clock import TOKYO

MOST_ROWS: Final = 100_000
CUSTOMERS: Final = "customers"
ORDERS: Final = "orders"
PARCELS: Final = "parcels"
UTF8: Final = "utf-8"
SHIFT_JIS: Final = "cp932"
# What stands in the place of a letter that Shift_JIS has not, as Japanese printers put it.
_GETA = "〓"
_MORE = "、"
_STATES: Final = {
    Order.State.PLACED: "受付",
    Order.State.SHIPPED: "発送済み",
    Order.State.DELIVERED: "配達済み",
    Order.State.CANCELLED: "キャンセル",
}
# As `imports/parcel_table` reads them.
_PARCEL_STATES: Final = {
    Parcel.State.PREPARING: "発送準備中",
    Parcel.State.HANDED_OVER: "発送済み",
    Parcel.State.IN_TRANSIT: "輸送中",
    Parcel.State.ABSENT: "ご不在",
    Parcel.State.DELIVERED: "配達完了",
    Parcel.State.RETURNED: "返送",
}
_CARRIERS: Final = {
    Parcel.Carrier.YAMATO: "ヤマト運輸",
    Parcel.Carrier.SAGAWA: "佐川急便",
    Parcel.Carrier.JAPAN_POST: "日本郵便",
    Parcel.Carrier.OTHER: "その他",
}
_PARCEL_HEADS: Final = ("送り状番号", "注文番号", "配送会社", "状態", "日時")
_CUSTOMER_HEADS: Final = (
    *(
        "顧客番号",
        "氏名",
        "フリガナ",
        "旧姓",
        "メールアドレス",
        "他のメールアドレス",
        "電話番号",
        "他の電話番号",
    ),
    *("会員番号", "他の会員番号", "住所", "備考", "登録日時"),
)
_ORDER_HEADS: Final = (
    *(
        "注文番号",
        "注文日時",
        "状態",
        "商品コード",
        "商品名",
        "数量",
        "単価",
        "税区分",
        "税率",
        "送料",
        "合計",
        "支払方法",
    ),
    *("入金日", "配達日", "お届け先", "郵便番号", "お届け先住所", "お届け先電話番号", "備考"),
    *("氏名", "フリガナ", "メールアドレス", "電話番号", "会員番号"),
)


def _geta(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    return _GETA * (error.end - error.start), error.end


codecs.register_error("geta", _geta)


@dataclass(frozen=True, slots=True)
class Span:
    """From which day until which, both included, by the clock of Japan; None is without end."""

    since: date | None = None
    until: date | None = None

    def of(self, rows: QuerySet[Any], field: str) -> QuerySet[Any]:
        """Those rows that lie in it."""
        if self.since:
            rows = rows.filter(**{f"{field}__gte": _begin(self.since)})
        return rows.filter(**{f"{field}__lt": _begin(self.until + timedelta(days=1))}) if self.until else rows


def ids_of(what: str, span: Span, *, company: int) -> list[int]:
    """The customers, orders or parcels of a company, the newest first; one more than fit, at most. Without those of
    whom the use of their data is stopped, and without records that an erasure or a join has emptied.
    """
    rows: QuerySet[Any]
    if what == CUSTOMERS:
        customers = Customer.objects.filter(company=company, joined_into=None, use_stopped_at=None)
        known = Identity.objects.filter(company=company).values("customer")
        rows = span.of(customers.exclude(name="", kana="", address=""), "created_at").union(
            span.of(customers.filter(pk__in=known), "created_at")
        )
    elif what == PARCELS:
        parcels = Parcel.objects.filter(company=company, order__customer__use_stopped_at=None)
        rows = span.of(parcels.exclude(slip=""), "moved_at")
    else:
        orders = Order.objects.filter(company=company, customer__use_stopped_at=None)
        rows = span.of(orders, "placed_at")
    return list(rows.order_by("-pk").values_list("pk", flat=True)[: MOST_ROWS + 1])


def head_of(what: str) -> str:
    """The first line."""
    return line_of({CUSTOMERS: _CUSTOMER_HEADS, PARCELS: _PARCEL_HEADS}.get(what, _ORDER_HEADS))


def rows_of(what: str, ids: Sequence[int], *, actor: Actor) -> tuple[str, int]:
    """These as lines in the order given, with what the contract keeps from the actor masked or left out; and how many
    they are. Three queries for customers, five for orders, one for parcels, however many.
    """
    lines = {CUSTOMERS: _customers, PARCELS: _parcels}.get(what, _orders)(ids, actor)
    return "".join(line_of(cells) for rows in lines for cells in rows), len(lines)


def encoded(text: str, letters: str) -> bytes:
    """A table in these letters; what they have not stands as 〓."""
    return text.encode(letters, "geta")


def _customers(ids: Sequence[int], actor: Actor) -> list[list[list[str]]]:
    rows = Customer.objects.in_bulk(list(ids))
    seen = views_of(rows.values(), actor=actor)
    return [[_customer(rows[pk], seen[pk])] for pk in ids if pk in rows]


def _customer(row: Customer, seen: CustomerView) -> list[str]:
    cells = [str(row.pk), seen.name, seen.kana, _MORE.join(seen.former_names)]
    for written in (seen.emails, seen.phones, seen.members):
        cells += [next(iter(written), ""), _MORE.join(written[1:])]
    return [*cells, seen.address, seen.memo, _at(row.created_at)]


def _parcels(ids: Sequence[int], _actor: Actor) -> list[list[list[str]]]:
    """Nothing of whom they go to stands in it."""
    rows = Parcel.objects.select_related("order").in_bulk(list(ids))
    return [[_parcel(rows[pk])] for pk in ids if pk in rows]


def _parcel(one: Parcel) -> list[str]:
    carrier, state = _CARRIERS[Parcel.Carrier(one.carrier)], _PARCEL_STATES[Parcel.State(one.state)]
    # That it is being prepared is no step on its way, and known without a time.
    at = "" if one.state == Parcel.State.PREPARING else _at(one.moved_at)
    return [one.slip, str(one.order), carrier, state, at]


def _orders(ids: Sequence[int], actor: Actor) -> list[list[list[str]]]:
    found = Order.objects.select_related("customer").prefetch_related("lines").in_bulk(list(ids))
    whose = {one.customer_id: one.customer for one in found.values()}
    seen, blots = views_of(whose.values(), actor=actor), blotters_for(whose, actor=actor)
    every = [found[pk] for pk in ids if pk in found]
    return [_order(one, seen[one.customer_id], blots.get(one.customer_id, NOTHING), actor) for one in every]


def _order(order: Order, seen: CustomerView, blot: Blotter, actor: Actor) -> list[list[str]]:
    """A row for each product; what stands of the order as a whole stands in each."""
    scope = actor.data_scope(company=order.company_id)
    lines = in_order(order)
    fee = totals_of([reckoned(line) for line in lines if line.shipping], Rounding(order.rounding)).total
    before = [order.outside or str(order), _at(order.placed_at), _STATES[Order.State(order.state)]]
    after = [str(fee), str(order.total), str(order.get_payment_display())]
    after += [_at(order.paid_at), _at(order.delivered_at), *_whither(order, scope, blot)]
    after += [
        seen.name,
        seen.kana,
        *(next(iter(one), "") for one in (seen.emails, seen.phones, seen.members)),
    ]
    goods = [line for line in lines if not line.shipping]
    return [[*before, *_goods(line), *after] for line in goods]


def _goods(line: OrderLine) -> list[str]:
    """The tax that is added to prices is rounded once for all lines: a price with it would not come to the sum."""
    kind = "税込" if line.tax_included else "税抜"
    return [line.code, line.name, str(line.quantity), str(line.unit_price), kind, str(line.tax_rate)]


def _whither(order: Order, scope: DataScope, blot: Blotter) -> list[str]:
    fields = {
        "recipient": "name",
        "postcode": "address",
        "address": "address",
        "phone": "phone",
    }
    told = [show(getattr(order, name), field, scope) for name, field in fields.items()]
    return [*told, blot(show(order.note, "memo", scope))]


def _at(moment: datetime | None) -> str:
    return f"{moment.astimezone(TOKYO):%Y-%m-%d %H:%M:%S}" if moment else ""


def _begin(day: date) -> datetime:
    return datetime.combine(day, time(), TOKYO)
