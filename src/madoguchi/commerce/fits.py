"""What works together: kept as the company says it, many at once, looked up, and kept as told."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import combinations
from typing import Any, Final

from django.db import transaction
from django.db.models import Case, Q, QuerySet, TextField, When
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from madoguchi.commerce import policies
from madoguchi.commerce.events import FitAnswered, FitDropped, FitKept
from madoguchi.commerce.models import Fit, Product, Variant
from madoguchi.commerce.products import Kept
from madoguchi.commerce.queries import found_by
from madoguchi.companies.models import Company
from madoguchi.infra.event_log import record
from madoguchi.infra.writing import one_at_a_time
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor, Permission
from madoguchi.kernel.errors import NotAllowed, NotFound, Refused

MOST_FITS: Final = 5_000
MOST_SHOWN: Final = 10
MOST_TOLD: Final = 12
_Verdict = Fit.Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """Whether two things work together: codes of a product or of a variant of it, or the words for a model from
    outside in place of the second.
    """

    product: str
    other: str = ""
    outside: str = ""
    verdict: str
    conditions: str = ""
    source: str
    sourced_on: date


def model_key(written: str) -> str:
    """What a model from outside is found by: letters and digits in one width, case and kana."""
    return "".join(sign for sign in found_by(written) if sign.isalnum())[:400]


def check(said: Said) -> None:
    """Whether it makes sense. Raises Refused."""
    if said.verdict not in _Verdict.values:
        raise Refused(_("Choose whether the two work together."), field="verdict")
    if bool(said.other) == bool(said.outside):
        raise Refused(_("Name either another product by its code or a model from outside."), field="other")
    if said.outside and not model_key(said.outside):
        raise Refused(_("A model has letters or digits."), field="outside")
    if said.verdict == _Verdict.CONDITIONS and not said.conditions:
        raise Refused(_("Write under which conditions they work."), field="conditions")
    if not said.source:
        raise Refused(_("Write where this stands: an address or a document."), field="source")
    if said.sourced_on > clock.today():
        raise Refused(_("The day of the source is still to come."), field="sourced_on")


@transaction.atomic
def keep_fits(company: Company, said: Iterable[Said], *, by: Actor) -> Kept:
    """Have what works together as it is said; pairs of which nothing is said stay. The same again changes nothing.

    Raises NotAllowed, and Refused where one makes no sense or names no product: then none is kept.
    """
    if not policies.may_keep_shop(by, company=company.pk):
        raise NotAllowed(Permission.SHOP)
    one_at_a_time(f"fits {company.pk}")
    rows = list(said)
    if len(rows) > MOST_FITS:
        raise Refused(_("5,000 pairs are kept at once at most."), field="table")
    products = _products_by_code(company.pk, rows)
    each: list[tuple[bool, bool]] = []
    for one in rows:
        check(one)
        each.append(_keep(company.pk, one, products, by))
    return Kept(sum(new for new, _changed in each), sum(changed for _new, changed in each), each)


@transaction.atomic
def keep_fit(company: Company, said: Said, *, by: Actor) -> Fit:
    """The same of one pair, which is returned. Raises as `keep_fits`."""
    keep_fits(company, [said], by=by)
    pair = _pair(said, _products_by_code(company.pk, [said]))
    return Fit.objects.get(company=company, **pair)


@transaction.atomic
def drop_fit(fit: Fit, *, by: Actor) -> None:
    """Say that nothing is known of a pair any more. Doing it twice does nothing. Raises NotAllowed."""
    if not policies.may_keep_shop(by, company=fit.company_id):
        raise NotAllowed(Permission.SHOP)
    gone, _each = Fit.objects.filter(pk=fit.pk).delete()
    if gone:
        told: dict[str, Any] = {"product": fit.product_id, "other": fit.other_id, "outside": fit.outside}
        record(FitDropped(company=fit.company_id, verdict=fit.verdict, **told), by=by)


@transaction.atomic
def keep_fits_told(
    fits: Sequence[int], *, company: int, desk: int, case: int, contact: int | None, by: Actor
) -> list[Fit]:
    """Keep that the customer of a case was told of these pairs, as they are known now, in the contact in which they
    asked. Raises NotAllowed for who writes no notes there, and Refused for none, too many, and what is not known.
    """
    if not by.may(Permission.CASE_NOTE, company=company, desk=desk):
        raise NotAllowed(Permission.CASE_NOTE)
    wanted = list(dict.fromkeys(fits))
    if not 1 <= len(wanted) <= MOST_TOLD:
        raise Refused(_("Choose one to twelve pairs that the customer was told of."), field="fit")
    known = {one.pk: one for one in _rows(company).filter(pk__in=wanted)}
    if len(known) < len(wanted):
        raise Refused(_("One of the pairs is not known any more. Look again."), field="fit")
    for pk in wanted:
        one = known[pk]
        told = {"verdict": one.verdict, "conditions": one.conditions, "source": one.source}
        fact = FitAnswered(
            company=company,
            desk=desk,
            case=case,
            fit=pk,
            names=str(one),
            sourced_on=one.sourced_on.isoformat(),
            contact=contact,
            **told,
        )
        record(fact, by=by)
    return [known[pk] for pk in wanted]


def fits_among(products: Sequence[int], *, company: int) -> dict[tuple[int, int], Fit | None]:
    """Every pair of these products, with what is known of it. One query."""
    pairs = list(combinations(sorted(set(products)), 2))
    rows = _rows(company).filter(product__in=products, other__in=products) if pairs else ()
    known = {(one.product_id, one.other_id or 0): one for one in rows}
    return {pair: known.get(pair) for pair in pairs}


def fits_with(products: Sequence[int], outside: str, *, company: int) -> dict[int, list[Fit]]:
    """What is known of each of these products with a model from outside, as it is called or a part of that: what is
    called so first, ten at most. One query.
    """
    key = model_key(outside)
    found: dict[int, list[Fit]] = {pk: [] for pk in products}
    if key:
        rows = _rows(company).filter(product__in=products, other=None, folded__contains=key)
        for one in sorted(rows, key=lambda row: (row.folded != key, row.folded)):
            found[one.product_id].append(one)
    return {pk: rows[:MOST_SHOWN] for pk, rows in found.items()}


def fits_of(product: int, *, company: int) -> list[Fit]:
    """What is known of one product, ten at most, by the name of the other. One query."""
    rows = _rows(company).filter(Q(product=product) | Q(other=product))
    own = When(product=product, then=Coalesce("other__name", "outside"))
    called = Case(own, default="product__name", output_field=TextField())
    return list(rows.order_by(called, "pk")[:MOST_SHOWN])


def fits_to_keep(company: int, *, words: str = "") -> QuerySet[Fit]:
    """All pairs of a company, or those that some words name: for who keeps them."""
    rows = _rows(company).order_by("product__code", "other__code", "folded", "pk")
    key = model_key(words)
    if not words.strip():
        return rows
    named = Product.objects.filter(Q(code__icontains=words.strip()) | Q(name__icontains=words.strip()))
    theirs = named.filter(company=company).values("pk")
    found = Q(product__in=theirs) | Q(other__in=theirs)
    return rows.filter(found | Q(folded__contains=key) if key else found)


def fit_to_keep(pk: int, *, company: int) -> Fit:
    """One pair of a company. Raises NotFound."""
    found = _rows(company).filter(pk=pk).first()
    if found is None:
        raise NotFound(pk)
    return found


def _rows(company: int) -> QuerySet[Fit]:
    return Fit.objects.filter(company=company).select_related("product", "other", "user")


def _products_by_code(company: int, rows: Sequence[Said]) -> dict[str, int]:
    """Ids of products by their own code or that of a variant, which counts first."""
    codes = {code for one in rows for code in (one.product, one.other) if code}
    own = Product.objects.filter(company=company, code__in=codes).values_list("code", "pk")
    variants = Variant.objects.filter(company=company, code__in=codes).values_list("code", "product")
    return {**dict(own), **dict(variants)}


def _keep(company: int, said: Said, products: Mapping[str, int], by: Actor) -> tuple[bool, bool]:
    """Whether it is new, and whether it is another than before."""
    pair = _pair(said, products)
    held = Fit.objects.filter(company=company, **pair).first()
    values = {
        "verdict": said.verdict,
        "conditions": said.conditions,
        "source": said.source,
        "sourced_on": said.sourced_on,
    }
    if held is not None and all(getattr(held, name) == value for name, value in values.items()):
        return False, False
    row = held or Fit(company_id=company, **pair)
    before = held.verdict if held else ""
    row.outside, row.user_id, row.at = said.outside, by.id, clock.now()
    for name, value in values.items():
        setattr(row, name, value)
    row.save()
    told: dict[str, Any] = {
        "product": row.product_id,
        "other": row.other_id,
        "outside": row.outside,
        "before": before,
    }
    told |= values | {"sourced_on": said.sourced_on.isoformat()}
    record(FitKept(company=company, fit=row.pk, **told), by=by)
    return held is None, held is not None


def _pair(said: Said, products: Mapping[str, int]) -> dict[str, Any]:
    """By what the row of a pair is known: of two products the one with the lower id comes first."""
    product, other = _of(said.product, products), _of(said.other, products) if said.other else None
    if other == product:
        raise Refused(_("%(code)s is the same product twice.") % {"code": said.other}, field="other")
    if other is not None:
        product, other = sorted((product, other))
    return {"product_id": product, "other_id": other, "folded": model_key(said.outside)}


def _of(code: str, products: Mapping[str, int]) -> int:
    if code not in products:
        raise Refused(_("No product has the code %(code)s.") % {"code": code}, field="product")
    return products[code]
