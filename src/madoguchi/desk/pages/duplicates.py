"""Cases that may be one matter told twice: of one case, of all desks, merged many at once, or said to be none."""

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from madoguchi.batches.actions import start_merges
from madoguchi.batches.merges import foresee_merges
from madoguchi.cases import actions
from madoguchi.cases.duplicates import duplicates_among, duplicates_of
from madoguchi.cases.lists import Place
from madoguchi.companies.queries import desks_of
from madoguchi.desk.duplicates import chosen_pairs, going_words, name_of, require_shown, suggested
from madoguchi.desk.merging import case_named, number_of
from madoguchi.desk.pages.parts import (
    Context,
    DeskRequest,
    acted,
    frame_context,
    looked_at,
    private,
    the_case,
)
from madoguchi.kernel.actor import Permission
from madoguchi.kernel.errors import Conflict, Refused
from madoguchi.look.toasts import say
from madoguchi.people.access import requires


@require_http_methods(["GET", "POST"])
@requires(Permission.CASE_UPDATE)
def duplicates(request: DeskRequest) -> HttpResponse:
    """What may be told twice at all desks; chosen ones are foreseen (`show`) and merged (`start`)."""
    asked, more = request.POST, Context(ticked=request.POST.getlist("pair"))
    pairs = chosen_pairs(more["ticked"])
    try:
        if asked.get("do"):
            going = foresee_merges(pairs, by=request.actor)
            more |= {"going": going_words(going), "shown": name_of(going)}
        if asked.get("do") == "start":
            require_shown(asked.get("shown", ""), going)
            return redirect("desk:batch", pk=start_merges(pairs, by=request.actor).pk)
    except (Refused, Conflict) as refused:
        more |= {"problem": str(refused), "status": 409 if isinstance(refused, Conflict) else 422}
    return _listing(request, more)


@require_safe
@requires(Permission.CASE_UPDATE)
def of_case(request: DeskRequest, number: str) -> HttpResponse:
    """What may be the same matter as this case: a part beside it, or a page."""
    case = looked_at(request, number)
    found = suggested(duplicates_of(case, actor=request.actor), actor=request.actor)
    context = {"case": case, "number": number_of(case), "suggested": found}
    page = "desk/duplicates_part.html" if request.htmx else "desk/duplicates_of.html"
    return private(request, render(request, page, context))


@require_POST
@requires(Permission.CASE_UPDATE)
def told_apart(request: DeskRequest, number: str) -> HttpResponse:
    """Remember that the case is no duplicate of the `other`; the answer offers the way back."""
    case, written = the_case(request, number), request.POST.get("other", "")
    actions.tell_apart(case, case_named(written, beside=case, actor=request.actor), by=request.actor)
    undo = f"{reverse('desk:suggest_again', args=[number])}?{urlencode({'other': written})}"
    words = _("Remembered: %(number)s is another matter.") % {"number": written}
    if request.POST.get("from") == "list":
        say(request, text=words, undo_url=undo)
        return redirect("desk:duplicates")
    return acted(request, case, words, undo=undo, person=True)


@require_POST
@requires(Permission.CASE_UPDATE)
def suggest_again(request: DeskRequest, number: str) -> HttpResponse:
    """Forget that the case is no duplicate of the `other`."""
    case, written = the_case(request, number), request.POST.get("other") or request.GET.get("other", "")
    actions.suggest_again(case, case_named(written, beside=case, actor=request.actor), by=request.actor)
    return acted(request, case, _("It is suggested again."), person=True)


def _listing(request: DeskRequest, more: Context) -> HttpResponse:
    desks = desks_of(request.actor)
    before = Place.read(request.GET.get("before", ""))
    look = duplicates_among([desk.pk for desk in desks], actor=request.actor, before=before)
    actions.note_list(
        cases={pk for one in look.found for pk in (one.case.pk, one.other.pk)}, by=request.actor
    )
    context = frame_context(request, desks) | {"look": look, "before": before} | more
    context["suggested"] = suggested(look.found, actor=request.actor)
    page = render(request, "desk/duplicates.html", context, status=more.get("status", 200))
    return private(request, page)
