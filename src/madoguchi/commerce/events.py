"""What can happen to products, orders and papers. No event holds words of a customer."""

from dataclasses import field
from typing import Any, ClassVar

from madoguchi.infra.facts import Fact, fact


@fact
class ShopChanged(Fact):
    """What the company's papers say of it, or how it rounds the tax, was changed: `{field: [before, after]}`."""

    kind: ClassVar[str] = "shop.changed"
    changes: dict[str, list[Any]]


@fact
class PolicyWritten(Fact):
    """The company takes goods back on other terms from now on; orders of before keep theirs."""

    kind: ClassVar[str] = "shop.policy_written"
    policy: int
    number: int


@fact
class ShippingRuleWritten(Fact):
    """Sending costs something else from now on; orders of before keep what was said."""

    kind: ClassVar[str] = "shop.shipping_written"
    shipping_rule: int
    number: int


@fact
class ProductsImported(Fact):
    """Products came from a table: so many variants are new, so many others were changed."""

    kind: ClassVar[str] = "products.imported"
    added: int
    changed: int


@fact
class StockChanged(Fact):
    """Somebody said that there are so many of a variant at a place, and why it is another number than before."""

    kind: ClassVar[str] = "stock.changed"
    variant: int
    before: int
    after: int
    reason: str


@fact
class CampaignChanged(Fact):
    """A campaign was set up, or changed: `{field: [before, after]}`. Orders of before keep what they saved."""

    kind: ClassVar[str] = "campaign.changed"
    campaign: int
    changes: dict[str, list[Any]]


@fact
class MediaEventKept(Fact):
    """That something appears in a medium was kept, or changed: `{field: [before, after]}`."""

    kind: ClassVar[str] = "media_event.kept"
    media_event: int
    changes: dict[str, list[Any]]


@fact
class ReferralGiven(Fact):
    """A customer was given the code by which they recommend the company to others."""

    kind: ClassVar[str] = "referral.given"
    customer: int


@fact
class CampaignUsed(Fact):
    """An order has a campaign, which saves the customer so many yen."""

    kind: ClassVar[str] = "campaign.used"
    order: int
    number: int
    campaign: int
    saved: int


@fact
class CampaignReturned(Fact):
    """An order that had a campaign was cancelled: another may have its place in the quota."""

    kind: ClassVar[str] = "campaign.returned"
    order: int
    number: int
    campaign: int


@fact
class SubscriptionTermsWritten(Fact):
    """Goods are sent again and again on other terms from now on; subscriptions of before keep theirs."""

    kind: ClassVar[str] = "shop.subscription_terms_written"
    subscription_terms: int
    number: int


@fact
class SubscriptionBegun(Fact):
    """A customer has something sent again and again."""

    kind: ClassVar[str] = "subscription.begun"
    subscription: int
    number: int


@fact
class SubscriptionMoved(Fact):
    """One was left out, paused, taken up again (`resumed`), or its cancellation taken back (`kept`)."""

    kind: ClassVar[str] = "subscription.moved"
    subscription: int
    number: int
    what: str
    next_on: str


@fact
class SubscriptionAltered(Fact):
    """One goes on otherwise: `what` names what is new (quantity, rhythm, day, payment, place), `total` each order."""

    kind: ClassVar[str] = "subscription.altered"
    subscription: int
    number: int
    what: list[str]
    total: int


@fact
class SubscriptionCancelled(Fact):
    """A customer has cancelled, for this reason; `last_on` is the day of the last order, empty where none is made."""

    kind: ClassVar[str] = "subscription.cancelled"
    subscription: int
    number: int
    reason: str
    last_on: str


@fact
class SubscriptionOrdered(Fact):
    """The order of a day of a subscription was made."""

    kind: ClassVar[str] = "subscription.ordered"
    subscription: int
    number: int
    order: int
    due: str


@fact
class SubscriptionHeld(Fact):
    """No order was made: it comes to another amount than was said (`price`), or is not on sale (`gone`)."""

    kind: ClassVar[str] = "subscription.held"
    subscription: int
    number: int
    why: str


@fact
class OrderPlaced(Fact):
    """A customer ordered something for so many yen."""

    kind: ClassVar[str] = "order.placed"
    order: int
    number: int
    total: int


@fact
class SolicitationMade(Fact):
    """A customer was sold on the phone what no advertisement offered them, having been told what the law wants told;
    written terms are due by a day. `subscription` is set where it was one.
    """

    kind: ClassVar[str] = "solicitation.made"
    order: int
    subscription: int | None
    name: str
    papers_due: str


@fact
class PapersGiven(Fact):
    """A customer who was solicited by phone has had the written terms on a day."""

    kind: ClassVar[str] = "solicitation.papers"
    order: int
    subscription: int | None
    name: str
    on: str


@fact
class SolicitationWithdrawn(Fact):
    """A customer who was solicited by phone has withdrawn; `back` is the return of what had been sent."""

    kind: ClassVar[str] = "solicitation.withdrawn"
    order: int
    subscription: int | None
    name: str
    back: int | None
    on: str


@fact
class OrderMoved(Fact):
    """An order was shipped, delivered or cancelled."""

    kind: ClassVar[str] = "order.moved"
    order: int
    number: int
    before: str
    after: str


