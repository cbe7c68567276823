"""What happened, as the log tells it, read into records that are counted. Pure.

Nothing but events is read: whoever has the same events gets the same figures.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

from madoguchi.insight.logged import (
    BEGINNINGS,
    CONTACTS,
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
from madoguchi.insight.records import (
    Asked,
    Call,
    Demand,
    Done,
    Harassment,
    Kept,
    Occupied,
    Opinion,
    Talk,
)
from madoguchi.insight.solved import WITHIN_DAYS

BACK_WITHIN = timedelta(days=WITHIN_DAYS)
PERSON_WITHIN = timedelta(hours=72)
CARED_WITHIN = timedelta(hours=24)
CASE_KINDS = (
    *BEGINNINGS,
    *("case.status", "case.assigned", "case.changed", "case.matter"),
    *("case.continued", "case.unmerged", "message.received", "message.written", "escalation.asked"),
    *("escalation.withdrawn", "case.told_again", "case.proposal"),
)
ASKED_KINDS = (*BEGINNINGS, "escalation.asked", "escalation.withdrawn")
PROMISE_KINDS = (
    *("promise.made", "promise.moved", "promise.kept", "promise.broken"),
    *("promise.withdrawn", "promise.reopened", "promise.given"),
)
SUFFERED_KINDS = (
    *("harassment.marked", "harassment.decided", "appeal.decided"),
    *("help.came", "stop.decided", "care.set", "care.settled"),
)
SPENT_KINDS = ("phone.spent", "presence.changed")
# Who said so long ago what they are, and nothing since, is taken at their phone's word.
PRESENT_BEFORE = timedelta(days=1)
OPINION_KINDS = ("chat.judged", "survey.answered")
TALK_KINDS = ("bot.spoke", "bot.handed_over", "message.written")
_COUNTS_AS = {"talking": "talk", "wrapping": "wrap", "ready": "idle"}
_NONE = timedelta()
_EVER, _FOREVER = datetime(1, 1, 1, tzinfo=UTC), datetime(9999, 1, 1, tzinfo=UTC)


def done_in(
    events: Iterable[Event],
    span: Span,
    *,
    worked: Worked,
    then: Worked | None = None,
    later: Mapping[int, Sequence[Event]] | None = None,
) -> list[Done]:
    """The cases that were solved first in a span, by all their events; `then` counts by the calendars that held when
    they were opened. `later` are the customers' words by customer,
    with the matter of their case as `matter`; of cases without them it is taken from their own events.
    """
    both = (worked, then or worked)
    found = (_done(told, span, both, later or {}) for told in by_case(events).values())
    return [done for done in found if done is not None]


def _done(
    told: Sequence[Event], span: Span, both: tuple[Worked, Worked], later: Mapping[int, Sequence[Event]]
) -> Done | None:
    worked, then = both
    opened, solved = beginning_of(told), next(filter(is_rest, told), None)
    if opened is None or solved is None or not span.holds(solved.at) or goes_on_elsewhere(told):
        return None
    said = [e for e in told if is_said(e)]
    answer = next((e for e in told if is_answer(e)), None)
    asked = next((e.at for e in said), opened.at)
    matter = next((e.data["after"] for e in reversed(told) if e.kind == "case.matter"), None)
    back = [e for e in said if solved.at < e.at <= solved.at + BACK_WITHIN]
    back += [e for e in later.get(opened.data.get("customer", 0), ()) if _is_back(e, solved, matter)]
    before = [e for e in said if e.at <= solved.at]
    causes, receivers = _questions(told, solved.at)
    judged = [e.data["taken"] for e in told if e.kind == "case.proposal"]
    return Done(
        ref=f"case {solved.case}",
        events=tuple(dict.fromkeys([*(e.id for e in told), *(e.id for e in back)])),
        desk=solved.desk,
        person=next((e.data["after"] for e in reversed(told) if e.kind == "case.assigned"), solved.person),
        answered_after=worked(answer.desk, asked, answer.at) if answer else None,
        solved_after=worked(solved.desk, opened.at, solved.at),
        solved_after_then=then(solved.desk, opened.at, solved.at),
        said=len(before),
        contacts=sum(map(begins_contact, before)),
        wrote_again=bool(back),
        came_back=any(begins_contact(e) for e in back),
        decided=solved.at + BACK_WITHIN <= span.now,
        hops=sum(e.data.get("hop", 0) for e in told if e.at <= solved.at),
        elsewhere=sum(_moved(e) for e in told if e.at <= solved.at) > 0,
        escalated=any(e.kind == "escalation.asked" for e in told),
        causes=causes,
        receivers=receivers,
        said_again=any(e.kind == "case.told_again" and e.at <= solved.at for e in told),
        proposal_taken=judged[-1] if judged else None,
    )


def _questions(told: Sequence[Event], until: datetime) -> tuple[frozenset[str], frozenset[str]]:
    """For which causes somebody else was asked up to a moment, and whom; what was withdrawn is left out."""
    withdrawn = {e.data["escalation"] for e in told if e.kind == "escalation.withdrawn"}
    asked = [
        e.data
        for e in told
        if e.kind == "escalation.asked" and e.at <= until and e.data["escalation"] not in withdrawn
    ]
    return frozenset(one["cause"] for one in asked), frozenset(one["to"] for one in asked)


def _moved(event: Event) -> int:
    """Whether somebody sent a case to another desk (1) or took that back (-1); what rules send there is no mistake."""
    to_desk = event.kind == "case.changed" and event.data.get("field") == "desk"
    return int(event.data.get("hop", 0)) if to_desk else 0


def _is_back(event: Event, solved: Event, matter: int | None) -> bool:
    """Whether these words, of another case of the same customer, are about the same matter and soon enough."""
    elsewhere = event.case != solved.case and event.data.get("matter") == matter
    return elsewhere and solved.at < event.at <= solved.at + BACK_WITHIN


def opinions_in(events: Iterable[Event], assigned: Iterable[Event]) -> list[Opinion]:
    """What customers answered at the end of a chat, or once their case was solved, each time it was: of whoever was
    responsible then.
    """
    given = by_case(assigned)
    return [
        Opinion(
            ref=f"case {event.case}",
            events=(event.id,),
            desk=event.desk,
            person=next(
                (e.data["after"] for e in reversed(given.get(event.case or 0, [])) if e.at <= event.at), None
            ),
            satisfied=event.data.get("satisfied", event.data.get("score")),
            recommends=event.data.get("recommends"),
            easy=event.data.get("easy"),
        )
        for event in events
    ]


def asked_in(events: Iterable[Event], span: Span) -> list[Asked]:
    """The cases that were opened in a span, or of which something was asked in it that was not withdrawn."""
    found = (_asked(told, span) for told in by_case(events).values())
    return [asked for asked in found if asked is not None]


def _asked(told: Sequence[Event], span: Span) -> Asked | None:
    withdrawn = {e.data["escalation"] for e in told if e.kind == "escalation.withdrawn"}
    questions = [e for e in told if e.kind == "escalation.asked" and span.holds(e.at)]
    asked = any(e.data["escalation"] not in withdrawn for e in questions)
    opened = any(e.kind in CONTACTS and span.holds(e.at) for e in told)
    if not (asked or opened):
        return None
    ids = tuple(event.id for event in told)
    return Asked(ref=f"case {told[0].case}", events=ids, desk=told[-1].desk, opened=opened, asked=asked)


def promises_in(events: Iterable[Event], span: Span) -> list[Kept]:
    """The promises whose last told time lies in a span and that were kept or broken."""
    found = (_kept(told, span) for told in by_name(events, "promise").values())
    return [kept for kept in found if kept is not None]


def _kept(told: Sequence[Event], span: Span) -> Kept | None:
    if not told or told[0].kind != "promise.made":
        return None
    first = due = datetime.fromisoformat(told[0].data["due"])
    owner, state, broken, kept_at = told[0].data["owner"], "open", False, None
    moved = told_before = False
    for event in told[1:]:
        match event.kind:
            case "promise.moved":
                moved, due = True, datetime.fromisoformat(event.data["after"])
                heard = event.data.get("message") or event.data.get("answer")
                told_before |= bool(heard) and event.at < first
            case "promise.kept":
                state, broken, kept_at = "kept", event.data["late"], event.at
            case "promise.broken":
                broken = True
            case "promise.withdrawn":
                state = "withdrawn"
            case "promise.reopened":
                state, kept_at = "open", None
            case "promise.given":
                owner = event.data["owner"]
    if not span.holds(due) or state == "withdrawn" or not (broken or state == "kept"):
        return None
    return Kept(
        ref=f"promise {told[0].data['promise']}",
        events=tuple(event.id for event in told),
        desk=told[-1].desk,
        person=owner,
        kept=not broken,
        late_at_first=(kept_at or span.now) > first if moved else broken,
        told_before=told_before,
    )


def talks_in(events: Iterable[Event], span: Span) -> list[Talk]:
    """The talks that a bot began in a span and of which 72 hours have passed."""
    found = (_talk(told, span) for told in by_case(events).values())
    return [talk for talk in found if talk is not None]


def _talk(told: Sequence[Event], span: Span) -> Talk | None:
    spoke = [event for event in told if event.kind == "bot.spoke"]
    if not spoke or not span.holds(spoke[0].at):
        return None
    end = spoke[-1].at + PERSON_WITHIN
    if end > span.now:
        return None
    people = (event for event in told if spoke[0].at <= event.at <= end)
    answered = any(event.data["outcome"] == "answer" for event in spoke)
    needed = any(event.kind == "bot.handed_over" or is_answer(event) for event in people)
    return Talk(
        ref=f"case {spoke[0].case}",
        events=tuple(event.id for event in told),
        desk=spoke[0].desk,
        answered=answered,
        needed_person=needed,
        left=not needed and not answered,
    )


def suffered_in(events: Iterable[Event], span: Span) -> list[Harassment]:
    """The contacts of a span, by case; what was found to be harassment of what was marked in it; how soon seniors came;
    who was met and spoken with; and the talks that were ended. `events` has also how the cases of the last went on.
    """
    told = sorted(events, key=in_order)
    cases = by_case(event for event in told if is_said(event) and span.holds(event.at))
    found = [_spoken(case, said) for case, said in cases.items()]
    found += [one for of in _named(told, "mark").values() if (one := _found(of, span))]
    for event in told:
        if event.kind == "help.came" and span.holds(event.at):
            found.append(_seen(event, [event], "help", joined_after=(float(event.data["seconds"]),)))
        if event.kind == "stop.decided" and event.data["state"] == "agreed" and span.holds(event.at):
            found.append(_ended(event, told))
    return found + [one for of in _named(told, "care").values() if (one := _cared(of, span))]


def _spoken(case: int, said: Sequence[Event]) -> Harassment:
    contacts = sum(map(begins_contact, said))
    return Harassment(
        ref=f"case {case}", events=ids_of(said), desk=said[-1].desk, said=len(said), contacts=contacts
    )


def _found(told: Sequence[Event], span: Span) -> Harassment | None:
    """A mark that was found to be harassment, unless the customer's appeal was granted."""
    marked = told[0]
    confirmed = any(e.kind == "harassment.decided" and e.data["state"] == "confirmed" for e in told)
    granted = any(e.kind == "appeal.decided" and e.data["state"] == "granted" for e in told)
    if marked.kind != "harassment.marked" or not span.holds(marked.at) or not confirmed or granted:
        return None
    return _seen(marked, [e for e in told if e.kind != "stop.decided"], "mark", cases=1)


