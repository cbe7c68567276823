"""Tables (CSV) of parcels as carriers and warehouses give them, in UTF-8 or Shift_JIS: slips, and how far each came.

A date without a time counts as the end of that day in Tokyo, today's as now: so it never comes before what is known of
the day. Only where the parcel is known to have come further on that day does it count as the day's beginning.
"""

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from madoguchi.commerce.models import Order, Parcel, ParcelStep
from madoguchi.commerce.parcels import make_parcel, move_parcel
from madoguchi.commerce.slips import slip_of
from madoguchi.imports.csv_table import letters_of
from madoguchi.imports.product_table import Wrong
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor
from madoguchi.kernel.errors import MadoguchiError, Refused
from madoguchi.kernel.text import fold, one_line, whole_number

MOST_ROWS = 100_000
NAMES: Mapping[str, tuple[str, ...]] = {
    "slip": ("slip", "tracking number", "伝票番号", "送り状番号", "お問い合わせ番号", "追跡番号"),
    "order": ("order", "order number", "注文番号", "受注番号", "お客様管理番号"),
    "carrier": ("carrier", "配送会社", "運送会社"),
    "state": ("state", "status", "状態", "配送状況", "荷物状況", "ステータス"),
    "at": ("at", "date", "日時", "更新日時", "出荷日", "発送日"),
}
_CARRIERS = {
    Parcel.Carrier.YAMATO: ("yamato", "ヤマト"),
    Parcel.Carrier.SAGAWA: ("sagawa", "佐川"),
    Parcel.Carrier.JAPAN_POST: ("japan", "郵便", "ゆうパック"),
}
# What has not left must not be told as on its way.
_NOT_YET = ("未発送", "未出荷", "発送前", "出荷前", "発送待ち", "出荷待ち")
_NEITHER = ("undelivered", "not delivered")
# What carriers call it, by a part of it: the first that fits.
_STATES = (
    (Parcel.State.PREPARING, ("preparing", "準備", *_NOT_YET)),
    (Parcel.State.RETURNED, ("returned", "返送", "返品")),
    (Parcel.State.ABSENT, ("absent", "不在")),
    (Parcel.State.DELIVERED, ("delivered", "配達完了", "お届け済", "お届け先にお届け", "投函完了")),
    (Parcel.State.IN_TRANSIT, ("transit", "輸送", "配達中", "持出", "通過", "到着", "中継")),
    (Parcel.State.HANDED_OVER, ("handed", "発送", "出荷", "引受", "荷受", "集荷", "受付")),
)
_TIMES = ("%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M")
_DAYS = ("%Y-%m-%d", "%Y%m%d")
_HOW_FAR = {state: far for far, state in enumerate(Parcel.State.values)}


@dataclass(slots=True)
class Told:
    """What came of a table: parcels that are new, moved, or known so already, and rows that make no sense."""

    added: int = 0
    moved: int = 0
    known: int = 0
    wrong: list[Wrong] = field(default_factory=list)


def take_parcels(path: Path, *, company: int, by: Actor) -> Told:
    """Have slips and states as a table tells them; the same table again changes nothing.

    Raises Refused for letters nobody knows, and without a column of slips.
    """
    told = Told()
    for line, row in _rows(path):
        try:
            take_row(row, told, company=company, by=by)
        except MadoguchiError as error:
            told.wrong.append(Wrong(f"line {line}", str(error)))
    return told


def state_named(words: str) -> str:
    """How far a parcel has come, by what its carrier calls that. Raises Refused."""
    plain = fold(words)
    found = next((state for state, parts in _STATES if any(fold(part) in plain for part in parts)), None)
    if found is None or any(part in plain for part in _NEITHER):
        raise Refused(_("“%(words)s” is no known state of a parcel.") % {"words": words}, field="state")
    return found


