"""`madoguchi case`: list, show, answer and merge cases."""

import json
import sys
from itertools import islice
from typing import Any

import click
from django.db.models import Case as Either
from django.db.models import F, When

from madoguchi.cases.models import Case, HandOff, Message, Status
from madoguchi.companies.models import Desk
from madoguchi.companies.queries import desks_of
from madoguchi.delivery.actions import ANYTHING, Reply, submit
from madoguchi.delivery.models import Outgoing
from madoguchi.delivery.scheduling import read_moment
from madoguchi.infra import scope
from madoguchi.infra.models import Event
from madoguchi.kernel.errors import AskFirst
from madoguchi.project.cli.asking import (
    actor_named,
    case_anywhere,
    case_seen_by,
    filter_written,
    read_what_is_new,
)
from madoguchi.project.cli.case_approve import approve, give_back, pending_in, said_of, settled_as
from madoguchi.project.cli.case_bulk import bulk, bulk_undo
from madoguchi.project.cli.case_fill import fill, filled_in
from madoguchi.project.cli.case_link import duplicates, link, links_of, unlink
from madoguchi.project.cli.case_macro import macro
from madoguchi.project.cli.case_merge import merge, unmerge
from madoguchi.project.cli.case_split import split, unsplit
from madoguchi.project.cli.case_task import task, tasks
from madoguchi.project.cli.view import view_named
from madoguchi.search.queries import every_case
from madoguchi.views.filters import read_filter
from madoguchi.views.orders import DUE, NEWEST, PRIORITY, WAITING
from madoguchi.views.queries import desks_in, every_case_wanted

_SHELL = "the shell of the installation belongs to who runs it"


def _soonest(column: str) -> tuple[Any, ...]:
    """By a moment, those that have none last; of the same moment the older case first."""
    there = When(**{f"{column}__isnull": False}, then=F("id"))
    return F(column).asc(nulls_last=True), Either(there).asc(nulls_last=True)


_ORDERS: dict[str, tuple[Any, ...]] = {
    NEWEST: (),
    WAITING: _soonest("waiting_since"),
    PRIORITY: ("-priority",),
    DUE: _soonest("due_at"),
}


@click.group()
def case() -> None:
    """List, show, answer and merge cases."""


_MORE = (
    merge,
    unmerge,
    split,
    unsplit,
    link,
    unlink,
    duplicates,
    approve,
    give_back,
    macro,
    fill,
    bulk,
    bulk_undo,
    tasks,
    task,
)
for command in _MORE:
    case.add_command(command)


@case.command(name="list")
@click.option("--desk", help="Only cases of this desk (its name or id).")
@click.option("--query", default="", help="Only cases that a search finds: `madoguchi search` says how.")
@click.option("--filter", "filter_", default="", help="Only cases that a filter (JSON) wants.")
@click.option("--view", "view_", help="Only cases of a saved view (its name or id); needs --as.")
@click.option("--as", "email", default="", help="The mail address of whose view it is.")
@click.option("--status", type=click.Choice([s.value for s in Status]), help="Only cases of this status.")
@click.option("--order", type=click.Choice(list(_ORDERS)), default=NEWEST, show_default=True)
@click.option("--limit", default=50, show_default=True, type=click.IntRange(1, 10_000))
@click.option("--json", "as_json", is_flag=True, help="A JSON list.")
def list_(
    *,
    desk: str | None,
    query: str,
    filter_: str,
    view_: str | None,
    email: str,
    status: str | None,
    order: str,
    limit: int,
    as_json: bool,
) -> None:
    """List cases, the newest activity first or in another order."""
    if query:
        read_what_is_new()
    with scope.everywhere(reason=_SHELL):
        desks = _desks(desk)
        found = Case.objects.filter(desk__in=desks)
        if query:
            found = found.filter(pk__in=list(every_case(query, actor=None, desks=desks)))
        narrowed = bool(query or status or (filter_ and view_) or order != NEWEST)
        if filter_:
            found = found.filter(pk__in=_wanted(filter_, desks=desks, most=None if narrowed else limit))
        if view_:
            found = found.filter(pk__in=_in_view(view_, email, desks=desks, most=None if narrowed else limit))
        if status:
            found = found.filter(status=status)
        first = found.select_related("company", "desk", "customer", "assignee").order_by(
            *_ORDERS[order], "-touched_at", "-id"
        )
        rows = [_summary(c) for c in first[:limit]]
    if as_json:
        click.echo(json.dumps(rows, ensure_ascii=False))
        return
    for row in rows:
        click.echo(f"{row['number']:>10}  {row['status']:<16}  {row['customer']}  {row['subject']}")


@case.command()
@click.argument("number")
@click.option("--json", "as_json", is_flag=True, help="Everything as one JSON object.")
def show(number: str, *, as_json: bool) -> None:
    """Show one case: its messages, its events, the state of each outgoing mail."""
    with scope.everywhere(reason=_SHELL):
        whole = _whole(case_anywhere(number))
    if as_json:
        click.echo(json.dumps(whole, ensure_ascii=False, default=str))
        return
    former = f"  (formerly {whole['former_number']})" if whole["former_number"] else ""
    click.echo(f"{whole['number']}{former}  {whole['subject']}  ({whole['status']})")
    for message in whole["messages"]:
        sent = message["outgoing"]
        state = f"  [{sent['receipt'] or sent['state']}]" if sent else ""
        click.echo(f"\n{message['at']}  {message['from']}{state}\n{message['text']}")
    for one in whole["pending"]:
        click.echo(f"\n{one['due_at'] or ''}  {one['by']}  [{one['state']}]\n{one['text']}")


