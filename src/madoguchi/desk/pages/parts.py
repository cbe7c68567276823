"""What the pages of the console have in common: the frame around them, and the answer to an act."""

from dataclasses import replace
from datetime import datetime
from typing import Any, TypeVar

from csp.constants import SELF
from csp.decorators import csp_update
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.cache import patch_cache_control, patch_vary_headers
from django.utils.translation import gettext_lazy
from django_htmx.middleware import HtmxDetails

from madoguchi.cases import policies
from madoguchi.cases.actions import note_list, note_look, note_search, see_case, see_mentions
from madoguchi.cases.blotted import shown_to
from madoguchi.cases.lists import CaseLine, View
from madoguchi.cases.models import Case, Status
from madoguchi.cases.queries import PAGE, case_by_number, timeline, visible
from madoguchi.companies.models import Desk
from madoguchi.companies.queries import desks_of
from madoguchi.customers.queries import view_of
from madoguchi.delivery.bases import bases_of
from madoguchi.delivery.scheduling import offers
from madoguchi.delivery.spoken import may_rest
from madoguchi.desk.about import about_of
from madoguchi.desk.feelings import feelings_of
from madoguchi.desk.form import form_shown
from madoguchi.desk.hand_off import Asking
from madoguchi.desk.lists import (
    ORDER_NAMES,
    VIEW_NAMES,
    Row,
    Searched,
    Wanted,
    cases_searched,
    cases_wanted,
    rail_of,
    rows_of,
    title_of,
)
from madoguchi.desk.news import is_news
from madoguchi.desk.pending import cards_of
from madoguchi.desk.queries import (
    beside,
    composer_of,
    explain_no_answer,
    flow_of,
    head_of,
    sight_of,
)
from madoguchi.desk.sorting import in_order, orders_for
from madoguchi.desk.tasks import Opened, panel_of
from madoguchi.infra.event_log import end_of_log
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Permission
from madoguchi.look.toasts import announce, say
from madoguchi.people.access import StaffRequest
from madoguchi.views.policies import may_change
from madoguchi.views.queries import view_by_id

Response = TypeVar("Response", bound=HttpResponseBase)
MOST_DIGITS = 18
# What is refused while something is missing that the desk needs to know.
FIRST_FILLED = (Status.SOLVED.value, Status.CLOSED.value, "macro", "reply")
Context = dict[str, Any]
# What the box offers to those who begin to type it; every one is read in both languages.
SEARCH_FILTERS = (
    *(gettext_lazy("from:"), gettext_lazy("to:"), gettext_lazy("subject:")),
    *(gettext_lazy("desk:"), gettext_lazy("tag:")),
    *(gettext_lazy("before:"), gettext_lazy("after:"), gettext_lazy("status:unsolved")),
    *(gettext_lazy("assignee:me"), gettext_lazy("assignee:none"), gettext_lazy("has:attachment")),
    *(gettext_lazy("is:unread"), gettext_lazy("is:open")),
)
# The live hub answers here, beside Django's own addresses.
LIVE_SOCKET, LIVE_STREAM = "/live/socket", "/live/stream"


class DeskRequest(StaffRequest):
    """A request of a signed-in person, which may come from htmx."""

    htmx: HtmxDetails


def wanted_by(request: DeskRequest, *, size: int = PAGE) -> Wanted:
    """The list that the address asks for; at first one's own cases, all unsolved ones for those who take none."""
    takes = request.actor.may_anywhere(Permission.CASE_UPDATE)
    wanted = Wanted.read(request.GET, size=size, otherwise=View.MINE if takes else View.ACTIVE)
    saved = request.GET.get("saved", "")
    if not wanted.text and saved.isdecimal() and len(saved) <= MOST_DIGITS:
        wanted = replace(wanted, saved=view_by_id(int(saved), actor=request.actor))
    return in_order(wanted, request, anew=not request.htmx)


def list_context(request: DeskRequest, wanted: Wanted, desks: list[Desk]) -> Context:
    """The rail and the list."""
    page = (cases_searched if wanted.text else cases_wanted)(wanted, actor=request.actor, desks=desks)
    snippets = page.snippets if isinstance(page, Searched) else {}
    found = page.found if isinstance(page, Searched) else []
    note = note_search if isinstance(page, Searched) else note_list
    note(cases=(case.id for case in page.cases), customers=found, by=request.actor)
    return {
        "wanted": wanted,
        "title": title_of(wanted, desks=desks),
        "rows": rows_of(page.cases, actor=request.actor, wanted=wanted, snippets=snippets),
        "next": page.next,
        "count": page.count if isinstance(page, Searched) and not wanted.later else "",
        "customers": page.customers if isinstance(page, Searched) else [],
        "orders_found": page.orders if isinstance(page, Searched) and not wanted.later else [],
        "articles_found": page.articles if isinstance(page, Searched) and not wanted.later else [],
        "search_notes": page.notes if isinstance(page, Searched) and not wanted.later else [],
        "rail": rail_of(actor=request.actor, desks=desks, wanted=wanted),
        "view_names": VIEW_NAMES.items(),
        "orders": ORDER_NAMES.items(),
        "sorting": orders_for(wanted) if not wanted.later else [],
        "may_export": request.actor.may_anywhere(Permission.EXPORT),
        "may_bulk": request.actor.may_anywhere(Permission.CASE_UPDATE),
        "may_read_customers": request.actor.may_anywhere(Permission.CUSTOMER_READ),
        "may_agree": request.actor.may_anywhere(Permission.CASE_APPROVE),
        "may_change_view": wanted.saved is not None and may_change(request.actor, wanted.saved),
    }


