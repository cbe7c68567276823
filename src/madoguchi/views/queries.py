"""The cases that a filter wants, and the views that somebody sees."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.db.models import Q

from madoguchi.cases.asking import few_cases
from madoguchi.cases.lists import CaseLine, CasePage, Place, lines_of
from madoguchi.cases.queries import PAGE
from madoguchi.companies.models import Desk
from madoguchi.fields.queries import unseen_among
from madoguchi.infra.prepared import fetch_all
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor
from madoguchi.kernel.errors import NotFound
from madoguchi.views import policies
from madoguchi.views.filters import Node, fields_asked, read_filter, required
from madoguchi.views.meaning import Reader, of_field
from madoguchi.views.models import SavedView
from madoguchi.views.statements import count_statement, page_statement

MOST_COUNTED = 20


@dataclass(frozen=True, slots=True)
class Count:
    """How many cases a view holds among those that were looked at; `more` where there are others."""

    found: int
    more: bool


def reader_for(wanted: Sequence[Node], actor: Actor | None) -> Reader:
    """Who looks with these filters, and which fields are kept from them. One query where the filters ask of any."""
    fields = set().union(*map(fields_asked, wanted))
    unseen = unseen_among(fields, actor=actor) if fields and actor else frozenset[int]()
    return Reader(actor.id if actor else None, clock.now(), unseen)


def page_wanted(
    wanted: Node, *, desks: Sequence[int], actor: Actor | None, before: Place | None = None, size: int = PAGE
) -> CasePage:
    """A page of the cases at these desks that a filter wants, newest activity first. Two queries, and two more where it
    asks of a desk's own fields. Without an actor nobody in particular looks, and sees everything.

    It looks at so many cases and no more: `next` may lead on from an incomplete page, even an empty one.
    """
    reader = reader_for([wanted], actor)
    among = few_cases([own for one in required(wanted) if (own := of_field(one, reader))])
    statement, values = page_statement(
        wanted, desks=desks, reader=reader, before=before, most=size + 1, among=among
    )
    rows = fetch_all(statement, values)
    found = [Place(touched_at, id_) for id_, touched_at, reached in rows if not reached]
    end = [Place(touched_at, id_) for id_, touched_at, reached in rows if reached]
    after = found[size - 1] if len(found) > size else next(iter(end), None)
    lines = lines_of([place.id for place in found[:size]]) if found else []
    return CasePage(lines, after)


def every_case_wanted(
    wanted: Node, *, desks: Sequence[int], actor: Actor | None, size: int = PAGE
) -> Iterator[CaseLine]:
    """All cases that a filter wants, newest activity first, page by page."""
    place: Place | None = None
    while True:
        page = page_wanted(wanted, desks=desks, actor=actor, before=place, size=size)
        yield from page.cases
        if page.next is None:
            return
        place = page.next


def views_of(actor: Actor) -> list[SavedView]:
    """The views an actor may see, their own first, then those of desks and companies. One query."""
    theirs = Q(owner=actor.id) | ~Q(audience=SavedView.Audience.OWNER)
    there = SavedView.objects.filter(theirs, deleted_at=None, company__in=actor.companies)
    order = list(SavedView.Audience.values)
    seen = [view for view in there if policies.may_see(actor, view)]
    return sorted(seen, key=lambda view: (order.index(view.audience), view.position, view.pk))


def view_by_id(pk: int, *, actor: Actor, deleted: bool = False) -> SavedView:
    """A view that the actor may see. Raises NotFound."""
    found = SavedView.objects.filter(pk=pk, deleted_at__isnull=not deleted).first()
    if found is None or not policies.may_see(actor, found):
        raise NotFound(pk)
    return found


def desks_in(view: SavedView, desks: Sequence[Desk]) -> list[int]:
    """Of the reader's desks, those that a view looks at: its own, or all of its company."""
    own = (desk for desk in desks if desk.company_id == view.company_id)
    return [desk.pk for desk in own if view.desk_id in (None, desk.pk)]


def count_wanted(wanted: Node, *, desks: Sequence[int], actor: Actor | None) -> Count:
    """How many cases at these desks a filter wants, as far as a bounded look tells. One query, as `view_counts`."""
    statement, values = count_statement([(0, wanted, desks)], reader=reader_for([wanted], actor))
    rows = fetch_all(statement, values)
    return Count(rows[0][1], rows[0][2])


def view_counts(views: Sequence[SavedView], *, desks: Sequence[Desk], actor: Actor) -> dict[int, Count]:
    """How many cases each of the first 20 views holds, as far as a bounded look tells. One query, and one more where
    some of them asks of a desk's own fields.
    """
    asked = [(view.pk, read_filter(view.filter), desks_in(view, desks)) for view in views[:MOST_COUNTED]]
    if not asked:
        return {}
    reader = reader_for([node for _pk, node, _desks in asked], actor)
    statement, values = count_statement(asked, reader=reader)
    return {pk: Count(found, more) for pk, found, more in fetch_all(statement, values)}
