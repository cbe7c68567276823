"""The shield: marks, calls for a senior, ended talks, appeals, care and counsel; beside a case, on pages, in lists."""

from collections.abc import Callable, Mapping
from typing import Any

from django.core.paginator import Paginator
from django.http import FileResponse, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from madoguchi.cases.actions import note_list, note_look
from madoguchi.cases.policies import may_read
from madoguchi.delivery.scheduling import read_moment
from madoguchi.desk.merging import number_of
from madoguchi.desk.pages.escalations import PER_PAGE, done_raised
from madoguchi.desk.pages.parts import Context, DeskRequest, apart, private, the_case
from madoguchi.desk.shielding import line_of, noticed_words, page_of, waited
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Permission
from madoguchi.kernel.errors import Conflict, NotAllowed, NotFound, Refused
from madoguchi.look.toasts import say
from madoguchi.people.access import requires
from madoguchi.shield import appealing, caring, marking, policies, queries, stopping
from madoguchi.shield.evidence import fetch_evidence
from madoguchi.shield.load import loads_at
from madoguchi.shield.models import Appeal, Mark, PoliceReport, Stop
from madoguchi.shield.police import note_police

LISTS = {
    "help": gettext_lazy("Calls for a senior"),
    "noticed": gettext_lazy("Noticed, not looked at"),
    "suspected": gettext_lazy("Suspected"),
    "confirmed": gettext_lazy("Found to be harassment"),
    "cleared": gettext_lazy("Found to be none"),
    "care": gettext_lazy("To be done for people"),
    "counsel": gettext_lazy("Counsel"),
    "load": gettext_lazy("Load on people"),
}
# What is refused of these stands at its field.
_FIELDS = {
    "decide": ("state", "reason"),
    "stop": ("onward", "reason"),
    "settle-appeal": ("state", "answer"),
    "police": ("way", "place", "officer", "number", "at", "words"),
}
_NOTHING: Mapping[str, str] = {}
# Of people, which a company does not see.
AMONG_COLLEAGUES = ("help", "noticed", "care", "counsel", "load")


@require_safe
@requires(Permission.CASE_READ)
def listed(request: DeskRequest) -> HttpResponse:
    """What is in the shield: calls for a senior, what was noticed, marks, care, counsel, load."""
    works = request.actor.may_anywhere(Permission.CASE_NOTE)
    lists = {name: words for name, words in LISTS.items() if works or name not in AMONG_COLLEAGUES}
    which = request.GET.get("which", "")
    which = which if which in lists else next(iter(lists))
    page = Paginator(_rows(request, which), PER_PAGE).get_page(request.GET.get("page"))
    # Of load the lines are people.
    note_list(cases=[one.case_id for one in page if which != "load"], by=request.actor)
    context: Context = {"page": page, "which": which, "lists": lists.items(), "now": clock.now()}
    return apart(request, "desk/shield.html", context | _shown(request, which, page))


@require_POST
@requires(Permission.CASE_UPDATE)
def mark(request: DeskRequest, number: str) -> HttpResponse:
    """Mark a contact of a case as suspected harassment."""
    case, actor = the_case(request, number), request.actor
    if not policies.may_work(actor, case):
        raise NotAllowed(Permission.CASE_UPDATE)

    def act(form: Mapping[str, str]) -> object:
        return marking.mark(case, sort=form.get("sort", ""), words=form.get("words", ""), by=actor)

    return done_raised(request, case, "mark", act)


@require_POST
@requires(Permission.CASE_UPDATE)
def call(request: DeskRequest, number: str) -> HttpResponse:
    """Call a senior to a case, in one key."""
    case = the_case(request, number)
    return done_raised(request, case, "", lambda form: marking.call_help(case, by=request.actor))


@require_POST
@requires(Permission.CASE_APPROVE)
def come(request: DeskRequest, pk: int) -> HttpResponse:
    """A senior is there, and is led to the case."""
    found = queries.help_by_id(pk, actor=request.actor)
    marking.come(found, by=request.actor)
    return redirect("desk:case", number=number_of(queries.home_of(found.case)))


@require_POST
@requires(Permission.CASE_UPDATE)
def noticed(request: DeskRequest, pk: int, what: str) -> HttpResponse:
    """Make a mark of what was noticed, or set it aside with a reason."""
    found, actor = queries.suggestion_by_id(pk, actor=request.actor), request.actor
    case = the_case(request, number_of(queries.home_of(found.case)))
    acts: dict[str, Callable[[Mapping[str, str]], object]] = {
        "mark": lambda form: marking.mark(
            case, sort=found.sort, words=noticed_words(found), by=actor, noticed=found
        ),
        "aside": lambda form: marking.set_aside(found, reason=form.get("reason", ""), by=actor),
    }
    if what not in acts:
        raise NotFound(what)
    return done_raised(request, case, "", acts[what])


