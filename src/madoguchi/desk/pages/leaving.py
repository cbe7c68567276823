"""The rehearsal of leaving: which cases a team would solve by the company's articles alone, and which not."""

from collections.abc import Mapping

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from madoguchi.cases.actions import note_list
from madoguchi.cases.models import Case
from madoguchi.companies.models import Company
from madoguchi.desk.articles import PER_PAGE
from madoguchi.desk.pages.articles import around
from madoguchi.desk.pages.parts import Context, DeskRequest, apart
from madoguchi.gaps import actions
from madoguchi.gaps.leaving import PACE_DAYS, WANTED, Outcome, Tried
from madoguchi.gaps.rehearsed import (
    DAYS,
    by_matter,
    cases_tried,
    companies_to_rehearse,
    last_rehearsal,
    rehearsal_by_id,
    rehearsals_of,
    tried_in,
)
from madoguchi.infra.limits import TooOften
from madoguchi.kernel.actor import Permission
from madoguchi.kernel.errors import Conflict, NotFound
from madoguchi.knowledge.queries import articles_in_sight
from madoguchi.look.toasts import say
from madoguchi.people.access import requires

APPROVE = Permission.ARTICLES_APPROVE


@require_safe
@requires(APPROVE)
def leaving(request: DeskRequest) -> HttpResponse:
    """The stock of knowledge of a company, how soon it could do without those who answer, and the last rehearsals."""
    companies = companies_to_rehearse(request.actor)
    company = _company(companies, request.GET.get("company", ""))
    past = rehearsals_of(company)
    rows = by_matter(tried_in(past[0][0]), actor=request.actor) if past else []
    context: Context = {"companies": companies, "company": company, "last": last_rehearsal(company)}
    context |= {"past": past, "stock": past[0][1] if past else None, "matters": rows, "days": DAYS}
    context |= {
        "wanted": WANTED,
        "pace": PACE_DAYS,
        "outcomes": _counted(past[0][1].outcomes if past else {}),
    }
    return apart(request, "desk/leaving.html", context | around(request, "leaving"))


@require_safe
@requires(APPROVE)
def leaving_cases(request: DeskRequest, pk: int) -> HttpResponse:
    """The cases of one rehearsal that came out so (`of`), of one kind of matter (`matter`, 0: of none)."""
    found, actor = rehearsal_by_id(request.actor, pk), request.actor
    of, matter = request.GET.get("of", ""), request.GET.get("matter", "")
    rows = tried_in(found)
    wanted = int(matter) if matter.isdecimal() and len(matter) < 19 else None
    cases = cases_tried(rows, outcome=of, matter=wanted, actor=actor)
    page = Paginator(cases, PER_PAGE).get_page(request.GET.get("page"))
    note_list(cases=[one.pk for one in page], by=actor)
    shown = _shown(list(page), {one.case: one for one in rows}, request)
    context: Context = {"rehearsal": found, "page": page, "rows": shown, "of": of, "matter": matter}
    context |= {
        "words": dict([*Outcome.choices, ("alone", _("In fact answered from articles alone"))]).get(of)
    }
    return apart(request, "desk/leaving_cases.html", context | around(request, "leaving"))


@require_POST
@requires(APPROVE)
def leaving_start(request: DeskRequest) -> HttpResponse:
    """Have the cases of the last 30 days tried."""
    company = _company(companies_to_rehearse(request.actor), request.POST.get("company", ""), exactly=True)
    try:
        actions.start_rehearsal(company, by=request.actor)
    except Conflict as error:
        say(request, text=str(error), level=messages.ERROR)
    except TooOften as error:
        words = _("You have begun many rehearsals within the hour. Try again in %(n)s minutes.")
        say(request, text=words % {"n": error.seconds // 60 + 1}, level=messages.ERROR)
    return redirect(f"{reverse('desk:article_leaving')}?company={company.pk}")


@require_POST
@requires(APPROVE)
def leaving_stop(request: DeskRequest, pk: int) -> HttpResponse:
    """Stop a rehearsal."""
    found = rehearsal_by_id(request.actor, pk)
    actions.stop_rehearsal(found, by=request.actor)
    return redirect(f"{reverse('desk:article_leaving')}?company={found.company_id}")


def _counted(outcomes: Mapping[str, int]) -> list[tuple[str, str, int]]:
    return [(code, str(label), outcomes.get(code, 0)) for code, label in Outcome.choices]


def _shown(
    cases: list[Case], tried: dict[int, Tried], request: DeskRequest
) -> list[tuple[Case, str, Tried, str]]:
    """Each case with its number, what was found, and the article that came first, if its reader sees that."""
    wanted = {one.article for case in cases if (one := tried[case.pk]).article is not None}
    titles = dict(articles_in_sight(request.actor).filter(pk__in=wanted).values_list("pk", "title"))
    return [
        (case, case.spoken_number(case.company.prefix), one, titles.get(one.article or 0, ""))
        for case in cases
        if (one := tried[case.pk])
    ]


def _company(companies: list[Company], asked: str, *, exactly: bool = False) -> Company:
    """The company that is asked for; the first where none is. Raises NotFound for one that is not among them."""
    for one in companies:
        if str(one.pk) == asked or (not asked and not exactly):
            return one
    raise NotFound(asked)
