"""Figures of calls: who was answered, who gave up, how long it took. Pure.

off: reached the queue · blk: met a busy line · ans: answered · aband: gave up in the queue · sab: of these, within
5 seconds · cb: chose to be called back · fo: left the queue for something else · T: the target in seconds.
"""

from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from itertools import combinations

from madoguchi.insight.definitions import OURS, Definition, Family, Unit
from madoguchi.insight.reckoning import Measure, Part, Reckoned, share
from madoguchi.insight.records import Call
from madoguchi.promises.located import N_

TARGET = 20.0
ENOUGH = 0.8
SLOT = timedelta(minutes=30)
_GENESYS = "Genesys Cloud, metric definitions"
_AMAZON = "Amazon Connect, metric definitions"
_CCJ = "月刊コールセンタージャパン「応答率」"
_MORI = "コンタクトセンターの森「AHT・ACW・ATT」"


def offered(call: Call) -> bool:
    """Whether it reached the queue."""
    return not call.blocked and not call.taken_over


def answered(call: Call) -> bool:
    """Whether somebody answered it out of the queue."""
    return call.answered and not call.taken_over


def handled(call: Call) -> bool:
    """Whether somebody had it, out of the queue or from a colleague."""
    return call.answered


def gave_up(call: Call) -> bool:
    """Whether the caller gave up; who chose to be called back did not."""
    return call.gave_up and not call.call_back


def everything(call: Call) -> bool:
    """Whatever came from outside."""
    return not call.taken_over


def in_time(target: float) -> Callable[[Call], bool]:
    """Whether it was answered within so many seconds."""
    return lambda call: answered(call) and call.waited <= target


# What may be added below the line of version G: calls that flowed over, and those that were given up, short or not.
ADDED: dict[str, Callable[[Call], bool]] = {
    "fo": lambda call: call.overflowed,
    "aband": lambda call: gave_up(call) and not call.short,
    "sab": lambda call: gave_up(call) and call.short,
}


def service_level(version: str, *, target: float = TARGET, plus: Sequence[str] = ()) -> Measure[Call]:
    """The service level within `target` seconds: G over the answered ones and those of `ADDED` that are named
    (`plus`), A over all that were offered, S with those who gave up in time as well. Raises KeyError for another.
    """
    met, more = in_time(target), [ADDED[name] for name in plus]
    measures: dict[str, Measure[Call]] = {
        "G": share(met, lambda call: answered(call) or any(added(call) for added in more)),
        "A": share(met, offered),
        "S": share(lambda call: met(call) or (gave_up(call) and call.waited <= target), offered),
    }
    return measures[version]


def _by_slot(calls: Sequence[Call]) -> Reckoned:
    slots: dict[datetime | None, list[Call]] = defaultdict(list)
    for call in calls:
        if offered(call):
            slots[slot_of(call.at)].append(call)
    good = {at for at, ones in slots.items() if sum(map(answered, ones)) / len(ones) >= ENOUGH}
    parts = [Part(one, at in good, 1) for at, ones in slots.items() for one in ones]
    over = sum(part.over for part in parts)
    return Reckoned(over / len(parts) if parts else None, over, len(parts), tuple(parts))


