"""Rows of what a company keeps come in: as often as the table comes, and what they say already changes nothing."""

from collections.abc import Callable, Mapping, Sequence

from django.db import transaction

from madoguchi.commerce.fits import keep_fits
from madoguchi.commerce.policies import may_keep_shop
from madoguchi.commerce.products import keep_products
from madoguchi.companies.models import Company
from madoguchi.imports.actions.target import IMPORT
from madoguchi.imports.outcomes import Came, Outcome, unreadable
from madoguchi.imports.parcel_table import Told, take_row
from madoguchi.imports.records import Bad, Kept, Record
from madoguchi.infra import scope
from madoguchi.kernel.actor import Actor, Permission
from madoguchi.kernel.errors import MadoguchiError, NotAllowed

_Became = tuple[Outcome, tuple[str, ...]]


def keep_rows(
    records: Sequence[Record], *, company: int, only_look: bool = False, by: Actor = IMPORT
) -> list[Came]:
    """Have what rows of one kind say, and tell what became of each; one that cannot be had hinders no other. To
    `only_look` is to do it and to take it all back. Raises only for trouble of the database.
    """
    with scope.acting_for([company]), transaction.atomic():
        rows = [one for one in records if isinstance(one, Kept)]
        became = iter(_each(rows, Company.objects.get(pk=company), by))
        came = [
            unreadable(one) if isinstance(one, Bad) else _came(one, next(became))
            for one in records
            if isinstance(one, Bad | Kept)
        ]
        if only_look:
            transaction.set_rollback(True)
    return came


def _came(row: Kept, became: _Became) -> Came:
    outcome, reasons = became
    return Came.of(row, outcome, *reasons)


def _each(rows: Sequence[Kept], company: Company, by: Actor) -> list[_Became]:
    """All at once; where one is refused, each by itself."""
    if not rows:
        return []
    try:
        with transaction.atomic():
            return [(outcome, ()) for outcome in _KEEP[rows[0].kind](rows, company, by)]
    except MadoguchiError as error:
        if len(rows) == 1:
            return [(Outcome.FAILED, (str(error)[:500],))]
    return [one for row in rows for one in _each([row], company, by)]


def _products(rows: Sequence[Kept], company: Company, by: Actor) -> list[Outcome]:
    return _outcomes(keep_products(company, [row.said for row in rows], by=by).each)


def _pairs(rows: Sequence[Kept], company: Company, by: Actor) -> list[Outcome]:
    return _outcomes(keep_fits(company, [row.said for row in rows], by=by).each)


def _outcomes(each: Sequence[tuple[bool, bool]]) -> list[Outcome]:
    return [
        Outcome.CREATED if new else Outcome.UPDATED if changed else Outcome.SKIPPED for new, changed in each
    ]


def _parcels(rows: Sequence[Kept], company: Company, by: Actor) -> list[Outcome]:
    """What a warehouse tells of orders of any desk, as a connected shop does: people who answer move parcels, and the
    company whose orders they are has them told.
    """
    if not may_keep_shop(by, company=company.pk):
        raise NotAllowed(Permission.SHOP)
    return [_parcel(row, company) for row in rows]


def _parcel(row: Kept, company: Company) -> Outcome:
    told = Told()
    take_row(row.said, told, company=company.pk, by=IMPORT)
    return Outcome.CREATED if told.added else Outcome.UPDATED if told.moved else Outcome.SKIPPED


_KEEP: Mapping[str, Callable[[Sequence[Kept], Company, Actor], list[Outcome]]] = {
    "product": _products,
    "pair": _pairs,
    "parcel": _parcels,
}
