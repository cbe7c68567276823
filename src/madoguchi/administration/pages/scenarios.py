"""The scenario of a desk's bot, edited as a tree: each change is kept in a draft, shown as customers would see it."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from madoguchi.administration.forms.scenarios import ChoiceForm
from madoguchi.administration.pages.frame import carried_out, show_form
from madoguchi.administration.scenario import Sheet, sheet_of
from madoguchi.bot import actions
from madoguchi.bot.actions.scenario import FIRST_QUESTION
from madoguchi.bot.scenarios import versions_of
from madoguchi.bot.tree import Kind, Tree, added, changed
from madoguchi.companies.models import Desk
from madoguchi.companies.queries import desk_to_set_up
from madoguchi.kernel.actor import Permission
from madoguchi.kernel.errors import Conflict, NotFound, Refused
from madoguchi.kernel.text import whole_number
from madoguchi.knowledge.models import Article
from madoguchi.knowledge.trees import moved, removed
from madoguchi.look.toasts import say
from madoguchi.people.access import StaffRequest, requires

VERSIONS_SHOWN = 20


@require_http_methods(["GET", "POST"])
@requires(Permission.DESKS)
def scenario(request: StaffRequest, pk: int, language: str) -> HttpResponse:
    """The tree, the choice that is looked at with its form, and what customers would see there."""
    sheet = _sheet(request, pk, language)
    adds = "add" in request.GET and sheet.at.kind == Kind.MENU
    form = ChoiceForm(request.POST or None, desk=sheet.desk, node=None if adds else sheet.at)
    if request.POST:
        at = carried_out(form, lambda **_data: _kept(request, sheet, form, adds=adds))
        if at is not None:
            say(request, text=_("Saved in the draft."))
            return redirect(_place(sheet, at))
    versions = Paginator(versions_of(sheet.desk, language), VERSIONS_SHOWN).get_page(request.GET.get("page"))
    told = {"form": form, "adds": adds, "versions": versions, "languages": Article.Language.choices}
    return show_form(request, "scenario", section="bots", desk=sheet.desk, **told, **sheet.context())


@require_POST
@requires(Permission.DESKS)
def scenario_act(request: StaffRequest, pk: int, language: str, act: str) -> HttpResponse:
    """Move or remove a choice, take the last change back, or show the scenario to customers, or none."""
    sheet = _sheet(request, pk, language)
    done = _ACTS.get(act)
    if done is None:
        raise NotFound(act)
    try:
        say(request, text=_("Done."), undo_url=_undo(sheet) if done(request, sheet) else "")
    except (Conflict, Refused) as error:
        say(request, text=str(error), level=messages.ERROR)
    return redirect(_place(sheet, sheet.at.parent if act == "remove" else sheet.at.id))


@require_POST
@requires(Permission.DESKS)
def scenario_again(request: StaffRequest, pk: int, language: str, number: int) -> HttpResponse:
    """Let the draft say what a former version said."""
    sheet = _sheet(request, pk, language)
    actions.scenario_again(sheet.desk, language, number, by=request.actor)
    words = _("The draft is as version %(number)s was. Look at it, and then show it to customers.")
    say(request, text=words % {"number": number}, undo_url=_undo(sheet))
    return redirect(_place(sheet, 1))


def _sheet(request: StaffRequest, pk: int, language: str) -> Sheet:
    desk: Desk = desk_to_set_up(request.actor, pk)
    if language not in FIRST_QUESTION:
        raise NotFound(language)
    at = request.POST.get("at") or request.GET.get("at") or "1"
    place = whole_number(at) or 1
    return sheet_of(desk, language, at=place, first_question=FIRST_QUESTION[language])


def _seen(request: StaffRequest, sheet: Sheet) -> int:
    """The revision that the writer looked at: kept in the page, so that what another did meanwhile is not lost."""
    seen = whole_number(request.POST.get("seen", ""))
    return sheet.seen if seen is None else seen


def _kept(request: StaffRequest, sheet: Sheet, form: ChoiceForm, *, adds: bool) -> int:
    """Keep what was written; returns which node to look at then."""
    placed: list[int] = []

    def change(tree: Tree) -> Tree:
        if not adds:
            return changed(tree, form.node(parent=sheet.at.parent))
        after, new = added(tree, form.node(parent=sheet.at.id))
        placed.append(new)
        return after

    try:
        actions.change_scenario(
            sheet.desk, sheet.language, change, seen=_seen(request, sheet), by=request.actor
        )
    except Conflict as error:  # what was typed stays in the form, beside the tree as it is by now
        raise Refused(str(error)) from error
    return placed[0] if placed else sheet.at.id


def _changed(request: StaffRequest, sheet: Sheet, tree: Tree) -> bool:
    seen = _seen(request, sheet)
    actions.change_scenario(sheet.desk, sheet.language, lambda _tree: tree, seen=seen, by=request.actor)
    return True


def _up(request: StaffRequest, sheet: Sheet) -> bool:
    return _changed(request, sheet, moved(sheet.tree, sheet.at.id, by=-1))


def _down(request: StaffRequest, sheet: Sheet) -> bool:
    return _changed(request, sheet, moved(sheet.tree, sheet.at.id, by=1))


def _remove(request: StaffRequest, sheet: Sheet) -> bool:
    return _changed(request, sheet, removed(sheet.tree, sheet.at.id))


def _take_back(request: StaffRequest, sheet: Sheet) -> bool:
    actions.take_change_back(sheet.desk, sheet.language, by=request.actor)
    return True


def _begin(request: StaffRequest, sheet: Sheet) -> bool:
    actions.begin_scenario(sheet.desk, sheet.language, seen=_seen(request, sheet), by=request.actor)
    return False


def _end(request: StaffRequest, sheet: Sheet) -> bool:
    actions.end_scenario(sheet.desk, sheet.language, by=request.actor)
    return False


_ACTS = {"up": _up, "down": _down, "remove": _remove, "undo": _take_back, "begin": _begin, "end": _end}


def _place(sheet: Sheet, at: int) -> str:
    address = reverse("administration:scenario", args=[sheet.desk.pk, sheet.language])
    return f"{address}?at={max(at, 1)}"


def _undo(sheet: Sheet) -> str:
    return reverse("administration:scenario_act", args=[sheet.desk.pk, sheet.language, "undo"])
