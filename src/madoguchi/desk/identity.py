"""How sure one is, in a case, that one speaks with the customer, in words."""

from collections.abc import Sequence
from dataclasses import dataclass

from madoguchi.cases import policies
from madoguchi.cases.identity import Checked, Level, level_of
from madoguchi.cases.models import Case
from madoguchi.infra.models import Event
from madoguchi.kernel.actor import Actor


@dataclass(frozen=True, slots=True)
class Sure:
    """The level with what was checked; the last word on it in the log, and what may be chosen by who may say more."""

    level: Level
    items: Sequence[str]
    said: Event | None = None
    choices: Sequence[tuple[str, str, bool]] = ()

    @property
    def tone(self) -> str:
        """How loud it is."""
        return "good" if self.level >= Level.TWO else "warn" if self.level == Level.NONE else ""


def sure_of(case: Case) -> Sure:
    """How sure one is in a case. No query."""
    return Sure(level_of(case.checked), [str(one.label) for one in Checked if one in case.checked])


def said_of(case: Case, *, actor: Actor) -> Sure:
    """The same with who said so last and when, and the choices of who may say more. One query where it was said."""
    sure = sure_of(case)
    told = Event.objects.filter(case_id=case.pk, kind="case.changed", data__field="checked")
    may = policies.may_update(actor, case)
    choices = [(one.value, str(one.label), one in case.checked) for one in Checked] if may else []
    return Sure(sure.level, sure.items, told.order_by("-id").first() if case.checked else None, choices)
