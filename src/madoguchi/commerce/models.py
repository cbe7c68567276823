"""Products and their stock, orders, how a company sells, and the papers that were given."""

from typing import Any

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from madoguchi.commerce.campaign_models import Campaign as Campaign
from madoguchi.commerce.campaign_models import CampaignUse as CampaignUse
from madoguchi.commerce.diagnosis_models import Remedy as Remedy
from madoguchi.commerce.diagnosis_models import Symptom as Symptom
from madoguchi.commerce.diagnosis_models import Trial as Trial
from madoguchi.commerce.documents.kinds import Kind
from madoguchi.commerce.documents.tax import RATES, Rounding
from madoguchi.commerce.fit_models import Fit as Fit
from madoguchi.commerce.media_models import MediaEvent as MediaEvent
from madoguchi.commerce.piece_models import Piece as Piece
from madoguchi.commerce.solicitation_models import Solicitation as Solicitation
from madoguchi.commerce.squashed import beginning_of
from madoguchi.commerce.subscription_models import Subscription as Subscription
from madoguchi.commerce.subscription_models import SubscriptionOrder as SubscriptionOrder
from madoguchi.commerce.subscription_models import SubscriptionTerms as SubscriptionTerms
from madoguchi.companies.models import Desk, EntryPoint
from madoguchi.customers.models import Customer
from madoguchi.infra.scope import ScopedModel

FIRST_NUMBER = 1001


class Counter(ScopedModel):
    """The last number that a company gave to an order, or to a kind of document."""

    kind = models.CharField(max_length=20)
    last = models.PositiveIntegerField()

    class Meta(ScopedModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["company", "kind"], name="one_commerce_counter_per_kind")
        ]


class Shop(ScopedModel):
    """How a company sells: what stands on its papers about itself (on written terms also who represents it), and how
    it rounds the tax; `payment_link` is where an order is paid by card (`payment_links.py`), from `link_from` on, and
    until then `link_before`. Where the refunds of an order come to more than `refund_limit` yen (None: never), a second
    person has to agree; one that was raised counts from `limit_from` on, and until then `limit_before`.
    """

    name = models.CharField(max_length=200)
    registration_number = models.CharField(max_length=14, blank=True)
    address = models.CharField(max_length=200, blank=True)
    phone = models.CharField(max_length=40, blank=True)
    bank = models.CharField(max_length=200, blank=True)
    representative = models.CharField(max_length=200, blank=True, db_default="")
    payment_link = models.CharField(max_length=200, blank=True, db_default="")
    link_before = models.CharField(max_length=200, blank=True, default="", db_default="")
    link_from = models.DateTimeField(null=True)
    rounding = models.CharField(
        max_length=10, choices=[(r.value, r.value) for r in Rounding], default=Rounding.FLOOR.value
    )
    refund_limit = models.PositiveIntegerField(null=True, blank=True)
    limit_before = models.PositiveIntegerField(null=True)
    limit_from = models.DateTimeField(null=True)

    class Meta(ScopedModel.Meta):
        constraints = [models.UniqueConstraint(fields=["company"], name="one_shop_per_company")]


class ReturnPolicy(ScopedModel):
    """On which terms goods are taken back from a moment on; one version follows the other, and none is changed."""

    number = models.PositiveIntegerField()
    words = models.TextField()
    days = models.PositiveSmallIntegerField()
    at = models.DateTimeField()

    class Meta(ScopedModel.Meta):
        constraints = [models.UniqueConstraint(fields=["company", "number"], name="policy_version_once")]


class ShippingRule(ScopedModel):
    """What sending goods costs from a moment on, in whole yen with tax; one version follows the other.

    `fee` is None where nobody says so: orders are charged none. `free_from` is the amount from which it costs nothing,
    None where it never does; `regions` are prefectures with a fee of their own. `days` is how long goods are on their
    way (None: nobody says so), `region_days` where it is longer or shorter.
    """

    number = models.PositiveIntegerField()
    fee = models.PositiveIntegerField(null=True)
    free_from = models.PositiveIntegerField(null=True)
    regions = models.JSONField(default=dict)
    days = models.PositiveSmallIntegerField(null=True)
    region_days = models.JSONField(default=dict, db_default={})
    at = models.DateTimeField()

    class Meta(ScopedModel.Meta):
        constraints = [models.UniqueConstraint(fields=["company", "number"], name="shipping_rule_once")]


