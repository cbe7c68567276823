"""Who is connected without being signed in: the visitor of a chat."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from madoguchi.companies.models import EntryPoint
from madoguchi.infra import scope
from madoguchi.kernel.errors import NotFound
from madoguchi.portal.chat.passes import open_pass
from madoguchi.portal.chat.talk import case_of, require_open


class Doorway:
    """How many visitors may be connected at once from one address, before anything is known of them."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._inside: Counter[str] = Counter()

    @contextmanager
    def through(self, address: str) -> Iterator[bool]:
        """Whether one more may come in from there; whoever does is counted until they leave."""
        comes_in = self._inside[address] < self._most
        self._inside[address] += comes_in
        try:
            yield comes_in
        finally:
            self._inside[address] -= comes_in
            if not self._inside[address]:
                del self._inside[address]


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
