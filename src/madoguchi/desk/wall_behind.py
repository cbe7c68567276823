"""What stands behind the numbers of the wall: the cases that one counts, and what a figure was reckoned from."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext_lazy as _

from madoguchi.cases.queries import visible
from madoguchi.desk.wall import (
    DECIDED,
    SHOWN,
    Chosen,
    Old,
    Shown,
    as_shown,
    desks_chosen,
    people_of,
    reckoned_of,
    shown_of,
    that_week,
    today,
)
from madoguchi.insight.catalogue import definition
from madoguchi.insight.queries import where_events_were
from madoguchi.insight.reckoning import Part
from madoguchi.insight.standing import BEHIND, behind
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor
from madoguchi.kernel.errors import NotFound

MOST = 100
NAMES = {
    "waiting": _("Who waits for us"),
    "unassigned": _("Waiting, and nobody's"),
    "step0": _("Waiting for up to 15 minutes"),
    "step1": _("Waiting for up to an hour"),
    "step2": _("Waiting for up to 4 hours"),
    "step3": _("Waiting for longer than 4 hours"),
    "overdue": _("Times that ran out"),
    "soon": _("Due within an hour"),
    "promises": _("Promises at risk"),
    "signals": _("Signals piled up"),
    "graves": _("Grave words"),
}
# What a record is called on screen.
_KINDS = {
    "case": _("Case"),
    "call": _("Call"),
    "promise": _("Promise"),
}


@dataclass(frozen=True, slots=True)
class Rests:
    """One record that a figure rests on: what it is, when it began, the number of its case (empty where the reader may
    not read that or there is none), what it adds above and below the line, and how many events tell of it.
    """

    what: str
    at: datetime | None
    case: str
    over: str
    under: str
    events: int


@dataclass(frozen=True, slots=True)
class Ground:
    """A figure of one company with the first of the records that it rests on, and how many there are."""

    company: str
    shown: Shown
    rests: Sequence[Rests]
    count: int


def cases_behind(actor: Actor, chosen: Chosen, of: str) -> list[Old]:
    """The cases that a number of the wall counts, at most 100. Raises NotFound for what is no number of it."""
    if of not in BEHIND:
        raise NotFound(of)
    desks = {desk.pk: desk for desk in desks_chosen(actor, chosen)}
    now = clock.now()
    found = behind(of, list(desks), now=now, channel=chosen.channel, people=people_of(chosen), most=MOST)
    return [as_shown(one, desks[one.desk], now) for one in found]


def grounds_of(actor: Actor, chosen: Chosen, name: str, version: str) -> list[Ground]:
    """What a figure of the wall rests on, by company, over the same span. Raises NotFound for another figure."""
    wanted, decided = (name, version), (name, version) in DECIDED
    if wanted not in (*SHOWN, *DECIDED):
        raise NotFound(name)
    during = that_week() if decided else today()
    found = []
    for company, figures in reckoned_of(actor, chosen, [definition(name, version)], during):
        parts = figures[0].reckoned.parts if figures[0].reckoned else ()
        found.append(Ground(company, shown_of(figures[0]), _rests(parts[:MOST], actor), len(parts)))
    return found


def _rests(parts: Sequence[Part], actor: Actor) -> list[Rests]:
    first = {part.record.events[0] for part in parts if part.record.events}
    places = where_events_were(first)
    cases = {case for _when, case in places.values() if case}
    rows = visible(actor).filter(pk__in=cases).select_related("company")
    numbers = {case.pk: case.spoken_number(case.company.prefix) for case in rows}
    # How much of it each single person did is nobody's to read here.
    return [_one(part, places, numbers) for part in parts if not part.record.ref.startswith("person ")]


def _one(part: Part, places: dict[int, tuple[datetime, int | None]], numbers: dict[int, str]) -> Rests:
    events = part.record.events
    at, case = places.get(events[0], (None, None)) if events else (None, None)
    kind = part.record.ref.partition(" ")[0]
    return Rests(
        str(_KINDS.get(kind, part.record.ref)),
        at,
        numbers.get(case or 0, ""),
        f"{part.over:,.10g}",
        f"{part.under:,.10g}",
        len(events),
    )
