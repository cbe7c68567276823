"""Rules that somebody looks after, what they did, and what one would have done."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce

from madoguchi.cases.lists import CaseLine
from madoguchi.companies.models import Desk
from madoguchi.infra.models import Event
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor, Permission
from madoguchi.kernel.errors import NotFound
from madoguchi.people.models import User
from madoguchi.people.queries import actor_of, staff_of_desk
from madoguchi.rules import policies
from madoguchi.rules.models import Rule, RuleRun, RuleVersion
from madoguchi.rules.saying import CLOCKS
from madoguchi.views.filters import EVENT, All, Condition, Node, Some
from madoguchi.views.queries import page_wanted

DAYS = 30
SAMPLE = 10
# A dry run takes so many looks of the newest cases and no more; each look is bounded in itself.
_AT_ONCE, _LOOKS = 200, 10


@dataclass(frozen=True, slots=True)
class DryRun:
    """Which cases of the last days a rule would have wanted: how many (`more` where there may be others
    beyond those that were looked at), how often something set it going at them, and the newest of them.
    """

    cases: int
    times: int
    more: bool
    sample: list[CaseLine]


def rules_of(actor: Actor) -> QuerySet[Rule]:
    """The rules of the desks that the actor leads, in their order, with how often each acted lately (`acted`)."""
    since = clock.now() - timedelta(days=DAYS)
    # Counted by the index of what a rule did lately: a join would go through all that it ever did.
    lately = RuleRun.objects.filter(rule=OuterRef("pk"), outcome=RuleRun.Outcome.DONE, at__gt=since)
    acted = Coalesce(Subquery(lately.values("rule").order_by().annotate(times=Count("*")).values("times")), 0)
    rows = Rule.objects.select_related("company", "desk").filter(
        desk__in=actor.desks_with(Permission.RULES), deleted_at=None
    )
    return rows.annotate(acted=acted).order_by("company__name", "desk__position", "desk", "position", "id")


def rule_by_id(pk: int, *, actor: Actor, deleted: bool = False) -> Rule:
    """A rule of a desk that the actor leads. Raises NotFound."""
    rows = Rule.objects.select_related("company", "desk")
    found = rows.filter(pk=pk, deleted_at__isnull=not deleted).first()
    if found is None or not policies.may_rule(actor, company=found.company_id, desk=found.desk_id):
        raise NotFound(pk)
    return found


def rules_on_clocks(desk: Desk, *, actor: Actor) -> list[Rule]:
    """The rules of a desk that a promised time sets going, in their order; none for who does not lead it."""
    if not policies.may_rule(actor, company=desk.company_id, desk=desk.pk):
        return []
    return list(
        Rule.objects.filter(desk=desk, deleted_at=None, trigger=Rule.Trigger.EVENT, kinds__overlap=[*CLOCKS])
    )


def runs_of(rule: Rule, *, outcome: str = "") -> QuerySet[RuleRun]:
    """What a rule did, the latest first."""
    runs = rule.runs.select_related("case__company", "case__desk").order_by("-id")
    return runs.filter(outcome=outcome) if outcome else runs


def writer_of(rule: Rule) -> User:
    """Whoever answers for a rule: who wrote it as it is now, or has taken it over. One query."""
    return rule.versions.select_related("user").get(number=rule.version).user


def leads(person: User, rule: Rule) -> bool:
    """Whether somebody leads the desk of a rule today. One query."""
    return policies.may_rule(actor_of(person), company=rule.company_id, desk=rule.desk_id)


def leaders_of(rule: Rule) -> list[User]:
    """Everybody who leads the desk of a rule today. One query, and one for each who works there."""
    staff = staff_of_desk(rule.desk_id, company=rule.company_id)
    return [person for person in staff if leads(person, rule)]


def versions_of(rule: Rule) -> QuerySet[RuleVersion]:
    """How a rule was, the latest first."""
    return rule.versions.select_related("user").order_by("-number")


def dry_run(node: Node, *, desk: int, kinds: Sequence[str]) -> DryRun:
    """What a rule would have wanted in the last 30 days, of cases as they stand now: those to which something
    of `kinds` happened then, or (without any, on time) in which something was said. It changes nothing.
    Bounded in cost at any number of cases; two queries for each look, and one.
    """
    ago = f"{DAYS}d"
    then = Some(tuple(Condition(EVENT, "since", ago, kind) for kind in kinds))
    wanted = All((then if kinds else Condition("touched", "since", ago), node))
    found: list[CaseLine] = []
    place = None
    for _look in range(_LOOKS):
        page = page_wanted(wanted, desks=[desk], actor=None, before=place, size=_AT_ONCE)
        found += page.cases
        place = page.next
        if place is None:
            break
    times = _times([line.id for line in found], kinds) if kinds else len(found)
    return DryRun(len(found), times, place is not None, found[:SAMPLE])


def _times(cases: Sequence[int], kinds: Sequence[str]) -> int:
    since = clock.now() - timedelta(days=DAYS)
    return Event.objects.filter(case_id__in=cases, kind__in=list(kinds), at__gte=since).count()