class Product(ScopedModel):
    """Something that a company sells, in one or more variants. Texts are looked through for it by how its name
    `begins`.
    """

    code = models.CharField(max_length=60)
    name = models.CharField(max_length=200)
    begins = beginning_of("name")
    kana = models.CharField(max_length=200, blank=True)
    tax_rate = models.PositiveSmallIntegerField(choices=[(rate, f"{rate} %") for rate in RATES], default=10)
    tax_included = models.BooleanField(default=True)
    warranty_months = models.PositiveSmallIntegerField(null=True)
    attributes = models.JSONField(default=dict)
    active = models.BooleanField(default=True)

    class Meta(ScopedModel.Meta):
        constraints = [models.UniqueConstraint(fields=["company", "code"], name="product_code_once")]
        indexes = [models.Index(fields=["company", "begins"], name="product_by_beginning")]

    def __str__(self) -> str:
        return self.name


class Variant(ScopedModel):
    """One form in which a product is sold, with a price in whole yen. `folded` is what it is found by, `lead_days` how
    many days the supplier takes to send one that is not there (None: nobody says so).
    """

    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="variants", db_index=False)
    code = models.CharField(max_length=60)
    begins = beginning_of("code")
    name = models.CharField(max_length=100, blank=True)
    unit_price = models.PositiveIntegerField()
    attributes = models.JSONField(default=dict)
    folded = models.CharField(max_length=800)
    lead_days = models.PositiveSmallIntegerField(null=True)
    active = models.BooleanField(default=True)

    class Meta(ScopedModel.Meta):
        constraints = [models.UniqueConstraint(fields=["company", "code"], name="variant_code_once")]
        indexes = [
            models.Index(fields=["product"], name="variant_of_product"),
            models.Index(fields=["company", "begins"], name="variant_by_beginning"),
        ]

    def __str__(self) -> str:
        return " ".join(name for name in (self.product.name, self.name) if name)


class Stock(ScopedModel):
    """How many of a variant there are at a place, and on which day more is to come (None: nobody says so)."""

    variant = models.ForeignKey(Variant, on_delete=models.CASCADE, related_name="stock", db_index=False)
    place = models.CharField(max_length=60)
    quantity = models.IntegerField()
    next_on = models.DateField(null=True)

    class Meta(ScopedModel.Meta):
        constraints = [models.UniqueConstraint(fields=["variant", "place"], name="stock_once_per_place")]


