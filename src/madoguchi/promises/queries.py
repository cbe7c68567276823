"""Service levels of desks, and the clocks of cases as they were read last."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import lru_cache

from django.db.models import F
from django.utils.translation import get_language, gettext

from madoguchi.cases.models import ACTIVE, Case
from madoguchi.companies.models import Desk
from madoguchi.companies.queries import desks_of
from madoguchi.kernel.actor import Actor, Permission
from madoguchi.kernel.errors import NotFound
from madoguchi.kernel.hours import Calendar
from madoguchi.promises import policies
from madoguchi.promises.located import Wrong, read_json
from madoguchi.promises.models import Clock, ServiceLevels
from madoguchi.promises.policy import Metric, Policy
from madoguchi.promises.reading_policy import read_policies
from madoguchi.promises.story import Event
from madoguchi.promises.wording import said_of, words_in


@lru_cache(maxsize=256)
def read_text(text: str) -> tuple[Policy, ...]:
    """The policies of a text. Raises Wrong."""
    return tuple(read_policies(read_json(text)))


def said_here(error: Wrong) -> str:
    """What is wrong with a text, in the language of this moment."""
    return said_of(error, file="", words=words_in((get_language() or "ja")[:2]))


def levels_of(desk: Desk) -> ServiceLevels | None:
    """What a desk keeps towards its customers, in use or not; None where nothing was ever said."""
    return ServiceLevels.objects.filter(desk=desk).first()


def desk_to_read(actor: Actor, pk: int) -> Desk:
    """A desk, open or closed, whose levels the actor may read. Raises NotFound for any other."""
    found = Desk.objects.select_related("company").filter(pk=pk).first()
    if found is None or not policies.may_read_levels(actor, company=found.company_id, desk=found.pk):
        raise NotFound(pk)
    return found


def desks_with_levels(actor: Actor) -> list[tuple[Desk, ServiceLevels | None]]:
    """The open desks whose levels the actor may read, each with them where there are some. Two queries."""
    desks = desks_of(actor, permission=Permission.LEVELS_READ)
    kept = {one.desk_id: one for one in ServiceLevels.objects.filter(desk__in=[desk.pk for desk in desks])}
    return [(desk, kept.get(desk.pk)) for desk in desks]


def levels_to_set(actor: Actor, desk: Desk) -> ServiceLevels | None:
    """The same for who sets up the desk. Raises NotFound for anybody else."""
    if not policies.may_set_levels(actor, company=desk.company_id, desk=desk.pk):
        raise NotFound(desk.pk)
    return levels_of(desk)


def any_levels() -> bool:
    """Whether any desk in scope has service levels in use."""
    return ServiceLevels.objects.filter(active=True).exists()


def active_of(customers: Iterable[int]) -> list[int]:
    """The cases of these customers that are not at rest, by id. One query."""
    open_cases = Case.objects.filter(customer__in=list(customers), status__in=ACTIVE)
    return list(open_cases.values_list("pk", flat=True))


def policies_of(case: Case, events: Sequence[Event]) -> list[Policy]:
    """The policies in use of all desks where a case was, each for its time there; none of desks that took theirs into
    use after the case was opened. One query.
    """
    desks = {int(desk) for event in events for desk in event.facts.get("desk", ())}
    opened_at = min(event.at for event in events if event.kind == "opened")
    rows = ServiceLevels.objects.filter(desk__in=desks, active=True, since__lte=opened_at).order_by("desk_id")
    return [_at_desk(policy, row.desk_id) for row in rows for policy in read_text(row.text)]


def _at_desk(policy: Policy, desk: int) -> Policy:
    when = {**policy.when, "desk": frozenset({str(desk)})}
    return replace(policy, when=when)


def clocks_of(case: Case) -> list[Clock]:
    """All clocks of a case, in the order in which they began."""
    return list(Clock.objects.filter(case=case).order_by("began_at", "id"))


def working_time_left(cases: Sequence[int], *, at: datetime) -> dict[int, timedelta]:
    """How much working time is left of these cases until the next of their clocks runs out, below zero what is over;
    of those alone whose clock counts by a calendar. Two queries: the text of each desk is read once.
    """
    rows = Clock.objects.filter(case__in=cases, state="running", business=True, due_at=F("case__due_at"))
    due = list(rows.values_list("case", "case__desk", "policy", "due_at"))
    calendars = _calendars_in_use({desk for _case, desk, _policy, _due_at in due})
    found = {}
    for case, desk, policy, due_at in due:
        calendar = calendars.get((desk, policy))
        if calendar is not None:
            found[case] = calendar.passed(at, due_at) if due_at > at else -calendar.passed(due_at, at)
    return found


def _calendars_in_use(desks: Iterable[int]) -> dict[tuple[int, str], Calendar]:
    """By desk and the name of a policy; of two policies of one name the first."""
    rows = ServiceLevels.objects.filter(desk__in=desks, active=True).values_list("desk", "text")
    return {(desk, one.name[:200]): one.calendar for desk, text in rows for one in reversed(read_text(text))}


def metric_name(metric: str) -> str:
    """What a clock measures, in words."""
    names = {
        Metric.FIRST_REPLY: gettext("First reply"),
        Metric.NEXT_REPLY: gettext("Next reply"),
        Metric.PERIODIC_UPDATE: gettext("Update"),
        Metric.REQUESTER_WAIT: gettext("Customer's wait"),
        Metric.AGENT_WORK: gettext("Work on it"),
        Metric.RESOLUTION: gettext("Resolution"),
    }
    return names[Metric(metric)]
