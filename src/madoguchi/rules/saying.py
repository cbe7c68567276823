"""What a rule says: read from JSON, with what makes no sense refused; and what of its filter holds for a case."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from madoguchi.cases.models import Case
from madoguchi.infra.models import Event
from madoguchi.kernel.errors import Refused
from madoguchi.kernel.text import blot_card_numbers, one_line
from madoguchi.macros.steps import BY_ITSELF, ME, Step, read_steps, write_steps
from madoguchi.macros.verbs import Verb
from madoguchi.rules.models import Rule
from madoguchi.views.filters import EVENT, All, Condition, Node, conditions, read_filter, write_filter
from madoguchi.views.filters import ME as READER
from madoguchi.views.meaning import Reader, matches

# What can set a rule going: what happens to a case itself, its promised times among it, not what people do beside it.
CLOCKS = ("clock.warned", "clock.breached")
KINDS = (
    *("case.opened", "message.received", "message.written", "message.failed", "message.bounced"),
    *("note.added", "case.assigned", "case.status", "case.changed", "case.took_in", "file.held"),
    *CLOCKS,
)
MOST_NAME, MOST_PER_CASE, MOST_PER_HOUR = 60, 20, 5000
Trigger = Rule.Trigger


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """A rule as somebody writes it."""

    name: str
    trigger: str
    kinds: tuple[str, ...]
    filter: Node
    acts: tuple[Step, ...]
    per_case: int = 3
    per_hour: int = 500

    def columns(self) -> dict[str, Any]:
        """As it is kept."""
        return {
            "name": self.name,
            "trigger": self.trigger,
            "kinds": list(self.kinds),
            "filter": write_filter(self.filter),
            "acts": write_steps(self.acts),
            "per_case": self.per_case,
            "per_hour": self.per_hour,
        }


def read_rule(written: dict[str, Any]) -> Said:
    """A rule of what JSON says. Raises Refused, with what to change, for anything that makes no sense."""
    name = blot_card_numbers(one_line(str(written.get("name", "")), most=MOST_NAME))
    if not name:
        raise Refused(_("A name is needed."), field="name")
    trigger = written.get("trigger")
    if trigger not in Trigger.values:
        raise Refused(_("Choose one of the list."), field="trigger")
    return Said(
        name=name,
        trigger=str(trigger),
        kinds=_kinds(written.get("kinds"), str(trigger)),
        filter=_filter(written.get("filter")),
        acts=_acts(written.get("acts")),
        per_case=_number(written, "per_case", most=MOST_PER_CASE),
        per_hour=_number(written, "per_hour", most=MOST_PER_HOUR),
    )


def said_by(rule: Rule) -> dict[str, Any]:
    """What a rule says now, as `read_rule` takes it."""
    names = ("name", "trigger", "kinds", "filter", "acts", "per_case", "per_hour")
    return {name: getattr(rule, name) for name in names}


def history_for(node: Node, case: Case) -> list[tuple[str, datetime]]:
    """The events of a case that its filter asks for. One query, where it asks for any."""
    kinds = {asked.kind for asked in conditions(node) if asked.field == EVENT}
    if not kinds:
        return []
    return list(Event.objects.filter(case_id=case.pk, kind__in=kinds).values_list("kind", "at"))


def weigh(
    node: Node, case: Case, events: Sequence[tuple[str, datetime]], reader: Reader
) -> tuple[bool, list[dict[str, Any]]]:
    """Whether the filter wants the case, and of each condition whether it holds."""
    each = [_weighed(asked, matches(asked, case, events, reader)) for asked in conditions(node)]
    return matches(node, case, events, reader), each


def _weighed(asked: Condition, met: bool) -> dict[str, Any]:
    (written,) = write_filter(All((asked,)))["all"]
    return written | {"met": met}


def _filter(written: Any) -> Node:
    node = read_filter(written)
    if any(asked.field == "assignee" and READER in asked.value for asked in conditions(node)):
        raise Refused(_("Nobody looks when a rule does: name the person instead."), field="filter")
    if any(asked.field == "unread" for asked in conditions(node)):
        raise Refused(
            _("Nobody looks when a rule does: what is unread differs from person to person."), field="filter"
        )
    return node


def _acts(written: Any) -> tuple[Step, ...]:
    steps = read_steps(written, known=BY_ITSELF)
    if any((step.do, step.value) == (Verb.ASSIGN, ME) for step in steps):
        raise Refused(_("Nobody runs a rule: name the person instead."), field="assign")
    return steps


def _kinds(written: Any, trigger: str) -> tuple[str, ...]:
    if trigger == Trigger.TIME:
        return ()
    chosen: Iterable[Any] = written if isinstance(written, list) else ()
    kinds = tuple(kind for kind in KINDS if kind in chosen)
    if not kinds:
        raise Refused(_("Choose what sets the rule going."), field="kinds")
    return kinds


def _number(written: dict[str, Any], name: str, *, most: int) -> int:
    value = written.get(name, Said.__dataclass_fields__[name].default)
    if not isinstance(value, int) or not 1 <= value <= most:
        raise Refused(_("Write a number between 1 and %(most)s.") % {"most": most}, field=name)
    return value
