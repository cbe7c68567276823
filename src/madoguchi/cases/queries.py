"""Reading cases: one by its number, lists by view, the timeline of one, counts for the rail."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection
from django.db.models import Q, QuerySet

from madoguchi.cases.lists import COUNT_TO, CasePage, Place, View, count_of, ids_of
from madoguchi.cases.models import (
    Attachment,
    Case,
    Draft,
    Message,
    Note,
)
from madoguchi.kernel.actor import Actor, Permission
from madoguchi.kernel.case_number import read_case_number
from madoguchi.kernel.errors import NotFound

PAGE = 50
_MENTIONS = f"""
    SELECT 'mentions', count(*)
    FROM (SELECT FROM cases_mention WHERE user_id = %s AND seen_at IS NULL LIMIT {COUNT_TO}) AS unseen
"""  # noqa: S608  a constant


def visible(actor: Actor) -> QuerySet[Case]:
    """Every case that the actor may read."""
    wide = actor.companies_with(Permission.CASE_READ)
    single = actor.desks_with(Permission.CASE_READ)
    return Case.objects.filter(Q(company_id__in=wide) | Q(desk_id__in=single))


def case_by_number(written: str, *, actor: Actor) -> Case:
    """The case of this spoken number, with desk, customer and person responsible at hand.

    Raises NotFound when there is none, or none that the actor may see.
    """
    number = read_case_number(written)
    if number is None:
        raise NotFound(written)
    related = ("company", "desk", "desk__company", "entry_point", "customer", "assignee")
    found = visible(actor).select_related(*related).filter(company__prefix=number.prefix, number=number.count)
    case = found.first()
    if case is None:
        raise NotFound(written)
    return case


def page_of(
    view: View, *, desks: Sequence[int], person: int | None, before: Place | None = None, size: int = PAGE
) -> CasePage:
    """A page of a view over these desks, newest activity first. Two queries, at any number of cases."""
    rows = ids_of(view, desks=desks, person=person, before=before, most=size + 1)
    return _page(rows, size)


def page_with_tag(
    tag: str, *, desks: Sequence[int], before: Place | None = None, size: int = PAGE
) -> CasePage:
    """A page of the cases that bear a tag, newest activity first."""
    found = Case.objects.filter(tags__contains=[tag], desk_id__in=desks)
    return page_among(found, before=before, size=size)


def page_among(found: QuerySet[Case], *, before: Place | None = None, size: int = PAGE) -> CasePage:
    """A page of any set of cases, newest activity first."""
    if before:
        earlier = Q(touched_at__lt=before.touched_at) | Q(touched_at=before.touched_at, id__lt=before.id)
        found = found.filter(earlier)
    rows = found.order_by("-touched_at", "-id").values_list("id", "touched_at")[: size + 1]
    return _page(list(rows), size)


def counts(*, desks: Sequence[int], person: int | None) -> dict[str, int]:
    """How many cases each view holds, and each desk (`desk:ID`, active ones), and how many notes name the person
    that they have not seen (`mentions`); counted up to 1,000. One query.
    """
    views = (View.MINE, View.UNASSIGNED, View.OPEN, View.WAITING)
    parts = [count_of(view, desks, person, name=view) for view in views]
    parts += [count_of(View.ACTIVE, [desk], person, name=f"desk:{desk}") for desk in desks]
    parts.append((_MENTIONS, [person]))
    sql = " UNION ALL ".join(part for part, _ in parts)
    with connection.cursor() as cursor:
        cursor.execute(sql, [value for _, values in parts for value in values])
        return dict(cursor.fetchall())


@dataclass(frozen=True, slots=True)
class Timeline:
    """What was said in a case, oldest first; `earlier` is the moment to ask before for what came earlier."""

    messages: list[Message]
    notes: list[Note]
    earlier: datetime | None


def timeline(case: Case, *, before: datetime | None = None, most: int = 50) -> Timeline:
    """The last `most` messages of a case before a moment, and the notes among them. Three queries."""
    messages = Message.objects.filter(case=case).select_related("user").prefetch_related("attachments")
    if before:
        messages = messages.filter(at__lt=before)
    newest = list(messages.order_by("-at", "-id")[: most + 1])
    kept, more = newest[:most][::-1], len(newest) > most
    notes = Note.objects.filter(case=case).select_related("user").order_by("at", "id")
    if before:
        notes = notes.filter(at__lt=before)
    if more:
        notes = notes.filter(at__gte=kept[0].at)
    return Timeline(kept, list(notes[:500]), kept[0].at if more else None)


def draft_of(case: Case, *, kind: str, person: int) -> Draft | None:
    """What the person was writing in this case."""
    return Draft.objects.filter(case=case, user_id=person, kind=kind).prefetch_related("files").first()


def attachment(id_: int, *, actor: Actor) -> Attachment:
    """An attachment of a case that the actor may read. Raises NotFound."""
    found = Attachment.objects.filter(pk=id_, message__case__in=visible(actor)).first()
    if found is None:
        raise NotFound(id_)
    return found


def other_cases(case: Case, *, actor: Actor, most: int = 5) -> list[Case]:
    """The customer's other cases that the actor may read, newest first."""
    others = visible(actor).filter(customer_id=case.customer_id).exclude(pk=case.pk)
    return list(others.select_related("company").order_by("-opened_at")[:most])


def _page(rows: list[tuple[int, datetime]], size: int) -> CasePage:
    ids = [id_ for id_, _ in rows[:size]]
    related = ("company", "desk", "customer", "assignee")
    by_id = Case.objects.select_related(*related).in_bulk(ids)
    last = Place(rows[size - 1][1], rows[size - 1][0]) if len(rows) > size else None
    return CasePage([by_id[id_] for id_ in ids if id_ in by_id], last)
