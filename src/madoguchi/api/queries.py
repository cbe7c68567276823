"""What the API shows, as plain values: through the same queries as pages, masked in the same way."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from madoguchi.cases.lists import CaseLine, Place, View
from madoguchi.cases.models import Attachment, Case, Message
from madoguchi.cases.policies import where_answers_wait
from madoguchi.cases.queries import page_of, timeline
from madoguchi.companies.models import Company
from madoguchi.companies.queries import desks_of
from madoguchi.customers.models import Customer
from madoguchi.customers.queries import CustomerView, customers_reached_by, show, view_of
from madoguchi.delivery.models import Outgoing
from madoguchi.kernel.actor import Actor, DataScope, Permission
from madoguchi.kernel.errors import NotAllowed, NotFound, Refused
from madoguchi.kernel.identity import IdentityKind


def me(actor: Actor) -> dict[str, Any]:
    """Whom a token acts for and what it carries anywhere. One query."""
    held = sorted(p for p in Permission if p != Permission.SELF and actor.may_anywhere(p))
    companies = Company.objects.filter(pk__in=actor.companies).order_by("slug")
    return {
        "name": actor.name,
        "permissions": held,
        "companies": list(companies.values_list("slug", flat=True)),
    }


def desks(actor: Actor) -> list[dict[str, Any]]:
    """The desks at which the actor reads cases. One query."""
    return [{"id": d.pk, "name": d.name, "company": d.company.slug} for d in desks_of(actor)]


def cases(actor: Actor, *, view: View, desk: int | None, cursor: str, limit: int) -> dict[str, Any]:
    """A page of a view over one desk or all of them. Two queries, at any number of cases.

    Raises NotFound for a desk that is not there for the actor, Refused for a cursor that is none.
    """
    every = desks_of(actor)
    open_to = [d.pk for d in every]
    if desk is not None and desk not in open_to:
        raise NotFound(desk)
    before = Place.read(cursor) if cursor else None
    if cursor and (before is None or before.touched_at.tzinfo is None):
        raise Refused(_("Give the cursor as it came under next."), field="cursor")
    wanted = [desk] if desk is not None else open_to
    where = where_answers_wait(actor, every)
    page = page_of(view, desks=wanted, person=actor.id, **where, before=before, size=limit)
    return {
        "items": [_line(each, actor) for each in page.cases],
        "next": str(page.next) if page.next else None,
    }


def whole_case(case: Case, *, actor: Actor, before: datetime | None) -> dict[str, Any]:
    """A case that the actor may read, with a stretch of what was said. Two queries, and one each for files and for
    answers where there are any.
    """
    part = timeline(case, before=before)
    data_scope = actor.data_scope(company=case.company_id)
    ours = [message.pk for message in part.messages if not message.inbound]
    states = (
        dict(Outgoing.objects.filter(message__in=ours).values_list("message_id", "state")) if ours else {}
    )
    named = actor.may(Permission.CUSTOMER_READ, company=case.company_id, desk=case.desk_id)
    said = [
        _message(m, part.files.get(m.pk, ()), states.get(m.pk))
        | {"sender": _sender(m, data_scope, named=named)}
        for m in part.messages
    ]
    notes = [
        {"id": n.pk, "at": n.at, "by": n.user.name if n.user else "", "text": n.text} for n in part.notes
    ]
    return _line(CaseLine.of(case, automatic=""), actor) | {
        "version": case.version,
        "opened_at": case.opened_at,
        "solved_at": case.solved_at,
        "messages": said,
        "notes": notes,
        "earlier": part.earlier,
    }


def customer_of(case: Case, *, actor: Actor) -> Customer:
    """The customer of a case, to be shown by `view_of`. Raises NotAllowed without `customer.read` there."""
    if not actor.may(Permission.CUSTOMER_READ, company=case.company_id, desk=case.desk_id):
        raise NotAllowed(Permission.CUSTOMER_READ)
    return case.customer


def customers_by(*, email: str, phone: str, actor: Actor) -> list[CustomerView]:
    """The customers whom an address reaches, each as the actor may see them. Raises Refused for none or two."""
    if bool(email) == bool(phone):
        raise Refused(_("Give either email or phone."), field="email")
    kind = IdentityKind.EMAIL if email else IdentityKind.PHONE
    found = customers_reached_by(kind, email or phone, actor=actor)
    return [view_of(customer, actor=actor) for customer in found]


def _line(line: CaseLine, actor: Actor) -> dict[str, Any]:
    named = actor.may(Permission.CUSTOMER_READ, company=line.company_id, desk=line.desk_id)
    name = show(line.customer, "name", actor.data_scope(company=line.company_id)) if named else None
    return {
        "number": line.spoken_number,
        "desk": line.desk_id,
        "subject": line.subject,
        "status": line.status,
        "priority": line.priority,
        "tags": line.tags,
        "customer": name,
        "assignee": line.assignee,
        "touched_at": line.touched_at,
        "waiting_since": line.waiting_since,
        "undelivered": line.undelivered,
    }


def _sender(message: Message, data_scope: DataScope, *, named: bool) -> str | None:
    """Of what comes in the sender's name is the customer's, or that of somebody beside them: both are masked."""
    if not message.inbound:
        return message.sender_name
    return show(message.sender_name, "name", data_scope) if named else None


def _message(message: Message, files: Sequence[Attachment], state: str | None) -> dict[str, Any]:
    return {
        "id": message.pk,
        "at": message.at,
        "inbound": message.inbound,
        "channel": message.channel,
        "text": message.text,
        "files": [{"name": f.filename, "content_type": f.content_type, "size": f.size} for f in files],
        "delivery": state,
    }
