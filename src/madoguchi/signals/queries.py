"""Signals, incidents and grave words in sight, and what a company watches for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet

from madoguchi.cases.models import Case
from madoguchi.kernel.actor import Actor, Permission
from madoguchi.kernel.errors import NotFound
from madoguchi.kernel.text import fold
from madoguchi.signals import policies
from madoguchi.signals.lexicon import USUAL, read_lexicon
from madoguchi.signals.models import Grave, Incident, Instruction, Signal, Watch

MOST_OF_CASE, MOST_OF_INCIDENT = 50, 200
_WHERE = ("case__company", "case__desk", "case__continued_in__company", "case__continued_in__desk")


@dataclass(frozen=True, slots=True)
class InVain:
    """How much was raised in a span, and how much of it was none."""

    incidents: int
    dismissed: int
    graves: int
    not_grave: int


def watch_of(company: int) -> Watch:
    """What a company watches for; the usual, unless it said otherwise. One query."""
    found = Watch.objects.filter(company=company).first()
    return found or Watch(company_id=company, words=USUAL)


def words_watched(company: int) -> Mapping[str, Sequence[str]]:
    """The grave words by their sorts that a company watches for. One query."""
    return read_lexicon(watch_of(company).words)


def signals_of(case: Case) -> list[Signal]:
    """The signals of a case and of what went on in it, the newest first. One query."""
    rows = Signal.objects.filter(_of(case), withdrawn_at=None).select_related("raised_by", "product")
    return list(rows.order_by("-id")[:MOST_OF_CASE])


def standing_of(case: Case) -> list[Grave]:
    """The grave words of a case of which nobody said that they are not, the newest first. One query."""
    rows = Grave.objects.filter(_of(case), dismissed_at=None).select_related("task")
    return list(rows.order_by("-id")[:MOST_OF_CASE])


def was_said_harmless(case: Case) -> bool:
    """Whether somebody said of all grave words of a case that they are none. One query."""
    said = list(Grave.objects.filter(_of(case)).values_list("dismissed_at", flat=True)[:MOST_OF_CASE])
    return bool(said) and None not in said


def signals_at(actor: Actor) -> QuerySet[Signal]:
    """The signals of cases that the actor may read, the newest first."""
    rows = Signal.objects.filter(in_sight(actor), withdrawn_at=None)
    return rows.select_related("raised_by", "product", *_WHERE).order_by("-raised_at", "-id")


def defects_at(actor: Actor, *, words: str = "") -> QuerySet[Signal]:
    """What was reported of products, of cases that the actor may read, the newest first: all, or those of a product
    (its code, or part of its name), a lot or a serial number.
    """
    rows = signals_at(actor).filter(product__isnull=False)
    if not words:
        return rows
    number = fold(words).upper().replace(" ", "")
    named = Q(product__name__icontains=words) | Q(product__code__iexact=words)
    return rows.filter(named | Q(lot=number) | Q(serial=number))


def graves_at(actor: Actor, *, standing: bool) -> QuerySet[Grave]:
    """The grave words in cases that the actor may read, the newest first; only those nobody has dismissed."""
    rows = Grave.objects.filter(in_sight(actor))
    rows = rows.filter(dismissed_at=None) if standing else rows
    return rows.select_related("dismissed_by", "task", *_WHERE).order_by("-found_at", "-id")


def instructions_at(actor: Actor) -> QuerySet[Instruction]:
    """What may have been direct instructions, in cases of which the actor is a manager of either side: those that
    nobody has settled first.
    """
    rows = Instruction.objects.filter(in_sight(policies.as_manager(actor)))
    rows = rows.select_related("settled_by", *_WHERE)
    return rows.order_by(F("settled_at").desc(nulls_first=True), "-found_at", "-id")


def instruction_by_id(pk: int, *, actor: Actor) -> Instruction:
    """One of them. Raises NotFound."""
    found = instructions_at(actor).filter(pk=pk).first()
    if found is None:
        raise NotFound(pk)
    return found


def incidents_at(actor: Actor) -> QuerySet[Incident]:
    """The incidents to which a case belongs that the actor may read, the newest first; `size` is how many signals."""
    mine = Signal.objects.filter(in_sight(actor), incident=OuterRef("pk"))
    rows = Incident.objects.filter(Exists(mine)).annotate(size=Count("signals"))
    return rows.select_related("product", "settled_by").order_by("-raised_at", "-id")


def incident_by_id(pk: int, *, actor: Actor) -> Incident:
    """One of them. Raises NotFound."""
    found = incidents_at(actor).filter(pk=pk).first()
    if found is None:
        raise NotFound(pk)
    return found


def signals_of_incident(incident: Incident, *, actor: Actor) -> Sequence[Signal]:
    """The signals of an incident, of cases that the actor may read. One query."""
    return list(signals_at(actor).filter(incident=incident)[:MOST_OF_INCIDENT])


def desks_of_incident(incident: Incident) -> set[int]:
    """The desks of whose cases an incident is. One query."""
    return set(Signal.objects.filter(incident=incident).values_list("case__desk", flat=True))


def signal_by_id(pk: int, *, actor: Actor) -> Signal:
    """A signal of a case that the actor may read. Raises NotFound."""
    found = signals_at(actor).filter(pk=pk).first()
    if found is None:
        raise NotFound(pk)
    return found


def grave_by_id(pk: int, *, actor: Actor) -> Grave:
    """Grave words of a case that the actor may read. Raises NotFound."""
    found = graves_at(actor, standing=False).filter(pk=pk).first()
    if found is None:
        raise NotFound(pk)
    return found


def in_vain(actor: Actor, *, begin: datetime, end: datetime) -> InVain:
    """How much was raised in vain of late, so that words and numbers can be mended. Two queries."""
    raised = incidents_at(actor).filter(raised_at__gte=begin, raised_at__lt=end).order_by()
    states = list(raised.values_list("state", flat=True))
    found = Grave.objects.filter(in_sight(actor), found_at__gte=begin, found_at__lt=end)
    graves = found.aggregate(all=Count("pk"), none=Count("pk", filter=Q(dismissed_at__isnull=False)))
    return InVain(len(states), states.count(Incident.State.DISMISSED), graves["all"], graves["none"])


def in_sight(actor: Actor) -> Q:
    """Of cases that the actor may read, where these are now."""
    wide, single = actor.companies_with(Permission.CASE_READ), actor.desks_with(Permission.CASE_READ)
    here = Q(case__continued_in=None, case__desk__in=single) | Q(case__continued_in__desk__in=single)
    return Q(company__in=wide) | here


def _of(case: Case) -> Q:
    return Q(case=case) | Q(case__continued_in=case)
