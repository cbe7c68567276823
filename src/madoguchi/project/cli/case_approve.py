"""`madoguchi case approve`, `return`: a senior's word on a colleague's answer, and how answers that wait are told."""

import json
from typing import Any

import click

from madoguchi.cases.models import Case, PendingAnswer
from madoguchi.delivery.actions import approve as approve_answer
from madoguchi.delivery.actions import give_back as give_answer_back
from madoguchi.delivery.models import Outgoing
from madoguchi.infra import scope
from madoguchi.kernel.actor import Actor
from madoguchi.kernel.errors import NotFound
from madoguchi.project.cli.asking import actor_named, case_seen_by


@click.command()
@click.argument("number")
@click.option("--as", "email", required=True, help="The mail address of the senior who approves.")
@click.option("--text", help="What it is to say instead.")
@click.option("--json", "as_json", is_flag=True, help="A JSON object.")
def approve(number: str, *, email: str, text: str | None, as_json: bool) -> None:
    """Approve the answer that awaits approval in the case NUMBER: it leaves, or waits for its time."""
    actor = actor_named(email)
    with scope.acting_for(actor.companies):
        said = settled_as(number, approve_answer(_awaiting(number, actor), text=text, by=actor))
    click.echo(json.dumps(said) if as_json else said_of(said))


@click.command(name="return")
@click.argument("number")
@click.option("--as", "email", required=True, help="The mail address of the senior who returns it.")
@click.option("--comment", required=True, help="What should be different.")
@click.option("--json", "as_json", is_flag=True, help="A JSON object.")
def give_back(number: str, *, email: str, comment: str, as_json: bool) -> None:
    """Return the answer that awaits approval in the case NUMBER to who wrote it."""
    actor = actor_named(email)
    with scope.acting_for(actor.companies):
        said = settled_as(number, give_answer_back(_awaiting(number, actor), comment=comment, by=actor))
    click.echo(json.dumps(said) if as_json else said_of(said))


def settled_as(number: str, done: Outgoing | PendingAnswer) -> dict[str, Any]:
    """What became of an answer: on its way, or waiting."""
    if isinstance(done, Outgoing):
        due = done.due_at.isoformat()
        return {"case": number, "message_id": done.external_id, "state": done.state, "due_at": due}
    due_at = done.due_at.isoformat() if done.due_at else None
    return {"case": number, "answer": done.pk, "state": done.state, "due_at": due_at, "why": done.why}


def said_of(answer: dict[str, Any]) -> str:
    """The same in a line."""
    why = f" ({answer['why']})" if answer.get("why") else ""
    leaves = f", leaves at {answer['due_at']}" if answer["due_at"] else ""
    return f"{answer['case']}: {answer['state']}{why}{leaves}"


def pending_in(case: Case) -> list[dict[str, Any]]:
    """Every answer of a case that was put aside, whatever became of it."""
    related = ("user", "changed_by", "decided_by", "message")
    rows = case.pending_answers.select_related(*related).prefetch_related("files").order_by("id")
    return [_pending(row) for row in rows]


def _pending(p: PendingAnswer) -> dict[str, Any]:
    return {
        "id": p.pk,
        "state": p.state,
        "by": p.user.email,
        "at": p.created_at.isoformat(),
        "due_at": p.due_at.isoformat() if p.due_at else None,
        "text": p.text,
        "first_text": p.first_text,
        "to": p.to,
        "cc": p.cc,
        "attachments": [{"filename": f.filename, "size": f.size, "sha256": f.sha256} for f in p.files.all()],
        "status": p.status,
        "why": p.why,
        "word": p.word,
        "comment": p.comment,
        "approved": p.approved,
        "changed_by": p.changed_by.email if p.changed_by else None,
        "decided_by": p.decided_by.email if p.decided_by else None,
        "message_id": p.message.external_id if p.message else None,
    }


def _awaiting(number: str, actor: Actor) -> int:
    case = case_seen_by(actor, number)
    waiting = case.pending_answers.filter(state=PendingAnswer.State.AWAITING).order_by("id").first()
    # One that another senior has just decided is named by the action.
    found = waiting or case.pending_answers.order_by("-id").first()
    if found is None:
        raise NotFound(f"No answer awaits approval in {number}.")
    return found.pk
