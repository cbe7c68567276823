"""Orders in tables (CSV): a row for each product, rows that follow one another with the same order number being one.

What columns are called stands in docs/running/importing.md. Prices are whole yen, with tax unless the row says that
they are without.
"""

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Final

from django.utils.translation import gettext as _

from madoguchi.commerce.media import ONLINE
from madoguchi.commerce.models import Order
from madoguchi.commerce.outside import Numbers, OutsideLine, OutsideOrder
from madoguchi.commerce.quoting import MOST_PIECES, MOST_YEN, SHIPPING
from madoguchi.imports.moments import moment
from madoguchi.imports.records import Person, Sale
from madoguchi.kernel.clock import TOKYO
from madoguchi.kernel.text import fold, one_line

NAMES: Final[Mapping[str, tuple[str, ...]]] = {
    "order": ("order number", "order id", "order no", "order no.", "注文番号", "受注番号", "注文id"),
    "ordered": ("order date", "ordered at", "注文日", "注文日時", "受注日", "受注日時"),
    "code": ("sku", "product code", "item code", "商品コード", "商品番号", "品番"),
    "product": ("product", "product name", "item", "商品名", "品名", "商品"),
    "quantity": ("quantity", "qty", "数量", "個数"),
    "price": ("unit price", "price", "単価", "価格", "販売価格"),
    "tax": ("tax included", "税区分"),
    "lot": ("lot", "lot number", "lot no", "lot no.", "ロット", "ロット番号", "製造ロット"),
    "serials": (
        *("serial", "serial number", "serial numbers", "serial no", "serial no."),
        *("シリアル", "シリアル番号", "シリアルナンバー", "製造番号", "機番"),
    ),
    "rate": ("tax rate", "税率", "消費税率"),
    "total": ("order total", "合計"),
    "fee": ("shipping", "shipping fee", "送料"),
    "recipient": ("recipient", "ship to", "お届け先", "届け先", "配送先", "送付先", "お届け先氏名"),
    "postcode": ("postcode", "postal code", "zip", "郵便番号"),
    "goes_to": ("shipping address", "お届け先住所", "届け先住所", "配送先住所"),
    "paid": ("paid at", "payment date", "入金日", "支払日"),
    "medium": ("medium", "media", "media code", "order source", "媒体", "媒体名", "媒体コード", "購入経路"),
    "delivered": ("delivered at", "delivery date", "配達日", "お届け日"),
}
_STATES = {
    Order.State.PLACED: ("placed", "open", "paid", "受付", "注文", "新規", "入金済み", "準備中"),
    Order.State.SHIPPED: ("shipped", "fulfilled", "発送", "発送済み", "出荷済み"),
    Order.State.DELIVERED: ("delivered", "completed", "配達済み", "配達完了", "完了"),
    Order.State.CANCELLED: ("cancelled", "canceled", "キャンセル", "取消", "取り消し"),
}
_WITHOUT_TAX = ("税抜", "税抜き", "税別", "外税", "no", "false")
_PARTED = re.compile(r"[、;；,，\r\n]")
_AMOUNT = re.compile(r"[¥￥]?\s*([0-9][0-9,]*)(?:\.0+)?\s*円?")
Given = Mapping[str, str]


def holds_orders(columns: Mapping[str, object]) -> bool:
    """Whether rows with these columns are orders."""
    return "quantity" in columns and bool({"product", "code"} & columns.keys())


