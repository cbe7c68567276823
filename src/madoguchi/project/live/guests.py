"""Who is connected without being signed in: the visitor of a chat."""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import monotonic

from madoguchi.companies.models import EntryPoint
from madoguchi.infra import scope
from madoguchi.kernel.errors import NotFound
from madoguchi.portal.chat.passes import open_pass
from madoguchi.portal.chat.talk import case_of, require_open
from madoguchi.portal.visitors import counted_as

# A page that is loaded anew comes again, and so do all of an office when the line comes back.
COMINGS = 3


class Doorway:
    """How many visitors may be connected at once from one address, and how often they may come within a minute, before
    anything is known of them.
    """

    def __init__(self, most: int, *, clock: Callable[[], float] = monotonic) -> None:
        self._most, self._clock = most, clock
        self._inside: Counter[str] = Counter()
        self._came: Counter[str] = Counter()
        self._minute = 0

    @contextmanager
    def through(self, address: str) -> Iterator[bool]:
        """Whether one more may come in from there; whoever does is counted until they leave."""
        place = counted_as(address)
        comes_in = self._inside[place] < self._most and self._seldom(place)
        self._inside[place] += comes_in
        try:
            yield comes_in
        finally:
            self._inside[place] -= comes_in
            if not self._inside[place]:
                del self._inside[place]

    def _seldom(self, place: str) -> bool:
        minute = int(self._clock() // 60)
        if minute != self._minute:
            self._minute, self._came = minute, Counter()
        self._came[place] += 1
        return self._came[place] <= COMINGS * self._most


def case_behind(signed: str) -> int | None:
    """The case in which whoever holds this pass talks; None for no good pass, and before their first word."""
    try:
        visitor = open_pass(signed)
    except NotFound:
        return None
    with scope.everywhere(reason="a pass names its entry point, and only that one's company is looked at"):
        company = (
            EntryPoint.objects.filter(pk=visitor.entry_point).values_list("company_id", flat=True).first()
        )
    if company is None:
        return None
    with scope.acting_for([company]):
        try:
            require_open(visitor, company=company)
        except NotFound:
            return None
        case = case_of(visitor, company=company)
    return case.pk if case else None
