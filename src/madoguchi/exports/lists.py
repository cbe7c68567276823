"""Which cases a list holds, all of them: by the same queries as its pages."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from itertools import chain
from typing import Any

from madoguchi.cases.lists import CaseLine, Place, View
from madoguchi.cases.policies import where_answers_wait
from madoguchi.cases.queries import page_of
from madoguchi.companies.models import Desk
from madoguchi.exports.records import UTF8, Span
from madoguchi.kernel.actor import Actor
from madoguchi.search.queries import every_case
from madoguchi.views.filters import Condition, Node, read_filter
from madoguchi.views.queries import desks_in, every_case_wanted, view_by_id
from madoguchi.views.ready import READY

CHUNK = 200


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which list: a ready-made or a saved one, a tag, or words to search; of all desks or of one. Or no list of cases,
    but all `articles` of the company, or its `records` (customers or orders) from a day `since` to one `until`, in
    these `letters`.
    """

    view: str = View.MINE.value
    desk: int | None = None
    tag: str = ""
    text: str = ""
    saved: int | None = None
    articles: bool = False
    records: str = ""
    since: str = ""
    until: str = ""
    letters: str = UTF8

    @classmethod
    def read(cls, written: dict[str, Any]) -> "Wanted":
        """As it is kept."""
        return cls(**written)

    def write(self) -> dict[str, Any]:
        """As JSON."""
        return asdict(self)

    @property
    def span(self) -> Span:
        """From which day until which."""
        since, until = (date.fromisoformat(day) if day else None for day in (self.since, self.until))
        return Span(since, until)


def every_id(wanted: Wanted, *, actor: Actor, desks: Sequence[Desk], began: datetime) -> Iterator[int]:
    """The ids of all cases of a list at these desks, in its order; one may come twice.

    A list stands by what happened last, so a case to which something happens meanwhile goes back to its head: once at
    the end, what was touched since it `began` is looked at again. Raises NotFound for a view that is not there.
    """
    kept = [desk for desk in desks if wanted.desk in (None, desk.pk)]
    if wanted.text:
        return every_case(wanted.text, actor=actor, desks=kept)
    return (line.id for line in chain(_lines(wanted, actor, kept), _since(wanted, actor, kept, began)))


def _since(wanted: Wanted, actor: Actor, desks: Sequence[Desk], began: datetime) -> Iterator[CaseLine]:
    for line in _lines(wanted, actor, desks):
        if line.touched_at < began:
            return
        yield line


def _lines(wanted: Wanted, actor: Actor, desks: Sequence[Desk]) -> Iterator[CaseLine]:
    ids = [desk.pk for desk in desks]
    if wanted.saved:
        view = view_by_id(wanted.saved, actor=actor)
        tree: Node = read_filter(view.filter)
        return every_case_wanted(tree, desks=desks_in(view, desks), actor=actor, size=CHUNK)
    if wanted.tag:
        tree = Condition("tags", "in", (wanted.tag,))
        return every_case_wanted(tree, desks=ids, actor=actor, size=CHUNK)
    view_ = View(wanted.view)
    if view_ in READY:
        return every_case_wanted(READY[view_], desks=ids, actor=actor, size=CHUNK)
    return _ready_made(view_, actor, desks)


def _ready_made(view: View, actor: Actor, desks: Sequence[Desk]) -> Iterator[CaseLine]:
    place: Place | None = None
    ids, where = [desk.pk for desk in desks], where_answers_wait(actor, desks)
    while True:
        page = page_of(view, desks=ids, person=actor.id, **where, before=place, size=CHUNK)
        yield from page.cases
        if page.next is None:
            return
        place = page.next
