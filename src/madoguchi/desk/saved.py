"""Saved views as the console shows them: in the rail with their counts, and on the page of them all."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from madoguchi.companies.models import Desk
from madoguchi.desk.lists import Link, Wanted, shown_count
from madoguchi.kernel.actor import Actor
from madoguchi.views.models import SavedView
from madoguchi.views.policies import may_change
from madoguchi.views.queries import Count, view_counts, views_of


@dataclass(frozen=True, slots=True)
class SavedRow:
    """A saved view on the page of them all: for whom it is, and whether the reader may change it."""

    pk: int
    link: Link
    audience: str
    may_change: bool


def saved_rows(*, actor: Actor, desks: Sequence[Desk]) -> list[SavedRow]:
    """The views an actor sees, as rows. Two queries."""
    views = views_of(actor)
    links = _links(views, actor=actor, desks=desks)
    return [
        SavedRow(view.pk, link, audience_of(view, desks), may_change(actor, view))
        for view, link in zip(views, links, strict=True)
    ]


def saved_links(*, actor: Actor, desks: Sequence[Desk], current: str = "") -> list[Link]:
    """The views that somebody saved, with how many cases each holds as far as a short look tells. Two queries."""
    return _links(views_of(actor), actor=actor, desks=desks, current=current)


def audience_of(view: SavedView, desks: Sequence[Desk]) -> str:
    """For whom a view is, in words."""
    if view.audience == SavedView.Audience.OWNER:
        return _("Me alone")
    if view.audience == SavedView.Audience.COMPANY:
        return _("All desks")
    return next((desk.name for desk in desks if desk.pk == view.desk_id), "")


def _links(
    views: Sequence[SavedView], *, actor: Actor, desks: Sequence[Desk], current: str = ""
) -> list[Link]:
    counts = view_counts(views, desks=desks, actor=actor)
    return [_link(view, counts.get(view.pk), current=current == str(view.pk)) for view in views]


def _link(view: SavedView, count: Count | None, *, current: bool) -> Link:
    return Link(
        name=view.name,
        icon="user" if view.audience == SavedView.Audience.OWNER else "users",
        url=Wanted(saved=view).url,
        key="",
        count=words_for(count) if count else "",
        urgent=False,
        current=current,
    )


def words_for(count: Count) -> str:
    """A count as it stands beside a name: with a plus where there may be more, nothing for none."""
    shown = shown_count(count.found)
    return f"{shown}+" if count.more and shown.isdecimal() else shown
