"""What was raised in a case, as programs read it: questions, message slips, signals and complaints."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.db.models import prefetch_related_objects
from ninja import Field, Schema

from madoguchi.api.schemas import FileOut
from madoguchi.cases.blotted import blotter_of
from madoguchi.cases.models import Case
from madoguchi.complaints.models import Complaint
from madoguchi.complaints.queries import complaints_of
from madoguchi.customers.queries import show
from madoguchi.customers.unmasking import scope_for
from madoguchi.escalations.models import Escalation, Slip
from madoguchi.escalations.queries import escalations_of, slips_of
from madoguchi.kernel.actor import Actor, DataScope
from madoguchi.kernel.blotting import Blotter
from madoguchi.knowledge.queries import kept_from
from madoguchi.signals.models import Signal
from madoguchi.signals.queries import signals_of

_WORDS = (
    *("question", "tried", "answer", "no_article", "caller", "call_back", "words", "done_words"),
    *("facts", "demand", "manner", "corrective"),
)


class EscalationOut(Schema):
    """A question of a case to whoever knows more, and its answer."""

    id: int
    to: str = Field(examples=["person", "seniors", "managers", "desk", "company", "outside"])
    whom: str | None = Field(description="The person or desk that is asked, where it is one")
    cause: str = Field(examples=["knowledge", "authority", "system", "rule"])
    state: str = Field(examples=["open", "answered", "closed", "withdrawn"])
    question: str
    tried: str
    asked_by: str | None
    asked_at: datetime
    due_at: datetime
    answer: str = Field(description="Empty until there is one")
    answered_at: datetime | None
    minutes: int | None = Field(description="What it took who was asked; null where it is not known")
    article: int | None = Field(description="The article that the answer became")
    no_article: str = Field(description="Why it became none")
    files: list[FileOut] = Field(description="What went with the question; its page has the content")


class SlipOut(Schema):
    """A message slip for somebody outside."""

    id: int
    to_name: str
    caller: str
    call_back: str
    words: str
    due_at: datetime
    made_by: str | None
    made_at: datetime
    read_at: datetime | None
    done_at: datetime | None
    done_words: str
    standing: str = Field(examples=["open", "read", "late", "failed", "done", "withdrawn"])


class SignalOut(Schema):
    """Something strange that somebody saw in a case."""

    id: int
    kind: str = Field(examples=["product", "delivery", "money", "site", "saying", "mood", "other"])
    words: str
    product: str | None
    raised_by: str | None
    raised_at: datetime
    incident: int | None = Field(description="Those of the same id piled up within a day")


class ComplaintOut(Schema):
    """A complaint: what happened, what is demanded and how it is said, each for itself."""

    id: int
    facts: str
    demand: str
    manner: str
    severity: int = Field(description="1 slight, 2 plain, 3 serious, 4 critical")
    due_at: datetime
    responsible: str | None
    corrective: str
    answer: str
    state: str = Field(examples=["open", "closed"])
    made_at: datetime
    closed_at: datetime | None
    secondary_to: int | None = Field(description="The complaint (its id) whose handling it is about")
    version: int


def escalations_in(case: Case, *, actor: Actor) -> list[dict[str, Any]]:
    """The questions of a case, the newest first; no article is named that is kept from the actor. Four queries."""
    kept, found = set(kept_from(actor)), escalations_of(case)
    prefetch_related_objects(found, "files")
    blot = blotter_of(case, actor=actor)
    return [_said(_escalation(one, kept=kept, blot=blot), blot) for one in found]


def slips_in(case: Case, *, actor: Actor) -> list[dict[str, Any]]:
    """The message slips of a case, the newest first. One query, two more where anything is kept."""
    blot = blotter_of(case, actor=actor)
    seen, found = scope_for(case.customer, actor=actor), slips_of(case)
    return [_said(_slip(one, seen), blot) for one in found]


def signals_in(case: Case, *, actor: Actor) -> list[dict[str, Any]]:
    """The signals of a case, the newest first. One query, two more where anything is kept."""
    blot = blotter_of(case, actor=actor)
    return [_said(_signal(one), blot) for one in signals_of(case)]


def complaints_in(case: Case, *, actor: Actor) -> list[dict[str, Any]]:
    """The complaints of a case, the newest first. One query, two more where anything is kept."""
    blot = blotter_of(case, actor=actor)
    return [_said(_complaint(one), blot) for one in complaints_of(case)]


def _escalation(one: Escalation, *, kept: Collection[int], blot: Blotter) -> dict[str, Any]:
    asked = one.person or one.desk
    same = ("to", "cause", "state", "question", "tried", "asked_at", "due_at", "answer", "answered_at")
    return {
        "id": one.pk,
        "whom": asked.name if asked else None,
        "asked_by": one.asked_by.name if one.asked_by else None,
        "minutes": one.minutes,
        "article": None if one.article_id in kept else one.article_id,
        "no_article": one.no_article,
        "files": [
            {"name": blot(file.filename), "content_type": file.content_type, "size": file.size}
            for file in sorted(one.files.all(), key=lambda file: file.pk)
        ],
        **{name: getattr(one, name) for name in same},
    }


def _said(told: dict[str, Any], blot: Blotter) -> dict[str, Any]:
    return told | {name: blot(told[name]) for name in _WORDS if name in told}


def _slip(one: Slip, seen: DataScope) -> dict[str, Any]:
    same = (
        "to_name",
        "words",
        "due_at",
        "made_at",
        "read_at",
        "done_at",
        "done_words",
    )
    return {
        "id": one.pk,
        "made_by": one.made_by.name if one.made_by else None,
        "standing": one.standing,
        # Who called is not always the customer whom we know.
        "caller": show(one.caller, "name", seen),
        "call_back": show(one.call_back, "phone", seen),
        **{name: getattr(one, name) for name in same},
    }


def _signal(one: Signal) -> dict[str, Any]:
    return {
        "id": one.pk,
        "product": str(one.product) if one.product else None,
        "raised_by": one.raised_by.name if one.raised_by else None,
        "incident": one.incident_id,
        **{name: getattr(one, name) for name in ("kind", "words", "raised_at")},
    }


def _complaint(one: Complaint) -> dict[str, Any]:
    same = ("facts", "demand", "manner", "severity", "due_at", "corrective", "answer", "state", "made_at")
    return {
        "id": one.pk,
        "responsible": one.responsible.name if one.responsible else None,
        "closed_at": one.closed_at,
        "secondary_to": one.secondary_to_id,
        "version": one.version,
        **{name: getattr(one, name) for name in same},
    }
