"""Shifts: of the people one leads, as a page and as a file; one's own; and which hours nobody covers."""

from datetime import date, timedelta
from functools import partial

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from madoguchi.desk.pages.parts import Context, DeskRequest, apart
from madoguchi.desk.pages.routing import saved
from madoguchi.desk.rosters import (
    DAYS,
    Asked,
    FileForm,
    ShiftsForm,
    coverage,
    desks_covered,
    hours_open,
    led_with_shifts,
    own_days,
    text_of,
)
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Permission
from madoguchi.kernel.errors import AskFirst, Refused
from madoguchi.look.toasts import say
from madoguchi.people.access import requires
from madoguchi.people.models import OperatorMember
from madoguchi.routing.queries import members_led
from madoguchi.routing.shifts import lost_by_file, plain_file, roster_of, set_shifts, take_file, written_file

_YEARS = range(2000, 2100)


@require_http_methods(["GET", "POST"])
@requires(Permission.CASE_TAKE_OVER)
def shifts(request: DeskRequest) -> HttpResponse:
    """Who of one's people works when; a file posted is taken in, or asked of first (`lines`: one that was)."""
    asked, form = None, FileForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and (data := _sent(request, form)):
        try:
            return _taken_in(request, data)
        except AskFirst as error:
            asked = _asked(request, data, str(error))
        except Refused as error:
            form = FileForm({}) if request.POST.get("lines") else form
            form.add_error("file", str(error))
    context: Context = {"people": led_with_shifts(request.actor), "form": form, "asked": asked}
    context["desks"] = desks_covered(request.actor)
    wrong = asked.missed if asked else form.errors
    return apart(request, "desk/shifts.html", context, status=422 if wrong else 200)


@require_safe
@requires(Permission.CASE_TAKE_OVER)
def shifts_file(request: DeskRequest) -> HttpResponse:
    """The same as a CSV file, with the mark by which spreadsheets know UTF-8."""
    text = "\ufeff" + written_file(members_led(request.actor))
    response = HttpResponse(text, content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="shifts-{clock.today():%Y%m%d}.csv"'
    return response


@require_http_methods(["GET", "POST"])
@requires(Permission.CASE_TAKE_OVER)
def shift(request: DeskRequest, pk: int) -> HttpResponse:
    """When one of them works."""
    member = get_object_or_404(members_led(request.actor), pk=pk)
    roster = roster_of(member)
    form = ShiftsForm(request.POST or None, initial={"shifts": text_of(roster), "seen": roster.mark})
    if saved(request, form, partial(_set, member, request)):
        return redirect("desk:shifts")
    context = {"form": form, "member": member}
    return apart(request, "desk/shift.html", context, status=422 if form.errors else 200)


@require_safe
@requires(Permission.CASE_REPLY)
def own(request: DeskRequest) -> HttpResponse:
    """When one works oneself in the coming fortnight."""
    return apart(request, "desk/own_shifts.html", {"days": own_days(request.actor.id or 0)})


@require_safe
@requires(Permission.CASE_TAKE_OVER)
def covers(request: DeskRequest, pk: int) -> HttpResponse:
    """How many are at a desk in each hour of a week, and in which nobody is."""
    first = _day(request.GET.get("from", "")) or clock.today()
    desk, days, people = coverage(request.actor, pk, first)
    week = timedelta(days=DAYS)
    shown = hours_open(days)
    context: Context = {"desk": desk, "people": people, "hours": shown}
    context["days"] = [(day, day.hours[shown.start : shown.stop]) for day in days]
    context |= {"before": first - week, "after": first + week}
    context["holes"] = [hole for day in days for hole in day.holes]
    return apart(request, "desk/coverage.html", context)


def _sent(request: DeskRequest, form: FileForm) -> bytes:
    """The file that was sent, or what was read of it before somebody was asked; else the form says what is wrong."""
    if lines := request.POST.get("lines", ""):
        return lines.encode()
    return form.cleaned_data["file"].read() if form.is_valid() else b""


def _taken_in(request: DeskRequest, data: bytes) -> HttpResponse:
    """Raises Refused, and AskFirst where it takes weekly shifts away and nobody has agreed to just that."""
    agreed = request.POST.get("away", "")
    number = take_file(
        data, by=request.actor, agreed=int(agreed) if agreed.isdecimal() and len(agreed) < 6 else 0
    )
    words = ngettext(
        "The shifts of %(n)s person were taken in.", "The shifts of %(n)s people were taken in.", number
    )
    say(request, text=words % {"n": number})
    return redirect("desk:shifts")


def _asked(request: DeskRequest, data: bytes, words: str) -> Asked:
    lost = lost_by_file(data, by=request.actor)
    return Asked(lost, words, plain_file(data), missed="lines" in request.POST)


def _set(member: OperatorMember, request: DeskRequest, *, shifts: str, seen: str) -> None:
    set_shifts(member, text=shifts, seen=seen, by=request.actor)


def _day(written: str) -> date | None:
    try:
        day = date.fromisoformat(written)
    except ValueError:
        return None
    return day if day.year in _YEARS else None
