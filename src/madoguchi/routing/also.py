"""What packages above this one tell it, and hear from it: whose hands are full, which cases are not for people now,
which of them are hard on whoever answers, who is spared those, who leaves for the day.
"""

from collections.abc import Callable, Collection

Asked = Callable[[Collection[int]], set[int]]

Left = Callable[[int, int, int], object]

_occupied: list[Asked] = []
_told_off: list[Left] = []
_left_alone: list[Asked] = []
_hard: list[Asked] = []
_spared: list[Asked] = []


def also_occupied(among: Asked) -> None:
    """Ask this, too, which of some people are wholly occupied (on a call)."""
    _occupied.append(among)


def also_left_alone(among: Asked) -> None:
    """Ask this, too, which of some cases somebody else answers now (a bot): talks alone can be such."""
    _left_alone.append(among)


def also_hard(among: Asked) -> None:
    """Ask this, too, which of some cases are hard on whoever answers them."""
    _hard.append(among)


def also_spared(among: Asked) -> None:
    """Ask this, too, which of some people have had as many hard cases in a row as nobody should."""
    _spared.append(among)


def also_told_off(by: Left) -> None:
    """Tell this, too, that somebody leaves for the day: who, and of which company and desk of theirs."""
    _told_off.append(by)


def tell_off(person: int, *, company: int, desk: int) -> None:
    """Somebody leaves for the day."""
    for told in _told_off:
        told(person, company, desk)


def occupied(people: Collection[int]) -> set[int]:
    """Those of these people who can take nothing now."""
    return set().union(*(ask(people) for ask in _occupied)) if people else set()


def hard(cases: Collection[int]) -> set[int]:
    """Those of these cases that are hard on whoever answers."""
    return set().union(*(ask(cases) for ask in _hard)) if cases else set()


def spared(people: Collection[int]) -> set[int]:
    """Those of these people who are to have nothing hard next."""
    return set().union(*(ask(people) for ask in _spared)) if people else set()


def left_alone(cases: Collection[int]) -> set[int]:
    """Those of these cases that nobody is to be given now."""
    return set().union(*(ask(cases) for ask in _left_alone)) if cases else set()
