"""What a shop can tell, whosever words it speaks: the one form that both connectors are read into. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from madoguchi.commerce.outside import OutsideOrder


class Needs(Exception):
    """Something must be known first: what kind of thing, and what the shop calls it."""

    def __init__(self, kind: str, theirs: str) -> None:
        super().__init__(f"{kind} {theirs}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """The base: what the shop calls it, and which version this is. Of two the greater pair is the newer."""

    id: str
    version: int = 0
    tie: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldCustomer(Told):
    """Somebody who buys there, or a household or firm (`sort`). `groups` are all to which they belong as what, by what
    the shop calls those; None where it does not say.
    """

    name: str = ""
    kana: str = ""
    emails: Sequence[str] = ()
    phones: Sequence[str] = ()
    members: Sequence[str] = ()
    address: str = ""
    sort: str = ""
    groups: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldVariant:
    """One form of a product: what the shop calls it and the stock of it, and its code; a price with or without tax as
    its product says.
    """

    id: str
    code: str
    price: int
    name: str = ""
    item: str = ""
    attributes: Mapping[str, str] = field(default_factory=dict)
    active: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldProduct(Told):
    """A product. What is None is not told, and stays as it is here; `gone` says that it is not sold any more."""

    name: str = ""
    variants: Sequence[ToldVariant] = ()
    kana: str | None = None
    tax_rate: int | None = None
    tax_included: bool | None = None
    warranty_months: int | None = None
    gone: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldStock(Told):
    """How many of a variant are at a place; of which one says its `code`, or (`item`) what the shop calls its stock."""

    place: str
    quantity: int
    code: str = ""
    item: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldFit(Told):
    """Whether two variants work together, or one with a model from outside, and where that stands; `gone` says that
    nothing is known of it any more.
    """

    product: str
    other: str = ""
    outside: str = ""
    verdict: str = ""
    conditions: str = ""
    source: str = ""
    sourced_on: date | None = None
    gone: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldShipment(Told):
    """A parcel of an order: so many pieces of its lines, or (None) all that is left."""

    order: str
    carrier: str
    slip: str
    state: str
    at: datetime
    pieces: Mapping[str, int] | None = None
    gone: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldRefund(Told):
    """Money that was given back for pieces of an order; `total` with tax, None where it is not told."""

    order: str
    pieces: Mapping[str, int]
    at: datetime
    total: int | None = None
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldOrder(Told):
    """An order, whose it is, and what is told of its parcels and refunds with it."""

    said: OutsideOrder
    customer: ToldCustomer
    shipments: Sequence[ToldShipment] = ()
    refunds: Sequence[Told] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Nothing(Told):
    """Something that is of no use to us, or that a person has to see to, and why."""

    why: str
    for_a_person: bool = False