def case_context(
    request: DeskRequest,
    case: Case,
    desks: list[Desk],
    *,
    composer: bool = True,
    then: str = "",
    tasks: Opened | None = None,
) -> Context:
    """One case: its head, its conversation, its tasks with the forms that are `Opened`, and (unless left alone) the
    composer.
    """
    actor = request.actor
    panel = panel_of(case, actor=actor, opened=tasks or Opened(request.GET.get("task", "")))
    flow = flow_of(case, actor=actor, desks=desks, tasks=panel.by_id)
    pending = cards_of(case, actor=actor)
    context: Context = {
        "pending": pending,
        "offers": offers(clock.now()) if pending or composer else [],
        "case": case,
        "open_row": str(case.pk),
        "head": head_of(case, actor=actor, desks=desks),
        "feelings": feelings_of(case, flow.said, actor=actor),
        "flow": flow,
        "bases": bases_of([one.pk for one in flow.said if may_rest(one)], reader=actor),
        "panel": panel,
        "form": form_shown(case, actor=actor, then=then or wanted_then(request)),
        **sight_of(case, actor=actor),
        "keeps_quarantine": actor.may(Permission.QUARANTINE, company=case.company_id, desk=case.desk_id),
        "may_reply": policies.may_reply(actor, case),
        "undo_seconds": settings.UNDO_SECONDS,
    }
    if composer:
        context["composer"] = composer_of(case, actor=actor, said=flow.said, pending=pending)
        context["beside"] = beside(case, actor=actor)
        context["why_not"] = "" if context["composer"] else explain_no_answer(actor, case)
    return context


def wanted_then(request: HttpRequest) -> str:
    """What somebody wants to do once all that is missing is filled in, as the form carries it along."""
    then = request.POST.get("then") or request.GET.get("then") or ""
    return then if then in FIRST_FILLED else ""


def told_together(request: DeskRequest, case: Case, *, seen: str) -> HttpResponse:
    """Who else is at the case, and what they write where the page shows the answer as it was (`seen`)."""
    actor = request.actor
    near = beside(case, actor=actor)
    context: Context = {"beside": near, "wanted": wanted_by(request), "case": case}
    context["head"] = head_of(case, actor=actor, desks=())
    if near.state != "mine" and policies.may_reply(actor, case) and is_news(case, seen=seen, actor=actor):
        pending = cards_of(case, actor=actor)
        context["composer"] = composer_of(case, actor=actor, said=timeline(case).messages, pending=pending)
        context |= {"offers": offers(clock.now()), "pending": pending}
        context |= {**sight_of(case, actor=actor), "undo_seconds": settings.UNDO_SECONDS}
        context["undeliverable"] = view_of(case.customer, actor=actor).undeliverable
    return private(request, render(request, "desk/together.html", context))


def person_context(request: DeskRequest, case: Case) -> Context:
    """The customer beside the case."""
    about = about_of(case, actor=request.actor)
    return {"about": about, "undeliverable": about.person.undeliverable}


def frame_context(request: DeskRequest, desks: list[Desk]) -> Context:
    """What the frame of the console shows around everything."""
    place = end_of_log()
    companies = {desk.company_id: desk.company for desk in desks}
    sole = next(iter(companies.values())) if len(companies) == 1 else None
    return {
        "search_url": reverse("desk:list"),
        "search_filters": SEARCH_FILTERS,
        "is_told": request.actor.may_anywhere(Permission.ARTICLES_READ),
        "answers": request.actor.may_anywhere(Permission.CASE_REPLY),
        "search_query": request.GET.get("q", ""),
        "palette_url": reverse("desk:find"),
        "sole_company": sole,
        "live_url": LIVE_SOCKET,
        "live_sse_url": LIVE_STREAM,
        "live_after": f"{place.tx}-{place.event_id}",
        "may_administer": any(
            request.actor.may_anywhere(permission)
            for permission in (Permission.DESKS, Permission.TEMPLATES, Permission.PEOPLE)
        ),
    }


def apart(request: DeskRequest, template: str, context: Context, *, status: int = 200) -> HttpResponse:
    """A page of its own beside the console (`desk/apart.html`)."""
    frame = frame_context(request, desks_of(request.actor))
    return private(request, render(request, template, frame | context, status=status))


def private(request: HttpRequest, response: Response) -> Response:
    """Customers' data is never kept by a cache, and a part of a page never taken for the whole."""
    patch_cache_control(response, no_store=True, private=True)
    patch_vary_headers(response, ["HX-Request"])
    return response


