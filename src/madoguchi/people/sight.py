"""Which events somebody may be told of."""

from dataclasses import dataclass

from madoguchi.infra.facts import is_among_colleagues
from madoguchi.kernel.actor import Actor, Permission


@dataclass(frozen=True, slots=True)
class Sight:
    """The companies all of whose cases somebody may read, and the single desks beside them; `colleagues` are the
    companies and `at_desks` the desks where they work with others and may know who is at a case (37号告示).
    """

    companies: frozenset[int]
    desks: frozenset[int]
    colleagues: frozenset[int] = frozenset()
    at_desks: frozenset[int] = frozenset()

    def includes(self, *, kind: str, company: int, desk: int | None) -> bool:
        """Whether such an event there may be told; one that concerns no desk is for those who see the whole company."""
        if is_among_colleagues(kind):
            return self.works_at(company=company, desk=desk)
        return company in self.companies or desk in self.desks

    def works_at(self, *, company: int, desk: int | None) -> bool:
        """Whether colleagues there may be told of."""
        return company in self.colleagues or desk in self.at_desks


def sight_of(actor: Actor) -> Sight:
    """What this actor may be told of: where they may read cases."""
    return Sight(
        companies=actor.companies_with(Permission.CASE_READ),
        desks=actor.desks_with(Permission.CASE_READ),
        colleagues=actor.companies_with(Permission.CASE_NOTE),
        at_desks=actor.desks_with(Permission.CASE_NOTE),
    )
