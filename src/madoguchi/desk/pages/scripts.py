"""Talk scripts: walked through beside a case, and edited as a tree."""

from collections.abc import Callable

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from madoguchi.cases.models import Case
from madoguchi.desk.articles import place_in
from madoguchi.desk.pages.articles import around, edited, form_for, kept_by
from madoguchi.desk.pages.parts import Context, DeskRequest, apart, private, the_case
from madoguchi.desk.scripting import Sheet, StepForm, beside_case, sheet_of
from madoguchi.kernel.actor import Actor, Permission
from madoguchi.kernel.errors import Conflict, NotFound, Refused
from madoguchi.kernel.text import whole_number
from madoguchi.knowledge import steps
from madoguchi.knowledge.actions import Said, Settings, add_article, write_article
from madoguchi.knowledge.models import Article
from madoguchi.knowledge.queries import article_by_id, version_of
from madoguchi.knowledge.steps import Script
from madoguchi.knowledge.trees import moved, removed
from madoguchi.look.toasts import say
from madoguchi.people.access import requires
from madoguchi.scripts.actions import begin_walk, end_walk, go_back, go_on, say_step

# What the last change to a script was made of, for whoever made it.
_BEFORE = "script_before"
_WAYS: dict[str, Callable[[Case, int, Actor], object]] = {
    "begin": lambda case, to, by: begin_walk(case, to, by=by),
    "on": lambda case, to, by: go_on(case, to, by=by),
    "back": lambda case, _to, by: go_back(case, by=by),
    "end": lambda case, _to, by: end_walk(case, by=by),
}


@require_safe
@requires(Permission.CASE_NOTE)
def script(request: DeskRequest, number: str) -> HttpResponse:
    """A part of the case's page, or a page of its own: the step where one stands, or the scripts to choose from."""
    return beside_script(request, number)


@require_POST
@requires(Permission.CASE_NOTE)
def walk(request: DeskRequest, number: str, act: str) -> HttpResponse:
    """Begin a script, go on, back, or be through with it."""
    case, to = the_case(request, number), whole_number(request.POST.get("to", "")) or 0
    if act not in _WAYS:
        raise NotFound(act)
    try:
        _WAYS[act](case, to, request.actor)
    except Conflict as error:
        return beside_script(request, number, problem=str(error))
    return beside_script(request, number) if request.htmx else redirect("desk:script", number=number)


@require_POST
@requires(Permission.CASE_REPLY)
def words(request: DeskRequest, number: str) -> HttpResponse:
    """The words of the step where one stands, for the answer; it is kept that they were taken."""
    try:
        said = say_step(the_case(request, number), by=request.actor)
    except Conflict as error:
        return HttpResponse(str(error), content_type="text/plain; charset=utf-8", status=422)
    return private(request, HttpResponse(said, content_type="text/plain; charset=utf-8"))


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Permission.ARTICLES_WRITE)
def new(request: DeskRequest) -> HttpResponse:
    """Begin a script with its first step."""
    by, kind = request.actor, Article.Kind.SCRIPT
    form = form_for(request, kind=kind)

    def keep(said: Said, settings: Settings) -> Article:
        company, _desk = place_in(form.cleaned_data["where"], actor=by)
        return add_article(company, said, settings, kind=kind, by=by)

    made = kept_by(request, form, keep)
    return redirect("desk:script_steps", pk=made.pk) if made else edited(request, form, None, script=True)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Permission.ARTICLES_WRITE)
def tree(request: DeskRequest, pk: int) -> HttpResponse:
    """A script as a tree, and the step that is looked at with its form."""
    sheet, adds = _sheet(request, pk), "add" in request.GET
    form = StepForm(request.POST or None, step=None if adds else sheet.at)
    kept = _kept(request, sheet, form, adds=adds)
    if kept is not None:
        return kept
    context: Context = {"sheet": sheet, "form": form, "adds": adds, "seen": _seen(request, sheet)}
    context |= {"undo": _before(request, sheet) is not None, **around(request, "")}
    return apart(request, "desk/script_steps.html", context, status=422 if form.errors else 200)