def take_row(row: Mapping[str, str], told: Told, *, company: int, by: Actor) -> None:
    """Have the parcel of a row as it tells it, counted in `told`. Raises Refused, and as `commerce.parcels` does."""
    carrier = _carrier(row["carrier"])
    state = state_named(row["state"]) if row["state"] else Parcel.State.HANDED_OVER
    (at, day_alone), slip = _moment(row["at"]), slip_of(row["slip"], carrier)
    if not slip:
        raise Refused(_("It has no slip."), field="slip")
    there = Parcel.objects.filter(company=company, slip=slip).select_related("order").first()
    if at is not None and day_alone:
        if there is not None and _steps_of(there, at).filter(state=state).exists():
            told.known += 1
            return
        at = _within(at, state, there)
    if there is not None:
        # Without a time a state that is known already is no news.
        news = (at is not None or state != there.state) and move_parcel(there, state, at=at, by=by)
        told.moved, told.known = told.moved + news, told.known + (not news)
        return
    number = fold(row["order"]).removeprefix("o-").lstrip("#")
    order = Order.objects.filter(company=company, number=whole_number(number, most_digits=9) or 0).first()
    if order is None:
        words = _("There is no parcel with the slip %(slip)s, and no order “%(order)s”.")
        raise Refused(words % {"slip": slip, "order": row["order"]}, field="order")
    make_parcel(order, carrier=carrier, slip=slip, state=state, at=at, by=by)
    told.added += 1


def _rows(path: Path) -> Iterator[tuple[int, dict[str, str]]]:
    with path.open(encoding=letters_of(path), newline="") as file:
        head = file.readline()
        file.seek(0)
        reader = csv.reader(file, delimiter=max(",;\t", key=head.count))
        headings = [fold(heading.strip()) for heading in next(reader, [])]
        columns = {
            name: headings.index(fold(known))
            for name, names in NAMES.items()
            for known in reversed(names)
            if fold(known) in headings
        }
        if "slip" not in columns:
            words = _("There is no column for %(missing)s. There are: %(there)s")
            raise Refused(words % {"missing": "伝票番号", "there": "、".join(headings)}, field="table")
        for cells in reader:
            if any(cell.strip() for cell in cells) and reader.line_num <= MOST_ROWS:
                yield reader.line_num, {name: _cell(cells, columns.get(name)) for name in NAMES}


def _cell(cells: list[str], at: int | None) -> str:
    return one_line(cells[at], most=60) if at is not None and at < len(cells) else ""


def _carrier(words: str) -> str:
    plain = fold(words)
    named = (one for one, parts in _CARRIERS.items() if any(fold(part) in plain for part in parts))
    return next(named, Parcel.Carrier.OTHER)


def _steps_of(parcel: Parcel, day: datetime) -> QuerySet[ParcelStep]:
    return ParcelStep.objects.filter(parcel=parcel, at__gte=day, at__lt=day + timedelta(days=1))


def _within(day: datetime, state: str, parcel: Parcel | None) -> datetime:
    """The moment of a day, given by its beginning, at which something is taken to have happened."""
    now, far = clock.now(), _HOW_FAR[state]
    if now <= day or (
        parcel
        and any(_HOW_FAR[known] > far for known in _steps_of(parcel, day).values_list("state", flat=True))
    ):
        return day
    return min(now, day + timedelta(days=1, seconds=-1))


def _moment(written: str) -> tuple[datetime | None, bool]:
    """When it was, and whether only the day is told: then it is its beginning. Raises Refused for what is none."""
    if not written:
        return None, False
    plain = fold(written).replace("/", "-").replace("年", "-").replace("月", "-").replace("日", "")
    for form in (*_TIMES, *_DAYS):
        try:
            return datetime.strptime(plain.strip(), form).replace(tzinfo=clock.TOKYO), form in _DAYS
        except ValueError:
            continue
    raise Refused(_("“%(words)s” is no time like 2026-11-29 10:00.") % {"words": written}, field="at")
