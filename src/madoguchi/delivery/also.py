"""What packages above this one tell it of a case."""

from collections.abc import Callable

from madoguchi.cases.models import Case

Asked = Callable[[Case], bool]
_grave: list[Asked] = []


def also_grave(ask: Asked) -> None:
    """Ask this whether a case is so grave that somebody sees to it at once, also before anybody has looked."""
    _grave.append(ask)


def is_grave(case: Case) -> bool:
    """Whether a case is so grave: then nobody is told of the time that answers usually take."""
    return any(ask(case) for ask in _grave)
