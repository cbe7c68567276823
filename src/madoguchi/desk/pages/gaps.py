"""What customers ask and no article says: found at night or now, each to become an article."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from madoguchi.companies.models import Company
from madoguchi.desk.articles import PER_PAGE
from madoguchi.desk.pages.articles import around
from madoguchi.desk.pages.parts import Context, DeskRequest, apart
from madoguchi.gaps import actions
from madoguchi.gaps.models import Gap
from madoguchi.gaps.policies import may_stop
from madoguchi.gaps.queries import (
    asked_in,
    companies_to_settle,
    gap_by_id,
    gaps_of,
    last_search,
    search_by_id,
    time_to_article,
)
from madoguchi.infra.limits import TooOften
from madoguchi.kernel.actor import Permission
from madoguchi.kernel.errors import Conflict, NotFound
from madoguchi.knowledge.queries import articles_in_sight
from madoguchi.look.toasts import say
from madoguchi.people.access import requires

WRITE = Permission.ARTICLES_WRITE


@require_safe
@requires(WRITE)
def gaps(request: DeskRequest) -> HttpResponse:
    """What no article of a company says, the search for it, and how long it took from word to article."""
    companies = list(companies_to_settle(request.actor))
    company = _company(companies, request.GET.get("company", ""))
    state = request.GET.get("state", Gap.State.OPEN)
    state = state if state in Gap.State.values else Gap.State.OPEN
    page = Paginator(gaps_of(company, state=state), PER_PAGE).get_page(request.GET.get("page"))
    took, count = time_to_article(company)
    context: Context = {"companies": companies, "company": company, "page": page, "state": state}
    context |= {"states": Gap.State.choices, "took": took, "count": count} | _search(request, company)
    return apart(request, "desk/gaps.html", context | around(request, "gaps"))


@require_safe
@requires(WRITE)
def gap(request: DeskRequest, pk: int) -> HttpResponse:
    """One of them: why it was found, and what customers wrote."""
    found = gap_by_id(request.actor, pk)
    said = [
        (one, one.case.spoken_number(one.case.company.prefix)) for one in asked_in(found, actor=request.actor)
    ]
    begun = articles_in_sight(request.actor).filter(pk=found.article_id or 0).first()
    return apart(
        request, "desk/gap.html", {"gap": found, "said": said, "begun": begun} | around(request, "gaps")
    )


@require_POST
@requires(WRITE)
def draft(request: DeskRequest, pk: int) -> HttpResponse:
    """Begin an article of it, and go on writing that."""
    found = gap_by_id(request.actor, pk)
    try:
        article = actions.begin_article(found, by=request.actor)
    except Conflict as error:
        return _told(request, str(error), reverse("desk:gap", args=[pk]))
    begun = _("The draft is begun. Write the answer, and have it approved.")
    say(request, text=_("Write it anew, and have it approved.") if found.improves_id else begun)
    return redirect("desk:article_edit", article.pk)


@require_POST
@requires(WRITE)
def aside(request: DeskRequest, pk: int) -> HttpResponse:
    """Say that it needs no article."""
    found = gap_by_id(request.actor, pk)
    try:
        actions.set_aside(found, by=request.actor)
    except Conflict as error:
        return _told(request, str(error), reverse("desk:gap", args=[pk]))
    say(request, text=_("Set aside."), undo_url=reverse("desk:gap_again", args=[pk]))
    return redirect(f"{reverse('desk:gaps')}?company={found.company_id}")


@require_POST
@requires(WRITE)
def again(request: DeskRequest, pk: int) -> HttpResponse:
    """Take that back."""
    found = gap_by_id(request.actor, pk)
    actions.take_up_again(found, by=request.actor)
    say(request, text=_("Taken up again."))
    return redirect("desk:gap", pk)


@require_POST
@requires(WRITE)
def search(request: DeskRequest) -> HttpResponse:
    """Have what customers of a company wrote searched now."""
    company = _company(
        list(companies_to_settle(request.actor)), request.POST.get("company", ""), exactly=True
    )
    place = f"{reverse('desk:gaps')}?company={company.pk}"
    try:
        actions.start_search(company, by=request.actor)
    except Conflict as error:
        return _told(request, str(error), place)
    except TooOften as error:
        words = _("You have begun many searches within the hour. Try again in %(n)s minutes.")
        return _told(request, words % {"n": error.seconds // 60 + 1}, place)
    return redirect(place)


@require_POST
@requires(WRITE)
def stop(request: DeskRequest, pk: int) -> HttpResponse:
    """Stop a search."""
    found = search_by_id(request.actor, pk)
    actions.stop_search(found, by=request.actor)
    return redirect(f"{reverse('desk:gaps')}?company={found.company_id}")


def _search(request: DeskRequest, company: Company) -> Context:
    last = last_search(company)
    may = last is not None and may_stop(request.actor, company=company.pk, owner=last.owner_id)
    return {"search": last, "may_stop": may}


def _told(request: DeskRequest, words: str, place: str) -> HttpResponse:
    say(request, text=words, level=messages.ERROR)
    return redirect(place)


def _company(companies: list[Company], asked: str, *, exactly: bool = False) -> Company:
    """The company that is asked for; the first where none is. Raises NotFound for one that is not among them."""
    for one in companies:
        if str(one.pk) == asked or (not asked and not exactly):
            return one
    raise NotFound(asked)