@require_safe
@requires(Permission.CASE_READ)
def one(request: DeskRequest, pk: int) -> HttpResponse:
    """A mark with what was done about it."""
    return _page(request, queries.mark_by_id(pk, actor=request.actor))


@require_safe
@requires(Permission.CASE_REPLY)
def text(request: DeskRequest, pk: int, what: str) -> HttpResponse:
    """The approved words with which we warn or end a talk, for the composer; or why there are none yet."""
    found = queries.mark_by_id(pk, actor=request.actor)
    try:
        words, status = stopping.words_for(found, what=what, actor=request.actor), 200
    except Refused as error:
        words, status = str(error), 409
    return private(request, HttpResponse(words, content_type="text/plain; charset=utf-8", status=status))


@require_POST
@requires(Permission.CASE_UPDATE)
def act(request: DeskRequest, pk: int, what: str) -> HttpResponse:
    """Decide on a mark, ask that the talk be ended, agree to that, lift it; write an appeal down, decide on it; write
    down that the police were told.
    """
    found = queries.mark_by_id(pk, actor=request.actor)
    if what not in _ACTS:
        raise NotFound(what)
    try:
        _ACTS[what](request, found)
    except (Refused, Conflict) as error:
        fresh = queries.mark_by_id(pk, actor=request.actor)
        wrong = error.fields if isinstance(error, Refused) else {}
        return _page(request, fresh, form=what, problem=str(error), wrong=wrong)
    say(request, text=_("Saved."))
    return redirect("desk:shield_one", pk=pk)


@require_POST
@requires(Permission.CASE_APPROVE)
def evidence(request: DeskRequest, pk: int) -> HttpResponseBase:
    """The evidence of a mark, in one file."""
    found = queries.mark_by_id(pk, actor=request.actor)
    try:
        bundle = fetch_evidence(found, by=request.actor)
    except Refused as error:
        return _page(request, found, form="evidence", problem=str(error))
    name = f"{number_of(queries.home_of(found.case))}-{pk}.zip"
    return FileResponse(bundle, as_attachment=True, filename=name, content_type="application/zip")


@require_POST
@requires(Permission.CASE_NOTE)
def settle(request: DeskRequest, pk: int) -> HttpResponse:
    """Say that somebody was cared for, or did not wish it."""
    found = queries.care_by_id(pk, actor=request.actor)
    try:
        caring.settle_care(found, outcome=request.POST.get("outcome", ""), by=request.actor)
        say(request, text=_("Saved."))
    except (Refused, Conflict) as error:
        say(request, text=str(error))
    return redirect("/shield/?which=care")


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Permission.CASE_NOTE)
def consult(request: DeskRequest, number: str) -> HttpResponse:
    """Ask one's employer for counsel about a case; the company whose customers these are does not read it."""
    case, problem = the_case(request, number), ""
    if not policies.may_see_people(request.actor, case):
        raise NotAllowed(Permission.CASE_NOTE)
    if request.method == "POST":
        try:
            form = request.POST
            also = form.get("to_client") == "yes"
            made = caring.consult(case, words=form.get("words", ""), to_client=also, by=request.actor)
            say(request, text=_("Your seniors will answer you."))
            return redirect("desk:counsel", pk=made.pk)
        except Refused as error:
            problem = str(error)
    return _counsel_page(request, {"case": case, "number": number_of(case)}, problem)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Permission.CASE_NOTE)
def counsel(request: DeskRequest, pk: int) -> HttpResponse:
    """A consultation, for who asked and for who answers it."""
    found, problem = queries.consultation_by_id(pk, actor=request.actor), ""
    if request.method == "POST":
        try:
            caring.give_counsel(found, answer=request.POST.get("answer", ""), by=request.actor)
            say(request, text=_("Saved."))
            return redirect("desk:counsel", pk=pk)
        except (Refused, Conflict) as error:
            problem = str(error)
    case = queries.home_of(found.case)
    return _counsel_page(request, {"one": found, "case": case, "number": number_of(case)}, problem)


def _decide(request: DeskRequest, found: Mark) -> None:
    form = request.POST
    marking.decide(found, state=form.get("state", ""), reason=form.get("reason", ""), by=request.actor)


def _stop(request: DeskRequest, found: Mark) -> None:
    form = request.POST
    onward, reason = form.get("onward", ""), form.get("reason", "")
    stopping.ask_stop(found, onward=onward, reason=reason, by=request.actor)


