"""Showing somebody, for a reason and a short time, one field of one customer that is kept from them."""

from collections.abc import Iterable
from datetime import timedelta
from functools import partial

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from madoguchi.customers.attempts import Way, note_attempt
from madoguchi.customers.events import CustomerUnmasked
from madoguchi.customers.models import Customer, Unmasking
from madoguchi.infra.event_log import record
from madoguchi.infra.prepared_query import PreparedQuery, Slot
from madoguchi.infra.remembering import remembered
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor, DataScope, Permission
from madoguchi.kernel.errors import NotAllowed, Refused
from madoguchi.kernel.text import blot_card_numbers, one_line

MINUTES, LEAST_WORDS = 10, 5
_SHOWN = PreparedQuery(
    lambda: Unmasking.objects.filter(
        user=Slot("user"), customer_id__among=Slot("ids"), until__gt=Slot("now")
    ).only("customer_id", "field")
)


def kept_from(customer: Customer, *, actor: Actor) -> list[str]:
    """The fields that the data scope of the actor keeps from them now. One query at most."""
    data_scope = scope_for(customer, actor=actor)
    return sorted(data_scope.masked | data_scope.hidden)


def may_unmask(actor: Actor, *, company: int, desk: int | None) -> bool:
    """Whether the actor may have a field shown that is kept from them."""
    return actor.may(Permission.UNMASK, company=company, desk=desk)


def require_unmask(customer: Customer, field: str = "", *, desk: int | None, by: Actor) -> None:
    """Raises NotAllowed for who may have nothing shown; where anything is kept from them, the company's log says so."""
    if by.id is not None and may_unmask(by, company=customer.company_id, desk=desk):
        return
    if kept := kept_from(customer, actor=by):
        named = field if field in kept else ""
        note_attempt(company=customer.company_id, customer=customer.pk, field=named, way=Way.UNMASK, by=by)
    raise NotAllowed(Permission.UNMASK)


@transaction.atomic
def unmask(customer: Customer, field: str, *, reason: str, desk: int | None, by: Actor) -> Unmasking:
    """Show the actor one field of a customer whole for ten minutes. The company's log says so, and why.

    Raises NotAllowed, and Refused for a field that is not kept from them, and for no reason.
    """
    require_unmask(customer, field, desk=desk, by=by)
    if field not in kept_from(customer, actor=by):
        raise Refused(_("Choose what you need to see."), field="field")
    why = one_line(blot_card_numbers(reason), most=300)
    if len(why) < LEAST_WORDS:
        raise Refused(_("Write what you need it for: the company reads it."), field="reason")
    now = clock.now()
    made = Unmasking.objects.create(
        company_id=customer.company_id,
        customer_id=customer.pk,
        user_id=by.id,
        field=field,
        reason=why,
        at=now,
        until=now + timedelta(minutes=MINUTES),
    )
    told = {"customer": customer.pk, "unmasking": made.pk}
    fact = CustomerUnmasked(
        company=customer.company_id, desk=desk, field=field, until=made.until.isoformat(), **told
    )
    record(fact, by=by)
    return made


def scope_for(customer: Customer, *, actor: Actor) -> DataScope:
    """The data scope of the actor for one customer, without what is shown to them for now. No query where nothing is
    kept from them, else one.
    """
    return scopes_for([customer], actor=actor)[customer.pk]


def scopes_for(customers: Iterable[Customer], *, actor: Actor) -> dict[int, DataScope]:
    """The same of several customers, by their ids. No query where nothing is kept from the actor, else one."""
    usual = {one.pk: actor.data_scope(company=one.company_id) for one in customers}
    kept = [pk for pk, its in usual.items() if its.masked | its.hidden]
    if actor.id is None or not kept:
        return usual
    for pk, shown in remembered(("shown to", actor.id), kept, partial(_shown_to, actor.id)).items():
        its = usual[pk]
        usual[pk] = DataScope(masked=its.masked - shown, hidden=its.hidden - shown) if shown else its
    return usual


def _shown_to(user: int, ids: list[int]) -> dict[int, frozenset[str]]:
    shown = dict.fromkeys(ids, frozenset[str]())
    for row in _SHOWN.rows({"user": user, "ids": ids, "now": clock.now()}):
        shown[row.customer_id] |= {row.field}
    return shown


def unmaskings_of(company: int) -> QuerySet[Unmasking]:
    """What was shown to whom in a company, and why, the newest first. Not run yet."""
    return Unmasking.objects.filter(company=company).select_related("user").order_by("-at", "-pk")
