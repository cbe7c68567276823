"""The cases that a filter wants."""

from collections.abc import Iterator, Sequence

from madoguchi.cases.lists import CaseLine, CasePage, Place, lines_of
from madoguchi.cases.queries import PAGE
from madoguchi.infra.prepared import fetch_all
from madoguchi.kernel import clock
from madoguchi.views.filters import Node
from madoguchi.views.meaning import Reader
from madoguchi.views.statements import page_statement


def page_wanted(
    wanted: Node, *, desks: Sequence[int], person: int | None, before: Place | None = None, size: int = PAGE
) -> CasePage:
    """A page of the cases at these desks that a filter wants, newest activity first. Two queries.

    It looks at so many cases and no more: `next` may lead on from an incomplete page, even an empty one.
    """
    reader = Reader(person, clock.now())
    statement, values = page_statement(wanted, desks=desks, reader=reader, before=before, most=size + 1)
    rows = fetch_all(statement, values)
    found = [Place(touched_at, id_) for id_, touched_at, reached in rows if not reached]
    end = [Place(touched_at, id_) for id_, touched_at, reached in rows if reached]
    after = found[size - 1] if len(found) > size else next(iter(end), None)
    lines = lines_of([place.id for place in found[:size]]) if found else []
    return CasePage(lines, after)


def every_case_wanted(
    wanted: Node, *, desks: Sequence[int], person: int | None, size: int = PAGE
) -> Iterator[CaseLine]:
    """All cases that a filter wants, newest activity first, page by page."""
    place: Place | None = None
    while True:
        page = page_wanted(wanted, desks=desks, person=person, before=place, size=size)
        yield from page.cases
        if page.next is None:
            return
        place = page.next
