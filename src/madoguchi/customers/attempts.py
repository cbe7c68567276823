"""What somebody tried to learn or change of a customer although it is kept from them: gathered while a request is
answered, and told in the company's log once that is over, for a refusal takes back whatever was written before it.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from enum import StrEnum

from madoguchi.customers.events import CustomerRefused
from madoguchi.infra import limits, scope
from madoguchi.infra.event_log import record
from madoguchi.infra.origin import coming_from, origin
from madoguchi.kernel.actor import Actor

ONCE_IN = 3600


class Way(StrEnum):
    """How it was tried: to have it shown, to find somebody by it, to change it, to write it where dots would tell that
    it is right.
    """

    UNMASK = "unmask"
    LOOKUP = "lookup"
    CHANGE = "change"
    WRITE = "write"


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One of them, by whom and from where; `field` is empty where none was named yet."""

    company: int
    customer: int
    field: str
    way: Way
    by: Actor
    origin: str


_tried: ContextVar[list[Attempt] | None] = ContextVar("attempts", default=None)


@contextmanager
def gathered() -> Iterator[list[Attempt]]:
    """What is tried within, for whoever tells it afterwards."""
    found: list[Attempt] = []
    token = _tried.set(found)
    try:
        yield found
    finally:
        _tried.reset(token)


def note_attempt(*, company: int, customer: int, field: str, way: Way, by: Actor) -> None:
    """Remember an attempt of a person. Outside of a request nothing is: there nobody is refused anything."""
    tried = _tried.get()
    if tried is not None and by.id is not None:
        one = Attempt(company=company, customer=customer, field=field, way=way, by=by, origin=origin())
        tried.append(one)


def tell(tried: Sequence[Attempt]) -> int:
    """Write them into the log, of each person, customer, field and hour the first; returns how many were. Needs no
    scope, and no transaction that may be taken back around it.
    """
    first = {(one.by.id, one.customer, one.field): one for one in reversed(tried)}
    return sum(_told(one) for one in reversed(first.values()))


def _told(one: Attempt) -> bool:
    with coming_from(one.origin), scope.acting_for([one.company]):
        try:
            limits.count(f"kept {one.by.id} {one.customer} {one.field}", most=1, seconds=ONCE_IN)
        except limits.TooOften:
            return False
        fact = CustomerRefused(company=one.company, customer=one.customer, field=one.field, way=one.way.value)
        record(fact, by=one.by)
    return True