@require_POST
@requires(Permission.ARTICLES_WRITE)
def tree_act(request: DeskRequest, pk: int, act: str) -> HttpResponse:
    """Move a step or take it out with all below, or take the last change back."""
    sheet = _sheet(request, pk)
    script = _acted(request, sheet, act)
    try:
        return _changed(request, sheet, script, at=sheet.at.parent if act == "remove" else sheet.at.id)
    except (Refused, Conflict) as error:
        say(request, text=str(error))
        return redirect(_place(sheet, sheet.at.id))


def beside_script(request: DeskRequest, number: str, *, problem: str = "") -> HttpResponse:
    """What is shown of talk scripts beside a case, with what kept somebody from going on."""
    context: Context = {"number": number, "problem": problem}
    context |= beside_case(the_case(request, number), reader=request.actor)
    status = 409 if problem and not request.htmx else 200
    if request.htmx:
        return private(request, render(request, "desk/script_part.html", context, status=status))
    return apart(request, "desk/script.html", context, status=status)


def _sheet(request: DeskRequest, pk: int) -> Sheet:
    found = article_by_id(request.actor, pk)
    if found.kind != Article.Kind.SCRIPT:
        raise NotFound(pk)
    at = whole_number(request.POST.get("at") or request.GET.get("at") or "") or 1
    return sheet_of(found, version_of(found, found.newest), at=at)


def _seen(request: DeskRequest, sheet: Sheet) -> int:
    """The revision that the writer looked at: what another did meanwhile is not lost."""
    seen = whole_number(request.POST.get("seen", ""))
    return sheet.article.revision if seen is None else seen


def _acted(request: DeskRequest, sheet: Sheet, act: str) -> Script:
    match act:
        case "up" | "down":
            return moved(sheet.script, sheet.at.id, by=-1 if act == "up" else 1)
        case "remove":
            return removed(sheet.script, sheet.at.id)
        case "undo":
            return steps.read(_before(request, sheet) or steps.written(sheet.script))
    raise NotFound(act)


def _kept(request: DeskRequest, sheet: Sheet, form: StepForm, *, adds: bool) -> HttpResponse | None:
    """What was typed of a step, kept; None where nothing was sent or it cannot be taken, which the form then says."""
    if not form.is_valid():
        return None
    try:
        return _changed(request, sheet, _typed(sheet, form, adds=adds))
    except (Refused, Conflict) as error:
        field = getattr(error, "field", None)
        form.add_error(field if field in form.fields else None, str(error))
        return None


def _typed(sheet: Sheet, form: StepForm, *, adds: bool) -> Script:
    if adds:
        return steps.added(sheet.script, form.step(parent=sheet.at.id))
    return steps.changed(sheet.script, form.step(parent=sheet.at.parent, pk=sheet.at.id))


def _changed(request: DeskRequest, sheet: Sheet, script: Script, *, at: int | None = None) -> HttpResponse:
    """Keep the script as it is to be, and how it was for whoever wishes that back."""
    article, before = sheet.article, steps.written(sheet.script)
    said = Said(version_of(article, article.newest).title, steps.written(script))
    write_article(article, said, seen=_seen(request, sheet), by=request.actor)
    request.session[_BEFORE] = [article.pk, article.revision, before]
    undo_url = reverse("desk:script_steps_act", args=[article.pk, "undo"])
    say(request, text=_("Saved in the draft."), undo_url=undo_url)
    return redirect(_place(sheet, sheet.at.id if at is None else at))


def _before(request: DeskRequest, sheet: Sheet) -> str | None:
    """How the script was before the last change, where nobody has changed it since."""
    pk, revision, before = request.session.get(_BEFORE) or (0, 0, "")
    return before if (pk, revision) == (sheet.article.pk, sheet.article.revision) else None


def _place(sheet: Sheet, at: int) -> str:
    return f"{reverse('desk:script_steps', args=[sheet.article.pk])}?at={max(at, 1)}"
