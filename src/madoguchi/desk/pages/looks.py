"""Who looked at whose data: of one customer, and of all as a file to keep."""

import csv
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from django.http import HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from madoguchi.cases.actions import note_looks_download
from madoguchi.cases.looks import every_look, looks_at, looks_counted
from madoguchi.companies.queries import desks_of
from madoguchi.desk.merging import number_of
from madoguchi.desk.pages.parts import DeskRequest, frame_context, private, the_case
from madoguchi.infra import scope
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor, Permission
from madoguchi.kernel.text import as_cell
from madoguchi.people.access import requires

DAYS = 31


@require_safe
@requires(Permission.ACCESS)
def of_case(request: DeskRequest, number: str) -> HttpResponse:
    """Who was shown the case, and its customer in others. Raises NotAllowed for who does not answer for it."""
    case = the_case(request, number)
    found = looks_at(case, actor=request.actor)
    context = frame_context(request, desks_of(request.actor))
    context |= {"number": number_of(case), "looks": found, "days": DAYS}
    return private(request, render(request, "desk/looks.html", context))


@require_safe
@requires(Permission.ACCESS)
def export(request: DeskRequest) -> HttpResponseBase:
    """The last month of all companies and desks for which the reader answers, as CSV that Excel reads. It is written as
    it is read, however much it is. Like a look, it leaves its trace although it is asked for by a link: what was asked
    for changes nothing, and no form could be kept as the address of it.
    """
    since = clock.now() - timedelta(days=DAYS)
    counts = looks_counted(actor=request.actor, since=since)
    note_looks_download(counts, form="csv", since=timezone.localdate(since), by=request.actor)
    lines = _as_csv(request.actor, since=since, head=_head())
    response = StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = 'attachment; filename="access.csv"'
    return response


class _Line:
    """A file of which only the line that was written last is kept."""

    def __init__(self) -> None:
        self.text = ""

    def write(self, text: str) -> None:
        """Keep a line."""
        self.text = text


def _as_csv(actor: Actor, *, since: datetime, head: Sequence[str]) -> Iterator[str]:
    """Line by line, in a scope of its own: that of the request has ended when they are asked for."""
    line = _Line()
    table = csv.writer(line)
    table.writerow(head)
    yield "\ufeff" + line.text
    with scope.acting_for(actor.companies):
        for look in every_look(actor=actor, since=since):
            counted = (look.times, look.shown) if look.is_search else ("", 1)
            at = f"{timezone.localtime(look.at):%Y-%m-%d %H:%M:%S}"
            table.writerow(
                [at, *map(as_cell, (look.person, look.email, look.company)), look.number, *counted]
            )
            yield line.text


def _head() -> list[str]:
    """In the language of the reader, which ends with the request too."""
    return [
        _("Time"),
        _("Looked at by"),
        _("Mail"),
        _("Company"),
        _("Case"),
        _("Searches"),
        _("Customers shown"),
    ]
