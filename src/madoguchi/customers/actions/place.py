"""Keeping by which postal addresses a customer is known beside the one of the record."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from madoguchi.customers.attempts import Way, note_attempt
from madoguchi.customers.events import CustomerChanged
from madoguchi.customers.models import Customer, PostalAddress
from madoguchi.customers.places import places_of, was_taken_away
from madoguchi.infra.event_log import record
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor, Permission
from madoguchi.kernel.errors import NotAllowed, Refused
from madoguchi.kernel.places import house_of, is_same_place, place_of
from madoguchi.kernel.text import blot_card_numbers, one_line

MOST_PLACES, MOST_LETTERS = 20, 320
_RANKS = list(PostalAddress.How.values)


@transaction.atomic
def know_place(
    customer: int, *, written: str, how: PostalAddress.How, since: datetime | None = None, by: Actor
) -> bool:
    """Have an address to which goods of theirs went, where the record does not say it yet; whether that is news. What
    is known better stays, and what was taken away after `since`, when it was said, stays away. One without a number of
    a house is none.
    """
    held = _held(customer)
    written = _kept(written)
    if not house_of(written) or is_same_place(held.address, written):
        return False
    before = places_of([held.pk])[held.pk]
    same = next((one for one in before if is_same_place(one.written, written)), None)
    if same is None and len(before) < MOST_PLACES:
        if since is not None and was_taken_away({customer, held.pk}, written, since=since):
            return False
        _add(held, [written], how=how, by=by)
        _tell(held, [one.written for one in before], by=by)
        return True
    if same is not None and _RANKS.index(how.value) > _RANKS.index(same.how):
        PostalAddress.objects.filter(pk=same.pk).update(how=how.value, at=clock.now())
        return True
    return False


@transaction.atomic
def forget_place(customer: int, *, written: str, by: Actor) -> bool:
    """Have an address no more to which goods of theirs were only to be sent; whether that is news. Where they arrived,
    and what somebody said, stays.
    """
    held, written = _held(customer), _kept(written)
    before = places_of([held.pk])[held.pk]
    gone = [
        one.pk for one in before if one.how == PostalAddress.How.SENT and is_same_place(one.written, written)
    ]
    if not gone:
        return False
    PostalAddress.objects.filter(pk__in=gone).delete()
    _tell(held, [one.written for one in before], by=by)
    return True


@transaction.atomic
def set_places(customer: Customer, *, written: Sequence[str], by: Actor) -> None:
    """Say by which postal addresses beside the record's own a customer is known: all of them.

    Raises NotAllowed; Refused for who may not see addresses whole, for too many, and for one without a number.
    """
    company = customer.company_id
    desk = next((grant.desk for grant in by.grants if grant.company == company), None)
    if not by.may(Permission.CUSTOMER_EDIT, company=company, desk=desk):
        raise NotAllowed(Permission.CUSTOMER_EDIT)
    kept = by.data_scope(company=company)
    if "address" in kept.masked | kept.hidden:
        note_attempt(company=company, customer=customer.pk, field="address", way=Way.CHANGE, by=by)
        raise Refused(_("This field cannot be changed here."), field="places")
    Customer.objects.select_for_update(no_key=True).get(pk=customer.pk)
    wanted = _each_once(written)
    before = [one.written for one in places_of([customer.pk])[customer.pk]]
    if _set(customer, wanted, by=by):
        _tell(customer, before, by=by)


def _held(customer: int) -> Customer:
    """The record, or the one into which it was joined, kept from others who would change it."""
    held = Customer.objects.select_for_update(no_key=True).get(pk=customer)
    if held.joined_into_id:
        return Customer.objects.select_for_update(no_key=True).get(pk=held.joined_into_id)
    return held


def _each_once(written: Sequence[str]) -> dict[str, str]:
    """Addresses by the place that they are. Raises Refused."""
    wanted: dict[str, str] = {}
    for one in filter(None, map(_kept, written)):
        if not house_of(one):
            words = _("“%(address)s” has no number of a house.") % {"address": one[:100]}
            raise Refused(words, field="places")
        wanted.setdefault(place_of(one), one)
    if len(wanted) > MOST_PLACES:
        raise Refused(_("A customer has 20 addresses of a kind at most."), field="places")
    return wanted


def _set(customer: Customer, wanted: dict[str, str], *, by: Actor) -> bool:
    """Whether anything had to be changed. What two joined records both had stays twice: each may be given its own
    back.
    """
    rows = list(PostalAddress.objects.filter(customer=customer).order_by("pk"))
    first = {place_of(one.written): one for one in reversed(rows)}
    gone = [one.pk for one in rows if place_of(one.written) not in wanted]
    renewed = [one for place, one in first.items() if wanted.get(place, one.written) != one.written]
    for one in renewed:
        one.written = wanted[place_of(one.written)]
        one.house = house_of(one.written)[:300]
    PostalAddress.objects.bulk_update(renewed, ["written", "house"])
    PostalAddress.objects.filter(pk__in=gone).delete()
    new = [one for place, one in wanted.items() if place not in first]
    _add(customer, new, how=PostalAddress.How.TOLD, by=by)
    return bool(gone or renewed or new)


def _kept(written: str) -> str:
    return one_line(blot_card_numbers(written), most=MOST_LETTERS)


def _add(customer: Customer, written: Sequence[str], *, how: PostalAddress.How, by: Actor) -> None:
    PostalAddress.objects.bulk_create(
        PostalAddress(
            company_id=customer.company_id,
            customer=customer,
            house=house_of(one)[:300],
            written=one,
            how=how.value,
            user_id=by.id,
            at=clock.now(),
        )
        for one in written
    )


def _tell(customer: Customer, before: list[str], *, by: Actor) -> None:
    now = [one.written for one in places_of([customer.pk])[customer.pk]]
    fact = CustomerChanged(company=customer.company_id, customer=customer.pk, fields=["places"])
    record(fact, by=by, words={"places": [before, now]})
