"""Briefings and praise as pages show them."""

from dataclasses import dataclass

from madoguchi.cases.blotted import blots_of_cases
from madoguchi.cases.models import Case
from madoguchi.cases.queries import visible
from madoguchi.companies.models import Desk
from madoguchi.companies.queries import desks_of
from madoguchi.desk.merging import number_of
from madoguchi.feedback.models import Briefing, Praise
from madoguchi.feedback.policies import led_by, may_lead
from madoguchi.feedback.queries import briefings_of, not_read_by, praise_of, unread_briefings
from madoguchi.kernel.actor import Actor, Permission
from madoguchi.people.models import User

MOST = 50


@dataclass(frozen=True, slots=True)
class Line:
    """A briefing; whether its reader has still to confirm it; and, for who leads there, who has not read it (None for
    others).
    """

    briefing: Briefing
    waits: bool
    missing: list[str] | None


@dataclass(frozen=True, slots=True)
class PraiseLine:
    """What somebody was praised for, in words as they may read them, and its case where they may read that."""

    praise: Praise
    words: str
    case: Case
    number: str


def lines_of(actor: Actor) -> list[Line]:
    """The newest briefings, those to be confirmed first. Two queries, and four more for who leads at a desk of one."""
    waiting = set(unread_briefings(actor).values_list("pk", flat=True))
    found = sorted(briefings_of(actor)[:MOST], key=lambda one: one.pk not in waiting)
    missing = not_read_by([one for one in found if may_lead(actor, one)])
    return [Line(one, one.pk in waiting, _names(missing.get(one.pk))) for one in found]


def desks_led(actor: Actor) -> dict[int, Desk]:
    """The desks at which somebody leads people of their own employer, by id. One query."""
    desks = desks_of(actor, permission=Permission.CASE_ASSIGN)
    return {one.pk: one for one in desks if led_by(actor, company=one.company_id, desk=one.pk)}


def praise_lines(actor: Actor) -> list[PraiseLine]:
    """What somebody was praised for, the newest first, of cases that they may still read."""
    found = list(praise_of(actor).filter(case__in=visible(actor))[:MOST])
    blots = blots_of_cases([one.case_id for one in found], actor=actor)
    return [
        PraiseLine(
            one,
            blots[one.case_id](one.words) if one.case_id in blots else one.words,
            one.case,
            number_of(one.case),
        )
        for one in found
    ]


def _names(people: list[User] | None) -> list[str] | None:
    return None if people is None else [one.name for one in people]