@case.command(name="reply")
@click.argument("number")
@click.option("--as", "email", required=True, help="The mail address of who answers.")
@click.option("--text", required=True, help="What to say; - reads standard input.")
@click.option("--solve", is_flag=True, help="Mark the case as solved.")
@click.option(
    "--confirm", is_flag=True, help="Yes to all that the desk wants confirmed before an answer leaves."
)
@click.option("--at", default="", help="When it leaves, such as 2026-12-01T09:00 (Japan); else at once.")
@click.option("--word", default="", help="A word to the senior who approves it, where the desk wants that.")
@click.option("--json", "as_json", is_flag=True)
def reply_(
    number: str, *, email: str, text: str, solve: bool, confirm: bool, at: str, word: str, as_json: bool
) -> None:
    """Answer a case, with the rights of the person named. Where the desk wants that, a senior is asked first."""
    actor = actor_named(email)
    said = sys.stdin.read() if text == "-" else text
    with scope.acting_for(actor.companies):
        found = case_seen_by(actor, number)
        status = Status.SOLVED if solve else Status.WAITING_CUSTOMER
        confirmed = ANYTHING if confirm else frozenset[str]()
        written = Reply(text=said, status=status, confirmed=confirmed)
        try:
            done = submit(found, written, at=read_moment(at) if at else None, word=word, by=actor)
        except AskFirst as asked:
            words = " ".join(str(asked).splitlines())
            raise click.ClickException(
                f"{words} Nothing was sent: if that is right, add --confirm."
            ) from asked
        answer = settled_as(number, done)
    click.echo(json.dumps(answer) if as_json else said_of(answer))


def _wanted(written: str, *, desks: list[Desk], most: int | None) -> list[int]:
    """The newest cases that a filter wants. Nobody in particular asks, so nothing is `me`'s."""
    lines = every_case_wanted(filter_written(written), desks=[desk.pk for desk in desks], actor=None)
    return [line.id for line in islice(lines, most)]


def _in_view(name: str, email: str, *, desks: list[Desk], most: int | None) -> list[int]:
    """The newest cases that a person sees in a saved view."""
    actor = actor_named(email)
    found, seen = view_named(name, actor), {desk.pk for desk in desks_of(actor)}
    looked_at = desks_in(found, [desk for desk in desks if desk.pk in seen])
    lines = every_case_wanted(read_filter(found.filter), desks=looked_at, actor=actor)
    return [line.id for line in islice(lines, most)]


def _desks(wanted: str | None) -> list[Desk]:
    desks = list(Desk.objects.all())
    if wanted is None:
        return desks
    found = [d for d in desks if wanted in (d.name, str(d.pk))]
    if not found:
        raise click.BadParameter(f"No desk is called {wanted}.", param_hint="--desk")
    return found


def _summary(c: Case) -> dict[str, Any]:
    return {
        "number": c.spoken_number(c.company.prefix),
        "former_number": c.former_number,
        "company": c.company.slug,
        "desk": c.desk.name,
        "subject": c.subject,
        "status": c.status,
        "priority": c.priority,
        "customer": c.customer.name,
        "assignee": c.assignee.email if c.assignee else None,
        "tags": c.tags,
        "channel": c.channel,
        "opened_at": c.opened_at.isoformat(),
        "touched_at": c.touched_at.isoformat(),
        "messages": c.message_count,
    }


def _whole(c: Case) -> dict[str, Any]:
    messages = Message.objects.filter(case=c).order_by("at", "id").prefetch_related("attachments")
    outgoing = {
        o.message_id: o for o in Outgoing.objects.filter(message__case=c).select_related("approved_by")
    }
    notes = c.notes.select_related("user").order_by("at", "id")
    return _summary(c) | {
        **filled_in(c),
        "links": links_of(c),
        "pending": pending_in(c),
        "messages": [_message(m, outgoing.get(m.pk)) for m in messages],
        "notes": [{"by": n.user.email, "at": n.at.isoformat(), "text": n.text} for n in notes],
        "hops": c.hops,
        "hand_offs": [_hand_off(h) for h in c.hand_offs.select_related("user").order_by("id")],
        "events": [_event(e) for e in Event.objects.filter(case_id=c.pk).order_by("id")],
    }


def _message(m: Message, outgoing: Outgoing | None) -> dict[str, Any]:
    return {
        "id": m.pk,
        "author": m.author,
        "from": m.sender_address,
        "from_name": m.sender_name,
        "to": m.to,
        "cc": m.cc,
        "reply_to": m.reply_to,
        "subject": m.subject,
        "text": m.text,
        "reply_text": m.new_text or m.text,
        "message_id": m.external_id,
        "automatic": m.automatic,
        "at": m.at.isoformat(),
        "attachments": [
            {"filename": a.filename, "content_type": a.content_type, "size": a.size, "sha256": a.sha256}
            for a in m.attachments.all()
        ],
        "outgoing": outgoing and _outgoing(outgoing),
    }


def _hand_off(h: HandOff) -> dict[str, Any]:
    lines = {"reason": h.reason, "summary": h.summary, "next_step": h.next_step, "promises": h.promises}
    return {"by": h.user.email, "at": h.at.isoformat(), "occasion": h.occasion} | lines


def _outgoing(o: Outgoing) -> dict[str, Any]:
    return {
        "state": o.state,
        "receipt": o.receipt,
        "receipt_at": o.receipt_at.isoformat() if o.receipt_at else None,
        "message_id": o.external_id,
        "tries": o.tries,
        "due_at": o.due_at.isoformat(),
        "response": o.response,
        "approved_by": o.approved_by.email if o.approved_by else None,
    }


def _event(e: Event) -> dict[str, Any]:
    return {"id": e.pk, "kind": e.kind, "at": e.at.isoformat(), "by": e.actor_name, "data": e.data}