def case_url(case: Case, *, query: str = "") -> str:
    """The address of a case, with the list beside it that `query` asks for."""
    number = case.spoken_number(case.company.prefix)
    return reverse("desk:case", args=[number]) + (f"?{query}" if query else "")


def the_case(request: DeskRequest, number: str) -> Case:
    """The case an address names. Raises NotFound. Where it is only shown, its subject is as the reader may read it."""
    case = case_by_number(number, actor=request.actor)
    return shown_to(case, actor=request.actor) if request.method in ("GET", "HEAD") else case


def looked_at(request: DeskRequest, number: str) -> Case:
    """The case an address names, of which a page shows something: it is kept who looks. Raises NotFound."""
    case = the_case(request, number)
    note_look(case, by=request.actor)
    return case


def opened(request: DeskRequest, number: str) -> Case:
    """The case an address names, opened: it is kept who looks, and what is in it is now seen. A page that is told anew
    of its case says whether anybody has it before their eyes (`looking`).

    Raises NotFound.
    """
    case, anew = the_case(request, number), request.GET.get("part") == "live"
    note_look(case, by=request.actor)
    see_mentions(case, by=request.actor)
    if not anew or "looking" in request.GET:
        see_case(case, by=request.actor, opened=not anew)
    return case


def acted(
    request: DeskRequest,
    case: Case,
    text: str = "",
    *,
    undo: str = "",
    seconds: int = 0,
    composer: bool = False,
    person: bool = False,
    notice: str = "",
    then: str = "",
    status: int = 200,
    tasks: Opened | None = None,
) -> HttpResponse:
    """The answer to an act: fresh parts for a live page, the way back to the case for a plain one."""
    if not visible(request.actor).filter(pk=case.pk).exists():
        return _left_sight(request, text)
    if not request.htmx:
        if text:
            say(request, text=text, undo_url=undo, seconds=seconds)
        return redirect(case_url(case, query=request.GET.urlencode()))
    desks = desks_of(request.actor)
    fresh = the_case(request, case.spoken_number(case.company.prefix))
    note_look(fresh, by=request.actor)
    context = case_context(request, fresh, desks, composer=composer, then=then, tasks=tasks)
    if person:
        context |= person_context(request, fresh)
    elif composer:
        context["undeliverable"] = view_of(fresh.customer, actor=request.actor).undeliverable
    context |= {
        "rows": own_row(request, fresh, context),
        "notice": notice,
        "was_asked": "hand_off" in request.POST,
    }
    if notice:
        context["beside"] = beside(fresh, actor=request.actor)
    response = render(request, "desk/acted.html", context, status=status)
    return announce(response, text=text, undo_url=undo, seconds=seconds) if text else response


def ask_for_words(request: DeskRequest, case: Case, asking: Asking) -> HttpResponse:
    """Instead of the change: the form that asks for words first."""
    wanted = wanted_by(request)
    if request.htmx:
        return private(request, render(request, "desk/asking.html", {"asking": asking, "wanted": wanted}))
    number = case.spoken_number(case.company.prefix)
    return full_page(request, wanted, number, asking=asking)


def own_row(request: DeskRequest, case: Case, context: Context) -> list[Row]:
    """The open case as the one row of the list beside it, by what its page shows of it already."""
    return rows_of([_line_of(case, context)], actor=request.actor, wanted=wanted_by(request))


def _line_of(case: Case, context: Context) -> CaseLine:
    """The case as a line of the list, by what its page shows of it already."""
    came = [message.automatic for message in context["flow"].said if message.inbound]
    automatic = came[-1] if came else ""
    if not context["pending"]:
        return CaseLine.of(case, automatic=automatic)
    waits = context["pending"][-1].answer
    return CaseLine.of(case, automatic=automatic, pending=waits.state, due=waits.due_at)


def _left_sight(request: DeskRequest, text: str) -> HttpResponse:
    """The act moved the case out of the reader's sight: only the list is left to show."""
    say(request, text=text)
    return lead_to(request, reverse("desk:console"))


def lead_to(request: DeskRequest, address: str) -> HttpResponse:
    """Another page, whether this one asked by itself (the undo of a notice does) or the browser did."""
    if not request.htmx:
        return redirect(address)
    return HttpResponse(status=204, headers={"HX-Redirect": address})


@csp_update({"frame-src": [SELF]})
def full_page(
    request: DeskRequest,
    wanted: Wanted,
    number: str = "",
    *,
    before: datetime | None = None,
    notice: str = "",
    asking: Asking | None = None,
    asked: Context | None = None,
    then: str = "",
    status: int = 200,
) -> HttpResponse:
    """The whole console: rail, list and, when one is open, a case with its customer, also as it was `before`.

    The frame comes first, for it notes where the log ends: what happens while the rest is read is told as news.
    """
    desks = desks_of(request.actor)
    context = frame_context(request, desks) | {"notice": notice, "asking": asking, "asked": asked}
    if number:
        case = opened(request, number)
        context |= case_context(request, case, desks, then=then) | person_context(request, case)
        if before:
            context["flow"] = flow_of(case, actor=request.actor, desks=desks, before=before)
    context |= list_context(request, wanted, desks)
    return private(request, render(request, "desk/console.html", context, status=status))