def _settle_stop(request: DeskRequest, found: Mark) -> None:
    stop = found.stops.filter(state=Stop.State.ASKED).order_by("-id").first()
    if stop is None:
        raise Conflict(_("Somebody was faster. Look again."))
    agreed = request.POST.get("agreed") == "yes"
    stopping.decide_stop(stop, agreed=agreed, words=request.POST.get("words", ""), by=request.actor)


def _lift(request: DeskRequest, found: Mark) -> None:
    for stop in found.stops.filter(state=Stop.State.AGREED, lifted_at=None):
        stopping.lift_stop(stop, by=request.actor)


def _appeal(request: DeskRequest, found: Mark) -> None:
    appealing.appeal(found, words=request.POST.get("words", ""), by=request.actor)


def _settle_appeal(request: DeskRequest, found: Mark) -> None:
    made = found.appeals.filter(state=Appeal.State.OPEN).order_by("id").first()
    if made is None:
        raise Conflict(_("Somebody was faster. Look again."))
    form = request.POST
    state, answer = form.get("state", ""), form.get("answer", "")
    sends, sure = form.get("send") == "yes", form.get("sure") == "yes"
    appealing.decide_appeal(made, state=state, answer=answer, send=sends, sure=sure, by=request.actor)


def _police(request: DeskRequest, found: Mark) -> None:
    said = {name: request.POST.get(name, "") for name in ("way", "place", "officer", "number", "words")}
    try:
        at = read_moment(request.POST.get("at", ""))
    except Refused as refused:
        raise Refused(str(refused), field="at") from refused
    note_police(found, at=at, by=request.actor, **said)


_ACTS: dict[str, Callable[[DeskRequest, Mark], None]] = {
    "decide": _decide,
    "stop": _stop,
    "settle-stop": _settle_stop,
    "lift": _lift,
    "appeal": _appeal,
    "settle-appeal": _settle_appeal,
    "police": _police,
}


def _rows(request: DeskRequest, which: str) -> Any:
    actor = request.actor
    if which in ("suspected", "confirmed", "cleared"):
        return queries.marks_at(actor, state=which)
    rows: dict[str, Callable[[], Any]] = {
        "help": lambda: queries.helps_at(actor),
        "noticed": lambda: queries.suggestions_at(actor),
        "care": lambda: queries.cares_at(actor),
        "counsel": lambda: queries.consultations_at(actor),
        "load": lambda: loads_at(actor),
    }
    return rows[which]()


def _shown(request: DeskRequest, which: str, page: Any) -> Context:
    actor = request.actor
    if which in ("suspected", "confirmed", "cleared"):
        lines = [line_of(one, actor=actor) for one in page]
        return {"lines": lines, "names_people": any(line.person for line in lines)}
    if which == "noticed":
        return {"lines": [(one, noticed_words(one)) for one in page]}
    if which == "help":
        leads = [policies.may_lead(actor, queries.home_of(one.case)) for one in page]
        return {"lines": [(one, may, waited(one)) for one, may in zip(page, leads, strict=True)]}
    if which == "counsel":
        return {"lines": [(one, may_read(actor, queries.home_of(one.case))) for one in page]}
    return {"lines": list(page), "reader": actor.id}


def _page(
    request: DeskRequest,
    found: Mark,
    *,
    form: str = "",
    problem: str = "",
    wrong: Mapping[str, str] = _NOTHING,
) -> HttpResponse:
    """`problem` stands above the forms where none of them tells it beneath a field (`_FIELDS`)."""
    note_look(found.case, by=request.actor)
    shown = page_of(found, actor=request.actor)
    context: Context = {"mark": shown, "one": found, "case": shown.case, "number": shown.line.number}
    wrong = {name: words for name, words in wrong.items() if name in _FIELDS.get(form, ())}
    context |= {"form": form, "problem": "" if wrong else problem, "reader": request.actor.id}
    context |= {"wrong": wrong, "field": next(iter(wrong), ""), "written": request.POST if problem else {}}
    context["ways"] = PoliceReport.Way.choices
    context["outcomes"] = [choice for choice in Appeal.State.choices if choice[0] != Appeal.State.OPEN]
    return apart(request, "desk/shield_mark.html", context, status=422 if problem else 200)


def _counsel_page(request: DeskRequest, context: Context, problem: str) -> HttpResponse:
    note_look(context["case"], by=request.actor)
    context |= {"problem": problem, "written": request.POST if problem else {}}
    context["reads"] = may_read(request.actor, context["case"])
    context["number"] = context["number"] if context["reads"] else ""
    found = context.get("one")
    own = found is not None and found.person_id == request.actor.id
    context["answers"] = found is not None and not own and policies.is_counsel(request.actor, found)
    context["temporary"] = found is None and policies.is_temporary(request.actor, context["case"])
    return apart(request, "desk/shield_counsel.html", context, status=422 if problem else 200)
