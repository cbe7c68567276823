"""The macros that somebody may use or change."""

from django.db.models import Q

from madoguchi.cases.models import Case
from madoguchi.infra.prepared_query import PreparedQuery, Slot
from madoguchi.kernel.actor import Actor
from madoguchi.kernel.errors import NotFound
from madoguchi.macros import policies
from madoguchi.macros.models import Macro, MacroRun

MOST_OFFERED = 100
_OFFERED = PreparedQuery(
    lambda: (
        Macro.objects.filter(
            Q(desk=Slot("desk")) | Q(desk=None, owner=Slot("person")),
            company=Slot("company"),
            deleted_at=None,
        )
        .defer("acts")
        .order_by("name", "id")
    )
)


def macros_for(case: Case, *, actor: Actor) -> list[Macro]:
    """The macros that the actor may run on a case, by name, without their acts. One query."""
    asked = {"company": case.company_id, "desk": case.desk_id, "person": actor.id or 0}
    return [one for one in _OFFERED.rows(asked, most=MOST_OFFERED) if policies.may_see(actor, one)]


def macros_of(actor: Actor) -> list[Macro]:
    """All macros that the actor may see, those of desks first, then their own. One query."""
    theirs = Q(owner=actor.id) | ~Q(desk=None)
    there = Macro.objects.filter(theirs, deleted_at=None, company__in=actor.companies)
    rows = there.select_related("company", "desk", "owner").order_by(
        "company__name", "desk__position", "desk", "name", "id"
    )
    return [macro for macro in rows if policies.may_see(actor, macro)]


def macro_by_id(pk: int, *, actor: Actor, deleted: bool = False) -> Macro:
    """A macro that the actor may see. Raises NotFound."""
    rows = Macro.objects.select_related("company", "desk", "owner")
    found = rows.filter(pk=pk, deleted_at__isnull=not deleted).first()
    if found is None or not policies.may_see(actor, found):
        raise NotFound(pk)
    return found


def run_of(pk: int, *, actor: Actor) -> MacroRun:
    """A run that the actor set going themselves and has not undone. Raises NotFound."""
    rows = MacroRun.objects.select_related("macro", "case__company", "case__desk")
    found = rows.filter(pk=pk, user=actor.id, undone_at=None).first()
    if found is None or found.company_id not in actor.companies:
        raise NotFound(pk)
    return found
