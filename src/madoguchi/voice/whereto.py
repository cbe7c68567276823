"""Where a call that waits is to be, by the rules of the desk that it came to and how it stands at the phones. Pure."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from madoguchi.kernel.channel import Channel
from madoguchi.routing.division import NO_LOAD, Asked, By, Load, Place, Rule, first_fit, is_full

Loads = Mapping[int, Load]


@dataclass(frozen=True, slots=True)
class Where:
    """Where a call is (`at`), which desk it came to (`front`), and where it has been sent, as its row has it."""

    at: int
    front: int
    divided: Sequence[Mapping[str, Any]]

    @property
    def is_sent(self) -> bool:
        """Whether rules have sent it where it is."""
        return bool(self.divided) and self.at != self.front and self.divided[-1]["to"] == self.at

    def waited(self, now: datetime) -> timedelta:
        """Since when it is there; nothing for one that was sent nowhere."""
        return now - datetime.fromisoformat(self.divided[-1]["at"]) if self.divided else timedelta()


@dataclass(frozen=True, slots=True)
class Send:
    """It goes to one of the places of a rule (its `number`, from 0), which counts it where that goes by shares."""

    number: int
    rule: Rule
    counted: bool


@dataclass(frozen=True, slots=True)
class Back:
    """It goes back to where it came in: no rule is for it any more (`rules`), or `nobody` is at the phones."""

    reason: str


def whereto(
    call: Where, rules: Sequence[Rule], loads: Loads, is_free: Callable[[int], bool], now: datetime
) -> Send | Back | None:
    """What is to be done with a call, by the rules in use; None where it stays. It is not left where nobody is."""
    fit = first_fit(rules, Asked(at=now, channel=Channel.PHONE))
    if call.is_sent:
        last = ((n, rule) for n, rule in enumerate(rules) if rule.name == call.divided[-1]["rule"])
        return _onward(call, next(last, fit), loads, is_free, now)
    if fit is None or call.at != call.front:  # one that was handed on by hand stays
        return None
    there = tuple(one for one in fit[1].places if loads.get(one.desk, NO_LOAD).here)
    if not there:
        return None
    # What came back is counted no second time.
    return Send(fit[0], replace(fit[1], places=there), True) if not call.divided else _in_order(*fit, there)


def _onward(
    call: Where, by: tuple[int, Rule] | None, loads: Loads, is_free: Callable[[int], bool], now: datetime
) -> Send | Back | None:
    """Of one that was sent: on where nobody took it up in time, nobody is there any more, or its rule is another; back
    where none is for it, unless somebody is there alone, or where nobody is anywhere.
    """
    here = bool(loads.get(call.at, NO_LOAD).here)
    if by is None:
        return Back("rules") if not here or loads.get(call.front, NO_LOAD).here else None
    number, rule = by
    is_late = bool(rule.calls_after) and call.waited(now) >= timedelta(seconds=rule.calls_after)
    if here and not is_late and call.at in {one.desk for one in rule.places}:
        return None
    if could := _next(call, rule, loads, is_free):
        return _in_order(number, rule, could)
    return None if here else Back("nobody")


def _next(call: Where, rule: Rule, loads: Loads, is_free: Callable[[int], bool]) -> tuple[Place, ...]:
    """The other desks where somebody is: first those that were not asked and have room, then any where somebody is
    free.
    """
    others = [one for one in rule.places if one.desk != call.at and loads.get(one.desk, NO_LOAD).here]
    tried = {one["to"] for one in call.divided}
    fresh = tuple(one for one in others if one.desk not in tried and not is_full(one, loads[one.desk]))
    return fresh or tuple(one for one in others if is_free(one.desk))


def _in_order(number: int, rule: Rule, places: tuple[Place, ...]) -> Send:
    """Who is left is asked in the order of the rule, unless it goes by price, load or skill: shares are for what
    comes.
    """
    by = By.ORDER if rule.by == By.SHARE else rule.by
    return Send(number, replace(rule, by=by, places=places), False)
