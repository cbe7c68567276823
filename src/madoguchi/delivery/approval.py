"""Whose answers leave only with a senior's word. Pure."""

from collections.abc import Iterable

from madoguchi.companies.models import Desk
from madoguchi.delivery.checks import Question


def needs_approval(desk: Desk, *, person: int | None, asked: Iterable[Question]) -> bool:
    """Whether a senior is to approve what this person wrote, of which the desk asked these questions."""
    if desk.approval == Desk.Approval.CARE:
        return any(question.needs_care for question in asked)
    return always_needs_approval(desk, person=person)


def always_needs_approval(desk: Desk, *, person: int | None) -> bool:
    """Whether a senior is to approve whatever this person writes."""
    chosen = desk.approval == Desk.Approval.CHOSEN and person in desk.approval_for
    return chosen or desk.approval == Desk.Approval.EVERYONE


def will_need_approval(desk: Desk, *, person: int | None, questions: Iterable[tuple[str, str]]) -> bool:
    """The same of an answer whose writer is still to be asked these questions (key and words)."""
    return needs_approval(desk, person=person, asked=[Question(*one) for one in questions])
