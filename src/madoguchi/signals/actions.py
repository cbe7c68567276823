"""Raising signals, letting them raise themselves, and what supervisors make of it. With `grave` the only writers."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from madoguchi.cases.models import Case
from madoguchi.commerce.models import Product
from madoguchi.commerce.pieces import piece_number, sold_by_lot
from madoguchi.commerce.queries import pieces_sold
from madoguchi.companies.models import Company
from madoguchi.infra.event_log import record
from madoguchi.infra.writing import set_changed
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor, Permission, system
from madoguchi.kernel.errors import Conflict, NotAllowed, Refused
from madoguchi.kernel.text import blot_card_numbers, one_line
from madoguchi.signals import policies
from madoguchi.signals.alike import Said, are_alike
from madoguchi.signals.events import (
    IncidentRaised,
    IncidentSettled,
    SignalRaised,
    SignalWithdrawn,
    WatchChanged,
)
from madoguchi.signals.lexicon import read_lexicon
from madoguchi.signals.models import Incident, Kind, Signal, Watch
from madoguchi.signals.queries import desks_of_incident, watch_of
from madoguchi.signals.recall import DAYS, SOLD_DAYS, Figures, Limits

A_DAY = timedelta(days=1)
MOST_COMPARED = 500
_ITSELF = system("signals")


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What somebody saw: a kind, a line, and the product if it is one, with lot and serial number of the piece."""

    kind: str
    words: str
    product: int | None = None
    lot: str = ""
    serial: str = ""


@transaction.atomic
def raise_signal(case: Case, seen: Seen, *, by: Actor) -> Signal:
    """Note that something is strange; with enough others of the same thing within a day it raises itself.

    Of a product, what is reported in a month is looked at against what was sold, as `recall` says.

    Raises NotAllowed, or Refused for no words, no kind, a product that is not the company's, and a lot or a serial
    number without its product.
    """
    if not policies.may_signal(by, case):
        raise NotAllowed(Permission.CASE_UPDATE)
    words = blot_card_numbers(one_line(seen.words, most=200))
    if not words:
        raise Refused(_("Write what is strange, in a line."), field="words")
    if seen.kind not in Kind.values:
        raise Refused(_("Choose one of the list."), field="kind")
    if seen.product and not Product.objects.filter(pk=seen.product, company=case.company_id).exists():
        raise Refused(_("There is no such product."), field="product")
    if not seen.product and (seen.lot.strip() or seen.serial.strip()):
        raise Refused(_("Write the product, too, whose lot or serial number it is."), field="product")
    # Two that are raised at once are compared one after the other.
    Company.objects.select_for_update(no_key=True).get(pk=case.company_id)
    signal = Signal.objects.create(
        company_id=case.company_id,
        case=case,
        kind=seen.kind,
        words=words,
        product_id=seen.product,
        lot=piece_number(seen.lot, most=40),
        serial=piece_number(seen.serial, most=60),
        tags=case.tags,
        raised_by_id=by.id,
        raised_at=clock.now(),
    )
    record(SignalRaised(**case.where, signal=signal.pk, sort=signal.kind), by=by)
    _pile_up(signal)
    return signal


@transaction.atomic
def withdraw_signal(signal: Signal, *, by: Actor) -> bool:
    """Take back one's own signal; whether that is news. Raises NotAllowed for somebody else's."""
    if signal.raised_by_id != by.id:
        raise NotAllowed(Permission.CASE_UPDATE)
    there = Signal.objects.filter(pk=signal.pk, withdrawn_at=None)
    if not there.update(withdrawn_at=clock.now(), incident=None):
        return False
    record(SignalWithdrawn(**signal.case.where, signal=signal.pk), by=by)
    return True


@transaction.atomic
def settle_incident(incident: Incident, *, state: str, reason: str = "", by: Actor) -> None:
    """Take an incident up, or say that it is none and why. Raises NotAllowed, Refused for no reason, and Conflict where
    somebody was faster.
    """
    if not policies.may_settle(by, company=incident.company_id, desks=desks_of_incident(incident)):
        raise NotAllowed(Permission.CASE_APPROVE)
    if state not in (Incident.State.TAKEN, Incident.State.DISMISSED):
        raise Refused(_("Choose one of the list."), field="state")
    said = blot_card_numbers(one_line(reason, most=200))
    if state == Incident.State.DISMISSED and not said:
        raise Refused(_("Say why it is none, so that fewer are raised in vain."), field="reason")
    there = Incident.objects.filter(pk=incident.pk).exclude(state=Incident.State.DISMISSED)
    if state == Incident.State.TAKEN:
        there = there.filter(state=Incident.State.OPEN)
    if not there.update(state=state, reason=said, settled_at=clock.now(), settled_by=by.id):
        raise Conflict(_("Somebody was faster. Look again."))
    record(IncidentSettled(company=incident.company_id, incident=incident.pk, state=state), by=by)


