"""One act on many cases: choosing them, seeing what it would do, its progress and results, stopping and undoing."""

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from madoguchi.batches.actions import cancel, start, undo
from madoguchi.batches.models import Batch, BatchRow
from madoguchi.batches.queries import batch_of, batches_of, progress_of, rows_of
from madoguchi.cases.actions import note_list
from madoguchi.companies.queries import desks_of
from madoguchi.desk.bulk import (
    Bulk,
    absent,
    choose_cases,
    desks_meant,
    fill_forms,
    foreseen,
    macros_to_choose,
    name_of,
    people_to_choose,
    require_shown,
    result_rows,
    rows_to_tick,
    said_of,
    tallies,
    tasks_left,
    verb_forms,
)
from madoguchi.desk.lists import title_of
from madoguchi.desk.pages.parts import Context, DeskRequest, frame_context, private, wanted_by
from madoguchi.kernel.actor import Permission
from madoguchi.kernel.errors import Conflict, Refused
from madoguchi.look.toasts import say
from madoguchi.people.access import requires

ROWS = 100


@require_http_methods(["GET", "POST"])
@requires(Permission.CASE_UPDATE)
def bulk(request: DeskRequest) -> HttpResponse:
    """Choose cases of the list that the address names, see what would happen (`show`), and let it happen (`start`)."""
    asked, context = Bulk.read(request.POST), Context()
    try:
        if asked.do:
            context = _seen(request, asked)
        if asked.do == "start":
            require_shown(asked, context["shown"])
            return redirect("desk:batch", pk=_started(request, asked, context["cases"]).pk)
    except (Refused, Conflict) as refused:
        asked.problem, context["status"] = str(refused), 409 if isinstance(refused, Conflict) else 422
    return _choosing(request, asked, context)


def _started(request: DeskRequest, asked: Bulk, cases: list[int]) -> Batch:
    return start(
        cases,
        verb=asked.verb,
        value=asked.value,
        fills=asked.fills,
        confirmed=asked.confirmed,
        by=request.actor,
    )


def _seen(request: DeskRequest, asked: Bulk) -> Context:
    cases = choose_cases(asked, wanted_by(request), actor=request.actor, desks=desks_of(request.actor))
    groups = foreseen(asked, cases, actor=request.actor)
    shown = name_of(asked, cases, groups)
    more = {
        "tasks_left": tasks_left(asked, cases, actor=request.actor),
        "absent": absent(asked, cases, actor=request.actor),
    }
    return {"cases": cases, "groups": groups, "count": len(cases), "shown": shown, **more}


def _choosing(request: DeskRequest, asked: Bulk, more: Context) -> HttpResponse:
    desks, wanted = desks_of(request.actor), wanted_by(request)
    meant = desks_meant(asked, wanted, actor=request.actor, desks=desks)
    people, fills = people_to_choose(meant, actor=request.actor), fill_forms(asked, meant)
    macros = macros_to_choose(actor=request.actor)
    rows, goes_on = rows_to_tick(asked, wanted, actor=request.actor, desks=desks)
    note_list(cases=[int(row.id) for row in rows], by=request.actor)
    context = frame_context(request, desks) | more
    context |= {
        "bulk": asked,
        "rows": rows,
        "ticked": {str(pk) for pk in asked.ticked},
        "goes_on": goes_on,
        "wanted": wanted,
        "title": title_of(wanted, desks=desks),
        "verbs": verb_forms(asked, people=people, desks=desks, macros=macros, fills=bool(fills)),
        "fills": fills,
        "latest": [
            (batch, said_of(batch, desks=desks, actor=request.actor))
            for batch in batches_of(request.actor, most=5)
        ],
    }
    return private(request, render(request, "desk/bulk.html", context, status=more.get("status", 200)))


@require_safe
@requires(Permission.CASE_READ)
def batch(request: DeskRequest, pk: int) -> HttpResponse:
    """How far a batch is, and what became of each case."""
    found = batch_of(pk, actor=request.actor)
    asked = request.GET.get("state", "")
    state = asked if asked in BatchRow.State.values else ""
    rows = rows_of(found, actor=request.actor, state=state)
    page = Paginator(rows, ROWS).get_page(request.GET.get("page"))
    note_list(cases=[row.case_id for row in page], by=request.actor)
    context = _of_batch(request, found) | {"state": state, "page": page, "rows": result_rows(page)}
    return private(request, render(request, "desk/batch.html", context))


def _of_batch(request: DeskRequest, found: Batch) -> Context:
    desks, progress = desks_of(request.actor), progress_of(found)
    words = {"said": said_of(found, desks=desks, actor=request.actor), "tallies": tallies(progress.states)}
    return frame_context(request, desks) | words | {"batch": found, "progress": progress}


@require_POST
@requires(Permission.CASE_READ)  # whose batch it is, the query looks at
def stop(request: DeskRequest, pk: int) -> HttpResponse:
    """Stop a batch; what is done stays, and can be undone."""
    found = batch_of(pk, actor=request.actor)
    cancel(found, by=request.actor)
    undo_url = reverse("desk:batch_undo", args=[pk]) if progress_of(found).changed else ""
    say(request, text=_("Stopped. What was done stays."), undo_url=undo_url)
    return redirect("desk:batch", pk=pk)


@require_POST
@requires(Permission.CASE_READ)
def take_back(request: DeskRequest, pk: int) -> HttpResponse:
    """Put every case back as it was that nothing has happened to since."""
    undo(batch_of(pk, actor=request.actor), by=request.actor)
    return redirect("desk:batch", pk=pk)