def _ended(stop: Event, told: Iterable[Event]) -> Harassment:
    """A talk that was ended, and whether its case is solved: the matter is to go on."""
    later = [
        e for e in told if e.kind == "case.status" and e.case == stop.case and in_order(e) > in_order(stop)
    ]
    return _seen(stop, [stop, *later], "stop", cut_off=1, solved_after_cut=int(any(map(is_rest, later))))


def _cared(told: Sequence[Event], span: Span) -> Harassment | None:
    """Somebody whom a senior is to speak with; while there is time for it, nothing is decided."""
    begun = told[0]
    if begun.kind != "care.set" or begun.data["sort"] != "talk" or not span.holds(begun.at):
        return None
    until = begun.at + CARED_WITHIN
    cared = any(e.kind == "care.settled" and e.data["outcome"] == "done" and e.at <= until for e in told)
    if not cared and until > span.now:
        return None
    return _seen(begun, told, "care", met=1, cared_for=int(cared))


def _seen(first: Event, told: Iterable[Event], name: str, **counted: Any) -> Harassment:
    """A record that is called by what its first event names."""
    ref = f"{name} {first.data[name]}"
    return Harassment(ref=ref, events=ids_of(told), desk=first.desk, person=first.person, **counted)


def demand_in(calls: Iterable[Call], placed: Iterable[Event], by_phone: Iterable[Event]) -> list[Demand]:
    """Calls at queues, and orders that a person took in one of the cases that began on the phone (`by_phone`: their
    beginnings). What was sent once more costs nothing, and is no order.
    """
    cases = {event.case for event in by_phone if event.data["channel"] == "phone"}
    met = [
        Demand(
            ref=call.ref,
            events=call.events,
            desk=call.desk,
            person=call.person,
            answered=call.answered,
            gave_up=call.gave_up and not call.call_back,
        )
        for call in calls
        if not call.blocked and not call.turn
    ]
    return met + [
        Demand(
            ref=f"order O-{event.data['number']}",
            events=(event.id,),
            desk=event.desk,
            person=event.person,
            yen=event.data["total"],
        )
        for event in placed
        if event.person is not None and event.case in cases and event.data["total"]
    ]


