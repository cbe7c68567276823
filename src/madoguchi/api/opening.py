"""A case that a program opens for a customer: the way of everything that arrives, in the request's own transaction."""

import uuid

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _

from madoguchi.api.schemas import NewCaseIn, SenderIn
from madoguchi.cases.models import Case
from madoguchi.channels.webform.submission import Submission, encode
from madoguchi.companies.models import EntryPoint
from madoguchi.companies.queries import desks_of, door_of
from madoguchi.customers.lookups import note_lookups
from madoguchi.intake.actions import handle, receive
from madoguchi.intake.models import Arrival
from madoguchi.kernel.actor import Actor, Permission
from madoguchi.kernel.channel import Channel
from madoguchi.kernel.errors import Conflict, NotFound, Refused
from madoguchi.kernel.identity import IdentityKind, canonical


def open_case(wanted: NewCaseIn, *, source: str, by: Actor) -> Case:
    """Open a case with the customer's first words, as if they had sent the desk's form.

    Raises NotFound for a desk where the actor opens none; Refused for an address that is none or that the contract
    keeps from the actor, a desk that takes nothing in, or a customer whom the company keeps out; Conflict when it has
    to be sent again. Then nothing is kept.
    """
    point = _door(wanted.desk, by=by)
    _require_seen(wanted.customer, company=point.company_id, by=by)
    require_mail_address(wanted.customer.email, field="customer.email")
    arrival_id = receive(
        raw=encode(_submission(wanted)), entry_point=point, source=source, channel=Channel.FORM
    )
    arrival = handle(arrival_id, company=point.company_id) if arrival_id else None
    if arrival is None or arrival.state == Arrival.State.STORED:
        raise Conflict(_("It could not be taken in just now. Send it again in a moment."))
    if arrival.state != Arrival.State.HANDLED:
        raise Refused(arrival.reason)
    return Case.objects.select_related("company").get(pk=arrival.case_id)


def require_mail_address(address: str, *, field: str) -> None:
    """Raises Refused, naming the field, for what is no mail address."""
    try:
        validate_email(address)
    except ValidationError:
        words = _("“%(address)s” is not a mail address.") % {"address": address}
        raise Refused(words, field=field) from None


def _door(desk: int, *, by: Actor) -> EntryPoint:
    if desk not in {one.pk for one in desks_of(by, permission=Permission.CASE_OPEN)}:
        raise NotFound(desk)
    point = door_of(desk)
    if point is None:
        raise Refused(_("This desk has no form and no mail address in use."), field="desk")
    return point


def _require_seen(customer: SenderIn, *, company: int, by: Actor) -> None:
    """Whoever is kept from addresses would be told by the case whose one is."""
    unseen = by.data_scope(company=company)
    kinds = {IdentityKind.EMAIL: customer.email, IdentityKind.PHONE: customer.phone}
    note_lookups({kind: [canonical(kind, one)[:254]] for kind, one in kinds.items() if one}, actor=by)
    for name in ("email", "phone"):
        if getattr(customer, name) and name in unseen.masked | unseen.hidden:
            raise Refused(
                _("The contract keeps this from you. Such a case is opened by who sees it."),
                field=f"customer.{name}",
            )


def _submission(wanted: NewCaseIn) -> Submission:
    return Submission(
        token=uuid.uuid4().hex,
        name=wanted.customer.name,
        address=wanted.customer.email,
        phone=wanted.customer.phone,
        subject=wanted.subject,
        text=wanted.text,
        language=wanted.language,
        files=tuple(file.as_file() for file in wanted.files),
    )
