"""Operators of a company side by side: the same figures of a month, and what their questions cost the company, by month
and cause. One code with `madoguchi kpi`: every number is one of `insight`'s.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.db.models import Q
from django.utils.translation import gettext as _

from madoguchi.companies.models import Company, Desk, Engagement
from madoguchi.companies.policies import may_see_company_hour
from madoguchi.companies.queries import desks_of
from madoguchi.desk.wall import Chosen, reckoned_of, value_of
from madoguchi.escalations.models import Escalation
from madoguchi.insight.catalogue import definition
from madoguchi.insight.definitions import Anything, told
from madoguchi.insight.logged import Span
from madoguchi.insight.queries import (
    Figure,
    Wanted,
    figures_by_desks,
    figures_by_operator,
    records_by_operator,
)
from madoguchi.insight.records import Coordination, Done, Record
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor, Permission

SHOWN = (
    *(("response_rate", "a"), ("abandonment_rate", "1"), ("service_level", "G"), ("aht", "1")),
    *(("first_reply_p80", "3"), ("fcr", "2"), ("promise_kept", "1"), ("delay_told", "2")),
    *(("escalation_rate", "3"), ("wrong_desk_rate", "1"), ("hop2_rate", "1")),
    *(("proposal_taken", "1"), ("repurchase_rate", "1")),
)
# So many months of questions, the one that is asked for among them.
MONTHS = 3
# Nothing is older than the product; months before have no calendar to count back in.
EARLIEST = date(2000, 1, 1)


@dataclass(frozen=True, slots=True)
class Line:
    """One figure: its words, its definition's key, formula and denominator, and its value at each operator."""

    title: str
    key: str
    formula: str
    denominator: str
    by_operator: Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Asked:
    """What an operator asked in a month for a cause (empty: all): cases solved and how many of them needed it, as text
    and rate; the company's minutes, and yen where its hour has a price (empty: kept from the reader).
    """

    month: date
    operator: str
    cause: str
    rate: str
    sums: str
    minutes: int
    yen: str


@dataclass(frozen=True, slots=True)
class Board:
    """One company: its operators in order, the figures of a month, and what was asked; `priced`: whether the reader
    sees yen of any of them. `kinds` are those of its desks, where there are several, with the same figures by kind.
    """

    company: Company
    operators: Sequence[str]
    lines: Sequence[Line]
    asked: Sequence[Asked]
    priced: bool
    kinds: Sequence[str] = ()
    by_kind: Sequence[Line] = ()


def boards_of(actor: Actor, month: date) -> list[Board]:
    """The companies whose desks somebody sees, each with its operators: all of them for who sees all of the company,
    else those for whom they work.
    """
    desks: dict[int, list[int]] = {}
    for desk in desks_of(actor):
        desks.setdefault(desk.company_id, []).append(desk.pk)
    firms = Company.objects.in_bulk(list(desks))
    boards = [_board(actor, firms[company], frozenset(places), month) for company, places in desks.items()]
    return [board for board in boards if board.operators]


def rates_of(actor: Actor, *, begin: datetime, end: datetime) -> list[tuple[str, Figure, str]]:
    """How often cases need more than the desk knows, of each company that somebody sees, as `madoguchi kpi` says."""
    wanted, during = [definition("escalation_rate", "1")], Span(begin, end, end)
    found = reckoned_of(actor, Chosen(), wanted, during)
    return [(name, one, told(one.value, one.definition.unit)) for name, [one] in found]


def read_month(written: str) -> date:
    """A month as an address names it (2026-11), from `EARLIEST` on; this one where it names none, or one to come."""
    today = clock.today().replace(day=1)
    try:
        return max(EARLIEST, min(date.fromisoformat(f"{written}-01"), today))
    except ValueError:
        return today


def months_before(month: date, back: int) -> date:
    """The first day of a month so many before."""
    years, at = divmod(month.year * 12 + month.month - 1 - back, 12)
    return date(years, at + 1, 1)


def span_of(month: date) -> Span:
    """A month of Japan's calendar, up to now."""
    begin, end, now = _midnight(month), _midnight(months_before(month, -1)), clock.now()
    return Span(begin, max(begin, min(end, now)), now)