class Order(ScopedModel):
    """What a customer ordered, on the terms of then. Amounts are whole yen.

    `case_id` is the case in which it was taken, `once` what tells a second press of the button from a second order;
    `resend_of` the order of which this sends goods once more, for nothing. `outside` is what a shop elsewhere, in which
    it was ordered, calls it (#1001); empty for one that was taken here. `medium` is where the customer found what they
    bought (a shop, EC, television, a newspaper), empty where nobody knows; `entry_point` by which they came; `referral`
    the code of the customer who recommended the company to them.
    """

    class State(models.TextChoices):
        """How far it has come."""

        PLACED = "placed", _("Ordered")
        SHIPPED = "shipped", _("Shipped")
        DELIVERED = "delivered", _("Delivered")
        CANCELLED = "cancelled", _("Cancelled")

    class Payment(models.TextChoices):
        """How it is paid. Numbers of cards are never asked for: who pays by card is sent a link."""

        ON_DELIVERY = "on_delivery", _("Cash on delivery")
        TRANSFER = "transfer", _("Bank transfer")
        STORE = "store", _("Convenience store")
        LINK = "link", _("By a payment link (card)")
        LATER = "later", _("By invoice, later")
        NOTHING = "nothing", _("Nothing to pay")
        ELSEWHERE = "elsewhere", _("In the shop where it was ordered")

    number = models.PositiveIntegerField()
    outside = models.CharField(max_length=40, blank=True, db_default="")
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="+", db_index=False)
    desk = models.ForeignKey(Desk, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    case_id = models.BigIntegerField(null=True)
    entry_point = models.ForeignKey(
        EntryPoint, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    medium = models.CharField(max_length=200, blank=True, default="", db_default="")
    referral = models.CharField(max_length=12, blank=True, default="", db_default="")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    policy = models.ForeignKey(
        ReturnPolicy, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    shipping_rule = models.ForeignKey(
        ShippingRule, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    resend_of = models.ForeignKey(
        "self", null=True, on_delete=models.PROTECT, related_name="resends", db_index=False
    )
    state = models.CharField(max_length=10, choices=State.choices, default=State.PLACED)
    payment = models.CharField(max_length=12, choices=Payment.choices)
    recipient = models.CharField(max_length=200)
    postcode = models.CharField(max_length=10, blank=True)
    address = models.CharField(max_length=300)
    phone = models.CharField(max_length=40, blank=True)
    note = models.CharField(max_length=500, blank=True)
    rounding = models.CharField(max_length=10)
    net = models.IntegerField()
    tax = models.IntegerField()
    once = models.UUIDField()
    placed_at = models.DateTimeField()
    delivered_at = models.DateTimeField(null=True)
    paid_at = models.DateTimeField(null=True)

    class Meta(ScopedModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["company", "number"], name="order_number_once"),
            models.UniqueConstraint(fields=["company", "once"], name="order_placed_once"),
        ]
        indexes = [
            models.Index(fields=["customer", "-placed_at"], name="order_of_customer"),
            models.Index(
                fields=["company", "outside"], name="order_by_outside", condition=~models.Q(outside="")
            ),
            models.Index(
                fields=["resend_of"], name="resend_of_order", condition=models.Q(resend_of__isnull=False)
            ),
            models.Index(
                fields=["entry_point", "placed_at"],
                name="order_by_number",
                condition=models.Q(entry_point__isnull=False),
            ),
            models.Index(
                fields=["company", "placed_at"], name="order_by_medium", condition=~models.Q(medium="")
            ),
            models.Index(
                fields=["company", "referral"], name="order_by_referral", condition=~models.Q(referral="")
            ),
        ]

    def __str__(self) -> str:
        return self.spoken_number

    @property
    def spoken_number(self) -> str:
        """The number as it is said and written."""
        return f"O-{self.number}"

    @property
    def total(self) -> int:
        """What is paid."""
        return self.net + self.tax

    @property
    def where(self) -> dict[str, Any]:
        """Where what happens to it is told."""
        return {"company": self.company_id, "desk": self.desk_id, "case": self.case_id}


class OrderLine(ScopedModel):
    """One line of an order: name, price and warranty as they were when it was placed.

    `taken` is how many came out of the stock of which place, None where nobody knew the stock; `backordered` how many
    were not there. What sending costs is a line, too (`shipping`), so that papers reckon with it. `outside` is what
    the shop elsewhere calls the line, where it was ordered there. `list_price` is what a piece costs without the
    campaign that took something off it, null without any.
    """

    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="lines", db_index=False)
    place = models.PositiveSmallIntegerField()
    variant = models.ForeignKey(
        Variant, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    code = models.CharField(max_length=60)
    name = models.CharField(max_length=300)
    quantity = models.PositiveIntegerField()
    unit_price = models.PositiveIntegerField()
    tax_rate = models.PositiveSmallIntegerField()
    tax_included = models.BooleanField()
    warranty_months = models.PositiveSmallIntegerField(null=True)
    taken = models.JSONField(null=True)
    backordered = models.PositiveIntegerField(default=0, db_default=0)
    shipping = models.BooleanField(default=False, db_default=False)
    outside = models.CharField(max_length=60, blank=True, db_default="")
    list_price = models.PositiveIntegerField(null=True)

    class Meta(ScopedModel.Meta):
        constraints = [models.UniqueConstraint(fields=["order", "place"], name="order_line_once")]
        indexes = [
            models.Index(
                fields=["variant"], name="line_of_variant", condition=models.Q(variant__isnull=False)
            )
        ]

    def __str__(self) -> str:
        return self.name


class Parcel(ScopedModel):
    """Pieces of an order that go together, by a carrier under the number of its slip. `steps` tell how far it came."""

    class Carrier(models.TextChoices):
        """Who brings it."""

        YAMATO = "yamato", _("Yamato Transport")
        SAGAWA = "sagawa", _("Sagawa Express")
        JAPAN_POST = "japan_post", _("Japan Post")
        OTHER = "other", _("Another carrier")

    class State(models.TextChoices):
        """How far it has come."""

        PREPARING = "preparing", _("Being prepared")
        HANDED_OVER = "handed_over", _("Handed to the carrier")
        IN_TRANSIT = "in_transit", _("In transit")
        ABSENT = "absent", _("Nobody was there")
        DELIVERED = "delivered", _("Delivered")
        RETURNED = "returned", _("Sent back to us")

    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="parcels", db_index=False)
    number = models.PositiveSmallIntegerField()
    carrier = models.CharField(max_length=10, choices=Carrier.choices)
    slip = models.CharField(max_length=30, blank=True)
    state = models.CharField(max_length=12, choices=State.choices, default=State.PREPARING)
    moved_at = models.DateTimeField()

    class Meta(ScopedModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["order", "number"], name="parcel_once"),
            models.UniqueConstraint(
                fields=["company", "carrier", "slip"], name="slip_once", condition=~models.Q(slip="")
            ),
        ]
        indexes = [models.Index(fields=["company", "slip"], name="parcel_by_slip")]

    def __str__(self) -> str:
        return f"{self.order}-{self.number}"


class ParcelPiece(ScopedModel):
    """How many of a line of the order are in a parcel."""

    parcel = models.ForeignKey(Parcel, on_delete=models.CASCADE, related_name="pieces", db_index=False)
    line = models.ForeignKey(OrderLine, on_delete=models.CASCADE, related_name="sent", db_index=False)
    quantity = models.PositiveIntegerField()

    class Meta(ScopedModel.Meta):
        constraints = [models.UniqueConstraint(fields=["parcel", "line"], name="line_once_per_parcel")]
        indexes = [models.Index(fields=["line"], name="pieces_of_line")]


class ParcelStep(ScopedModel):
    """Where a parcel was at a moment, by a person (`user`) or by what a carrier told. Told twice it is kept once."""

    parcel = models.ForeignKey(Parcel, on_delete=models.CASCADE, related_name="steps", db_index=False)
    state = models.CharField(max_length=12, choices=Parcel.State.choices)
    at = models.DateTimeField()
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )

    class Meta(ScopedModel.Meta):
        constraints = [models.UniqueConstraint(fields=["parcel", "at", "state"], name="parcel_step_once")]


