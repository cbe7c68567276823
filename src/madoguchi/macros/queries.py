"""The macros that somebody may use or change."""

from django.db.models import Case as CaseOf
from django.db.models import Exists, OuterRef, Q, QuerySet, Value, When

from madoguchi.cases.models import Case
from madoguchi.infra.prepared_query import PreparedQuery, Slot
from madoguchi.kernel.actor import Actor, Permission
from madoguchi.kernel.errors import NotFound
from madoguchi.knowledge.models import ArticlePolicy
from madoguchi.macros import policies
from madoguchi.macros.models import Macro, MacroRun, MacroState
from madoguchi.macros.steps import TEXT

MOST_OFFERED = 100


def _offered() -> Q:
    """No drafts, and no words that the company has not approved where it wants to."""
    asks = Exists(ArticlePolicy.objects.filter(company=OuterRef("company"), macro_words=True))
    speaks = Q(acts__contains=[{"do": TEXT}])
    return Q(state=MacroState.APPROVED) | Q(state=MacroState.WAITS) & (~speaks | Q(~asks))


_OFFERED = PreparedQuery(
    lambda: (
        Macro.objects.filter(
            _offered(),
            Q(desk=Slot("desk")) | Q(desk=None, owner=Slot("person")),
            company=Slot("company"),
            deleted_at=None,
        )
        .defer("acts", "proposed")
        .order_by("name", "id")
    )
)


def macros_for(case: Case, *, actor: Actor) -> list[Macro]:
    """The macros that the actor may run on a case, by name, without their acts. One query."""
    asked = {"company": case.company_id, "desk": case.desk_id, "person": actor.id or 0}
    return [one for one in _OFFERED.rows(asked, most=MOST_OFFERED) if policies.may_see(actor, one)]


def macros_of(actor: Actor, *, put_away: bool = False, offered: bool = False) -> list[Macro]:
    """All macros that the actor may see, those of desks first, then their own: those in use, of them only those that
    are `offered`, or those that were `put_away`. One query.
    """
    theirs = Q(owner=actor.id) | ~Q(desk=None)
    there = Macro.objects.filter(theirs, deleted_at__isnull=not put_away, company__in=actor.companies)
    rows = (
        (there.filter(_offered()) if offered else there)
        .select_related("company", "desk", "owner")
        .order_by("company__name", "desk__position", "desk", "name", "id")
    )
    return [macro for macro in rows if policies.may_see(actor, macro)]


def macro_by_id(pk: int, *, actor: Actor, deleted: bool = False) -> Macro:
    """A macro that the actor may see. Raises NotFound."""
    rows = Macro.objects.select_related("company", "desk", "owner")
    found = rows.filter(pk=pk, deleted_at__isnull=not deleted).first()
    if found is None or not policies.may_see(actor, found):
        raise NotFound(pk)
    return found


def macros_to_approve(actor: Actor) -> QuerySet[Macro]:
    """The macros of which words wait for the actor's approval or have it, where their companies want that; what waits
    first, then by name.
    """
    may = Permission.ARTICLES_APPROVE
    mine = Q(company__in=actor.companies_with(may)) | Q(desk__in=actor.desks_with(may))
    wanted = Exists(ArticlePolicy.objects.filter(company=OuterRef("company"), macro_words=True))
    speaks = Q(acts__contains=[{"do": TEXT}]) & ~Q(state=MacroState.DRAFT)
    rows = Macro.objects.filter(mine, wanted, speaks | _proposed(), deleted_at=None)
    waits = CaseOf(When(Q(state=MacroState.WAITS) | _proposed(), then=Value(True)), default=Value(False))
    ordered = rows.annotate(waits=waits)
    return ordered.select_related("company", "desk", "owner", "words_by").order_by("-waits", "name", "id")


def companies_asking(actor: Actor) -> set[int]:
    """Those of the actor's companies that approve what macros put into answers."""
    asking = ArticlePolicy.objects.filter(company__in=actor.companies, macro_words=True)
    return set(asking.values_list("company", flat=True))


def macro_to_approve(pk: int, *, actor: Actor) -> Macro:
    """One of those. Raises NotFound for any other."""
    found = macros_to_approve(actor).filter(pk=pk).first()
    if found is None:
        raise NotFound(pk)
    return found


def _proposed() -> Q:
    return Q(proposed__contains={"waits": True})


def run_of(pk: int, *, actor: Actor) -> MacroRun:
    """A run that the actor set going themselves and has not undone. Raises NotFound."""
    rows = MacroRun.objects.select_related("macro", "case__company", "case__desk")
    found = rows.filter(pk=pk, user=actor.id, undone_at=None).first()
    if found is None or found.company_id not in actor.companies:
        raise NotFound(pk)
    return found