def _board(actor: Actor, company: Company, desks: frozenset[int], month: date) -> Board:
    operators, hours = _engaged(actor, company, desks, month)
    wanted = Wanted(company=company.pk, span=span_of(month), desks=desks)
    definitions = [definition(name, version) for name, version in SHOWN]
    found = figures_by_operator(wanted, operators, definitions)
    lines = _lines(definitions, {name: found[pk] for pk, name in operators.items()})
    kinds = _kinds(desks)
    by_kind = _lines(definitions, figures_by_desks(wanted, kinds, definitions)) if len(kinds) > 1 else []
    asked = [
        line
        for back in range(MONTHS)
        for line in _asked(company, desks, months_before(month, back), operators, hours)
    ]
    priced = any(one.yen for one in asked)
    return Board(company, list(operators.values()), lines, asked, priced, list(kinds), by_kind)


def _lines(definitions: Sequence[Anything], found: Mapping[str, Sequence[Figure]]) -> list[Line]:
    """A line for each definition, with what it came to at each of those named."""
    return [
        Line(
            _(one.title),
            one.key,
            one.formula,
            one.denominator,
            [(name, value_of(figures[at].value, one.unit)) for name, figures in found.items()],
        )
        for at, one in enumerate(definitions)
    ]


def _kinds(desks: frozenset[int]) -> dict[str, frozenset[int]]:
    """The desks by the name of their kind, in the order of kinds."""
    rows = Desk.objects.filter(pk__in=desks).values_list("kind", "pk")
    found: dict[str, set[int]] = defaultdict(set)
    for kind, desk in rows:
        found[kind].add(desk)
    return {str(kind.label): frozenset(found[kind]) for kind in Desk.Kind if kind in found}


def _engaged(
    actor: Actor, company: Company, desks: frozenset[int], month: date
) -> tuple[dict[int, str], dict[tuple[int, int], int | None]]:
    """The operators at work in these months, by name; what an hour costs by operator and desk, where the reader may
    see it.
    """
    last, first = months_before(month, -1) - timedelta(days=1), months_before(month, MONTHS - 1)
    rows = Engagement.objects.filter(Q(ends_on=None) | Q(ends_on__gte=first), company=company, desk__in=desks)
    rows = rows.filter(starts_on__lte=last)
    if company.pk not in actor.companies_with(Permission.CASE_READ):
        rows = rows.filter(
            operator__in=[g.operator for g in actor.grants if g.company == company.pk and g.operator]
        )
    named: dict[int, str] = {}
    hours = {}
    for one in rows.select_related("operator").order_by("operator__name", "pk"):
        named[one.operator_id] = one.operator.name
        if may_see_company_hour(actor, company=company.pk, operator=one.operator_id):
            hours[one.operator_id, one.desk_id] = one.company_hour
    return named, hours


def _asked(
    company: Company,
    desks: frozenset[int],
    month: date,
    operators: Mapping[int, str],
    hours: Mapping[tuple[int, int], int | None],
) -> list[Asked]:
    """All causes of each operator, and each of which there was something."""
    wanted = Wanted(company=company.pk, span=span_of(month), desks=desks)
    solved = records_by_operator(Done, wanted, operators)
    spent = records_by_operator(Coordination, wanted, operators)
    found = []
    for operator, name in operators.items():
        prices = {desk: price for (whose, desk), price in hours.items() if whose == operator}
        for cause, words in {"": _("All causes"), **dict(Escalation.Cause.choices)}.items():
            of = definition(f"escalated_for_{cause}") if cause else definition("escalation_rate", "3")
            share, took = of.reckon(solved[operator]), _of_cause(spent[operator], cause)
            if not cause or share.over or took:
                yen = _yen(took, prices) if prices else ""
                minutes = round(sum(one.minutes for one in took))
                found.append(
                    Asked(month, name, str(words), told(share.value, of.unit), share.sums, minutes, yen)
                )
    return found


def _of_cause(spent: Sequence[Record], cause: str) -> list[Coordination]:
    """What answers took of the company's time, for a cause or (empty) for any."""
    asked = [one for one in spent if isinstance(one, Coordination) and one.minutes]
    return [one for one in asked if cause in ("", one.cause)]


def _yen(took: Sequence[Coordination], prices: Mapping[int, int | None]) -> str:
    """What these minutes cost; a dash where an hour has no price at one of the desks."""
    found = [(one.minutes, prices.get(one.desk or 0)) for one in took]
    if any(price is None for _minutes, price in found):
        return "—"
    return f"{round(sum(minutes / 60 * (price or 0) for minutes, price in found)):,}"


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), clock.TOKYO)
