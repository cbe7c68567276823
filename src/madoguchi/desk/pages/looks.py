"""Who looked at whose data: of one customer, and of all as a file to keep."""

import csv
from collections.abc import Iterable
from datetime import timedelta
from io import StringIO

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from madoguchi.cases.looks import Looked, every_look, looks_at
from madoguchi.companies.queries import desks_of
from madoguchi.desk.merging import number_of
from madoguchi.desk.pages.parts import DeskRequest, frame_context, private, the_case
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Permission
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
    context |= {"case": case, "number": number_of(case), "looks": found, "days": DAYS}
    return private(request, render(request, "desk/looks.html", context))


@require_safe
@requires(Permission.ACCESS)
def export(request: DeskRequest) -> HttpResponse:
    """The last month of all companies and desks for which the reader answers, as CSV that Excel reads."""
    looks = every_look(actor=request.actor, since=clock.now() - timedelta(days=DAYS))
    response = HttpResponse("\ufeff" + _as_csv(looks), content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = 'attachment; filename="access.csv"'
    return private(request, response)


def _as_csv(looks: Iterable[Looked]) -> str:
    text = StringIO()
    lines = csv.writer(text)
    lines.writerow(
        [
            _("Time"),
            _("Looked at by"),
            _("Mail"),
            _("Company"),
            _("Case"),
            _("Searches"),
            _("Customers shown"),
        ]
    )
    for look in looks:
        counted = (look.times, look.shown) if look.is_search else ("", 1)
        at = f"{timezone.localtime(look.at):%Y-%m-%d %H:%M:%S}"
        lines.writerow([at, *map(as_cell, (look.person, look.email, look.company)), look.number, *counted])
    return text.getvalue()