class Decision(ScopedModel):
    """What somebody decided about an order that has not come, and why; `case_id` is where the customer had asked.

    Where somebody outside was asked, `task_id` is the task to ask them, and `cause`, `answer` and `answered_at` what
    they said and when: so how long they take is known.
    """

    class Choice(models.TextChoices):
        """What can be done."""

        WAIT = "wait", _("Wait")
        ASK_CARRIER = "ask_carrier", _("Ask the carrier")
        ASK_WAREHOUSE = "ask_warehouse", _("Ask the warehouse")
        RESEND = "resend", _("Send it once more")
        REFUND = "refund", _("Give the money back")

    # Of these somebody outside is asked.
    ASKING = (Choice.ASK_CARRIER, Choice.ASK_WAREHOUSE)

    class Cause(models.TextChoices):
        """Why it had not come, as the carrier or the warehouse says."""

        LATE = "late", _("On its way, but late")
        NOT_SENT = "not_sent", _("It was not sent yet")
        NO_STOCK = "no_stock", _("It was not in stock")
        MIXED_UP = "mixed_up", _("Something else, or to somebody else, was sent")
        ADDRESS = "address", _("The address is unknown or incomplete")
        ABSENT = "absent", _("Nobody was there")
        ELSEWHERE = "elsewhere", _("Left or handed over elsewhere")
        DAMAGED = "damaged", _("Damaged on its way")
        LOST = "lost", _("Lost on its way")
        UNKNOWN = "unknown", _("They do not know")

    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="decisions", db_index=False)
    parcel = models.ForeignKey(Parcel, null=True, on_delete=models.CASCADE, related_name="+", db_index=False)
    case_id = models.BigIntegerField(null=True)
    choice = models.CharField(max_length=14, choices=Choice.choices)
    reason = models.CharField(max_length=300, blank=True)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    at = models.DateTimeField()
    task_id = models.BigIntegerField(null=True)
    cause = models.CharField(max_length=9, choices=Cause.choices, blank=True, default="", db_default="")
    answer = models.CharField(max_length=300, blank=True, default="", db_default="")
    answered_at = models.DateTimeField(null=True)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )

    class Meta(ScopedModel.Meta):
        indexes = [
            models.Index(fields=["order", "-at"], name="decision_of_order"),
            # How long those outside take is told by their last answers.
            models.Index(
                fields=["company", "choice", "-answered_at"],
                name="decision_answered",
                condition=models.Q(answered_at__isnull=False),
            ),
        ]

    @property
    def waits(self) -> bool:
        """Whether somebody outside was asked and has not answered yet."""
        return self.choice in self.ASKING and self.answered_at is None