@transaction.atomic
def set_watch(company: Company, *, words: str, alike: int, per_mille: int, by: Actor) -> None:
    """Say what a company watches for. Raises NotAllowed, or Refused naming the line that makes no sense, or the number
    that is none.
    """
    if not policies.may_watch(by, company=company.pk):
        raise NotAllowed(Permission.DESKS)
    try:
        read_lexicon(words)
    except ValueError as error:
        raise Refused(_wrong(str(error)), field="words") from None
    if not 2 <= alike <= 50:
        raise Refused(_("Write a number from 2 to 50."), field="alike")
    if not 1 <= per_mille <= 1000:
        raise Refused(_("Write a number from 1 to 1000."), field="per_mille")
    text = "\n".join(line.strip() for line in words.splitlines() if line.strip())
    known = watch_of(company.pk)
    watch, _made = Watch.objects.get_or_create(
        company=company,
        defaults={"words": known.words, "alike": known.alike, "per_mille": known.per_mille},
    )
    changes = set_changed(watch, words=text, alike=alike, per_mille=per_mille)
    if changes:
        record(WatchChanged(company=company.pk, changes=changes), by=by)


def _wrong(line: str) -> str:
    if not line:
        return _("These are too many: 40 sorts and 400 words at most.")
    words = _(
        "Line %(line)s makes no sense. Write a sort, a colon, and words of two letters or more between commas."
    )
    return words % {"line": line}


def _pile_up(signal: Signal) -> None:
    """Join the incident that a signal belongs to, or make one of those that are alike, once they are enough."""
    since = signal.raised_at - A_DAY
    rows = Signal.objects.filter(company=signal.company_id, kind=signal.kind, withdrawn_at=None)
    rows = rows.filter(raised_at__gt=since).select_related("incident", "case").order_by("-raised_at", "-id")
    alike = [
        one for one in rows[:MOST_COMPARED] if one.pk == signal.pk or are_alike(_said(one), _said(signal))
    ]
    raised = next((one.incident for one in alike if one.incident and _goes_on(one.incident)), None)
    raised = raised or _suspicion_of(signal)
    free = [one for one in alike if one.incident_id is None]
    if raised is not None:
        Signal.objects.filter(pk=signal.pk).update(incident=raised)
        _reckon_anew(raised, signal)
        return
    watch = watch_of(signal.company_id)
    product = next((one.product_id for one in free if one.product_id), None)
    reports, figures = _of_product(signal, product, watch.limits) if product else ([], None)
    if figures:
        _raise(signal, reports, product=product, figures=figures)
    elif len(free) >= watch.alike:
        _raise(signal, free, product=product)


def _raise(
    signal: Signal, together: Sequence[Signal], *, product: int | None, figures: Figures | None = None
) -> None:
    """Make one of signals that are not of any other yet; told at the last case of each desk."""
    kept = figures.kept() if figures else None
    incident = Incident.objects.create(
        company_id=signal.company_id,
        kind=signal.kind,
        product_id=product,
        figures=kept,
        raised_at=signal.raised_at,
    )
    Signal.objects.filter(pk__in=[one.pk for one in together]).update(incident=incident)
    signal.incident = incident
    for case in {one.case.desk_id: one.case for one in reversed(together)}.values():
        record(IncidentRaised(**case.where, incident=incident.pk, count=len(together)), by=_ITSELF)


def _reckon_anew(incident: Incident, signal: Signal) -> None:
    """What joins an incident may make a suspicion of it, which is told then; a suspicion shows its numbers of today."""
    if signal.product_id is None or incident.product_id not in (None, signal.product_id):
        return
    limits = watch_of(signal.company_id).limits
    _reports, figures = _of_product(signal, signal.product_id, limits)
    if figures is None:
        return
    is_new = incident.figures is None
    incident.figures, incident.product_id = figures.kept(), signal.product_id
    incident.save(update_fields=["figures", "product"])
    if is_new:
        record(IncidentRaised(**signal.case.where, incident=incident.pk, count=figures.reports), by=_ITSELF)


def _suspicion_of(signal: Signal) -> Incident | None:
    """The suspicion of the last month that a product may have to be called back, which further reports join."""
    if signal.product_id is None:
        return None
    since = signal.raised_at - timedelta(days=DAYS)
    rows = Incident.objects.filter(product=signal.product_id, figures__isnull=False, raised_at__gt=since)
    return rows.exclude(state=Incident.State.DISMISSED).order_by("-pk").first()


def _of_product(signal: Signal, product: int, limits: Limits) -> tuple[list[Signal], Figures | None]:
    """The reports of a product within a month that stand in no incident, and what a suspicion rests on, if it is one.
    What was sold is asked for only where the reports are enough.
    """
    since = signal.raised_at - timedelta(days=DAYS)
    rows = Signal.objects.filter(product=product, kind=Kind.PRODUCT, withdrawn_at=None)
    month = rows.filter(raised_at__gt=since, raised_at__lte=signal.raised_at)
    month = month.exclude(incident__state=Incident.State.DISMISSED)
    lots = list(month.order_by("-id").values_list("lot", flat=True)[:MOST_COMPARED])
    if len(lots) < limits.alike:
        return [], None
    before = rows.filter(raised_at__gt=since - timedelta(days=DAYS), raised_at__lte=since).count()
    year = signal.raised_at - timedelta(days=SOLD_DAYS)
    sold, sold_of = pieces_sold(product, since=year), sold_by_lot(product, set(lots), since=year)
    figures = Figures.of(lots, before=before, sold=sold, sold_of=sold_of, limits=limits)
    if not figures.is_suspicious(limits):
        return [], None
    free = month.filter(incident=None).select_related("case").order_by("-raised_at", "-id")
    return list(free[:MOST_COMPARED]), figures


def _goes_on(incident: Incident) -> bool:
    return incident.state != Incident.State.DISMISSED


def _said(signal: Signal) -> Said:
    return Said(signal.words, signal.product_id, signal.tags)