@fact
class OrderPaid(Fact):
    """The money for an order has come."""

    kind: ClassVar[str] = "order.paid"
    order: int
    number: int


@fact
class OrderUnpaid(Fact):
    """The money for an order has not come after all."""

    kind: ClassVar[str] = "order.unpaid"
    order: int
    number: int


@fact
class ParcelMade(Fact):
    """Goods of an order are put together to be sent."""

    kind: ClassVar[str] = "parcel.made"
    order: int
    parcel: int
    number: int


@fact
class ParcelMoved(Fact):
    """A parcel of an order is somewhere else by now: `after` is how far it has come."""

    kind: ClassVar[str] = "parcel.moved"
    order: int
    parcel: int
    number: int
    before: str
    after: str


@fact
class ParcelDropped(Fact):
    """A parcel of an order that had not left was dropped, since the customer has withdrawn."""

    kind: ClassVar[str] = "parcel.dropped"
    order: int
    parcel: int
    number: int


@fact
class OrderDecided(Fact):
    """Somebody decided what to do about an order that has not come."""

    kind: ClassVar[str] = "order.decided"
    order: int
    number: int
    choice: str


@fact
class OutsideAnswered(Fact):
    """The carrier or the warehouse (`choice`) said why an order had not come, after so many `minutes`."""

    kind: ClassVar[str] = "order.answered"
    order: int
    number: int
    choice: str
    cause: str
    minutes: int


@fact
class OrderResent(Fact):
    """Goods of an order are sent once more, for nothing, by an order of their own."""

    kind: ClassVar[str] = "order.resent"
    order: int
    number: int
    resend_of: int
    resend_of_number: int


@fact
class ReturnAsked(Fact):
    """A customer wants to give goods of an order back, or the money for what never came. It is told again where they
    withdraw by law before that is settled.
    """

    kind: ClassVar[str] = "return.asked"
    order: int
    back: int
    number: int
    reason: str


@fact
class ReturnMoved(Fact):
    """A return was looked over, refunded (so many yen) or exchanged (either may have waited), or not taken back."""

    kind: ClassVar[str] = "return.moved"
    order: int
    back: int
    number: int
    after: str
    total: int


@fact
class DocumentIssued(Fact):
    """A paper about an order was given, under this number; `again` as 再発行. `sha256` is that of its file: the log is
    sealed, so nobody changes either unseen.
    """

    kind: ClassVar[str] = "document.issued"
    document: int
    order: int
    number: str
    again: bool
    sha256: str


@fact
class StockAnswered(Fact):
    """The customer of a case was told what a product costs and how many there are, by place (None: nobody knew), as it
    was then; `contact` is the one in which they asked. Also when it would leave and when it would arrive (days, empty
    where nobody knew), said of all prefectures but those in `but_in`. Not where the customer lives: who reads the log
    may be one from whom the address is kept, and it stays for ever.
    """

    kind: ClassVar[str] = "stock.answered"
    variant: int
    code: str
    name: str
    price: int
    places: list[list[Any]] | None
    contact: int | None
    leaves_on: str = ""
    arrives_on: str = ""
    but_in: list[str] = field(default_factory=list)


@fact
class FitKept(Fact):
    """It was said whether a `product` works with another one, or with a model from `outside`, and where that stands;
    `before` is what was said until then.
    """

    kind: ClassVar[str] = "fit.kept"
    fit: int
    product: int
    other: int | None
    outside: str
    before: str
    verdict: str
    conditions: str
    source: str
    sourced_on: str


@fact
class FitDropped(Fact):
    """What was said of these two holds no longer."""

    kind: ClassVar[str] = "fit.dropped"
    product: int
    other: int | None
    outside: str
    verdict: str


@fact
class FitAnswered(Fact):
    """The customer of a case was told whether two things (`names`) work together, as it was known then, and from where;
    `contact` is the one in which they asked.
    """

    kind: ClassVar[str] = "fit.answered"
    fit: int
    names: str
    verdict: str
    conditions: str
    source: str
    sourced_on: str
    contact: int | None


@fact
class SymptomKept(Fact):
    """What causes a symptom and what helps was written: so many (`count`) remedies; or it is used no more."""

    kind: ClassVar[str] = "symptom.kept"
    symptom: int
    name: str
    active: bool
    count: int


@fact
class RemedyTried(Fact):
    """What came of a remedy for a symptom at a case, in the words of then: helped, failed or untried."""

    kind: ClassVar[str] = "remedy.tried"
    remedy: int
    symptom: str
    cause: str
    words: str
    result: str


@fact
class PiecesChanged(Fact):
    """Lots or serial numbers of an order were written down or taken away; so many are known now. Of each of these
    `pieces` stands the lot before and after in `lots`, null where it was not or is no more; its serial number stands
    beside the log, in the same order, for an erasure takes it.
    """

    kind: ClassVar[str] = "order.pieces_changed"
    order: int
    number: int
    count: int
    pieces: list[int] = field(default_factory=list)
    lots: list[list[str | None]] = field(default_factory=list)


@fact
class BuyersTaken(Fact):
    """Somebody took who bought of the lots of an incident along as a file, with so many pieces: the first, or where
    there are many another `part` of them.
    """

    kind: ClassVar[str] = "order.buyers_taken"
    incident: int
    count: int
    part: int = 1
