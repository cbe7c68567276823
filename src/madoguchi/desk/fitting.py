"""What works together, beside a case: looked up, kept as told, and asked for where nothing is known."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.http import QueryDict
from django.utils.translation import gettext as _

from madoguchi.cases.models import Case, Contact
from madoguchi.commerce.fits import fits_among, fits_of, fits_with, keep_fits_told, model_key
from madoguchi.commerce.models import Fit, Product, Variant
from madoguchi.gaps.actions import ask_for_article
from madoguchi.gaps.models import Gap
from madoguchi.kernel.actor import Actor
from madoguchi.kernel.errors import Refused
from madoguchi.kernel.text import whole_number

_MOST_TYPED = 100


@dataclass(frozen=True, slots=True)
class FitRow:
    """Two things and what is known of them; `product`, and `other` or `outside`, name a pair of which nothing is."""

    names: str
    fit: Fit | None
    product: int
    other: int = 0
    outside: str = ""

    @property
    def link(self) -> str:
        """Where the source is to be read, if it is an address."""
        source = self.fit.source if self.fit else ""
        return source if source.startswith(("https://", "http://")) else ""


def fit_rows(chosen: Sequence[Variant], outside: str, *, company: int) -> list[FitRow]:
    """What is known of the chosen products: of each two, and of each with a model from outside; of a single one without
    such a model what else is known of it. Two queries at most.
    """
    products = {one.product_id: one.product for one in chosen}
    if not products:
        return []
    pairs = fits_among(list(products), company=company)
    rows = [
        FitRow(f"{products[one]} × {products[other]}", fit, one, other) for (one, other), fit in pairs.items()
    ]
    if outside:
        return rows + _with(products, outside, company)
    if len(products) == 1:
        [product] = products
        return [FitRow(str(fit), fit, product) for fit in fits_of(product, company=company)]
    return rows


def tell(case: Case, asked: QueryDict, *, by: Actor) -> list[Fit]:
    """Keep that these pairs were told, in the last contact of the case. Raises as `keep_fits_told`."""
    written = (whole_number(one) for one in asked.getlist("fit"))
    where = {"company": case.company_id, "desk": case.desk_id, "case": case.pk}
    return keep_fits_told([one for one in written if one], contact=contact_of(case), by=by, **where)


def ask(case: Case, asked: QueryDict, *, by: Actor) -> Gap:
    """Ask for an article on a pair of which nothing is known. Raises Refused for no pair, and as `ask_for_article`."""
    outside = asked.get("outside", "")[:_MOST_TYPED].strip()
    ids = [whole_number(asked.get(name, "")) or 0 for name in ("product", "other")]
    found = Product.objects.filter(company=case.company_id).in_bulk([one for one in ids if one])
    names = [found[one].name for one in ids if one in found] + ([outside] if outside else [])
    if len(names) != 2:
        raise Refused(_("Choose two things of which it is not known whether they work together."))
    return ask_for_article(case, names, about=Gap.About.FIT, by=by)


def contact_of(case: Case) -> int | None:
    """The last contact in which the customer turned to us. One query."""
    rows = Contact.objects.filter(case=case, inbound=True).order_by("-at", "-pk")
    return rows.values_list("pk", flat=True).first()


def _with(products: dict[int, Product], outside: str, company: int) -> list[FitRow]:
    key, rows = model_key(outside), []
    for pk, fits in fits_with(list(products), outside, company=company).items():
        rows += [FitRow(str(fit), fit, pk) for fit in fits]
        if not any(fit.folded == key for fit in fits):
            rows.append(FitRow(f"{products[pk]} × {outside}", None, pk, outside=outside))
    return rows
