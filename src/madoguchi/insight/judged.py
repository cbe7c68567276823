"""Figures of opinions, of quality, of people and money, of calls to customers and recalls. Pure."""

from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import replace
from math import floor, fsum

from madoguchi.insight.definitions import OURS, Definition, Family, Unit
from madoguchi.insight.reckoning import Part, Reckoned, each
from madoguchi.insight.records import (
    Attempt,
    Audit,
    Cell,
    Cost,
    Harassment,
    Judged,
    Marked,
    Opinion,
    Recall,
    Scored,
    Staffing,
    Voice,
)
from madoguchi.promises.located import N_

# A field of HDI has so many items, each marked 1 to 4.
ITEMS = 5
STARS = ((3.5, 3), (2.5, 2), (1.5, 1))
_ASKED, _AUDITED = N_("Customers who answered"), N_("Contacts that were looked through")
_COPC = "COPC CX"


def _net(one: Opinion) -> int:
    return 0 if one.recommends is None else (one.recommends >= 9) - (one.recommends <= 6)


def _without(kind: str) -> Callable[[Audit], bool]:
    return lambda audit: not getattr(audit, kind)


def kappa(items: Sequence[Judged]) -> Reckoned:
    """Cohen's κ of two people over the same items: 1 is agreement, 0 what chance alone would give."""
    parts, count = tuple(Part(one, one.one == one.other, 1) for one in items), len(items)
    if not items:
        return Reckoned(None, 0, 0, ())
    one, other = Counter(item.one for item in items), Counter(item.other for item in items)
    seen = sum(part.over for part in parts) / count
    by_chance = fsum(one[mark] * other[mark] for mark in one) / count**2
    value = (seen - by_chance) / (1 - by_chance) if by_chance < 1 else None
    return Reckoned(value, seen - by_chance, 1 - by_chance, parts)


def icc(items: Sequence[Scored]) -> Reckoned:
    """How much of the variance of points lies between the items and not between the two who gave them: the intraclass
    correlation ICC(2,1), by mean squares of items (MSR), people (MSC) and what is left (MSE).
    """
    n, parts = len(items), tuple(Part(one, one.one, one.other) for one in items)
    if n < 2:
        return Reckoned(None, 0, 0, parts)
    people = fsum(i.one for i in items) / n, fsum(i.other for i in items) / n
    mean = sum(people) / 2
    rows = fsum(((i.one + i.other) / 2 - mean) ** 2 for i in items) * 2
    columns = n * fsum((one - mean) ** 2 for one in people)
    whole = fsum((points - mean) ** 2 for i in items for points in (i.one, i.other))
    msr, msc, mse = rows / (n - 1), columns, (whole - rows - columns) / (n - 1)
    over, under = msr - mse, msr + mse + 2 * (msc - mse) / n
    return Reckoned(over / under if under else None, over, under, parts)


def stars_of_fields(items: Sequence[Marked]) -> Reckoned:
    """Stars as `stars`, where each field that was marked has all of its five items; none before."""
    counted = Counter(item.of for item in items)
    reckoned = stars(items)
    return reckoned if set(counted.values()) == {ITEMS} else replace(reckoned, value=None)


def stars(items: Sequence[Marked]) -> Reckoned:
    """Stars by the lowest average of the fields, each rounded at the third decimal place."""
    fields: dict[str, list[float]] = defaultdict(list)
    for item in items:
        fields[item.of].append(item.points)
    parts = tuple(Part(item, item.points, 1) for item in items)
    if not fields:
        return Reckoned(None, 0, 0, ())
    lowest = min(floor(fsum(points) / len(points) * 100 + 0.5) / 100 for points in fields.values())
    return Reckoned(next((n for least, n in STARS if lowest >= least), 0), lowest, 1, parts)