def sale_of(rows: Sequence[tuple[str, Given]], who: Callable[[Given, str], Person]) -> Sale:
    """An order of the rows that have its number, each with its place: what stands in the first counts for all of it.
    Raises ValueError for what makes no sense.
    """
    first = {name: value for _place, given in reversed(rows) for name, value in given.items()}
    id_ = first.get("order") or first.get("id")
    if not id_:
        raise ValueError(_("It does not say its order number."))
    at = first.get("ordered") or first.get("created")
    if not at:
        raise ValueError(_("It does not say when that was ordered."))
    lines = [_line(n, given, place) for n, (place, given) in enumerate(rows, 1)]
    if fee := _yen(first, "fee"):
        lines.append(OutsideLine(key="shipping", name=SHIPPING, quantity=1, total=fee, shipping=True))
    state = _state(first.get("status", ""))
    said = OutsideOrder(
        number=id_[:40],
        placed_at=moment(at, zone=TOKYO),
        lines=lines,
        recipient=first.get("recipient") or first.get("name", ""),
        postcode=first.get("postcode", ""),
        address=first.get("goes_to") or first.get("address", ""),
        phone=first.get("phone", ""),
        note=first.get("memo", ""),
        medium=one_line(first.get("medium", ""), most=200) or ONLINE,
        # Of lines with tax it is their sum, and what tables call so may be without fees or points.
        total=_yen(first, "total")
        if "total" in first and not all(one.tax_included for one in lines)
        else None,
        state=state,
        paid_at=_moment(first, "paid"),
        delivered_at=_moment(first, "delivered") if state == Order.State.DELIVERED else None,
    )
    # The remark is the order's, and not what is to be known of the customer.
    customer = who({name: value for name, value in first.items() if name != "memo"}, rows[0][0])
    return Sale(id=id_, customer=customer, said=said, place=rows[0][0])


def _line(n: int, given: Given, place: str) -> OutsideLine:
    name = given.get("product") or given.get("code")
    if not name:
        raise ValueError(_("%(place)s: it does not say which product that is.") % {"place": place})
    quantity = _whole(given.get("quantity", ""), most=MOST_PIECES)
    if not quantity:
        words = _("%(place)s: write how many, from 1 to %(most)s.")
        raise ValueError(words % {"place": place, "most": f"{MOST_PIECES:,}"})
    if "price" not in given:
        raise ValueError(_("%(place)s: it does not say what a piece costs.") % {"place": place})
    return OutsideLine(
        key=f"{n}",
        name=name,
        code=given.get("code", ""),
        quantity=quantity,
        total=_yen(given, "price") * quantity,
        tax_rate=_rate(given.get("rate", ""), place),
        tax_included=fold(given.get("tax", "").strip()) not in _WITHOUT_TAX,
        numbers=_numbers(given),
    )


def _numbers(given: Given) -> Numbers | None:
    """The lot and the serial numbers of a row, these parted by 、 or ; or each on a line of the cell."""
    serials = tuple(one for each in _PARTED.split(given.get("serials", "")) if (one := each.strip()))
    return Numbers(given.get("lot", ""), serials) if serials or "lot" in given else None


def _yen(given: Given, name: str) -> int:
    written = given.get(name, "")
    amount = _whole(written, most=MOST_YEN) if written else 0
    if amount is None:
        words = _("“%(words)s” is no amount in whole yen. Write it as 1980 or ¥1,980.")
        raise ValueError(words % {"words": written[:40]})
    return amount


def _whole(written: str, *, most: int) -> int | None:
    found = _AMOUNT.fullmatch(unicodedata.normalize("NFKC", written).strip())
    amount = int(found[1].replace(",", "")) if found and len(found[1]) <= 15 else None
    return amount if amount is not None and amount <= most else None


def _rate(written: str, place: str) -> int:
    plain = unicodedata.normalize("NFKC", written).strip().rstrip("%").strip()
    rates = {"": 10, "10": 10, "8": 8, "0": 0, "0.1": 10, "0.10": 10, "0.08": 8}
    if plain not in rates:
        raise ValueError(_("%(place)s: a tax rate is 10, 8 or 0 percent.") % {"place": place})
    return rates[plain]


def _state(written: str) -> str:
    word = fold(written.strip())
    if not word:
        return Order.State.DELIVERED.value
    found = next((state for state, words in _STATES.items() if word in (fold(one) for one in words)), None)
    if found is None:
        known = _(", ").join(words[-1] for words in _STATES.values())
        words = _("“%(words)s” says not how far the order is. Write one of these: %(known)s")
        raise ValueError(words % {"words": written[:40], "known": known})
    return found.value


def _moment(given: Given, name: str) -> datetime | None:
    return moment(given[name], zone=TOKYO) if name in given else None
