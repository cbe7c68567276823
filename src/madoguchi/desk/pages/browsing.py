"""Looking: the console, its lists, one case, what was said earlier, and finding."""

from typing import Any

from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import NoReverseMatch, reverse
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from madoguchi.cases.actions import mark_unread, note_look, note_search, see_case
from madoguchi.cases.models import Case
from madoguchi.commerce.models import Order as Purchase
from madoguchi.companies.queries import desks_of
from madoguchi.desk.about import cases_beside
from madoguchi.desk.lately import last_contacts
from madoguchi.desk.lists import BESIDE, Wanted, cases_searched, rows_of
from madoguchi.desk.pages.parts import (
    DeskRequest,
    acted,
    case_context,
    full_page,
    list_context,
    opened,
    own_row,
    person_context,
    private,
    the_case,
    wanted_by,
)
from madoguchi.desk.queries import flow_of, sight_of
from madoguchi.desk.tasks import Opened
from madoguchi.kernel.actor import Permission
from madoguchi.kernel.errors import NotFound
from madoguchi.knowledge.models import ArticleVersion
from madoguchi.look.toasts import say
from madoguchi.people.access import requires

MOST_FOUND = 8


@require_safe
@requires(Permission.SELF)
def console(request: DeskRequest) -> HttpResponse:
    """The front door: one's own cases; for an administrator without any, the settings; else whom to ask."""
    if not (request.actor.grants or request.actor.administrator):
        return render(request, "desk/no_desk.html")
    if not request.actor.may_anywhere(Permission.CASE_READ):
        return redirect(_settings_address())
    return full_page(request, wanted_by(request))


@require_safe
@requires(Permission.CASE_READ)
def listing(request: DeskRequest) -> HttpResponse:
    """A list of cases: the whole page, or its rows and the rail's counts for a page that is already there."""
    wanted = wanted_by(request)
    if not request.htmx:
        return full_page(request, wanted)
    context = list_context(request, wanted, desks_of(request.actor))
    template = "desk/more.html" if wanted.later else "desk/listed.html"
    return private(request, render(request, template, context))


@require_safe
@requires(Permission.CASE_READ)
def case(request: DeskRequest, number: str) -> HttpResponse:
    """One case: the whole page, the case alone (htmx), or only what may have changed (`part=live`)."""
    if not request.htmx:
        return full_page(request, wanted_by(request, size=BESIDE), number)
    found = opened(request, number)
    desks, live = desks_of(request.actor), request.GET.get("part") == "live"
    context = case_context(request, found, desks, composer=not live, tasks=Opened() if live else None)
    context |= _beside(request, found) if live else person_context(request, found)
    context["wanted"] = wanted_by(request)
    if live:
        context["rows"] = own_row(request, found, context)
    return private(request, render(request, "desk/live.html" if live else "desk/opened.html", context))


def _beside(request: DeskRequest, found: Case) -> dict[str, Any]:
    """The customer's other cases and last contacts, which may have changed."""
    others, contacts = cases_beside(found, actor=request.actor), last_contacts(found, actor=request.actor)
    return {"others": others, "contacts": contacts}


@require_POST
@requires(Permission.CASE_READ)
def unread(request: DeskRequest, number: str) -> HttpResponse:
    """Mark a case as unread for oneself, or (`unread=no`) take that back. A plain page goes to the list: the case would
    be opened by showing it.
    """
    found = the_case(request, number)
    if request.POST.get("unread", request.GET.get("unread")) == "no":
        see_case(found, by=request.actor)
        return acted(request, found, _("The case is marked as read."))
    mark_unread(found, by=request.actor)
    undo = f"{reverse('desk:unread', args=[number])}?unread=no"
    words = _("The case is marked as unread until you open it again.")
    if request.htmx:
        return acted(request, found, words, undo=undo)
    say(request, text=words, undo_url=undo)
    return redirect(wanted_by(request).url)


@require_safe
@requires(Permission.CASE_READ)
def earlier(request: DeskRequest, number: str) -> HttpResponse:
    """What was said before a moment: a part of the page, or the page from there on."""
    before = parse_datetime(request.GET.get("before", ""))
    if before is None:
        raise NotFound(number)
    if not request.htmx:
        return full_page(request, wanted_by(request, size=BESIDE), number, before=before)
    found = the_case(request, number)
    note_look(found, by=request.actor)
    flow = flow_of(found, actor=request.actor, desks=desks_of(request.actor), before=before)
    context = {"flow": flow, "case": found, **sight_of(found, actor=request.actor)}
    return private(request, render(request, "desk/earlier.html", context))


@require_safe
@requires(Permission.CASE_READ)
def find(request: DeskRequest) -> HttpResponse:
    """The cases, orders and articles that a few words name, for the command palette."""
    wanted, desks = wanted_by(request, size=MOST_FOUND), desks_of(request.actor)
    searched = cases_searched(wanted, actor=request.actor, desks=desks)
    found = searched.cases
    note_search(cases=(case.id for case in found), by=request.actor)
    rows = rows_of(found, actor=request.actor, wanted=Wanted())
    results = [_order_found(order) for order in searched.orders]
    results += [_article_found(one) for one in searched.articles]
    results += [{"label": r.subject, "detail": f"{r.number} {r.who}", "url": r.url} for r in rows]
    return private(request, JsonResponse({"results": results}))


def _order_found(order: Purchase) -> dict[str, str]:
    return {
        "label": str(order),
        "detail": order.get_state_display(),
        "url": reverse("desk:order", args=[order.pk]),
    }


def _article_found(version: ArticleVersion) -> dict[str, str]:
    return {
        "label": version.title,
        "detail": _("Article") + f" {version.article.folder}".rstrip(),
        "url": reverse("desk:article", args=[version.article_id]),
    }


def _settings_address() -> str:
    try:
        return reverse("administration:overview")
    except NoReverseMatch:
        return reverse("account_change_password")
