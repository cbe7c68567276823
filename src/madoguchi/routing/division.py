"""To which desk of several operators a case goes: rules in order, the first that fits decides. Pure.

A share is kept within one case at any moment, whatever the weights: R. Tijdeman, The chairman assignment problem,
Discrete Mathematics 32 (1980). Of those that are behind by at least 1/(2k-2) of a case (k desks), the one is next that
would be too far behind soonest; nobody is then ever further from their part than 1 - 1/(2k-2) of a case.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from fractions import Fraction

from madoguchi.kernel.clock import TOKYO
from madoguchi.kernel.text import fold

DAY = 24 * 60


class By(StrEnum):
    """By what a rule chooses among its desks."""

    SHARE = "share"
    SKILL = "skill"
    PRICE = "price"
    LOAD = "load"
    ORDER = "order"


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A desk to which a rule gives: its part of the whole (`weight`), what one case costs there (`price`, yen), and how
    many may wait there for somebody before it counts as full (`most`; None: any number).
    """

    desk: int
    weight: int = 1
    price: int = 0
    most: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """For which cases, to whom, by what. What is empty asks for nothing.

    `days` are those of the week from Monday (0), `hours` minutes of the day in Japan, over midnight too; what comes
    after midnight belongs to the day on which the hours began. What nobody has taken up `after` so many minutes goes
    to the next desk (0: stays); a call after `calls_after` seconds, and at once where nobody is at the phones.
    """

    name: str
    by: By
    places: tuple[Place, ...]
    days: frozenset[int] = frozenset()
    hours: tuple[int, int] | None = None
    channels: frozenset[str] = frozenset()
    tags: frozenset[str] = frozenset()
    matters: frozenset[int] = frozenset()
    words: tuple[str, ...] = ()
    after: int = 0
    calls_after: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What of a case or call the rules ask for."""

    at: datetime
    channel: str
    subject: str = ""
    tags: frozenset[str] = frozenset()
    matter: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """How it stands at a desk: how many wait for somebody, how many people are here, and how many of these know what
    the case takes.
    """

    waiting: int = 0
    here: int = 0
    able: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """Where a case goes, by which rule, and why in two numbers: of a share how many it had of how many before, of a
    load how many waited for how many people, of skills how many know of how many, else its place among how many.
    """

    desk: int
    rule: Rule
    own: int
    whole: int


NO_LOAD = Load()


def first_fit(rules: Iterable[Rule], asked: Asked) -> tuple[int, Rule] | None:
    """The first rule that fits, with its place from 0; None where none does, and the case stays."""
    return next(((n, rule) for n, rule in enumerate(rules) if fits(rule, asked)), None)


def fits(rule: Rule, asked: Asked) -> bool:
    """Whether a rule is for such a case."""
    if rule.channels and asked.channel not in rule.channels:
        return False
    if rule.tags and not rule.tags & asked.tags:
        return False
    if rule.matters and asked.matter not in rule.matters:
        return False
    if rule.words and not any(fold(word) in fold(asked.subject) for word in rule.words):
        return False
    return _in_time(rule, asked.at.astimezone(TOKYO))


def _in_time(rule: Rule, at: datetime) -> bool:
    minute, day = at.hour * 60 + at.minute, at.weekday()
    if rule.hours is not None:
        begin, end = rule.hours
        over_midnight = end <= begin
        if over_midnight and minute < end:
            day = (day - 1) % 7
        elif minute < begin or (not over_midnight and minute >= end):
            return False
    return not rule.days or day in rule.days


def choose(
    rule: Rule, loads: Mapping[int, Load], given: Mapping[int, int], *, without: Iterable[int] = ()
) -> Choice | None:
    """The desk that a rule gives to next; None where no other is left. `given` is how many each had of those that the
    same desks were shared among.
    """
    places = open_places(rule, loads, without=without)
    if not places:
        return None
    if rule.by == By.SHARE:
        place = next_share(places, given)
        own, whole = given.get(place.desk, 0), sum(given.get(one.desk, 0) for one in places)
        return Choice(desk=place.desk, rule=rule, own=own, whole=whole)
    place = min(places, key=lambda one: _least(rule.by, one, loads.get(one.desk, NO_LOAD)))
    load = loads.get(place.desk, NO_LOAD)
    own, whole = {
        By.LOAD: (load.waiting, load.here),
        By.SKILL: (load.able, load.here),
        By.PRICE: (1 + sum(one.price < place.price for one in rule.places), len(rule.places)),
        By.ORDER: (1 + rule.places.index(place), len(rule.places)),
    }[rule.by]
    return Choice(desk=place.desk, rule=rule, own=own, whole=whole)


def open_places(rule: Rule, loads: Mapping[int, Load], *, without: Iterable[int] = ()) -> tuple[Place, ...]:
    """The desks of a rule that are not full; all of them where all are, for a case must go somewhere."""
    left = tuple(one for one in rule.places if one.desk not in set(without))
    open_now = tuple(one for one in left if not is_full(one, loads.get(one.desk, NO_LOAD)))
    return open_now or left


def is_full(place: Place, load: Load) -> bool:
    """Whether as many wait there as may."""
    return place.most is not None and load.waiting >= place.most


def _least(by: By, place: Place, load: Load) -> tuple[Fraction | int, ...]:
    """What is least at the desk that is next; who is alike comes in the order of the rule."""
    if by == By.LOAD:
        # Where nobody is, everything waits longest.
        return (load.here == 0, Fraction(load.waiting + 1, max(1, load.here)))
    if by == By.SKILL:
        return (-load.able,)
    return (place.price,) if by == By.PRICE else ()


def next_share(places: Sequence[Place], given: Mapping[int, int]) -> Place:
    """Whose turn it is by their weights, after so many were given."""
    if len(places) == 1:
        return places[0]
    whole = sum(one.weight for one in places)
    turn = 1 + sum(given.get(one.desk, 0) for one in places)
    least = Fraction(1, 2 * len(places) - 2)
    behind = [(Fraction(one.weight * turn, whole) - given.get(one.desk, 0), one) for one in places]
    waiting = [(lag, one) for lag, one in behind if lag >= least]
    # When its lag would pass 1 - 1/(2k-2), if it were given nothing until then.
    return min(waiting, key=lambda pair: (1 - least - pair[0]) * whole / pair[1].weight)[1]
