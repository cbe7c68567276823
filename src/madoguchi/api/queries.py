"""What the API shows, as plain values: through the same queries as pages, masked in the same way. Whom a list shows is
counted.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from madoguchi.api.own_fields import fields_of
from madoguchi.cases.actions import note_list
from madoguchi.cases.blotted import blotter_of, lines_kept, with_words_kept
from madoguchi.cases.links import ties_of
from madoguchi.cases.lists import CaseLine, CasePage, Place, View
from madoguchi.cases.models import Attachment, Case, Contact, Message, PendingAnswer
from madoguchi.cases.policies import may_note, where_answers_wait
from madoguchi.cases.queries import page_of, pending_of, timeline
from madoguchi.companies.models import Company
from madoguchi.companies.queries import desks_of
from madoguchi.customers.models import Customer
from madoguchi.customers.queries import CustomerView, customers_reached_by, show, view_of
from madoguchi.delivery.models import Outgoing
from madoguchi.infra.event_log import Cursor, end_of_log, read_after_of
from madoguchi.kernel.actor import Actor, DataScope, Permission
from madoguchi.kernel.errors import NotAllowed, NotFound, Refused
from madoguchi.kernel.identity import IdentityKind
from madoguchi.tasks.queries import open_tasks_of
from madoguchi.views.filters import Node, read_filter
from madoguchi.views.ordered import OrderedPage, page_ordered
from madoguchi.views.orders import NEWEST, Spot, read_order
from madoguchi.views.queries import desks_in, page_wanted, view_by_id, views_of
from madoguchi.views.ready import READY
from madoguchi.webhooks.public import FIELDS, Listener, told

MOST_LOOKED_AT = 500


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
    told = ("name", "kind", "public_name", "greeting")
    return [
        {"id": desk.pk, "company": desk.company.slug, **{name: getattr(desk, name) for name in told}}
        for desk in desks_of(actor)
    ]


def cases(
    actor: Actor, *, view: View, desk: int | None, order: str, cursor: str, limit: int
) -> dict[str, Any]:
    """A page of a view over one desk or all of them. Three queries, at any number of cases; up to four more in another
    order than the newest first.

    Raises NotFound for a desk that is not there for the actor, Refused for a cursor or an order that is none.
    """
    if read_order(order) != NEWEST and view not in READY:
        raise Refused(_("This view has the newest first only."), field="order")
    every = desks_of(actor)
    open_to = [d.pk for d in every]
    if desk is not None and desk not in open_to:
        raise NotFound(desk)
    wanted = [desk] if desk is not None else open_to
    if order != NEWEST:
        return _in_order(READY[view], order, desks=wanted, actor=actor, cursor=cursor, limit=limit)
    where = where_answers_wait(actor, every)
    page = page_of(view, desks=wanted, person=actor.id, **where, before=_place(cursor), size=limit)
    return _page(page, actor)


def views(actor: Actor) -> list[dict[str, Any]]:
    """The saved views that the actor sees. Two queries."""
    found = views_of(actor)
    slugs = dict(Company.objects.filter(pk__in={view.company_id for view in found}).values_list("pk", "slug"))
    return [
        {
            "id": view.pk,
            "name": view.name,
            "audience": view.audience,
            "company": slugs[view.company_id],
            "desk": view.desk_id,
        }
        for view in found
    ]


def cases_in_view(actor: Actor, *, view: int, order: str, cursor: str, limit: int) -> dict[str, Any]:
    """A page of the cases that a saved view wants, over those of its desks that the actor reads, in this order or else
    in its own.

    Raises NotFound for a view that is not there for the actor, Refused for a cursor or an order that is none.
    """
    found = view_by_id(view, actor=actor)
    where = desks_in(found, desks_of(actor))
    wanted, chosen = read_filter(found.filter), read_order(order or found.order)
    if chosen != NEWEST:
        return _in_order(wanted, chosen, desks=where, actor=actor, cursor=cursor, limit=limit)
    page = page_wanted(wanted, desks=where, actor=actor, before=_place(cursor), size=limit)
    return _page(page, actor)


def events(actor: Actor, *, after: str, kinds: Sequence[str], limit: int) -> dict[str, Any]:
    """A page of what happened after a place, as far as the actor may be told; without a place, the place of now.

    It looks at so many events and no more. What is still being written is told once nothing can precede it any more,
    so whoever goes on from `next` misses nothing. Raises Refused for a cursor or a type that is none.
    """
    unknown = [kind for kind in kinds if kind not in FIELDS]
    if unknown:
        raise Refused(_("No such event is told: %s.") % unknown[0], field="types")
    end = end_of_log()
    if not after:
        return {"items": [], "next": str(end), "more": False}
    place = Cursor() if after == "start" else Cursor.read(after)
    if place is None:
        raise Refused(_("Give the cursor as it came under next."), field="after")
    looked_at = read_after_of(actor.companies, place, most=MOST_LOOKED_AT)
    listener = Listener(actor, kinds=kinds)
    heard = [event for event in looked_at if listener.hears(event)]
    shown, more = heard[:limit], len(heard) > limit or len(looked_at) == MOST_LOOKED_AT
    reached = shown[-1] if len(heard) > limit else looked_at[-1] if more else None
    onward = reached.cursor if reached else max(end, place, *(event.cursor for event in looked_at[-1:]))
    return {"items": told(shown), "next": str(onward), "more": more}


def whole_case(case: Case, *, actor: Actor, before: datetime | None) -> dict[str, Any]:
    """A case that the actor may read, with a stretch of what was said. Five queries, and one each for files and
    for answers where there are any, and for names of what its fields refer to.
    """
    part = with_words_kept(timeline(case, before=before), blotter_of(case, actor=actor))
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
    [line] = lines_kept([CaseLine.of(case, automatic="")], actor=actor)
    return _line(line, actor) | {
        "version": case.version,
        "severity": case.severity,
        "former_number": case.former_number,
        "opened_at": case.opened_at,
        "solved_at": case.solved_at,
        "tasks_left": len(open_tasks_of(case)),
        "own_fields": fields_of(case, actor=actor),
        "messages": said,
        "notes": notes,
        "links": [{"role": tie.role, "number": tie.number} for tie in ties_of(case, actor=actor).shown],
        "pending": _waiting(case, actor),
        "earlier": part.earlier,
    }


def contacts_of(case: Case, *, after: int, limit: int) -> dict[str, Any]:
    """A page of the contacts of a case in their order, with what was said at each. Two queries."""
    said: dict[int, list[int]] = {}
    messages = Message.objects.filter(case=case, contact__gt=after).order_by("contact", "id")
    for contact, message in messages.values_list("contact", "pk"):
        said.setdefault(contact, []).append(message)
    ids = list(said)[: limit + 1]
    found = Contact.objects.select_related("entry_point").filter(pk__in=ids[:limit]).order_by("pk")
    items = [
        {
            "id": one.pk,
            "at": one.at,
            "channel": one.channel,
            "inbound": one.inbound,
            "entry_point": one.entry_point.address if one.entry_point else "",
            "messages": said[one.pk],
        }
        for one in found
    ]
    return {"items": items, "next": ids[limit - 1] if len(ids) > limit else None}


def customer_of(case: Case, *, actor: Actor) -> Customer:
    """The customer of a case, to be shown by `view_of`. Raises NotAllowed without `customer.read` there."""
    if not actor.may(Permission.CUSTOMER_READ, company=case.company_id, desk=case.desk_id):
        raise NotAllowed(Permission.CUSTOMER_READ)
    return case.customer


def customers_by(*, email: str, phone: str, member: str, actor: Actor) -> list[CustomerView]:
    """The customers whom an address reaches, each as the actor may see them. Raises Refused for none or more."""
    asked = {IdentityKind.EMAIL: email, IdentityKind.PHONE: phone, IdentityKind.MEMBER: member}
    given = [(kind, written) for kind, written in asked.items() if written]
    if len(given) != 1:
        raise Refused(_("Give either email, phone or member."), field="email")
    found = customers_reached_by(*given[0], actor=actor)
    return [view_of(customer, actor=actor) for customer in found]


def _place(cursor: str) -> Place | None:
    place = Place.read(cursor) if cursor else None
    if cursor and (place is None or place.touched_at.tzinfo is None):
        raise Refused(_("Give the cursor as it came under next."), field="cursor")
    return place


def _in_order(
    wanted: Node, order: str, *, desks: Sequence[int], actor: Actor, cursor: str, limit: int
) -> dict[str, Any]:
    spot = Spot.read(cursor) if cursor else None
    if cursor and spot is None:
        raise Refused(_("Give the cursor as it came under next."), field="cursor")
    page = page_ordered(wanted, order=order, desks=desks, actor=actor, after=spot, size=limit)
    return _page(page, actor)


def _page(page: CasePage | OrderedPage, actor: Actor) -> dict[str, Any]:
    note_list(cases=(each.id for each in page.cases), by=actor)
    items = [_line(each, actor) for each in lines_kept(page.cases, actor=actor)]
    return {"items": items, "next": str(page.next) if page.next else None}


def _waiting(case: Case, actor: Actor) -> list[dict[str, Any]]:
    """Answers that are written and have not left: for those who work at the desk, as in the console."""
    if not may_note(actor, case):
        return []
    blot = blotter_of(case, actor=actor)
    return [
        {
            "id": answer.pk,
            "state": answer.state,
            "by": answer.user.name,
            "text": blot(answer.text),
            "leaves_at": answer.due_at,
            "why": answer.why,
        }
        for answer in pending_of(case)
        if answer.state != PendingAnswer.State.RETURNED or answer.user_id == actor.id
    ]


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
