"""Callers who try again and again: all calls of one number until somebody talks with it are one experience. Pure.

No event holds a number. A call says which one it follows (`before`): of the same number to the same company, within a
day of it, with nobody having talked to the caller meanwhile. Of calls that were told before that was kept each is one.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta

from madoguchi.insight.definitions import OURS, Definition, Family, Unit
from madoguchi.insight.logged import Event, Span, by_name, ids_of
from madoguchi.insight.records import Tried
from madoguchi.promises.located import N_

# So long somebody may call again, and it is the same experience.
AGAIN_WITHIN = timedelta(hours=24)
# Of one that began in a span so much after it is read: three more days of calling.
TRIES_WITHIN = 4 * AGAIN_WITHIN
TRIED_KINDS = ("call.began", "call.rang", "call.ended")
_REACHED = {"wait", "talk"}


def tried_in(events: Iterable[Event], span: Span) -> list[Tried]:
    """The experiences that began in a span and are decided: somebody talked with the caller, or a day went by since.
    Left out are those of which no call reached a queue or met a busy line, as where an announcement was enough.
    """
    calls = {call: told for call, told in by_name(events, "call").items() if told[0].kind == "call.began"}
    followed: dict[int, list[int]] = defaultdict(list)
    for call, told in calls.items():
        followed[_before(told, calls) or call].append(call)
    firsts = [call for call, told in calls.items() if _before(told, calls) is None]
    found = (_experience([calls[one] for one in _chain(first, followed)], span) for first in firsts)
    return [one for one in found if one is not None]


def _before(told: Sequence[Event], calls: Mapping[int, object]) -> int | None:
    before = told[0].data.get("before")
    return before if before in calls else None


def _chain(first: int, followed: Mapping[int, Sequence[int]]) -> list[int]:
    """A call and all that follow it, one after another; each is met once."""
    chain = [first]
    for call in chain:
        chain += [one for one in followed[call] if one != call]
    return chain


def _experience(tries: Sequence[Sequence[Event]], span: Span) -> Tried | None:
    first, last = tries[0][0], tries[-1]
    ends = [told[-1] for told in ([e for e in one if e.kind == "call.ended"] for one in tries) if told]
    through = any(_talked(end) for end in ends)
    over = len(ends) == len(tries) and last[-1].at + AGAIN_WITHIN <= span.now
    if not span.holds(first.at) or not (through or over) or not any(map(_reached, ends)):
        return None
    return Tried(
        ref=f"call {first.data['call']}",
        events=tuple(event_id for told in tries for event_id in ids_of(told)),
        desk=first.desk,
        person=next((e.data["person"] for e in last if e.kind == "call.rang" and e.data["answered"]), None),
        calls=len(tries),
        through=through,
        left_word=not through and ends[-1].data["outcome"] in ("call_back", "message"),
    )


def _talked(end: Event) -> bool:
    return any(one["spent"] == "talk" for one in end.data["spans"])


def _reached(end: Event) -> bool:
    return end.data["outcome"] == "rejected" or any(one["spent"] in _REACHED for one in end.data["spans"])


_TRIED = Family(Tried)
_CALLERS = N_("Callers, all their calls until somebody talked with them being one")
TRIES: tuple[Definition[Tried], ...] = (
    _TRIED.share(
        "got_through",
        "1",
        lambda one: one.through,
        lambda one: True,
        title=N_("Callers who got through"),
        formula="callers with whom somebody talked, at whichever call ÷ callers",
        denominator=_CALLERS,
        source=OURS,
        goal="≥ 95%",
    ),
    _TRIED.share(
        "never_got_through",
        "1",
        lambda one: not one.through and not one.left_word,
        lambda one: True,
        title=N_("Callers who never got through"),
        formula=N_(
            "callers with whom nobody talked within a day of their last call, cb and fo left out ÷ callers"
        ),
        denominator=_CALLERS,
        source=OURS,
        goal="≤ 3%",
    ),
    _TRIED.share(
        "called_again",
        "1",
        lambda one: one.calls > 1,
        lambda one: True,
        title=N_("Callers who had to call again"),
        formula="callers who called twice or more ÷ callers",
        denominator=_CALLERS,
        source=OURS,
    ),
    _TRIED.ratio(
        "calls_to_get_through",
        "1",
        lambda one: one.through * one.calls,
        lambda one: one.through,
        title=N_("Calls until somebody answers"),
        formula=N_("Σ calls of callers who got through ÷ callers who got through"),
        denominator=N_("Callers who got through"),
        unit=Unit.NUMBER,
        source=OURS,
    ),
)
