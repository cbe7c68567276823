"""A list taken along as a file: choosing its columns, watching it being written, taking it once."""

from django.http import FileResponse, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from madoguchi.companies.queries import desks_of
from madoguchi.desk.exporting import choice_of, kind_of, started
from madoguchi.desk.pages.parts import DeskRequest, apart, frame_context, private, wanted_by
from madoguchi.desk.records_along import RecordsForm, companies_to_take
from madoguchi.exports.actions import cancel, take
from madoguchi.exports.queries import export_of
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Permission
from madoguchi.kernel.errors import NotAllowed, Refused
from madoguchi.look.toasts import say
from madoguchi.people.access import requires


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Permission.EXPORT)
def export(request: DeskRequest) -> HttpResponse:
    """Which columns of a list, and of which company; posted, it is begun."""
    wanted, trouble = wanted_by(request), ""
    if request.method == "POST":
        try:
            begun = started(wanted, request.POST, actor=request.actor)
            return redirect("desk:exported", pk=begun.pk)
        except Refused as refused:
            trouble = str(refused)
    choice = choice_of(wanted, request.POST, actor=request.actor)
    context = {"wanted": wanted, "choice": choice, "trouble": trouble}
    return apart(request, "desk/export.html", context, status=422 if trouble else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Permission.EXPORT)
def records(request: DeskRequest) -> HttpResponse:
    """Customers or orders of a company: which, of which days, in which letters; posted, it is begun."""
    if not companies_to_take(request.actor):
        raise NotAllowed(Permission.EXPORT)
    form = RecordsForm(request.POST or None, actor=request.actor)
    if request.method == "POST" and (begun := form.begun()):
        return redirect("desk:exported", pk=begun.pk)
    return apart(request, "desk/records.html", {"form": form}, status=422 if form.errors else 200)


@require_safe
@requires(Permission.EXPORT)
def exported(request: DeskRequest, pk: int) -> HttpResponse:
    """How far the file is, and the file once it is ready."""
    found = export_of(pk, actor=request.actor)
    context = frame_context(request, desks_of(request.actor)) | {"export": found}
    return private(request, render(request, "desk/exported.html", context))


@require_POST
@requires(Permission.EXPORT)
def stop(request: DeskRequest, pk: int) -> HttpResponse:
    """Stop writing; there is no file then."""
    cancel(export_of(pk, actor=request.actor), by=request.actor)
    say(request, text=_("Stopped. There is no file."))
    return redirect("desk:exported", pk=pk)


@require_POST
@requires(Permission.EXPORT)
def taken(request: DeskRequest, pk: int) -> FileResponse:
    """The file, once, piece by piece."""
    found = export_of(pk, actor=request.actor)
    kind, name = kind_of(found)
    name = name.replace(".", f"-{clock.now().astimezone(clock.TOKYO):%Y%m%d-%H%M}.")
    file = take(found, by=request.actor)
    return private(request, FileResponse(file, as_attachment=True, filename=name, content_type=kind))
