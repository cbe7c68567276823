"""What programs send and get of orders and parcels, as pydantic reads and writes it."""

from datetime import date, datetime
from typing import Literal

from ninja import Schema
from pydantic import AwareDatetime, ConfigDict, Field


class OrderLineOut(Schema):
    """One line of an order; amounts are whole yen."""

    id: int
    code: str
    name: str
    quantity: int
    unit_price: int
    list_price: int | None = Field(description="What a piece costs without the campaign that lowered it")
    tax_rate: int
    tax_included: bool
    backordered: int = Field(description="How many were not in stock when it was taken")
    shipping: bool = Field(description="Whether it is what sending costs")


class PiecesOut(Schema):
    """How many of a line."""

    line: int
    quantity: int


class ParcelOut(Schema):
    """A parcel of an order."""

    id: int
    number: int
    carrier: str
    slip: str
    state: str
    moved_at: datetime
    lines: list[PiecesOut]


class CampaignUseOut(Schema):
    """The campaign that an order has, as it was called then; `left` is how many more orders may have it now.

    Tokens that neither take orders nor keep the shop read neither its coupon nor what is left.
    """

    id: int
    name: str
    coupon: str = Field(description="Empty where none is needed")
    saved: int
    left: int | None = Field(description="Null without a limit")
    returned_at: datetime | None = Field(description="When its place in the quota was given to others")


class SolicitationOut(Schema):
    """That an order or a subscription was solicited by phone: it was sold there, and no advertisement offered it."""

    outside: list[str] = Field(description="What was not advertised")
    duties: list[str] = Field(description="What the customer was told beforehand")
    at: datetime
    papers_due: date = Field(description="By when the written terms have to leave")
    papers_on: date | None = Field(description="On which day the customer had them")
    last_day: date | None = Field(
        description="Until when the customer may withdraw; null while there are no written terms, and so no end"
    )
    withdrawn_on: date | None


class OrderOut(Schema):
    """An order; whom and where it goes to through the data scope of the token's person."""

    id: int
    number: str = Field(examples=["O-1001"])
    customer: int
    state: str
    payment: str
    net: int
    tax: int
    total: int
    recipient: str
    postcode: str
    address: str
    phone: str
    placed_at: datetime
    delivered_at: datetime | None
    paid_at: datetime | None
    medium: str = Field(
        description="Where the customer found it, as words or a code; empty where nobody knows",
        examples=["EC"],
    )
    referral: str = Field(
        description="The referral code of who recommended the company; empty where none was named"
    )
    resend_of: int | None = Field(description="The order of which it sends goods once more")
    campaign: CampaignUseOut | None
    solicitation: SolicitationOut | None
    lines: list[OrderLineOut]
    parcels: list[ParcelOut]


class WantedLineIn(Schema):
    """How many of which product."""

    model_config = ConfigDict(extra="forbid")

    code: str = Field(min_length=1, max_length=60)
    quantity: int = Field(ge=1, le=9_999)


class NewOrderIn(Schema):
    """An order that a customer placed; `total` and `missing` (pieces on back-order) are what was agreed."""

    model_config = ConfigDict(extra="forbid")

    lines: list[WantedLineIn] = Field(min_length=1, max_length=50)
    recipient: str = Field(min_length=1, max_length=200)
    postcode: str = Field(default="", max_length=20)
    address: str = Field(min_length=1, max_length=300)
    phone: str = Field(default="", max_length=40)
    payment: Literal["on_delivery", "transfer", "store", "link", "later"]
    note: str = Field(default="", max_length=500)
    medium: str = Field(
        default="",
        max_length=200,
        description="Where they found it; empty: where the case's entry point is published",
    )
    referral: str = Field(
        default="", max_length=20, description="The referral code that they named, of another customer"
    )
    coupon: str = Field(default="", max_length=60, description="The code of a campaign, if one was named")
    total: int | None = Field(default=None, ge=0, le=1_000_000_000)
    missing: int | None = Field(default=None, ge=0, le=1_000_000)
    duties: list[Literal["name", "purpose", "goods", "wish"]] = Field(
        default_factory=list,
        max_length=4,
        description="What the customer was told by phone before something was offered that was not advertised",
    )
    offered: list[str] = Field(
        default_factory=list,
        max_length=50,
        description="Codes of what they did not call for and were offered by phone: it counts as not advertised where"
        " no campaign names the number",
    )


class OrderMade(Schema):
    """The order that was taken, and how it is called."""

    id: int
    name: str = Field(examples=["O-1001"])


Carrier = Literal["yamato", "sagawa", "japan_post", "other"]
ParcelState = Literal["preparing", "handed_over", "in_transit", "absent", "delivered", "returned"]


class PiecesIn(Schema):
    """How many of a line go into a parcel."""

    model_config = ConfigDict(extra="forbid")

    line: int = Field(ge=1, le=2**63 - 1)
    quantity: int = Field(ge=1, le=9_999)


class NewParcelIn(Schema):
    """Pieces of an order that go together; without `lines` all that is left to send."""

    model_config = ConfigDict(extra="forbid")

    carrier: Carrier
    slip: str = Field(default="", max_length=40)
    state: ParcelState = "preparing"
    at: AwareDatetime | None = None
    lines: list[PiecesIn] | None = Field(default=None, min_length=1, max_length=51)


class ParcelStepIn(Schema):
    """Where a parcel was, and when (left out: now)."""

    model_config = ConfigDict(extra="forbid")

    state: ParcelState
    at: AwareDatetime | None = None


class ParcelMade(Schema):
    """The parcel, and its order."""

    parcel: int
    order: int
    state: str