def slot_of(at: datetime | None) -> datetime | None:
    """The half hour that a moment lies in, which is the same in Japan and in UTC."""
    return at and at.replace(minute=at.minute // 30 * 30, second=0, microsecond=0)


def _level(version: str, *plus: str) -> Callable[[float], Measure[Call]]:
    return lambda target: service_level(version, target=target, plus=plus)


_WRITTEN = {"fo": "fo", "aband": "(aband − sab)", "sab": "sab"}
_QUEUED, _ANSWERED = N_("Calls that reached the queue"), N_("Calls that were answered")
_RESPONSE = N_("Response rate")
_CALL = Family(Call)
CALLS: tuple[Definition[Call], ...] = (
    _CALL.share(
        "response_rate",
        "a",
        answered,
        offered,
        title=_RESPONSE,
        formula=N_("ans ÷ off"),
        denominator=_QUEUED,
        source=_CCJ,
        goal="≥ 90%",
    ),
    _CALL.share(
        "response_rate",
        "b",
        answered,
        everything,
        title=_RESPONSE,
        formula="ans ÷ (off + blk)",
        denominator=N_("Calls that reached the queue or a busy line"),
        source=_CCJ,
        goal="≥ 90%",
    ),
    _CALL.by(
        "experienced_response",
        "1",
        _by_slot,
        title=N_("Customers in half hours that answer"),
        formula="Σ off of half hours with ans ÷ off ≥ 80% ÷ Σ off",
        denominator=_QUEUED,
        source=OURS,
        goal="≥ 95%",
    ),
    _CALL.share(
        "abandonment_rate",
        "1",
        gave_up,
        offered,
        title=N_("Abandonment rate"),
        formula=N_("aband ÷ off, cb not among aband"),
        denominator=_QUEUED,
        source=_AMAZON,
        goal="≤ 5%",
    ),
    _CALL.within(
        "service_level",
        "A",
        TARGET,
        _level("A"),
        title=N_("Service level, of all calls"),
        formula=N_("ans within T ÷ off, T = 20 s"),
        denominator=_QUEUED,
        source=_AMAZON,
        goal="≥ 80%",
    ),
    _CALL.within(
        "service_level",
        "G",
        TARGET,
        _level("G"),
        title=N_("Service level, of answered calls"),
        formula=N_("(ans − ans after T) ÷ ans, T = 20 s"),
        denominator=_ANSWERED,
        source=_GENESYS,
        goal="≥ 80%",
    ),
    *(
        _CALL.within(
            "service_level",
            "+".join(("G", *plus)),
            TARGET,
            _level("G", *plus),
            title=N_("Service level, of answered and further calls"),
            formula=f"(ans − ans after T) ÷ ({' + '.join(('ans', *(_WRITTEN[one] for one in plus)))}), T = 20 s",
            denominator=N_("Calls that were answered, and those that the version adds"),
            source=_GENESYS,
            goal="≥ 80%",
        )
        for count in (1, 2, 3)
        for plus in combinations(ADDED, count)
    ),
    _CALL.within(
        "service_level",
        "S",
        TARGET,
        _level("S"),
        title=N_("Service level, with early hang-ups"),
        formula=N_("(ans within T + aband within T) ÷ off, T = 20 s"),
        denominator=_QUEUED,
        source=OURS,
        goal="≥ 80%",
    ),
    _CALL.ratio(
        "asa",
        "1",
        lambda c: answered(c) * c.waited,
        answered,
        title=N_("Average speed of answer"),
        formula=N_("Σ wait of ans ÷ ans"),
        denominator=_ANSWERED,
        unit=Unit.SECONDS,
        goal="≤ 30 s",
    ),
    _CALL.percentile(
        "longest_wait",
        "1",
        100,
        lambda c: c.waited if offered(c) else None,
        title=N_("Longest wait"),
        formula="max of wait",
        denominator=_QUEUED,
        unit=Unit.SECONDS,
    ),
    _CALL.percentile(
        "p90_wait",
        "1",
        90,
        lambda c: c.waited if offered(c) else None,
        title=N_("Wait that 90% do not exceed"),
        formula=N_("P90 of wait (nearest rank)"),
        denominator=_QUEUED,
        unit=Unit.SECONDS,
        source=OURS,
        goal="≤ 60 s",
    ),
    _CALL.ratio(
        "att",
        "1",
        lambda c: c.answered * c.talk,
        handled,
        title=N_("Average talk time"),
        formula="Σ talk ÷ ans",
        denominator=_ANSWERED,
        unit=Unit.SECONDS,
        source=_MORI,
    ),
    _CALL.ratio(
        "hold_time",
        "1",
        lambda c: c.answered * c.hold,
        handled,
        title=N_("Average hold time"),
        formula="Σ hold ÷ ans",
        denominator=_ANSWERED,
        unit=Unit.SECONDS,
        source=_MORI,
    ),
    _CALL.ratio(
        "acw",
        "1",
        lambda c: c.answered * c.wrap,
        handled,
        title=N_("Average after-call work"),
        formula="Σ after-call work ÷ ans",
        denominator=_ANSWERED,
        unit=Unit.SECONDS,
        source=_MORI,
    ),
    _CALL.ratio(
        "aht",
        "1",
        lambda c: c.answered * c.handled_for,
        handled,
        title=N_("Average handling time"),
        formula=N_("Σ (talk + hold + after-call work) ÷ ans"),
        denominator=_ANSWERED,
        unit=Unit.SECONDS,
        source=_MORI,
    ),
)