class Return(ScopedModel):
    """Goods of an order that come back, or never came, and the money for them. Amounts are whole yen, with tax.

    `sums` is what was given back of each rate, as documents reckon, `until` the last day on which the return policy of
    the order takes goods back (None where that does not count), and `case_id` where it was asked for; `once` tells a
    second press of the button from a second return. `refund_by` is who wanted the money given back where that waits for
    a second person, or (`in_exchange`) the same goods sent again.
    """

    class State(models.TextChoices):
        """How far it has come."""

        ASKED = "asked", _("Asked for")
        INSPECTED = "inspected", _("Looked over")
        AWAITING = "awaiting", _("Waits for a second person")
        REFUNDED = "refunded", _("Money given back")
        EXCHANGED = "exchanged", _("Exchanged")
        REFUSED = "refused", _("Not taken back")

    class Reason(models.TextChoices):
        """Why goods are given back."""

        CHANGED_MIND = "changed_mind", _("Not wanted after all")
        DEFECT = "defect", _("Defective")
        DAMAGED = "damaged", _("Damaged on the way")
        WRONG = "wrong", _("Something else was sent")
        NOT_DELIVERED = "not_delivered", _("Never came")
        ELSEWHERE = "elsewhere", _("Refunded in the shop where it was ordered")
        WITHDRAWN = "withdrawn", _("Withdrawn within eight days (cooling-off)")

    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="returns", db_index=False)
    number = models.PositiveIntegerField()
    state = models.CharField(max_length=10, choices=State.choices, default=State.ASKED)
    reason = models.CharField(max_length=14, choices=Reason.choices)
    note = models.CharField(max_length=300, blank=True)
    until = models.DateField(null=True)
    case_id = models.BigIntegerField(null=True)
    sums = models.JSONField(default=list)
    total = models.PositiveIntegerField(default=0)
    once = models.UUIDField(null=True)
    asked_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    refund_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    in_exchange = models.BooleanField(default=False, db_default=False)

    class Meta(ScopedModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["company", "number"], name="return_number_once"),
            models.UniqueConstraint(fields=["company", "once"], name="return_once"),
        ]
        indexes = [models.Index(fields=["order"], name="return_of_order")]

    def __str__(self) -> str:
        return f"R-{self.number}"


class ReturnPiece(ScopedModel):
    """How many of a line of the order come back; of these `restocked` went into stock again, the others are written
    off. What sending cost is a line, too, and may be given back.
    """

    back = models.ForeignKey(Return, on_delete=models.CASCADE, related_name="pieces", db_index=False)
    line = models.ForeignKey(OrderLine, on_delete=models.CASCADE, related_name="given_back", db_index=False)
    quantity = models.PositiveIntegerField()
    restocked = models.PositiveIntegerField(default=0)

    class Meta(ScopedModel.Meta):
        constraints = [models.UniqueConstraint(fields=["back", "line"], name="line_once_per_return")]
        indexes = [models.Index(fields=["line"], name="returned_of_line")]


class IssuedDocument(ScopedModel):
    """A paper that was given, as it was given: PostgreSQL lets nobody change or delete it (電子帳簿保存法).

    It is found by its day, its amount and the other side. `reissue_of` is the first one of which it is another copy,
    made of what is `kept` beside that (null where it was given before anything was). `back` is the return that a
    return slip is about.
    """

    kind = models.CharField(max_length=20, choices=[(kind.value, kind.value) for kind in Kind])
    number = models.CharField(max_length=40)
    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="documents", db_index=False)
    reissue_of = models.ForeignKey(
        "self", null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    back = models.ForeignKey(
        Return, null=True, on_delete=models.PROTECT, related_name="documents", db_index=False
    )
    partner = models.CharField(max_length=200)
    day = models.DateField()
    total = models.IntegerField()
    pdf = models.BinaryField()
    kept = models.JSONField(null=True)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    at = models.DateTimeField()

    class Meta(ScopedModel.Meta):
        constraints = [models.UniqueConstraint(fields=["company", "number"], name="document_number_once")]
        indexes = [
            models.Index(fields=["order"], name="document_of_order"),
            models.Index(fields=["company", "-day", "-id"], name="document_by_day"),
        ]
