"""A document: who gives it to whom, when, about what. Pure."""

import datetime
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property

from django.utils.translation import gettext as _

from madoguchi.commerce.documents.kinds import Kind
from madoguchi.commerce.documents.stamps import stamp_for
from madoguchi.commerce.documents.tax import Line, Rounding, Sum, Totals, totals_of


@dataclass(frozen=True, kw_only=True)
class Party:
    """Whoever gives a document, or is given it."""

    name: str = ""
    registration_number: str = ""
    address: str = ""
    phone: str = ""
    mail: str = ""
    representative: str = ""


@dataclass(frozen=True, kw_only=True)
class Document:
    """What stands on one paper. `date` is the day of the transaction, `original_date` on a return slip that of the sale
    which it takes back. `sums` are what it comes to where that is not reckoned from its lines: what is given back is
    the difference between what is paid with and without them. `by_card` says that a receipt is for a payment by card,
    `reissue` that it was given before. On written terms `person` is who took the order, and `terms` what else was
    agreed, each with its heading.
    """

    kind: Kind
    lines: tuple[Line, ...]
    number: str = ""
    date: datetime.date | None = None
    issuer: Party = field(default_factory=Party)
    recipient: Party = field(default_factory=Party)
    rounding: Rounding = Rounding.FLOOR
    on_paper: bool = True
    by_card: bool = False
    reissue: bool = False
    purpose: str = ""
    due_date: datetime.date | None = None
    bank: str = ""
    original_number: str = ""
    original_date: datetime.date | None = None
    notes: str = ""
    sums: tuple[Sum, ...] = ()
    person: str = ""
    terms: tuple[tuple[str, str], ...] = ()

    @cached_property
    def totals(self) -> Totals:
        """What it comes to."""
        return Totals(by_rate=self.sums) if self.sums else totals_of(self.lines, self.rounding)

    @property
    def stamp(self) -> int:
        """The revenue stamp that it needs, in yen."""
        if self.kind != Kind.RECEIPT:
            return 0
        return stamp_for(self.totals.net, on_paper=self.on_paper, by_card=self.by_card)


def missing_from(document: Document) -> list[tuple[str, str]]:
    """What the law wants on such a document and is not there: the field, and how it is called.

    消費税法57条の4 names it for invoices (1), for what retailers give to anybody (2), and for what is given back (3);
    特定商取引法施行規則 for the terms of what was solicited by phone.
    """
    return [(name, words) for name, words, there in _wanted(document) if not there]


def _wanted(d: Document) -> Iterator[tuple[str, str, bool]]:
    yield "issuer.name", _("the name of who issues it"), bool(d.issuer.name)
    if d.kind in (Kind.INVOICE, Kind.RETURN_SLIP):
        there = bool(d.issuer.registration_number)
        yield "issuer.registration_number", _("the registration number of who issues it"), there
    yield "date", _("the date of the transaction"), d.date is not None
    if d.kind == Kind.RETURN_SLIP:
        yield "original_date", _("the date of the sale that is taken back"), d.original_date is not None
    else:
        yield from _wanted_on_terms(d)
        yield "recipient.name", _("the name of who is given it"), bool(d.recipient.name)


def _wanted_on_terms(d: Document) -> Iterator[tuple[str, str, bool]]:
    if d.kind == Kind.WRITTEN_TERMS:
        yield "issuer.address", _("the address of who issues it"), bool(d.issuer.address)
        yield "issuer.phone", _("the phone number of who issues it"), bool(d.issuer.phone)
        named = bool(d.issuer.representative)
        yield "issuer.representative", _("the name of who represents the company"), named
        yield "person", _("the name of who took the order"), bool(d.person)
        yield "terms", _("when the goods come, and when and how they are paid"), bool(d.terms)
