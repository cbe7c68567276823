"""Rules made for tests."""

from typing import Any

from madoguchi.infra import scope
from madoguchi.infra.event_log import Recorded, read_these
from madoguchi.infra.models import Event
from madoguchi.kernel.actor import Actor
from madoguchi.people.factories import Side
from madoguchi.people.queries import actor_of
from madoguchi.rules.actions import add_rule, start_rule
from madoguchi.rules.models import Rule

EVERY = {"version": 1, "all": []}


def where(**said: Any) -> dict[str, Any]:
    """A filter of one condition."""
    return {"version": 1, "all": [said]}


def said(**more: Any) -> dict[str, Any]:
    """A rule as JSON: on a new case, a tag, unless something else is said."""
    acts = [{"do": "tag", "value": "新着"}]
    rule = {"name": "新着", "trigger": "event", "kinds": ["case.opened"], "filter": EVERY, "acts": acts}
    return rule | more


def at_work(side: Side, **more: Any) -> Rule:
    """A rule of a side's desk that is in use."""
    by: Actor = actor_of(side.supervisor)
    with side.scope():
        rule = add_rule(side.desk, said=said(**more), by=by)
        start_rule(rule, by=by)
    return rule


def acts(*steps: tuple[str, str]) -> list[dict[str, str]]:
    """Acts as JSON."""
    return [{"do": do, "value": value} for do, value in steps]


def happened(*kinds: str) -> list[Recorded]:
    """What the log holds of these kinds, as a reader is given it."""
    with scope.everywhere(reason="a test looks at all companies"):
        ids = Event.objects.filter(kind__in=kinds).order_by("id").values_list("id", flat=True)
        return read_these(ids)
