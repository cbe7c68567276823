"""Kinds of matter as a map, and how answers do by how long ago their writer joined."""

from django.http import HttpResponse
from django.views.decorators.http import require_safe

from madoguchi.desk import newcomers as new
from madoguchi.desk.newcomers import newcomers_of
from madoguchi.desk.pages.articles import around
from madoguchi.desk.pages.parts import Context, DeskRequest, apart
from madoguchi.desk.subject_map import DAYS, LEAST_PEOPLE, By
from madoguchi.desk.subjects import subjects_of
from madoguchi.kernel.actor import Permission
from madoguchi.people.access import requires


@require_safe
@requires(Permission.CASE_READ)
def subjects(request: DeskRequest) -> HttpResponse:
    """Who would best answer each kind of matter, and which ones one person alone can solve."""
    rows = subjects_of(request.actor)
    wanted = request.GET.get("by", "")
    shown = [one for one in rows if wanted not in By.values or one.best_by == wanted]
    counted = [(code, label, sum(one.best_by == code for one in rows)) for code, label in By.choices]
    context: Context = {"rows": shown, "by": wanted, "counted": counted, "days": DAYS}
    context |= {"alone": [one for one in rows if one.only_one_knows], "all": len(rows)}
    context["least"] = LEAST_PEOPLE
    return apart(request, "desk/subjects.html", context | around(request, "subjects"))


@require_safe
@requires(new.LEADS)
def newcomers(request: DeskRequest) -> HttpResponse:
    """The curve of quality by how long ago people joined, and which articles help those who are new."""
    context: Context = {"found": newcomers_of(request.actor), "days": new.DAYS, "least": LEAST_PEOPLE}
    context["new_until"] = new.NEW_UNTIL
    return apart(request, "desk/newcomers.html", context | around(request, "newcomers"))