def occupied_in(events: Iterable[Event], span: Span) -> list[Occupied]:
    """How long each person was on calls of each desk within a span, wrapped up, and was ready; the last in equal parts
    at all desks of the company at which they would have been rung, and not while they said that they are away.
    """
    told = sorted(events, key=in_order)
    gone = by_name((e for e in told if e.kind == "presence.changed"), "person")
    absent = {person: _absences(said) for person, said in gone.items()}
    spent: dict[tuple[int, int], dict[str, float]] = defaultdict(lambda: defaultdict(float))
    ids: dict[tuple[int, int], list[int]] = defaultdict(list)
    for event in (e for e in told if e.kind == "phone.spent"):
        person, doing, desks = event.data["person"], event.data["doing"], event.data["desks"]
        away = absent.get(person, ()) if doing == "ready" else ()
        seconds = _within(event, span, away) / len(desks)
        for desk in desks if seconds else ():
            spent[person, desk][_COUNTS_AS[doing]] += seconds
            ids[person, desk].append(event.id)
    return [
        Occupied(ref=f"person {person}", events=tuple(ids[person, desk]), person=person, desk=desk, **times)
        for (person, desk), times in spent.items()
    ]


def _within(event: Event, span: Span, away: Iterable[tuple[datetime, datetime]]) -> float:
    """How many seconds of a stretch lie within a span and outside of these."""
    begin = max(datetime.fromisoformat(event.data["begin"]), span.begin)
    end = min(datetime.fromisoformat(event.data["end"]), span.end)
    lost = sum((max(_NONE, min(end, until) - max(begin, since)) for since, until in away), _NONE)
    return max(_NONE, end - begin - lost).total_seconds()


def _absences(said: Sequence[Event]) -> list[tuple[datetime, datetime]]:
    """From when until when somebody said that they are not available, by what they said, in order."""
    states = [said[0].data["before"], *(event.data["after"] for event in said)]
    moments = [_EVER, *(event.at for event in said), _FOREVER]
    stretches = zip(states, pairwise(moments), strict=True)
    return [stretch for state, stretch in stretches if state != "available"]


def _named(events: Iterable[Event], name: str) -> Mapping[int, list[Event]]:
    return by_name((event for event in events if name in event.data), name)


def with_matter(said: Iterable[Event], about: Iterable[Event]) -> Iterator[tuple[int, Event]]:
    """Customers' words with their customer and the matter of their case, by the events that opened and sorted it."""
    customers: dict[int | None, int] = {}
    matters: dict[int | None, int | None] = {}
    for event in about:
        if event.kind == "case.opened":
            customers[event.case] = event.data["customer"]
        elif event.kind == "case.matter":
            matters[event.case] = event.data["after"]
    for event in said:
        if event.case in customers and is_said(event):
            data = {**event.data, "matter": matters.get(event.case)}
            told = Event(event.id, event.kind, event.at, event.case, event.desk, event.person, data)
            yield customers[event.case], told
