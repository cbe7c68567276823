"""Giving a case to another customer's record: what that would do, said before it is done."""

from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext as _

from madoguchi.cases.actions import give_to_customer, note_look_at_customer, require_another
from madoguchi.cases.models import Case
from madoguchi.customers.actions import add_customer
from madoguchi.customers.models import Customer
from madoguchi.customers.queries import CustomerView, customer_by_id, view_of
from madoguchi.kernel.actor import Actor
from madoguchi.kernel.errors import NotFound, Refused

_MOST_DIGITS, MOST_LETTERS = 18, 200


@dataclass(frozen=True, slots=True)
class Giving:
    """Whose case it is and whose it would be, where answers would go then, and how many cases that went on in it go
    along."""

    now: CustomerView
    then: CustomerView
    answers: str
    merged: int


def chosen(written: str, *, actor: Actor) -> Customer:
    """The record that was chosen. Raises Refused for what is no record any more."""
    if not (written.isascii() and written.isdecimal() and len(written) <= _MOST_DIGITS):
        raise Refused(_("Choose a record."), field="other")
    try:
        return customer_by_id(int(written), actor=actor)
    except NotFound:
        raise Refused(_("This record is not there any more. Choose another one."), field="other") from None


def preview_of(case: Case, *, to: Customer, actor: Actor) -> Giving:
    """What giving the case to this record would do. Raises what giving it would raise."""
    require_another(case, to=to, by=actor)
    note_look_at_customer(to.pk, by=actor)
    then = view_of(to, actor=actor)
    return Giving(
        now=view_of(case.customer, actor=actor),
        then=then,
        answers=next(iter(then.emails), ""),
        merged=Case.objects.filter(continued_in=case).count(),
    )


@transaction.atomic
def give_to_new(case: Case, *, name: str, by: Actor) -> None:
    """Give the case to somebody of whom there is no record yet. Raises as both acts do; then there is none after."""
    if not name.strip() or len(name.strip()) > MOST_LETTERS:
        raise Refused(_("Give the new customer’s name, 200 letters at most."), field="name")
    give_to_customer(case, to=add_customer(case.company_id, name=name, by=by), by=by)
