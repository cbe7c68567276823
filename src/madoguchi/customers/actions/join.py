"""Two records of one person become one, and, if that was wrong, two again exactly as they were."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from django.db import transaction
from django.db.models import ManyToOneRel, Q
from django.utils.translation import gettext as _

from madoguchi.customers.events import CustomersJoined, CustomersParted
from madoguchi.customers.joining import given_back, joined, values_of
from madoguchi.customers.models import Customer, Identity, Join
from madoguchi.customers.policies import may_join
from madoguchi.infra.event_log import record
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor, Permission
from madoguchi.kernel.errors import NotAllowed, NotFound, Refused

# Addresses go over by what they are: who puts them in another order enters them anew.
_ADDRESSES = "addresses"


def require_joinable(customer: Customer, *, into: Customer, by: Actor) -> None:
    """Whether two records may become one. Raises NotAllowed, or Refused with the reason."""
    if not may_join(by, company=into.company_id):
        raise NotAllowed(Permission.CUSTOMER_EDIT)
    if customer.pk == into.pk:
        raise Refused(_("This is the same record. Choose another one."), field="other")
    if customer.company_id != into.company_id:
        raise Refused(_("Records of two companies are never joined."), field="other")
    if customer.joined_into_id or into.joined_into_id:
        raise Refused(_("One of the two has been joined with another record already."), field="other")
    if customer.sort != into.sort:
        raise Refused(
            _("A person, a household and a firm are never one. Say first what each record is of."),
            field="other",
        )
    if (customer.use_stopped_at is None) != (into.use_stopped_at is None):
        raise Refused(
            _("The use of one of the two is stopped. Take the stop back first, or stop the other too."),
            field="other",
        )


@transaction.atomic
def join_customers(customer: Customer, *, into: Customer, by: Actor) -> Join:
    """Let a record go on in another one of the same person, with its addresses and everything that hangs on it.

    What is known of `into` stays, what is empty there is filled, and both memos are kept. Raises NotAllowed or Refused.
    """
    customer, into = _locked(customer.pk, into.pk)
    require_joinable(customer, into=into, by=by)
    before, after = values_of(into), joined(customer, into)
    made = Join.objects.create(
        company_id=into.company_id,
        customer=customer,
        into=into,
        user_id=by.id,
        at=clock.now(),
        moved=_move(customer, into),
        before=before,
        after=after,
    )
    Customer.objects.filter(pk=into.pk).update(**after)
    Customer.objects.filter(pk=customer.pk).update(joined_into=into)
    record(CustomersJoined(**_told(made)), by=by)
    return made


@transaction.atomic
def part_customers(join: Join, *, more: Mapping[str, Sequence[int]] | None = None, by: Actor) -> None:
    """Make two records of them again: what went over goes back, and what nobody has changed since is as it was.

    `more` are rows that came since and belong to the one that goes, named as in `Join.moved`. Doing it twice does
    nothing. Raises NotAllowed, or Refused while a later join has to be undone first.
    """
    customer, into = _locked(join.customer_id, join.into_id)
    join.refresh_from_db()
    if not may_join(by, company=join.company_id):
        raise NotAllowed(Permission.CUSTOMER_EDIT)
    if join.undone_at:
        return
    require_last(join, into=into)
    Customer.objects.filter(pk=customer.pk).update(joined_into=None)
    _move_back(join, more or {})
    values = given_back(values_of(into), before=join.before, after=join.after)
    Customer.objects.filter(pk=into.pk).update(**values)
    Join.objects.filter(pk=join.pk).update(undone_at=clock.now(), undone_by_id=by.id)
    record(CustomersParted(**_told(join)), by=by)


def require_last(join: Join, *, into: Customer) -> None:
    """Joins of one record are undone last first. Raises Refused."""
    later = Join.objects.filter(Q(into=into) | Q(customer=into), undone_at=None, pk__gt=join.pk)
    if into.joined_into_id or later.exists():
        raise Refused(_("Another record was joined after this one. Part that one first."))


def hanging_on_a_customer() -> Iterator[tuple[str, Any, str]]:
    """Every table whose rows are some customer's, but for the records' own: its name in `Join.moved`, its model, and
    the field that refers to the customer. Read from the models, so what is new goes along by itself.
    """
    for relation in Customer._meta.get_fields(include_hidden=True):
        if isinstance(relation, ManyToOneRel) and relation.related_model not in (Customer, Join, Identity):
            model: Any = relation.related_model
            yield f"{model._meta.label}.{relation.field.name}", model, relation.field.name


def _locked(customer: int, into: int) -> tuple[Customer, Customer]:
    """Both records, locked in one order whoever is which: what is being written for either is there by then, and what
    comes later is led on. Raises NotFound.
    """
    rows = {
        c.pk: c for c in Customer.objects.select_for_update().filter(pk__in=[customer, into]).order_by("pk")
    }
    if customer not in rows or into not in rows:
        raise NotFound(customer)
    return rows[customer], rows[into]


def _move(customer: Customer, into: Customer) -> dict[str, list[Any]]:
    moved: dict[str, list[Any]] = {}
    for name, model, field in hanging_on_a_customer():
        rows = model.objects.filter(**{field: customer})
        moved[name] = list(rows.order_by("pk").values_list("pk", flat=True))
        model.objects.filter(pk__in=moved[name]).update(**{field: into})
    addresses = Identity.objects.filter(customer=customer)
    moved[_ADDRESSES] = [list(pair) for pair in addresses.order_by("pk").values_list("kind", "value")]
    addresses.update(customer=into)
    led = Customer.objects.filter(joined_into=customer)
    moved["led"] = list(led.order_by("pk").values_list("pk", flat=True))
    led.update(joined_into=into)
    return moved


def _move_back(join: Join, more: Mapping[str, Sequence[int]]) -> None:
    for name, model, field in hanging_on_a_customer():
        ids = [*join.moved.get(name, ()), *more.get(name, ())]
        model.objects.filter(pk__in=ids, **{field: join.into_id}).update(**{field: join.customer_id})
    for kind, value in join.moved[_ADDRESSES]:
        theirs = Identity.objects.filter(company_id=join.company_id, kind=kind, value=value)
        theirs.filter(customer=join.into_id).update(customer=join.customer_id)
    led = Customer.objects.filter(pk__in=join.moved["led"], joined_into=join.into_id)
    led.update(joined_into=join.customer_id)


def _told(join: Join) -> dict[str, Any]:
    return {
        "company": join.company_id,
        "customer": join.into_id,
        "other": join.customer_id,
        "join": join.pk,
        "led": join.moved["led"],
    }
