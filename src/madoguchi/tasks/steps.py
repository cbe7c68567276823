"""The steps of a plan: kept as JSON, read with everything that makes no sense refused."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

from django.utils.translation import gettext as _

from madoguchi.kernel.errors import Refused
from madoguchi.kernel.text import blot_card_numbers, one_line
from madoguchi.tasks.due import Unit

MOST_STEPS, MOST_TITLE, MOST_MINUTES = 30, 200, 60 * 100
# For longer than this nobody plans ahead by a step.
_MOST = {Unit.MINUTES: 60 * 24, Unit.HOURS: 24 * 30, Unit.DAYS: 365}
NOBODY, RESPONSIBLE, WHO_APPLIES = "", "responsible", "me"


@dataclass(frozen=True, slots=True)
class Step:
    """One task to be: its words, how long it takes, how long after the plan is applied it is due (`after` None: at no
    set time), and whose it is: nobody's, of whoever is responsible, or of who applies the plan.
    """

    title: str
    minutes: int | None = None
    after: int | None = None
    unit: str = Unit.HOURS
    owner: str = NOBODY


def read_steps(written: Any) -> list[Step]:
    """The steps of what JSON says. Raises Refused for what it does not understand, for none and for too many."""
    if not isinstance(written, list) or not all(isinstance(one, dict) for one in written):
        raise Refused(_("Steps are a list of objects with “title”."), field="steps")
    if not 0 < len(written) <= MOST_STEPS:
        raise Refused(_("Write between 1 and %(most)s steps.") % {"most": MOST_STEPS}, field="steps")
    return [_step(one) for one in written]


def write_steps(steps: Iterable[Step]) -> list[dict[str, Any]]:
    """The steps as JSON, which `read_steps` reads again."""
    return [asdict(step) for step in steps]


def read_title(written: str) -> str:
    """The words of a task. Raises Refused for none."""
    title = blot_card_numbers(one_line(written, most=MOST_TITLE))
    if not title:
        raise Refused(_("Say what is to be done."), field="title")
    return title


def read_minutes(value: Any) -> int | None:
    """An estimate. Raises Refused for what is no length of work."""
    return _number(value, most=MOST_MINUTES, field="minutes")


def _step(written: dict[str, Any]) -> Step:
    unit, owner = str(written.get("unit", Unit.HOURS)), str(written.get("owner", NOBODY))
    if unit not in list(Unit) or owner not in (NOBODY, RESPONSIBLE, WHO_APPLIES):
        raise Refused(_("Choose one of the list."), field="steps")
    return Step(
        title=read_title(str(written.get("title", ""))),
        minutes=read_minutes(written.get("minutes")),
        after=_number(written.get("after"), most=_MOST[Unit(unit)], field="after", least=0),
        unit=unit,
        owner=owner,
    )


def _number(value: Any, *, most: int, field: str, least: int = 1) -> int | None:
    if value is None:
        return None
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
        words = _("Write a number between %(least)s and %(most)s.") % {"least": least, "most": most}
        raise Refused(words, field=field)
    return value
