"""What leaders tell their people, confirming to have read it, and praise among colleagues."""

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from madoguchi.cases.actions import note_list, note_look
from madoguchi.cases.models import Case
from madoguchi.desk.briefings import desks_led, lines_of, praise_lines
from madoguchi.desk.merging import number_of
from madoguchi.desk.pages.parts import Context, DeskRequest, apart, case_url, private, the_case
from madoguchi.feedback import actions
from madoguchi.feedback.policies import may_praise
from madoguchi.feedback.queries import briefing_by_id, handlers_of, praised_at, unread_briefings
from madoguchi.kernel.actor import Permission
from madoguchi.kernel.errors import NotAllowed, Refused
from madoguchi.kernel.text import whole_number
from madoguchi.knowledge.queries import unread_by
from madoguchi.look.toasts import say
from madoguchi.people.access import requires

ANSWER = Permission.CASE_REPLY
LEAD = Permission.CASE_ASSIGN


@require_safe
@requires(ANSWER)
def briefings(request: DeskRequest) -> HttpResponse:
    """What one is told of what changed: what is to be confirmed first; for leaders also who has not read it."""
    context: Context = {"lines": lines_of(request.actor), "articles": unread_by(request.actor).count()}
    return apart(request, "desk/briefings.html", context | {"leads": bool(desks_led(request.actor))})


@require_safe
@requires(ANSWER)
def banner(request: DeskRequest) -> HttpResponse:
    """The newest of what is not confirmed yet, for the top of the console."""
    waiting = unread_briefings(request.actor)
    context = {"newest": waiting.first(), "count": waiting.count()}
    return private(request, render(request, "desk/briefing_banner.html", context))


@require_http_methods(["GET", "POST"])
@requires(LEAD)
def write(request: DeskRequest) -> HttpResponse:
    """Tell the people whom one leads at a desk what changed."""
    desks, given, context = desks_led(request.actor), request.POST, Context()
    if given:
        try:
            if (desk := desks.get(whole_number(given.get("desk", "")) or 0)) is None:
                raise NotAllowed(LEAD)
            title, text = given.get("title", ""), given.get("text", "")
            actions.give_briefing(desk, title=title, text=text, by=request.actor)
            say(request, text=_("Told. Everybody confirms to have read it."))
            return redirect("desk:briefings")
        except Refused as refused:
            context = {"wrong": {refused.field: str(refused)}, "field": refused.field}
    context |= {"desks": desks.values(), "written": given}
    return apart(request, "desk/briefing.html", context, status=422 if given else 200)


@require_POST
@requires(ANSWER)
def confirm(request: DeskRequest, pk: int) -> HttpResponse:
    """Say that one has read it."""
    actions.confirm_briefing(briefing_by_id(request.actor, pk), by=request.actor)
    return redirect("desk:briefings")


@require_POST
@requires(LEAD)
def withdraw(request: DeskRequest, pk: int) -> HttpResponse:
    """Take it back: nobody is shown it any more."""
    actions.withdraw_briefing(briefing_by_id(request.actor, pk), by=request.actor)
    say(request, text=_("Withdrawn. Nobody is shown it any more."))
    return redirect("desk:briefings")


@require_http_methods(["GET", "POST"])
@requires(Permission.CASE_NOTE)
def praise(request: DeskRequest, number: str) -> HttpResponse:
    """Praise a colleague for how they handled a case."""
    case, given = the_case(request, number), request.POST
    if not may_praise(request.actor, case):
        raise NotAllowed(Permission.CASE_NOTE)
    if not given:
        return _praise_form(request, case, {})
    try:
        to, words = whole_number(given.get("to", "")) or 0, given.get("words", "")
        made = actions.praise(case, to=to, words=words, by=request.actor)
    except Refused as refused:
        return _praise_form(request, case, {"wrong": {refused.field: str(refused)}, "field": refused.field})
    say(request, text=_("%(name)s is told.") % {"name": made.to.name})
    return redirect(case_url(case))


def _praise_form(request: DeskRequest, case: Case, context: Context) -> HttpResponse:
    context |= {"case": case, "number": number_of(case), "written": request.POST}
    context |= {"people": handlers_of(case, actor=request.actor)}
    note_look(case, by=request.actor)
    return apart(request, "desk/praise.html", context, status=422 if request.POST else 200)


@require_safe
@requires(ANSWER)
def praised(request: DeskRequest) -> HttpResponse:
    """What one was praised for; for leaders also how much praise there was at their desks."""
    lines = praise_lines(request.actor)
    note_list(cases=[line.case.pk for line in lines], by=request.actor)
    desks = praised_at(list(desks_led(request.actor).values()))
    return apart(request, "desk/praised.html", {"lines": lines, "desks": desks})
