"""Figures of desks, from the log."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from madoguchi.cases.models import ACTIVE, Case
from madoguchi.commerce.models import Order, SubscriptionOrder
from madoguchi.companies.models import Engagement
from madoguchi.infra.models import Event as LogEvent
from madoguchi.insight.calendars import working_times
from madoguchi.insight.catalogue import DEFINITIONS, NAMES
from madoguchi.insight.definitions import Anything
from madoguchi.insight.late import (
    HEARD_BEFORE,
    OVER_KINDS,
    REPLY_KINDS,
    coordination_in,
    overs_in,
    replied_in,
)
from madoguchi.insight.legs import CALL_KINDS, calls_in
from madoguchi.insight.logged import AT_REST, BEGINNINGS, CONTACTS, Event, Span
from madoguchi.insight.reading import (
    ASKED_KINDS,
    BACK_WITHIN,
    CASE_KINDS,
    OPINION_KINDS,
    PRESENT_BEFORE,
    PROMISE_KINDS,
    SPENT_KINDS,
    SUFFERED_KINDS,
    TALK_KINDS,
    asked_in,
    demand_in,
    done_in,
    occupied_in,
    opinions_in,
    promises_in,
    suffered_in,
    talks_in,
    with_matter,
)
from madoguchi.insight.reckoning import Reckoned
from madoguchi.insight.records import (
    Asked,
    Call,
    Coordination,
    Demand,
    Done,
    Harassment,
    Kept,
    Occupied,
    Opinion,
    Over,
    Record,
    Replied,
    Stayed,
    Talk,
    Tried,
)
from madoguchi.insight.stayed import BOUGHT_KINDS, BOUGHT_WITHIN, STAYED_KINDS, Bought, stayed_in
from madoguchi.insight.tried import TRIED_KINDS, TRIES_WITHIN, tried_in
from madoguchi.kernel import clock
from madoguchi.kernel.channel import TALKS, Channel
from madoguchi.people.models import OperatorMember
from madoguchi.promises.models import Promise

AT_ONCE = 5_000
# So long a call that began in a span may go on, and be wrapped up.
CALL_WITHIN = timedelta(days=1)
NOT_AFTER = timedelta()
# Pieces are of a quarter of an hour, and told within a minute while somebody sees to it.
TOLD_WITHIN = timedelta(days=1)
_COLUMNS = ("id", "kind", "at", "case_id", "desk_id", "actor_kind", "actor_id", "data")


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Of what figures are wanted: a company, a span, these desks (None: all), an operator, a channel."""

    company: int
    span: Span
    desks: frozenset[int] | None = None
    operator: int | None = None
    channel: str = ""


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure with its definition; `reckoned` is None where nothing of what it needs is written down here."""

    definition: Anything
    reckoned: Reckoned | None

    @property
    def value(self) -> float | None:
        """What it came to, None where there is nothing to divide by or to count."""
        return self.reckoned.value if self.reckoned else None


def figures(wanted: Wanted, definitions: Iterable[Anything] = DEFINITIONS) -> list[Figure]:
    """These figures of a company. Records of a kind are read once, whatever rests on them."""
    chosen, read = list(definitions), dict[type[Record], Sequence[Record] | None]()
    for one in chosen:
        if one.of not in read:
            read[one.of] = records_of(one.of, wanted)
    return [Figure(one, _reckoned(one, read[one.of])) for one in chosen]


def figures_by_operator(
    wanted: Wanted, operators: Iterable[int], definitions: Iterable[Anything]
) -> dict[int, list[Figure]]:
    """These figures of each of several operators, what is counted being read once for all."""
    chosen, named = list(definitions), list(operators)
    read = {kind: records_by_operator(kind, wanted, named) for kind in {one.of for one in chosen}}
    return {
        operator: [Figure(one, _reckoned(one, read[one.of][operator])) for one in chosen]
        for operator in named
    }


def figures_by_desks(
    wanted: Wanted, groups: Mapping[str, frozenset[int]], definitions: Iterable[Anything]
) -> dict[str, list[Figure]]:
    """These figures of each of several groups of desks, what is counted being read once for all."""
    chosen = list(definitions)
    read = {kind: records_of(kind, wanted) for kind in {one.of for one in chosen}}
    return {
        name: [Figure(one, _reckoned(one, _at(desks, read[one.of]))) for one in chosen]
        for name, desks in groups.items()
    }


def _at(desks: frozenset[int], records: Sequence[Record] | None) -> list[Record] | None:
    return None if records is None else [one for one in records if one.desk in desks]


def records_by_operator(
    kind: type[Record], wanted: Wanted, operators: Iterable[int]
) -> dict[int, Sequence[Record]]:
    """What is counted, of one kind, of each of several operators; nothing of a kind that is not written down here."""
    rows = records_of(kind, replace(wanted, operator=None)) or ()
    return {operator: _of_operator(rows, replace(wanted, operator=operator)) for operator in operators}


def versions_of(name: str) -> Sequence[Anything]:
    """All versions of a figure; none where there is no such one."""
    return NAMES.get(name, ())


def records_of(kind: type[Record], wanted: Wanted) -> Sequence[Record] | None:
    """What is counted, of one kind; None where nothing of that kind is written down here."""
    reader = _READERS.get(kind)
    if reader is None:
        return None
    records = reader(wanted)
    if wanted.desks is not None:
        records = [one for one in records if one.desk in wanted.desks]
    return records if wanted.operator is None else _of_operator(records, wanted)


def is_written_down(definition: Anything) -> bool:
    """Whether what a figure needs is written down here at all."""
    return definition.kept and definition.of in _READERS


def _reckoned(definition: Anything, records: Sequence[Record] | None) -> Reckoned | None:
    return None if records is None or not definition.kept else definition.reckon(records)


def _of_operator(records: Sequence[Record], wanted: Wanted) -> list[Record]:
    """Of the desks at which an operator was engaged in the span, what its people did, and what nobody did where it was
    the only one: whose engagement had ended before, or began after it, does not count.
    """
    engaged: dict[int, set[int]] = defaultdict(set)
    first, last = (
        moment.astimezone(clock.TOKYO).date()
        for moment in (wanted.span.begin, wanted.span.end - timedelta.resolution)
    )
    running = Q(ends_on=None) | Q(ends_on__gte=first)
    rows = Engagement.objects.filter(running, company_id=wanted.company, starts_on__lte=last)
    for desk, operator in rows.values_list("desk_id", "operator_id"):
        engaged[desk].add(operator)
    members = set(OperatorMember.objects.filter(operator=wanted.operator).values_list("user_id", flat=True))
    here = {desk for desk, operators in engaged.items() if wanted.operator in operators}
    alone = {desk for desk in here if len(engaged[desk]) == 1}
    return [
        one
        for one in records
        if one.desk in here and (one.person in members or (one.person is None and one.desk in alone))
    ]


def _calls(wanted: Wanted) -> Sequence[Record]:
    if wanted.channel not in ("", Channel.PHONE):
        return []
    return calls_in(_events(wanted, CALL_KINDS, until=CALL_WITHIN), wanted.span)


def _demand(wanted: Wanted) -> Sequence[Record]:
    """Calls and what was ordered on the phone; cases may have begun before the span."""
    if wanted.channel not in ("", Channel.PHONE):
        return []
    calls = calls_in(_events(wanted, CALL_KINDS, until=CALL_WITHIN), wanted.span)
    placed = _events(wanted, ["order.placed"])
    begun = _of_cases({event.case for event in placed if event.case}, ["case.opened"])
    return demand_in(calls, placed, begun)


def _tried(wanted: Wanted) -> Sequence[Record]:
    """Who began to call before the span is not of it, whatever they called in it."""
    if wanted.channel not in ("", Channel.PHONE):
        return []
    earlier = replace(wanted, span=replace(wanted.span, begin=wanted.span.begin - TRIES_WITHIN))
    return tried_in(_events(earlier, TRIED_KINDS, until=TRIES_WITHIN), wanted.span)


def _done(wanted: Wanted) -> Sequence[Record]:
    solving = _events(wanted, ["case.status"])
    cases = {event.case for event in solving if event.case and event.data["after"] in AT_REST}
    told = _on_channel(_of_cases(cases, CASE_KINDS), wanted.channel)
    said = _events(wanted, CONTACTS, until=BACK_WITHIN)
    about = _of_cases({event.case for event in said if event.case}, ["case.opened", "case.matter"])
    later: dict[int, list[Event]] = defaultdict(list)
    for customer, event in with_matter(said, about):
        later[customer].append(event)
    worked, then = working_times(wanted.company)
    return done_in(told, wanted.span, worked=worked, then=then, later=later)


def _stayed(wanted: Wanted) -> Sequence[Record]:
    """Tables say whose a case and an order are now: records that were joined count as one customer."""
    solving = _events(wanted, ["case.status"])
    cases = {event.case for event in solving if event.case and event.data["after"] in AT_REST}
    rows = Case.objects.filter(pk__in=cases, customer_id__isnull=False)
    if wanted.channel:
        rows = rows.filter(channel=wanted.channel)
    customers = dict(rows.values_list("pk", "customer_id"))
    orders = _bought_by(set(customers.values()), wanted)
    ordered = _in_span(wanted, BOUGHT_KINDS, max(NOT_AFTER, wanted.span.now - wanted.span.end))
    told = _read(ordered.filter(data__order__in=list(orders)).order_by("id")) if orders else []
    cases_told = _of_cases(customers, STAYED_KINDS)
    return stayed_in(cases_told, told, wanted.span, customers=customers, orders=orders)


def _bought_by(customers: set[int], wanted: Wanted) -> dict[int, Bought]:
    """What these customers bought of their own accord in a span and as long after it as counts: nothing that was sent
    once more, or that a subscription sends.
    """
    span = wanted.span
    rows = Order.objects.filter(company_id=wanted.company, customer_id__in=customers, resend_of=None)
    rows = rows.filter(placed_at__gte=span.begin, placed_at__lt=span.end + BOUGHT_WITHIN)
    by_itself = SubscriptionOrder.objects.filter(order=OuterRef("pk"))
    found = rows.exclude(Exists(by_itself)).values_list("pk", "customer_id", "placed_at")
    return {pk: Bought(customer, at) for pk, customer, at in found}


def _opinions(wanted: Wanted) -> Sequence[Record]:
    told = _events(wanted, OPINION_KINDS)
    begun = _begun_on(wanted.channel, told)
    return opinions_in([one for one in told if one.case in begun], _of_cases(begun, ["case.assigned"]))


def _asked(wanted: Wanted) -> Sequence[Record]:
    """Questions may be withdrawn later, and cases opened on another channel than is asked for."""
    cases = {event.case for event in _events(wanted, ASKED_KINDS) if event.case}
    told = _on_channel(_of_cases(cases, ASKED_KINDS), wanted.channel)
    return asked_in(told, wanted.span)


def _on_channel(told: list[Event], channel: str) -> list[Event]:
    """Of all events of cases, those of the ones that began on a channel; all where none is named."""
    begun = {e.case for e in told if e.kind == "case.opened" and e.data["channel"] == channel}
    return [event for event in told if event.case in begun] if channel else told


def _begun_on(channel: str, told: Iterable[Event]) -> set[int]:
    """Of the cases of these events those that began on a channel; all where none is named, without a query."""
    cases = {event.case for event in told if event.case}
    if not channel:
        return cases
    return {event.case for event in _on_channel(_of_cases(cases, ["case.opened"]), channel) if event.case}


def _promises(wanted: Wanted) -> Sequence[Record]:
    """The ledger says where to look; what is counted is what the log tells."""
    span = wanted.span
    rows = Promise.objects.filter(company_id=wanted.company, due_at__gte=span.begin, due_at__lt=span.end)
    if wanted.channel:
        rows = rows.filter(case__channel=wanted.channel)
    places = list(rows.values_list("pk", "case_id", "case__continued_in_id"))
    promises = {pk for pk, _case, _on in places}
    cases = {case for _pk, *both in places for case in both if case}
    told = _of_cases(cases, PROMISE_KINDS)
    return promises_in([event for event in told if event.data["promise"] in promises], span)


def _talks(wanted: Wanted) -> Sequence[Record]:
    if wanted.channel not in ("", *TALKS):
        return []
    cases = _begun_on(wanted.channel, _events(wanted, ["bot.spoke"]))
    return talks_in(_of_cases(cases, TALK_KINDS), wanted.span)


def _suffered(wanted: Wanted) -> Sequence[Record]:
    """What is found, done and said of a contact comes later than it: all of that up to now is read."""
    later = max(NOT_AFTER, wanted.span.now - wanted.span.end)
    told = [*_events(wanted, CONTACTS), *_events(wanted, SUFFERED_KINDS, until=later)]
    told += _of_cases({one.case for one in told if one.kind == "stop.decided" and one.case}, ["case.status"])
    if wanted.channel:
        begun = _begun_on(wanted.channel, told)
        told = [one for one in told if one.case in begun]
    return suffered_in(told, wanted.span)


def _replied(wanted: Wanted) -> Sequence[Record]:
    """Who waits now is found by the cases; who waited at an end that is long ago, by what happened to them since."""
    since = max(NOT_AFTER, wanted.span.now - wanted.span.end)
    cases = {event.case for event in _events(wanted, BEGINNINGS)}
    cases |= _touched(wanted, until=since)
    waiting = Case.objects.filter(company_id=wanted.company, waiting_since__isnull=False, status__in=ACTIVE)
    cases |= set(waiting.filter(opened_at__lt=wanted.span.begin).values_list("pk", flat=True))
    told = _on_channel(_of_cases(filter(None, cases), REPLY_KINDS), wanted.channel)
    return replied_in(told, wanted.span, worked=working_times(wanted.company)[1])


def _touched(wanted: Wanted, *, until: timedelta) -> set[int]:
    """Which cases were answered or moved in a span and for so long after it, without those that began after the span.
    Their ids alone are read: since an old span much has happened.
    """
    later = Case.objects.filter(pk=OuterRef("case_id"), opened_at__gte=wanted.span.end)
    rows = _in_span(wanted, ["message.written", "case.status"], until).filter(
        ~Exists(later), case_id__isnull=False
    )
    return {case for case in rows.order_by().distinct().values_list("case_id", flat=True) if case}


def _overs(wanted: Wanted) -> Sequence[Record]:
    """A time that ran out is told a little later, and one that was moved may have been long before."""
    span = wanted.span
    earlier = replace(wanted, span=replace(span, begin=span.begin - HEARD_BEFORE))
    told = _events(wanted, ["clock.breached", "promise.broken"], until=TOLD_WITHIN)
    told += _events(earlier, ["delay.told", "promise.moved"])
    return overs_in(_of_cases(_begun_on(wanted.channel, told), OVER_KINDS), span)


def _coordination(wanted: Wanted) -> Sequence[Record]:
    told = [*_events(wanted, CONTACTS), *_events(wanted, ["escalation.answered"])]
    if wanted.channel:
        begun = _begun_on(wanted.channel, told)
        told = [one for one in told if one.case in begun]
    answered = {one.case for one in told if one.kind == "escalation.answered" and one.case}
    return coordination_in([*told, *_of_cases(answered, ["escalation.asked"])], wanted.span)


def _occupied(wanted: Wanted) -> Sequence[Record]:
    """A stretch is told when it is over, and who was away then may have gone long before."""
    if wanted.channel not in ("", Channel.PHONE):
        return []
    span = wanted.span
    earlier = replace(wanted, span=replace(span, begin=span.begin - PRESENT_BEFORE))
    return occupied_in(_events(earlier, SPENT_KINDS, until=TOLD_WITHIN), span)


_READERS: Mapping[type[Record], Callable[[Wanted], Sequence[Record]]] = {
    Call: _calls,
    Demand: _demand,
    Tried: _tried,
    Asked: _asked,
    Done: _done,
    Stayed: _stayed,
    Opinion: _opinions,
    Replied: _replied,
    Over: _overs,
    Coordination: _coordination,
    Kept: _promises,
    Talk: _talks,
    Harassment: _suffered,
    Occupied: _occupied,
}


def _events(wanted: Wanted, kinds: Sequence[str], *, until: timedelta = NOT_AFTER) -> list[Event]:
    """What happened in a span, and for so long after it, in order. What was carried from elsewhere is left out."""
    return _read(_in_span(wanted, kinds, until).order_by("id"))


def _in_span(wanted: Wanted, kinds: Sequence[str], until: timedelta) -> QuerySet[LogEvent]:
    rows = LogEvent.objects.filter(company_id=wanted.company, kind__in=kinds, carried=False)
    return rows.filter(at__gte=wanted.span.begin, at__lt=wanted.span.end + until)


def _of_cases(cases: Iterable[int], kinds: Sequence[str]) -> list[Event]:
    """Everything of these kinds in these cases, in order."""
    found: list[Event] = []
    wanted = sorted(cases)
    for at in range(0, len(wanted), AT_ONCE):
        rows = LogEvent.objects.filter(case_id__in=wanted[at : at + AT_ONCE], kind__in=kinds, carried=False)
        found += _read(rows.order_by("id"))
    return found


def _read(rows: Any) -> list[Event]:
    return [
        Event(pk, kind, at, case, desk, person if actor == "person" else None, data)
        for pk, kind, at, case, desk, actor, person, data in rows.values_list(*_COLUMNS).iterator(AT_ONCE)
    ]


def where_events_were(ids: Iterable[int]) -> dict[int, tuple[datetime, int | None]]:
    """When these events happened, and in which case. One query."""
    rows = LogEvent.objects.filter(pk__in=list(ids)).values_list("id", "at", "case_id")
    return {pk: (at, case) for pk, at, case in rows}
