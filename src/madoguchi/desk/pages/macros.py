"""Macros on the open case: several acts in one key, and the way back."""

from dataclasses import replace

from django.http import HttpResponse, QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from madoguchi.cases.models import ACTIVE, Case, HandOff
from madoguchi.desk.hand_off import Asking, asking, still_to_do, words_in
from madoguchi.desk.pages.form import first_filled
from madoguchi.desk.pages.parts import MOST_DIGITS, DeskRequest, acted, ask_for_words, the_case
from madoguchi.kernel.actor import Permission
from madoguchi.kernel.errors import NotFound
from madoguchi.macros.actions import Ran, absent_for, occasion_for, run_macro, undo_run
from madoguchi.macros.models import Macro
from madoguchi.macros.queries import macro_by_id, run_of
from madoguchi.macros.steps import ends_the_case, read_steps
from madoguchi.macros.verbs import Words
from madoguchi.people.access import requires


@require_POST
@requires(Permission.CASE_UPDATE)
@first_filled("macro")
def run(request: DeskRequest, number: str) -> HttpResponse:
    """Do all that a macro says; where the desk wants words for whoever comes next, or tasks are left that nobody was
    shown, ask first.
    """
    case, asked = the_case(request, number), request.POST.get("macro", "")
    if not asked.isdecimal() or len(asked) > MOST_DIGITS:
        raise NotFound(asked)
    macro = macro_by_id(int(asked), actor=request.actor)
    if form := _first(request, macro, case):
        return ask_for_words(request, case, form)
    words = Words(words_in(request.POST)) if "hand_off" in request.POST else None
    yes, typed = request.POST.getlist("confirmed"), _typed(request.POST)
    ran = run_macro(macro, case, by=request.actor, words=words, typed=typed, confirmed=yes)
    undo = reverse("desk:macro_undo", args=[ran.run.pk])
    return acted(request, case, _said(macro.name, ran), undo=undo, composer=bool(ran.texts))


@require_POST
@requires(Permission.CASE_UPDATE)
def undo(request: DeskRequest, run: int) -> HttpResponse:
    """Put the case back as it was before the macro ran."""
    found = run_of(run, actor=request.actor)
    undo_run(found, by=request.actor)
    words = _("Undone. The note stays.") if found.noted else _("Undone.")
    return acted(request, found.case, words, composer=found.draft is not None)


def _first(request: DeskRequest, macro: Macro, case: Case) -> Asking | None:
    """What is asked before a macro runs: words for whoever comes next, whether to leave tasks undone, and whether to
    give the case to somebody who is not here.
    """
    if "hand_off" in request.POST:
        return None
    occasion = occasion_for(macro, case, by=request.actor)
    ends = case.status in ACTIVE and ends_the_case(read_steps(macro.acts))
    left = still_to_do(request.POST, case) if ends else []
    absent = absent_for(macro, case, by=request.actor)
    if not (occasion or left or absent):
        return None
    found = asking(
        case, occasion=occasion or HandOff.Occasion.CLOSING, form=request.POST, field="macro", tasks=left
    )
    title = macro.name if absent and not (occasion or left) else found.title
    return replace(found, absent=absent, wants_words=occasion is not None, title=title)


def _typed(form: QueryDict) -> dict[str, str] | None:
    if "text" not in form:
        return None
    return {name: form.get(name, "") for name in ("text", "to", "cc", "bcc")}


def _said(name: str, ran: Ran) -> str:
    if ran.kept:
        return _("“%(name)s” is done. Somebody else writes the answer: its words are kept for you.") % {
            "name": name
        }
    return _("“%(name)s” is done.") % {"name": name}
