"""Products beside a case: looked for, put beside one another, and what was answered of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.http import QueryDict
from django.utils.translation import gettext as _

from madoguchi.cases.models import Case
from madoguchi.commerce.answering import MOST_ANSWERED, keep_answered
from madoguchi.commerce.arriving import arrival_of, excepted, prefecture_in
from madoguchi.commerce.documents.paper import yen
from madoguchi.commerce.models import Stock, Variant
from madoguchi.commerce.queries import (
    counts_of,
    products_matching,
    shipping_rule_of,
    stock_of,
    variants_by_id,
)
from madoguchi.customers.queries import view_of
from madoguchi.desk.called import stock_at, store_of_case
from madoguchi.desk.fitting import FitRow, contact_of, fit_rows
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor, Permission
from madoguchi.kernel.text import whole_number
from madoguchi.look.moments import whole_day
from madoguchi.reservations.models import Store

_MOST_TYPED = 100


@dataclass(frozen=True, slots=True)
class Row:
    """One thing that is told of each product; `differs` where they are not all alike."""

    name: str
    values: Sequence[str]

    @property
    def differs(self) -> bool:
        """Whether it tells the products apart."""
        return len(set(self.values)) > 1


@dataclass(frozen=True, slots=True)
class Goods:
    """What was looked for (`q`) and `found`, what was `chosen` of it, row by row, how many of each are `there` in the
    `store` by whose number the customer came (empty: by none), whether this reader may keep that it was answered, and
    what works together, with each other and with a model from `outside`.
    """

    q: str
    found: Sequence[Variant]
    chosen: Sequence[Variant]
    rows: Sequence[Row]
    store: str
    there: Mapping[int, int]
    full: bool
    may: bool
    outside: str
    fits: Sequence[FitRow]

    @property
    def found_there(self) -> list[tuple[Variant, int | None]]:
        """What was found, with how many there are in the store; None where nobody knows."""
        return [(one, self.there.get(one.pk)) for one in self.found]

    @property
    def any_fit(self) -> bool:
        """Whether anything is known of what works together here."""
        return any(row.fit for row in self.fits)


def goods_of(case: Case, asked: QueryDict, *, actor: Actor) -> Goods:
    """What is asked for of a case's company. Nine queries at most."""
    q, ids = asked.get("find", "")[:_MOST_TYPED].strip(), ids_in(asked)[:MOST_ANSWERED]
    known = variants_by_id(ids, company=case.company_id) if ids else {}
    chosen = [known[pk] for pk in ids if pk in known]
    found = products_matching(q, company=case.company_id) if q else []
    stock = stock_of([one.pk for one in chosen]) if chosen else {}
    places = {pk: counts_of(rows) for pk, rows in stock.items()}
    store = store_of_case(case)
    there = stock_at(store, [one.pk for one in (*found, *chosen)]) if store else {}
    outside = asked.get("with", "")[:_MOST_TYPED].strip()
    return Goods(
        q,
        [one for one in found if one.pk not in known],
        chosen,
        [
            *([_row_at(store, chosen, there)] if store and chosen else []),
            *_arrivals(case, chosen, stock, actor=actor),
            *compared(chosen, places),
        ],
        store.name if store else "",
        there,
        full=len(chosen) >= MOST_ANSWERED,
        may=actor.may(Permission.CASE_NOTE, company=case.company_id, desk=case.desk_id),
        outside=outside,
        fits=fit_rows(chosen, outside, company=case.company_id),
    )


def compared(chosen: Sequence[Variant], places: Mapping[int, Mapping[str, int]]) -> list[Row]:
    """What there is to tell of products, row by row; what is not known of one is a dash. Pure."""
    rows = [
        Row(_("Price"), [_price(one) for one in chosen]),
        Row(_("Stock"), [in_places(places.get(one.pk)) for one in chosen]),
        Row(_("Warranty"), [_warranty(one) for one in chosen]),
    ]
    known = [{**one.product.attributes, **one.attributes} for one in chosen]
    names = dict.fromkeys(name for facts in known for name in facts)
    rows += [Row(name, [str(facts.get(name) or "—") for facts in known]) for name in names]
    return rows if chosen else []


def _row_at(store: Store, chosen: Sequence[Variant], there: Mapping[int, int]) -> Row:
    name = _("In stock at %(store)s") % {"store": store.name}
    return Row(name, [str(there[one.pk]) if one.pk in there else _("stock unknown") for one in chosen])


def _arrivals(
    case: Case, chosen: Sequence[Variant], stock: Mapping[int, Sequence[Stock]], *, actor: Actor
) -> list[Row]:
    """When each would arrive where the customer lives, as far as the reader sees that, if anybody says so of any."""
    if not chosen:
        return []
    to, rule = where_to(case, actor=actor), shipping_rule_of(case.company_id)
    found = [arrival_of(one, stock.get(one.pk, ()), rule, to=to, today=clock.today()) for one in chosen]
    if not any(one.leaves_on for one in found):
        return []
    name = _would_arrive(to, excepted(rule, to)) if any(one.arrives_on for one in found) else _("Would leave")
    return [Row(name, [arrival_words(one.leaves_on, one.arrives_on) for one in found])]


def _would_arrive(to: str, but_in: Sequence[str]) -> str:
    if to:
        return _("Would arrive in %(place)s") % {"place": to}
    if but_in:
        return _("Would arrive, but in %(places)s") % {"places": _("、").join(but_in)}
    return _("Would arrive")


def where_to(case: Case, *, actor: Actor) -> str:
    """The prefecture in which a case's customer lives; empty where it is kept from the reader or not known."""
    view = view_of(case.customer, actor=actor)
    return "" if "address" in view.masked | view.hidden else prefecture_in(view.address)


def arrival_words(leaves: date | None, arrives: date | None) -> str:
    """When something would arrive, or at least leave, in words."""
    if arrives:
        return _("about %(day)s") % {"day": whole_day(arrives)}
    return _("leaves on %(day)s") % {"day": whole_day(leaves)} if leaves else "—"


def in_places(counts: Mapping[str, int] | Sequence[Sequence[object]] | None) -> str:
    """Stock by place, in words."""
    if counts is None:
        return _("stock unknown")
    pairs = counts.items() if isinstance(counts, Mapping) else [(one[0], one[1]) for one in counts]
    return _("、").join(_("%(place)s: %(n)s") % {"place": place, "n": n} for place, n in pairs)


def ids_in(asked: QueryDict) -> list[int]:
    """The products that were chosen, each once."""
    written = (whole_number(one) for one in asked.getlist("v"))
    return list(dict.fromkeys(one for one in written if one))


def keep(case: Case, asked: QueryDict, *, by: Actor) -> list[Variant]:
    """Keep what was answered of these, in the last contact of the case. Raises as `keep_answered`."""
    return keep_answered(
        ids_in(asked),
        company=case.company_id,
        desk=case.desk_id,
        case=case.pk,
        contact=contact_of(case),
        to=where_to(case, actor=by),
        by=by,
    )


def _price(one: Variant) -> str:
    taxed = _("with tax") if one.product.tax_included else _("without tax")
    return _("%(price)s (%(taxed)s)") % {"price": yen(one.unit_price), "taxed": taxed}


def _warranty(one: Variant) -> str:
    months = one.product.warranty_months
    return _("%(n)s months") % {"n": months} if months else "—"
