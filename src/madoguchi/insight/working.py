"""Figures of people's time and of what was foreseen. Pure."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from math import fsum

from madoguchi.insight.definitions import Definition, Family, Unit
from madoguchi.insight.reckoning import Part, Reckoned
from madoguchi.insight.records import Occupied, Slot, Work
from madoguchi.promises.located import N_

_GENESYS = "Genesys Cloud, adherence and conformance"
_RATE = N_("Utilisation")


def busy(work: Occupied) -> float:
    """Time with a customer, or with what a call left to do."""
    return work.talk + work.hold + work.wrap


def _by_day(slots: Sequence[Slot]) -> Reckoned:
    """Half hours that err in both ways within a day make it good among themselves. A half hour adds its share of the
    day's error above the line.
    """
    days: dict[date | None, list[Slot]] = defaultdict(list)
    for slot in slots:
        days[slot.day].append(slot)
    parts = [
        Part(one, abs(fsum(s.came - s.foreseen for s in day)) / len(day), one.came)
        for day in days.values()
        for one in day
    ]
    over, under = fsum(part.over for part in parts), fsum(part.under for part in parts)
    return Reckoned(over / under if under else None, over, under, tuple(parts))


_OCCUPIED = Family(Occupied)
_WORK = Family(Work)
_SLOT = Family(Slot)
OCCUPIED: tuple[Definition[Occupied], ...] = (
    _OCCUPIED.ratio(
        "occupancy",
        "1",
        busy,
        lambda w: busy(w) + w.idle,
        title=N_("Occupancy"),
        formula=N_("(talk + hold + after-call work) ÷ (the same + idle)"),
        denominator=N_("Time at work on calls or waiting for one"),
        source="AWS, agent occupancy",
        goal="80–85%",
    ),
)
WORK: tuple[Definition[Work], ...] = (
    _WORK.ratio(
        "utilisation",
        "1",
        lambda w: w.talk + w.wrap + w.idle,
        lambda w: w.worked,
        title=_RATE,
        formula="(talk + after-call work + idle) ÷ time worked",
        denominator=N_("Time worked"),
        source="alivenet「稼働率」",
        goal="80–85%",
    ),
    _WORK.ratio(
        "utilisation",
        "2",
        lambda w: busy(w) + w.other_contacts,
        lambda w: w.worked,
        title=_RATE,
        formula="time with customers ÷ time worked",
        denominator=N_("Time worked"),
        source="日本トータルテレマーケティング「稼働率」",
    ),
    _WORK.ratio(
        "utilisation",
        "3",
        lambda w: busy(w) + w.idle + w.other_contacts,
        lambda w: w.paid - w.unproductive,
        title=_RATE,
        formula="productive time ÷ (paid time − unproductive time)",
        denominator=N_("Paid time without what is unproductive by its nature"),
        source="NTNビジネス「稼働率と占有率」",
    ),
    _WORK.ratio(
        "shrinkage",
        "1",
        lambda w: w.paid - w.on_queue,
        lambda w: w.paid,
        title=N_("Shrinkage"),
        formula="1 − time on queue ÷ paid time",
        denominator=N_("Paid time"),
        goal="≈ 30%",
    ),
    _WORK.ratio(
        "adherence",
        "1",
        lambda w: max(0.0, w.planned - w.exceptions),
        lambda w: w.planned,
        title=N_("Adherence"),
        formula="1 − seconds of exceptions ÷ planned seconds, 0 at least",
        denominator=N_("Planned time"),
        source=_GENESYS,
        goal="≥ 90%",
    ),
    _WORK.ratio(
        "conformance",
        "1",
        lambda w: w.on_queue,
        lambda w: w.planned_on_queue,
        title=N_("Conformance"),
        formula="time on queue ÷ planned time on queue",
        denominator=N_("Planned time on queue"),
        source=_GENESYS,
        goal="≥ 90%",
    ),
    _WORK.ratio(
        "cph",
        "1",
        lambda w: w.handled,
        lambda w: (busy(w) + w.idle + w.other_contacts) / 3600,
        title=N_("Handled in an hour"),
        formula="handled ÷ productive hours",
        denominator=N_("Productive hours"),
        unit=Unit.NUMBER,
        source="CPH・ATT・AHTとは",
    ),
)
SLOTS: tuple[Definition[Slot], ...] = (
    _SLOT.ratio(
        "wape",
        "1",
        lambda s: abs(s.came - s.foreseen),
        lambda s: s.came,
        title=N_("Error of the forecast"),
        formula="Σ |came − foreseen| ÷ Σ came, by half hours",
        denominator=N_("Contacts that came"),
        goal="≤ 15%",
    ),
    _SLOT.by(
        "wape",
        "2",
        _by_day,
        title=N_("Error of the forecast"),
        formula="Σ |came − foreseen| ÷ Σ came, by days",
        denominator=N_("Contacts that came"),
        goal="≤ 5%",
    ),
)
