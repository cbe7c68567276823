"""What comes from other systems: uploaded, looked at, brought in, and what became of it."""

import csv
from io import StringIO
from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from madoguchi.administration.forms.imports import ARTICLES, SYSTEMS, ArticlesForm, ReadingForm, UploadForm
from madoguchi.administration.pages.frame import carried_out, page_of, show, show_form
from madoguchi.administration.uploads import counted, outcome_name, sampled
from madoguchi.exports.policies import may_take_records
from madoguchi.imports.actions import uploading
from madoguchi.imports.actions.articles import upload_articles
from madoguchi.imports.kept_tables import KINDS
from madoguchi.imports.models import Upload
from madoguchi.imports.queries import (
    companies_to_bring_articles_to,
    desks_to_import_to,
    lines_of,
    upload_of,
    uploads_of,
)
from madoguchi.kernel.actor import Permission
from madoguchi.kernel.errors import NotAllowed
from madoguchi.kernel.text import as_cell
from madoguchi.look.toasts import say
from madoguchi.people.access import StaffRequest, requires


@require_safe
@requires(Permission.IMPORTS)
def imports(request: StaffRequest) -> HttpResponse:
    """What was uploaded, the latest first."""
    page = page_of(request, uploads_of(request.actor))
    rows = [(each, _system(each), _names(each)) for each in page]
    articles = companies_to_bring_articles_to(request.actor)
    takes = any(may_take_records(request.actor, company=pk) for pk in request.actor.companies)
    return show(request, "imports", section="imports", page=page, rows=rows, articles=articles, takes=takes)


@require_http_methods(["GET", "POST"])
@requires(Permission.IMPORTS)
def import_new(request: StaffRequest) -> HttpResponse:
    """Upload files; the next page shows what would come of them."""
    desks = desks_to_import_to(request.actor)
    form = UploadForm(request.POST or None, request.FILES or None, desks=desks)
    at = {desk.pk: desk for desk in desks}
    added = carried_out(
        form, lambda desk, **data: uploading.upload(desk=at[desk], said={}, by=request.actor, **data)
    )
    if added:
        return redirect("administration:import", pk=added.pk)
    return show_form(request, "import_new", section="imports", form=form, days=uploading.KEPT_DAYS)


@require_http_methods(["GET", "POST"])
@requires(Permission.ARTICLES_APPROVE)
def import_articles(request: StaffRequest) -> HttpResponse:
    """Upload articles; the next page shows what would become of each."""
    companies = companies_to_bring_articles_to(request.actor)
    if not companies:
        raise NotAllowed(Permission.IMPORTS)
    form = ArticlesForm(request.POST or None, request.FILES or None, companies=companies)
    at = {company.pk: company for company in companies}
    added = carried_out(
        form, lambda company, **data: upload_articles(company=at[company], by=request.actor, **data)
    )
    if added:
        return redirect("administration:import", pk=added.pk)
    return show_form(request, "import_articles", section="imports", form=form, days=uploading.KEPT_DAYS)


@require_http_methods(["GET", "POST"])
@requires(Permission.IMPORTS)
def import_(request: StaffRequest, pk: int) -> HttpResponse:
    """One upload: what would come or came, what cannot and why; a POST says how it is to be read."""
    found = upload_of(pk, actor=request.actor)
    form = ReadingForm(request.POST or None, upload=found)
    if request.POST and carried_out(form, lambda **_data: _look_again(request, found, form)):
        return redirect("administration:import", pk=pk)
    return show_form(request, "import", section="imports", form=form, **_context(request, found))


@require_POST
@requires(Permission.IMPORTS)
def import_start(request: StaffRequest, pk: int) -> HttpResponse:
    """Bring in what was looked at, or go on."""
    uploading.start(upload_of(pk, actor=request.actor), by=request.actor)
    return redirect("administration:import", pk=pk)


@require_POST
@requires(Permission.IMPORTS)
def import_stop(request: StaffRequest, pk: int) -> HttpResponse:
    """Stop it; what came in stays."""
    uploading.stop(upload_of(pk, actor=request.actor), by=request.actor)
    say(request, text=_("Stopped. What came in stays."))
    return redirect("administration:import", pk=pk)


@require_POST
@requires(Permission.IMPORTS)
def import_throw_away(request: StaffRequest, pk: int) -> HttpResponse:
    """Delete the files and the report now."""
    uploading.throw_away(upload_of(pk, actor=request.actor), by=request.actor)
    say(request, text=_("The files are deleted."))
    return redirect("administration:import", pk=pk)


@require_safe
@requires(Permission.IMPORTS)
def import_report(request: StaffRequest, pk: int) -> HttpResponse:
    """What a person should know of the records, as a table."""
    found = upload_of(pk, actor=request.actor)
    text = StringIO("\ufeff", newline="")
    text.seek(1)
    rows = csv.writer(text)
    rows.writerow([_("Where it stands"), _("Number there"), _("Result"), _("Reason")])
    for line in lines_of(found):
        rows.writerow(map(as_cell, (line.place, line.record, outcome_name(line.outcome), line.reason)))
    response = HttpResponse(text.getvalue(), content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="import-{found.pk}.csv"'
    return response


def _look_again(request: StaffRequest, found: Upload, form: ReadingForm) -> None:
    uploading.look_again(found, said=form.said(), by=request.actor)


def _context(request: StaffRequest, found: Upload) -> dict[str, Any]:
    done = found.state in (Upload.State.DONE, Upload.State.STOPPED) and found.started_at is not None
    return {
        "upload": found,
        "system": _system(found),
        "names": _names(found),
        "percent": 100 * found.read // found.size if found.size else 0,
        "counts": counted(found.found, came=found.started_at is not None),
        "samples": sampled(found.found),
        "page": page_of(request, lines_of(found)),
        "can_start": found.state == Upload.State.LOOKED and _has_something(found),
        "done": done,
        "keeps": found.system in KINDS,
        "days": uploading.KEPT_DAYS,
    }


def _has_something(found: Upload) -> bool:
    counts = found.found.get("counts", {})
    return any(each.get("created") or each.get("updated") for each in counts.values())


def _system(found: Upload) -> str:
    return str(SYSTEMS.get(found.system, ARTICLES))


def _names(found: Upload) -> list[str]:
    return [file["name"] for file in found.files]
