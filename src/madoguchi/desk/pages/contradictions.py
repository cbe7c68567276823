"""Where articles contradict each other: the list for who looks after what a company knows, and what becomes of each."""

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from madoguchi.desk.articles import PER_PAGE
from madoguchi.desk.pages.articles import around
from madoguchi.desk.pages.parts import Context, DeskRequest, apart
from madoguchi.kernel.actor import Permission
from madoguchi.kernel.errors import NotFound
from madoguchi.knowledge.actions.contradictions import MOST_AT_ONCE, compare_all, settle
from madoguchi.knowledge.models import Contradiction
from madoguchi.knowledge.queries import (
    companies_of_articles,
    contradiction_by_id,
    contradictions_in_sight,
)
from madoguchi.look.toasts import say
from madoguchi.people.access import requires

WRITE, APPROVE = Permission.ARTICLES_WRITE, Permission.ARTICLES_APPROVE


@require_safe
@requires(WRITE)
def contradictions(request: DeskRequest) -> HttpResponse:
    """Articles in force that seem to contradict each other, and those of which it is known."""
    page = Paginator(contradictions_in_sight(request.actor), PER_PAGE).get_page(request.GET.get("page"))
    companies = companies_of_articles(request.actor, APPROVE)
    context: Context = {"page": page, "companies": companies, "most": MOST_AT_ONCE}
    return apart(request, "desk/contradictions.html", context | around(request, "contradictions"))


@require_POST
@requires(APPROVE)
def compare(request: DeskRequest, company: int) -> HttpResponse:
    """Compare all articles of a company now."""
    found = companies_of_articles(request.actor, APPROVE).filter(pk=company).first()
    if found is None:
        raise NotFound(company)
    new = compare_all(found, by=request.actor)
    text = ngettext("%(n)s new place was found.", "%(n)s new places were found.", new) % {"n": new}
    say(request, text=text)
    return redirect("desk:article_contradictions")


@require_POST
@requires(APPROVE)
def settled(request: DeskRequest, pk: int, state: str) -> HttpResponse:
    """Say whether two articles contradict each other; the notice undoes it."""
    found = contradiction_by_id(request.actor, pk)
    if state not in Contradiction.State.values:
        raise NotFound(state)
    settle(found, Contradiction.State(state), by=request.actor)
    undo = "" if state == "open" else reverse("desk:article_contradiction", args=[pk, "open"])
    say(request, text=str(Contradiction.State(state).label), undo_url=undo)
    return redirect("desk:article_contradictions")