_OPINION = Family(Opinion)
_AUDIT = Family(Audit)
_JUDGED = Family(Judged)
_MARKED = Family(Marked)
_STAFFING = Family(Staffing)
_COST = Family(Cost)
_VOICE = Family(Voice)
_ATTEMPT = Family(Attempt)
_CELL = Family(Cell)
_RECALL = Family(Recall)
_HARASSMENT = Family(Harassment)
OPINIONS: tuple[Definition[Opinion], ...] = (
    _OPINION.share(
        "csat",
        "1",
        lambda o: (o.satisfied or 0) >= 4,
        lambda o: o.satisfied is not None,
        title=N_("Satisfaction (CSAT)"),
        formula="4 or 5 of 5 ÷ answers",
        denominator=_ASKED,
    ),
    _OPINION.ratio(
        "nps",
        "1",
        _net,
        lambda o: o.recommends is not None,
        title=N_("Recommendation (NPS)"),
        formula="share of 9–10 − share of 0–6",
        denominator=_ASKED,
        times=100,
        unit=Unit.NUMBER,
    ),
    _OPINION.ratio(
        "ces",
        "1",
        lambda o: o.easy or 0,
        lambda o: o.easy is not None,
        title=N_("Ease (CES)"),
        formula="Σ (1 to 7) ÷ answers",
        denominator=_ASKED,
        unit=Unit.NUMBER,
    ),
    _OPINION.share(
        "ces",
        "2",
        lambda o: (o.easy or 0) >= 5,
        lambda o: o.easy is not None,
        title=N_("Found it easy (CES)"),
        formula="5 to 7 of 7 ÷ answers",
        denominator=_ASKED,
    ),
)
QUALITY: tuple[Definition[Audit], ...] = tuple(
    _AUDIT.share(
        f"{name}_accuracy",
        "1",
        _without(name),
        each,
        title=title,
        formula=f"without an error grave for the {name} ÷ looked through",
        denominator=_AUDITED,
        source=_COPC,
        goal=goal,
    )
    for name, title, goal in (
        ("customer", N_("Without errors grave for the customer"), "≥ 95%"),
        ("business", N_("Without errors grave for the business"), "≥ 95%"),
        ("law", N_("Without errors grave for the law"), "≥ 98%"),
    )
)
CALIBRATION: tuple[Definition[Judged], ...] = (
    _JUDGED.by(
        "kappa",
        "1",
        kappa,
        title=N_("Agreement of those who judge"),
        formula="(po − pe) ÷ (1 − pe)",
        denominator=N_("Agreement beyond chance that could be had"),
        unit=Unit.NUMBER,
        source="Cohen’s κ",
        goal="≥ 0.6",
    ),
    _JUDGED.share(
        "agreement",
        "1",
        lambda j: j.one == j.other,
        each,
        title=N_("Items judged alike"),
        formula="judged alike ÷ judged",
        denominator=N_("Items that both judged"),
    ),
)
SCORED: tuple[Definition[Scored], ...] = (
    Family(Scored).by(
        "icc",
        "1",
        icc,
        title=N_("Agreement of those who give points (ICC)"),
        formula="(MSR − MSE) ÷ (MSR + MSE + 2 × (MSC − MSE) ÷ n), ICC(2,1) of two people",
        denominator=N_("Variance between items, people and by chance"),
        unit=Unit.NUMBER,
        source="Shrout & Fleiss 1979",
    ),
)
MARKS: tuple[Definition[Marked], ...] = (
    _MARKED.by(
        "stars",
        "1",
        stars,
        title=N_("Stars"),
        formula="lowest average of the fields: ≥ 3.5 three, ≥ 2.5 two, ≥ 1.5 one",
        denominator=N_("Items of the field"),
        unit=Unit.NUMBER,
        source="HDI-Japan, 評点基準",
    ),
    _MARKED.by(
        "stars",
        "2",
        stars_of_fields,
        title=N_("Stars"),
        formula="as v1, each field with its 5 items of 1 to 4 points (3 fields: 15 marks); none before",
        denominator=N_("Items of the field"),
        unit=Unit.NUMBER,
        source="HDI-Japan, 評点基準",
    ),
    _MARKED.ratio(
        "hdi_points",
        "1",
        lambda m: m.points,
        each,
        title=N_("Points of the 15 items, on average"),
        formula="Σ points (1 to 4) ÷ items",
        denominator=N_("Items that were marked"),
        unit=Unit.NUMBER,
        source="HDI-Japan, 評点基準",
        goal="≥ 3.5",
    ),
)
STAFF: tuple[Definition[Staffing], ...] = (
    _STAFFING.ratio(
        "turnover",
        "1",
        lambda s: s.left * 12 / s.months,
        lambda s: s.average,
        title=N_("Turnover in a year"),
        formula="left ÷ average number × 12 ÷ months",
        denominator=N_("People, on average"),
    ),
    _STAFFING.ratio(
        "left_within_year",
        "1",
        lambda s: s.left_within_year,
        lambda s: s.hired,
        title=N_("Left within a year"),
        formula="left within a year ÷ hired",
        denominator=N_("People who were hired"),
    ),
)
_COSTS = "Σ (people, lines, seats, management, fees, the company’s own time)"
COSTS: tuple[Definition[Cost], ...] = (
    _COST.ratio(
        "cost_per_contact",
        "1",
        lambda c: c.yen,
        lambda c: c.handled,
        title=N_("Cost of a contact"),
        formula=f"{_COSTS} ÷ handled",
        denominator=N_("Contacts that were handled"),
        unit=Unit.YEN,
    ),
    _COST.ratio(
        "cost_per_solved",
        "1",
        lambda c: c.yen,
        lambda c: c.solved,
        title=N_("Cost of a solved case"),
        formula=f"{_COSTS} ÷ solved",
        denominator=N_("Cases that were solved"),
        unit=Unit.YEN,
    ),
    _COST.ratio(
        "company_minutes",
        "1",
        lambda c: c.company_minutes,
        lambda c: c.handled,
        title=N_("The company’s own minutes"),
        formula="minutes of the company ÷ handled × 100",
        denominator=N_("Contacts that were handled"),
        times=100,
        unit=Unit.NUMBER,
        source=OURS,
    ),
)
VOICES: tuple[Definition[Voice], ...] = tuple(
    _VOICE.percentile(
        f"voice_reach_p{percent}",
        "1",
        percent,
        lambda v: v.reached_after,
        title=title,
        formula=f"P{percent} of time until read (nearest rank)",
        denominator=N_("Voices that were read"),
        unit=Unit.SECONDS,
        source=OURS,
        goal=goal,
    )
    for percent, title, goal in (
        (50, N_("Until a voice is read (half of them)"), "≤ 3,600 s"),
        (90, N_("Until a voice is read (90% of them)"), ""),
    )
)
OUTBOUND: tuple[Definition[Attempt], ...] = (
    _ATTEMPT.share(
        "connect_rate",
        "1",
        lambda a: a.connected,
        each,
        title=N_("Reached"),
        formula="connected ÷ attempts",
        denominator=N_("Calls that were tried"),
    ),
    _ATTEMPT.share(
        "appointment_rate",
        "1",
        lambda a: a.appointment,
        lambda a: a.connected,
        title=N_("Appointments"),
        formula="appointments ÷ connected",
        denominator=N_("Calls that were connected"),
    ),
    _ATTEMPT.share(
        "drop_rate",
        "1",
        lambda a: a.dropped,
        lambda a: a.connected,
        title=N_("Answered and nobody there"),
        formula="nobody there ÷ connected",
        denominator=N_("Calls that were connected"),
        source="FCC (30 days)",
        goal="≤ 3%",
    ),
)
QUOTAS: tuple[Definition[Cell], ...] = (
    _CELL.ratio(
        "quota_met",
        "1",
        lambda c: min(c.had, c.wanted),
        lambda c: c.wanted,
        title=N_("Quota met"),
        formula="Σ min(had, wanted) ÷ Σ wanted",
        denominator=N_("Answers that are wanted"),
        source="JMRA",
        goal="100%",
    ),
    _CELL.ratio(
        "quota_excess",
        "1",
        lambda c: max(0, c.had - c.wanted),
        lambda c: 1,
        title=N_("Answers beyond the quota, by cell"),
        formula="Σ max(0, had − wanted) ÷ cells",
        denominator=N_("Cells of the quota"),
        unit=Unit.NUMBER,
        source="JMRA",
        goal="0",
    ),
    _CELL.ratio(
        "refusal_rate",
        "1",
        lambda c: c.refused,
        lambda c: c.asked,
        title=N_("Refused"),
        formula="refused ÷ asked",
        denominator=N_("People who were asked"),
        source="JMRA",
    ),
)
RECALLS: tuple[Definition[Recall], ...] = (
    _RECALL.ratio(
        "recall_progress",
        "1",
        lambda r: r.mended,
        lambda r: r.out,
        title=N_("Recall done"),
        formula="mended ÷ out",
        denominator=N_("Things that are out there"),
        source="METI, リコールについて",
    ),
    _RECALL.ratio(
        "recall_reached",
        "1",
        lambda r: r.reached,
        lambda r: r.out,
        title=N_("Owners reached"),
        formula="reached ÷ out",
        denominator=N_("Things that are out there"),
        source="METI, リコールについて",
    ),
)
_PER_CONTACT = N_("Harassment in 1,000 contacts")
SUFFERED: tuple[Definition[Harassment], ...] = (
    _HARASSMENT.ratio(
        "harassment_rate",
        "2",
        lambda h: h.cases,
        lambda h: h.contacts,
        title=_PER_CONTACT,
        formula="found to be harassment ÷ contacts × 1,000",
        denominator=N_("Contacts"),
        times=1000,
        unit=Unit.NUMBER,
    ),
    _HARASSMENT.ratio(
        "harassment_rate",
        "1",
        lambda h: h.cases,
        lambda h: h.said,
        title=_PER_CONTACT,
        formula="found to be harassment ÷ messages of customers × 1,000",
        denominator=N_("Messages of customers"),
        times=1000,
        unit=Unit.NUMBER,
    ),
    _HARASSMENT.ratio(
        "supervisor_joins",
        "1",
        lambda h: fsum(h.joined_after),
        lambda h: len(h.joined_after),
        title=N_("Until the supervisor is there"),
        formula="Σ seconds ÷ calls for a supervisor",
        denominator=N_("Calls for a supervisor"),
        unit=Unit.SECONDS,
        source=OURS,
    ),
    _HARASSMENT.ratio(
        "cared_for",
        "1",
        lambda h: h.cared_for,
        lambda h: h.met,
        title=N_("Cared for within a day"),
        formula="spoken with by a senior within 24 hours ÷ met",
        denominator=N_("People of ours whom harassment met"),
    ),
    _HARASSMENT.ratio(
        "solved_after_cut",
        "1",
        lambda h: h.solved_after_cut,
        lambda h: h.cut_off,
        title=N_("Solved though the talk was ended"),
        formula=N_("solved ÷ ended"),
        denominator=N_("Talks that we ended for their manner"),
    ),
)
