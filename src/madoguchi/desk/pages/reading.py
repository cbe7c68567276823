"""Articles that changed since one read them."""

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from madoguchi.desk.articles import PER_PAGE
from madoguchi.desk.pages.articles import around
from madoguchi.desk.pages.parts import DeskRequest, apart
from madoguchi.kernel.actor import Permission
from madoguchi.knowledge.actions import mark_read
from madoguchi.knowledge.queries import article_by_id, shown_version, unread_by
from madoguchi.look.toasts import say
from madoguchi.people.access import requires

READ = Permission.ARTICLES_READ
MOST_AT_ONCE = 500


@require_safe
@requires(READ)
def unread(request: DeskRequest) -> HttpResponse:
    """What came into force lately and the reader has not marked as read."""
    page = Paginator(unread_by(request.actor), PER_PAGE).get_page(request.GET.get("page"))
    return apart(request, "desk/articles_unread.html", {"page": page, **around(request, "unread")})


@require_POST
@requires(READ)
def read(request: DeskRequest, pk: int) -> HttpResponse:
    """Mark what is in force of an article as read, and go on with what is left."""
    found = article_by_id(request.actor, pk)
    version = shown_version(found)
    if version is not None:
        mark_read([version], by=request.actor)
        say(request, text=_("Marked as read: %(title)s") % {"title": version.title})
    return redirect("desk:articles_unread")


@require_POST
@requires(READ)
def read_all(request: DeskRequest) -> HttpResponse:
    """Mark all that stands in the list as read."""
    count = mark_read(list(unread_by(request.actor)[:MOST_AT_ONCE]), by=request.actor)
    words = ngettext("%(n)s article marked as read.", "%(n)s articles marked as read.", count)
    say(request, text=words % {"n": count})
    return redirect("desk:articles_unread")
