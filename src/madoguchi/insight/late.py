"""Who was answered late, who still waits, and who was told of it, read from what the log tells. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from madoguchi.insight.logged import (
    BEGINNINGS,
    Event,
    Span,
    Worked,
    beginning_of,
    begins_contact,
    by_case,
    by_name,
    goes_on_elsewhere,
    ids_of,
    in_order,
    is_answer,
    is_rest,
    is_said,
)
from madoguchi.insight.records import Coordination, Over, Replied

REPLY_KINDS = (
    *BEGINNINGS,
    "case.status",
    "case.continued",
    "case.unmerged",
    "message.written",
)
OVER_KINDS = (
    *("clock.breached", "delay.told", "delay.taken_back", "message.written", "case.status"),
    *(
        "promise.made",
        "promise.moved",
        "promise.kept",
        "promise.withdrawn",
        "promise.reopened",
        "promise.broken",
    ),
)
# A time that ran out is told within so long.
TOLD_WITHIN = timedelta(days=1)
# So long before a time runs out a customer may have heard of it.
HEARD_BEFORE = timedelta(days=90)


def replied_in(events: Iterable[Event], span: Span, *, worked: Worked) -> list[Replied]:
    """The cases that were answered first in a span, or were not by its end; of calls nobody waits for a first answer
    here, and a case that was ended without any counts for none.
    """
    found = (_replied(told, span, worked) for told in by_case(sorted(events, key=in_order)).values())
    return [one for one in found if one is not None]


def _replied(told: Sequence[Event], span: Span, worked: Worked) -> Replied | None:
    opened = beginning_of(told)
    if opened is None or opened.at >= span.end or goes_on_elsewhere(told) or not _waits(opened):
        return None
    answer = next((e for e in told if is_answer(e)), None)
    if answer is not None and answer.at < span.end:
        if answer.at < span.begin:
            return None
        until, desk, rests_on = answer.at, answer.desk, [opened, answer]
    else:
        if any(is_rest(e) and e.at < span.end for e in told):
            return None
        until, desk, rests_on = span.end, opened.desk, [opened]
    waited = worked(desk, opened.at, until)
    name = f"case {opened.case}"
    return Replied(ref=name, events=ids_of(rests_on), desk=desk, waited=waited, answered=len(rests_on) > 1)


def _waits(opened: Event) -> bool:
    """Whether a customer waits for an answer since then: not who called, nor where we or a machine wrote first."""
    is_ours = opened.kind == "case.opened" and opened.person is not None
    return is_said(opened) and opened.data.get("channel") != "phone" and not is_ours


def overs_in(events: Iterable[Event], span: Span) -> list[Over]:
    """The cases of which times ran out in a span: those of clocks, those that a customer was told in place of them
    before, and the first ones of promises that were not kept by then.
    """
    found = (_over(told, span) for told in by_case(sorted(events, key=in_order)).values())
    return [one for one in found if one is not None]


def _over(told: Sequence[Event], span: Span) -> Over | None:
    notices = _notices(told)
    times = [*_clocks(told, notices), *_promises(told, notices, span.now)]
    ran_out = [(before, ids) for due, before, ids in times if span.holds(due) and due <= span.now]
    if not ran_out:
        return None
    ids = tuple(sorted({one for _before, some in ran_out for one in some}))
    all_told = all(before for before, _ids in ran_out)
    return Over(ref=f"case {told[0].case}", events=ids, desk=told[-1].desk, told_before=all_told)


def _notices(told: Iterable[Event]) -> list[Event]:
    """The notices of delay with all their parts that were sent and not taken back."""
    sent: dict[int, Event] = {}
    for event in told:
        if event.kind == "delay.told":
            sent[event.data["delay_notice"]] = event
        elif event.kind == "delay.taken_back":
            sent.pop(event.data["delay_notice"], None)
    return list(sent.values())


Time = tuple[datetime, bool, tuple[int, ...]]


def _clocks(told: Sequence[Event], notices: Iterable[Event]) -> list[Time]:
    """The times of clocks that ran out: whether the customer had heard of it, and the events. A notice is an answer and
    stops the clock it is about; its time counts all the same, unless what the customer waited for came by then.
    """
    heard = {(e.data["metric"], e.data["cycle"]): e for e in notices if e.data["promise"] is None}
    found: dict[tuple[str, int], Time] = {}
    for event in told:
        if event.kind == "clock.breached":
            key, due = (event.data["metric"], event.data["cycle"]), datetime.fromisoformat(event.data["due"])
            notice = heard.get(key)
            before = notice is not None and notice.at < due
            found[key] = (due, before, ids_of([event, *([notice] if notice else [])]))
    for key, notice in heard.items():
        due = datetime.fromisoformat(notice.data["due"])
        if key not in found and notice.at < due and not _came(told, notice, due):
            found[key] = (due, True, (notice.id,))
    return list(found.values())


def _came(told: Iterable[Event], notice: Event, due: datetime) -> bool:
    """Whether, after a notice, what the customer waits for came before the time of which it told."""
    return any(
        in_order(notice) < in_order(event)
        and event.at <= due
        and ((is_answer(event) and event.data["message"] != notice.data["message"]) or is_rest(event))
        for event in told
    )


def _promises(told: Iterable[Event], notices: Sequence[Event], now: datetime) -> list[Time]:
    """The times first told for promises that were not kept by then."""
    named = by_name((e for e in told if e.kind.startswith("promise.")), "promise")
    found = [_promise(of, notices, now) for of in named.values() if of[0].kind == "promise.made"]
    return [one for one in found if one is not None]


def _promise(of: Sequence[Event], notices: Iterable[Event], now: datetime) -> Time | None:
    first, done, withdrawn = datetime.fromisoformat(of[0].data["due"]), None, False
    for event in of:
        if event.kind == "promise.kept":
            done = event.at
        elif event.kind == "promise.reopened":
            done, withdrawn = None, False
        elif event.kind == "promise.withdrawn":
            withdrawn = True
    if withdrawn or (done or now) <= first:
        return None
    heard = [e for e in notices if e.data["promise"] == of[0].data["promise"] and e.at < first]
    return first, bool(heard), ids_of([*of, *heard])


def coordination_in(events: Iterable[Event], span: Span) -> list[Coordination]:
    """The contacts of a span by case, and the minutes that the company spent on each answer that it gave in it."""
    told = list(events)
    causes = {e.data["escalation"]: e.data["cause"] for e in told if e.kind == "escalation.asked"}
    turned = by_case(event for event in told if begins_contact(event) and span.holds(event.at))
    found = [
        Coordination(ref=f"case {case}", events=ids_of(said), desk=said[-1].desk, contacts=len(said))
        for case, said in turned.items()
    ]
    for event in told:
        if event.kind == "escalation.answered" and event.data["to"] == "company" and span.holds(event.at):
            minutes, name = event.data.get("minutes") or 0, f"question {event.data['escalation']}"
            asked = causes.get(event.data["escalation"], "")
            who = event.data.get("asker")
            about = Coordination(ref=name, events=(event.id,), desk=event.desk, person=who, cause=asked)
            found.append(replace(about, minutes=minutes))
    return found
