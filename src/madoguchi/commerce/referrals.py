"""Codes by which customers recommend the company to others, and the orders that name them."""

import secrets
import unicodedata
from dataclasses import dataclass
from typing import Final

from django.db import transaction
from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Sum
from django.utils.translation import gettext as _

from madoguchi.commerce import policies
from madoguchi.commerce.events import ReferralGiven
from madoguchi.commerce.models import Order
from madoguchi.companies.models import Desk
from madoguchi.customers.models import Customer
from madoguchi.infra.event_log import record
from madoguchi.infra.writing import one_at_a_time
from madoguchi.kernel.actor import Actor, Permission
from madoguchi.kernel.errors import Conflict, NotAllowed, Refused

# Without what is mistaken for something else when it is written by hand (I, L, O, 0, 1, B, D, Q, S) or said on the
# phone: E, G, P, T, V and Z sound like C, N like M, J like K, U like W, 8 like H.
LETTERS: Final = "ACFHKMRWXY345679"
LENGTH: Final = 6
_TRIES: Final = 20


@dataclass(frozen=True, slots=True)
class Brought:
    """The codes of a customer and what they brought: orders that were not cancelled, and their yen with tax."""

    codes: tuple[str, ...] = ()
    orders: int = 0
    yen: int = 0


@transaction.atomic
def give_referral(customer: Customer, *, desk: Desk, by: Actor) -> str:
    """The code of a customer; a new one where they have none yet. Raises NotAllowed for who takes no orders at the
    desk, and Conflict where the record was joined into another one.
    """
    company = customer.company_id
    if desk.company_id != company or not policies.may_take_orders(by, company=company, desk=desk.pk):
        raise NotAllowed(Permission.ORDER_TAKE)
    held = Customer.objects.select_for_update(no_key=True).get(pk=customer.pk)
    if held.joined_into_id:
        raise Conflict(_("This record was joined into another one. Look at that."))
    if there := codes_of(held):
        return there[0]
    held.referral = _free(company)
    held.save(update_fields=["referral"])
    record(ReferralGiven(company=company, desk=desk.pk, customer=held.pk), by=by)
    return held.referral


def referral_named(written: str, *, customer: Customer) -> str:
    """The code that somebody named, as it is kept; empty for none. One query. Raises Refused for one that the company
    gave nobody, and for the customer's own.
    """
    code = _plain(written)
    if not code:
        return ""
    whose = Customer.objects.filter(company=customer.company_id, referral=code).first()
    if whose is None:
        raise Refused(_("No customer has this code. Have it spelt once more."), field="referral")
    if customer.pk in (whose.pk, whose.joined_into_id):
        raise Refused(_("This is the customer’s own code. It is for others."), field="referral")
    return code


def codes_of(customer: Customer) -> tuple[str, ...]:
    """The code of a customer, first of all, and those of records that were joined into this one. One query."""
    rows = Customer.objects.filter(Q(pk=customer.pk) | Q(joined_into=customer.pk)).exclude(referral="")
    return tuple(
        rows.order_by(F("joined_into").asc(nulls_first=True), "pk").values_list("referral", flat=True)
    )


def brought_by(customer: Customer) -> Brought:
    """What the codes of a customer brought. Two queries, one where they have none."""
    codes = codes_of(customer)
    if not codes:
        return Brought()
    rows = referred_orders().filter(company=customer.company_id, referral__in=codes)
    found = rows.aggregate(n=Count("pk"), yen=Sum(F("net") + F("tax")))
    return Brought(codes, found["n"], found["yen"] or 0)


def referred_orders() -> QuerySet[Order]:
    """Orders that name a code, were not cancelled and are no resends: of others than whose it is, also where two
    records turned out to be of one person since. Not run yet.
    """
    own = Customer.objects.filter(referral=OuterRef("referral"), company=OuterRef("company"))
    theirs = own.filter(Q(pk=OuterRef("customer")) | Q(joined_into=OuterRef("customer")))
    rows = Order.objects.exclude(referral="").exclude(state=Order.State.CANCELLED).filter(resend_of=None)
    return rows.exclude(Exists(theirs))


def _free(company: int) -> str:
    """A code that nobody of the company has; until the end of the transaction nobody else is given one."""
    one_at_a_time(f"referral codes of company {company}")
    for _time in range(_TRIES):
        code = "".join(secrets.choice(LETTERS) for _letter in range(LENGTH))
        if not Customer.objects.filter(company=company, referral=code).exists():
            return code
    raise Conflict(_("Somebody was faster. Try again."))


def _plain(written: str) -> str:
    """As it is kept: capital letters of ASCII without what people put between them."""
    folded = unicodedata.normalize("NFKC", written).upper()
    return "".join(letter for letter in folded if letter.isalnum())[: LENGTH * 2]
