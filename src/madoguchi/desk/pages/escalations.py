"""Questions to whoever knows more and message slips: beside a case, on a page of their own, and in lists."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from functools import partial

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from madoguchi.cases.actions import note_list, note_look
from madoguchi.cases.models import Case
from madoguchi.desk.directory import slip_begun
from madoguchi.desk.escalating import (
    asked_in,
    board_of,
    choices_for,
    line_of,
    moment_in,
    number_in,
    slip_line_of,
    title_for,
    usual_due,
    whom_in,
    written_in,
)
from madoguchi.desk.merging import number_of
from madoguchi.desk.pages.drafts import taken
from madoguchi.desk.pages.files import to_be_saved
from madoguchi.desk.pages.parts import Context, DeskRequest, apart, private, the_case
from madoguchi.desk.shielding import panel_of
from madoguchi.desk.side_by_side import rates_of
from madoguchi.desk.store_slips import addressed, store_named
from madoguchi.desk.trouble import trouble_of
from madoguchi.escalations import actions, enclosing, policies, queries, slips
from madoguchi.escalations.models import Escalation, Slip
from madoguchi.infra.limits import TooOften
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Permission
from madoguchi.kernel.errors import Conflict, NotFound, Refused
from madoguchi.knowledge.actions.articles import Said
from madoguchi.knowledge.queries.articles import articles_in_sight, published_for
from madoguchi.look.toasts import announce, say
from madoguchi.people.access import requires

PER_PAGE = 50
LISTS = {
    "mine": (gettext_lazy("Waiting for me"), queries.waiting_for),
    "asked": (gettext_lazy("Asked by me"), queries.asked_by),
    "late": (gettext_lazy("Overdue"), queries.overdue),
    "all": (gettext_lazy("All that is open"), queries.unsettled),
    "over": (gettext_lazy("Settled"), queries.settled),
}
SLIP_LISTS = {
    "open": pgettext_lazy("slips", "Open"),
    "unread": gettext_lazy("Not read yet"),
    "read": gettext_lazy("Read, not done"),
    "late": gettext_lazy("Overdue"),
    "done": gettext_lazy("Done"),
    "": gettext_lazy("All"),
}
SPANS = (30, 90, 365)
# What is refused of these stands at its field; whatever else above the forms.
_FIELDS = {
    "ask": ("to", "question", "tried", "cause", "due", "name", "address", "files"),
    "slip": ("name", "address", "caller", "call_back", "words", "due"),
    "signal": ("words", "kind", "product"),
    "mark": ("sort", "words"),
}
Wrong = Mapping[str, str]
_NOTHING: Wrong = {}
_CHOSEN_IN = {"person": "to", "desk": "to"}


@require_safe
@requires(Permission.CASE_READ)
def raised(request: DeskRequest, number: str) -> HttpResponse:
    """What was raised in a case, as a part beside it or a page; `form` opens one."""
    return show_raised(request, the_case(request, number), form=request.GET.get("form", ""))


@require_POST
@requires(Permission.CASE_READ)
def ask(request: DeskRequest, number: str) -> HttpResponse:
    """Ask whoever knows more."""
    case = the_case(request, number)
    if not policies.may_ask(request.actor, case, to=whom_in(request.POST.dict()).to):
        policies.require_work(request.actor, case)
    return done_raised(request, case, "ask", partial(_ask, request, case))


@require_POST
@requires(Permission.CASE_UPDATE)
def slip(request: DeskRequest, number: str) -> HttpResponse:
    """Write a message slip for somebody outside."""
    case = the_case(request, number)
    policies.require_work(request.actor, case)
    return done_raised(
        request,
        case,
        "slip",
        lambda form: slips.make_slip(case, written_in(form, case=case), by=request.actor),
    )


@require_safe
@requires(Permission.CASE_READ)
def listed(request: DeskRequest) -> HttpResponse:
    """Questions: those that wait for the reader, that they asked, that are late, that are open, that are over."""
    which = request.GET.get("which", "mine")
    which = which if which in LISTS else "mine"
    rows = LISTS[which][1](request.actor).prefetch_related("slips")
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    note_list(cases=[one.case_id for one in page], by=request.actor)
    now = clock.now()
    lines = [line_of(one, actor=request.actor, now=now) for one in page]
    context: Context = {"page": page, "lines": lines, "which": which}
    context["lists"] = [(name, words) for name, (words, _rows) in LISTS.items()]
    return apart(request, "desk/escalations.html", context)


@require_safe
@requires(Permission.CASE_READ)
def waiting(request: DeskRequest) -> HttpResponse:
    """How many questions wait for the reader, beside the way to them."""
    count = queries.waiting_for(request.actor).count()
    return private(request, render(request, "desk/escalations_waiting.html", {"count": count}))


@require_safe
@requires(Permission.CASE_READ)
def file(request: DeskRequest, pk: int, file: int) -> HttpResponseBase:
    """A file that went with a question, always to be saved, never to be shown."""
    found = queries.escalation_by_id(pk, actor=request.actor)
    note_look(found.home, by=request.actor)
    fetched = enclosing.fetch(found, file, by=request.actor)
    return to_be_saved(request, company=fetched.company_id, sha256=fetched.sha256, filename=fetched.filename)


@require_safe
@requires(Permission.CASE_READ)
def causes(request: DeskRequest) -> HttpResponse:
    """How many questions were asked for which cause, by desk, so that causes can be mended."""
    wanted = number_in(request.GET.dict(), "days")
    days = wanted if wanted in SPANS else SPANS[0]
    end = clock.now()
    span = {"begin": end - timedelta(days=days), "end": end}
    context: Context = {"rows": queries.counts(request.actor, **span), "days": days, "spans": SPANS}
    context["rates"] = rates_of(request.actor, **span)
    context["most"] = max((row.asked for row in context["rows"]), default=1)
    return apart(request, "desk/escalation_causes.html", context)


@require_safe
@requires(Permission.CASE_READ)
def one(request: DeskRequest, pk: int) -> HttpResponse:
    """A question with its answer, and what can be done; that whoever is asked opened it is kept."""
    found = queries.escalation_by_id(pk, actor=request.actor)
    actions.note_opened(found, by=request.actor)
    return _page(request, found)


@require_POST
@requires(Permission.CASE_READ)
def act(request: DeskRequest, pk: int, what: str) -> HttpResponse:
    """Answer a question, pass it on, ask again, withdraw it, or say what becomes of its answer."""
    found = queries.escalation_by_id(pk, actor=request.actor)
    if what not in _ACTS:
        raise NotFound(what)
    try:
        words = _ACTS[what](request, found)
    except (Refused, Conflict, TooOften) as error:
        fresh = queries.escalation_by_id(pk, actor=request.actor)
        return _page(request, fresh, form=what, problem=_problem(error), status=422)
    say(request, text=words)
    return redirect("desk:escalation", pk=pk)


@require_safe
@requires(Permission.CASE_READ)
def slips_listed(request: DeskRequest) -> HttpResponse:
    """Message slips: open ones, unread, read, late, done, all."""
    state = request.GET.get("state", "open")
    state = state if state in SLIP_LISTS else "open"
    store = store_named(request.GET.get("store", ""), actor=request.actor)
    rows = queries.slips_at(request.actor, state)
    rows = rows.filter(company=store.company_id, to_address=store.email) if store else rows
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    note_list(cases=[one.case_id for one in page], by=request.actor)
    now = clock.now()
    lines = [slip_line_of(one, actor=request.actor, now=now) for one in page]
    context: Context = {"page": page, "lines": lines, "state": state, "states": SLIP_LISTS.items()}
    context["store"] = store
    return apart(request, "desk/slips.html", context)


@require_http_methods(["POST"])
@requires(Permission.CASE_UPDATE)
def slip_act(request: DeskRequest, pk: int, what: str) -> HttpResponse:
    """Say that a slip is done, open it again, send it again or withdraw it."""
    found = queries.slip_by_id(pk, actor=request.actor)
    policies.require_work(request.actor, found.home)
    if what not in _SLIP_ACTS:
        raise NotFound(what)
    case = the_case(request, number_of(found.home))
    return done_raised(request, case, f"slip-{pk}", lambda form: _SLIP_ACTS[what](request, found, form))


def done_raised(
    request: DeskRequest, case: Case, form: str, act: Callable[[Mapping[str, str]], object]
) -> HttpResponse:
    """Do what a form beside a case asks, and show what is there now; a plain page is led back to the case, as by any
    other act there. What is refused stays as it was typed."""
    try:
        act(request.POST.dict())
    except (Refused, Conflict, TooOften) as error:
        fields = error.fields if isinstance(error, Refused) else {}
        wrong = {_CHOSEN_IN.get(name, name): words for name, words in fields.items()}
        return show_raised(request, case, form=form, problem=_problem(error), wrong=wrong, status=422)
    if request.htmx:
        return announce(show_raised(request, case), text=_("Saved."))
    say(request, text=_("Saved."))
    return redirect("desk:case", number=number_of(case))


def show_raised(
    request: DeskRequest,
    case: Case,
    *,
    form: str = "",
    problem: str = "",
    wrong: Wrong = _NOTHING,
    status: int = 200,
) -> HttpResponse:
    """What was raised in a case, with the form that is open and what is `wrong` with its fields."""
    note_look(case, by=request.actor)
    board = board_of(case, actor=request.actor, form=form)
    context: Context = {"case": case, "number": number_of(case), "board": board, "form": form}
    context |= {
        "trouble": trouble_of(case, actor=request.actor, signalling=form == "signal"),
        "shield": panel_of(case, actor=request.actor),
    }
    wrong = {name: words for name, words in wrong.items() if name in _FIELDS.get(form, ())}
    context |= {"problem": problem, "wrong": wrong, "field": next(iter(wrong), "")}
    context["written"] = request.POST if problem else _begun(request, case, form)
    context["chosen"] = request.POST.getlist("chosen") if problem else []
    context["lost"] = bool(problem and request.FILES)
    if not request.htmx:
        return apart(request, "desk/raised.html", context, status=status)
    return private(request, render(request, "desk/raised_part.html", context, status=status))


def _begun(request: DeskRequest, case: Case, form: str) -> Mapping[str, str]:
    """With what a form begins: a slip for a store that was just chosen with what was typed already."""
    if form != "slip":
        return {}
    typed = request.GET.dict()
    return slip_begun(case, actor=request.actor) | typed | addressed(case, typed)


def _page(
    request: DeskRequest, found: Escalation, *, form: str = "", problem: str = "", status: int = 200
) -> HttpResponse:
    actor, case = request.actor, found.home
    note_look(case, by=actor)
    line = line_of(found, actor=actor, now=clock.now())
    context: Context = {"line": line, "one": found, "case": case, "form": form, "problem": problem}
    context |= {
        "written": request.POST if problem else {},
        "title": title_for(found),
        "due": usual_due(case.desk),
        "files": enclosing.files_of(found),
    }
    open_one = found.state == Escalation.State.OPEN
    if open_one and (line.answers or line.settles):
        context["choices"] = choices_for(case, actor=actor)
    if found.state == Escalation.State.ANSWERED and line.settles:
        context["articles"] = published_for(case.desk, reader=actor)[:200]
    if found.article and articles_in_sight(actor).filter(pk=found.article.pk).exists():
        context["stands_in"] = found.article
    context["again"] = line.settles and policies.may_ask(actor, case, to=found.to) and not open_one
    context["number"] = line.number if line.readable else ""
    return apart(request, "desk/escalation.html", context, status=status)


def _problem(error: Refused | Conflict | TooOften) -> str:
    if isinstance(error, TooOften):
        minutes = error.seconds // 60 + 1
        return _("Very many slips were sent within the hour. Try again in %(n)s minutes.") % {"n": minutes}
    return str(error)


def _ask(request: DeskRequest, case: Case, form: Mapping[str, str]) -> None:
    sent = taken(request.FILES.getlist("files"))
    whom, asked = asked_in(form, chosen=request.POST.getlist("chosen"), files=sent)
    actions.ask(case, whom, asked, by=request.actor)


def _answer(request: DeskRequest, found: Escalation) -> str:
    written = request.POST.get("minutes", "").strip()
    minutes = number_in(request.POST.dict(), "minutes")
    if written and minutes is None:
        raise Refused(_("Write a number of minutes, at most a week."), field="minutes")
    actions.answer(found, text=request.POST.get("text", ""), minutes=minutes, by=request.actor)
    return _("Your answer stands in the case.")


def _take(request: DeskRequest, found: Escalation) -> str:
    actions.take(found, by=request.actor)
    return _("It is yours to answer now.")


def _give_back(request: DeskRequest, found: Escalation) -> str:
    actions.give_back(found, by=request.actor)
    return _("All who are asked see it again.")


def _pass_on(request: DeskRequest, found: Escalation) -> str:
    actions.pass_on(found, whom_in(request.POST.dict()), by=request.actor)
    return _("The question is passed on.")


def _again(request: DeskRequest, found: Escalation) -> str:
    form = request.POST.dict()
    actions.ask_again(found, words=form.get("words", ""), due_at=moment_in(form), by=request.actor)
    return _("It is asked once more.")


def _withdraw(request: DeskRequest, found: Escalation) -> str:
    actions.withdraw(found, by=request.actor)
    return _("The question is withdrawn.")


def _draft(request: DeskRequest, found: Escalation) -> str:
    said = Said(request.POST.get("title", ""), request.POST.get("body", ""))
    actions.close_with_draft(found, said, by=request.actor)
    return _("A draft of an article is made, and the question closed.")


def _link(request: DeskRequest, found: Escalation) -> str:
    article = number_in(request.POST.dict(), "article") or 0
    actions.close_with_article(found, article=article, by=request.actor)
    return _("The question is closed.")


def _without(request: DeskRequest, found: Escalation) -> str:
    actions.close_without_article(found, reason=request.POST.get("reason", ""), by=request.actor)
    return _("The question is closed.")


_ACTS: dict[str, Callable[[DeskRequest, Escalation], str]] = {
    "answer": _answer,
    "take": _take,
    "give-back": _give_back,
    "pass-on": _pass_on,
    "again": _again,
    "withdraw": _withdraw,
    "draft": _draft,
    "article": _link,
    "no-article": _without,
}
_SLIP_ACTS: dict[str, Callable[[DeskRequest, Slip, Mapping[str, str]], object]] = {
    "done": lambda request, slip, form: slips.finish_slip(slip, words=form.get("text", ""), by=request.actor),
    "reopen": lambda request, slip, form: slips.reopen_slip(slip, by=request.actor),
    "again": lambda request, slip, form: slips.send_again(
        slip, address=form.get("address", ""), by=request.actor
    ),
    "withdraw": lambda request, slip, form: slips.withdraw_slip(slip, by=request.actor),
}
