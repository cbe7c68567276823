"""Saying that a record is of a household or firm, and who belongs to it."""

from typing import Final

from django.db import transaction
from django.utils.translation import gettext as _

from madoguchi.customers.actions.record import add_customer
from madoguchi.customers.events import CustomerBelongs, CustomerChanged, CustomerLeft
from madoguchi.customers.models import Belonging, Customer
from madoguchi.customers.policies import may_join
from madoguchi.infra.event_log import record
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor, Permission
from madoguchi.kernel.errors import NotAllowed, NotFound, Refused
from madoguchi.kernel.text import blot_card_numbers, one_line

MOST_GROUPS: Final = 5
MOST_PEOPLE: Final = 200
_Sort = Customer.Sort


@transaction.atomic
def set_sort(customer: Customer, sort: str, *, by: Actor) -> None:
    """Say whether a record is of a person, a household or a firm. The same again does nothing.

    Raises NotAllowed, and Refused while somebody belongs to it or it belongs to something.
    """
    [held] = _locked([customer.pk], by)
    if sort not in _Sort.values:
        raise Refused(_("Choose what the record is of."), field="sort")
    if held.sort == sort:
        return
    if bool(held.sort) != bool(sort):
        if Belonging.objects.filter(group=held).exists():
            raise Refused(_("Somebody belongs to it. Take them out first."), field="sort")
        if Belonging.objects.filter(customer=held).exists():
            raise Refused(_("It belongs to a household or firm. Take it out there first."), field="sort")
    before = held.sort
    Customer.objects.filter(pk=held.pk).update(sort=sort)
    fact = CustomerChanged(company=held.company_id, customer=held.pk, fields=["sort"])
    record(fact, by=by, words={"sort": [before, sort]})


@transaction.atomic
def belong(customer: Customer, *, to: Customer, role: str = "", by: Actor) -> Belonging:
    """Say that a person belongs to a household or firm, and as what. Said again it changes as what.

    Raises NotAllowed, and Refused where one is no person or the other no group, and for too many.
    """
    rows = {row.pk: row for row in _locked(sorted({customer.pk, to.pk}), by)}
    person, group = rows[customer.pk], rows[to.pk]
    _require_fitting(person, group)
    words = one_line(blot_card_numbers(role), most=61)
    if len(words) > 60:
        raise Refused(_("Write in 60 letters at most what they are there."), field="role")
    theirs = Belonging.objects.filter(customer=person)
    made = theirs.filter(group=group).order_by("pk").first()
    if made is not None and made.role == words:
        return made
    if made is None:
        _refuse_too_many(person, group)
        made = Belonging(company_id=person.company_id, customer=person, group=group)
    before = made.role
    made.role, made.user_id, made.at = words, by.id, clock.now()
    made.save()
    told = {"company": made.company_id, "customer": person.pk, "group": group.pk}
    changed = {"role": [before, words]} if before != words else None
    record(CustomerBelongs(**told, belonging=made.pk), by=by, words=changed)
    return made


@transaction.atomic
def belong_to_new(customer: Customer, *, sort: str, name: str, role: str = "", by: Actor) -> Belonging:
    """The same with a household or firm that has no record yet. Raises as `add_customer` and `belong`."""
    if sort not in (_Sort.HOUSEHOLD, _Sort.FIRM):
        raise Refused(_("Choose whether it is a household or a firm."), field="sort")
    if not name.strip():
        raise Refused(_("Write what it is called."), field="name")
    _locked([customer.pk], by)
    made = add_customer(customer.company_id, name=name, by=by)
    set_sort(made, sort, by=by)
    return belong(customer, to=made, role=role, by=by)


@transaction.atomic
def leave(belonging: Belonging, *, by: Actor) -> None:
    """Say that somebody belongs there no longer. Doing it twice does nothing. Raises NotAllowed."""
    _locked(sorted({belonging.customer_id, belonging.group_id}), by)
    pair = Belonging.objects.filter(customer=belonging.customer_id, group=belonging.group_id)
    if not pair.exists():
        return
    pair.delete()
    told = {"customer": belonging.customer_id, "group": belonging.group_id}
    record(CustomerLeft(company=belonging.company_id, **told), by=by)


def _locked(ids: list[int], by: Actor) -> list[Customer]:
    """The records, locked in one order, for who may change them and sees them whole. Raises NotFound, NotAllowed."""
    rows = list(Customer.objects.select_for_update().filter(pk__in=ids).order_by("pk"))
    if len(rows) != len(ids):
        raise NotFound(ids)
    if not all(may_join(by, company=row.company_id) for row in rows):
        raise NotAllowed(Permission.CUSTOMER_EDIT)
    return rows


def _require_fitting(person: Customer, group: Customer) -> None:
    if person.company_id != group.company_id:
        raise Refused(_("Records of two companies never belong together."), field="other")
    if person.joined_into_id or group.joined_into_id:
        raise Refused(_("One of the two has been joined with another record already."), field="other")
    if person.sort or not group.sort:
        raise Refused(
            _("A person belongs to a household or firm, and not the other way round."), field="other"
        )


def _refuse_too_many(person: Customer, group: Customer) -> None:
    if Belonging.objects.filter(customer=person).count() >= MOST_GROUPS:
        raise Refused(_("Somebody belongs to five households and firms at most."), field="other")
    if Belonging.objects.filter(group=group).count() >= MOST_PEOPLE:
        raise Refused(_("A household or firm has 200 people at most."), field="other")
