"""How long a customer has waited, and by when a case has to be answered or solved, in words that grow louder."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from madoguchi.cases.lists import CaseLine
from madoguchi.cases.models import OURS_TO_ACT, Case
from madoguchi.look.moments import ahead, in_hours, near, remaining, span
from madoguchi.promises.policy import Metric

LONG_WAIT, TOO_LONG_WAIT = timedelta(hours=4), timedelta(hours=24)
_REPLY, _UPDATE, _ACTION, _SOLUTION = (
    gettext_lazy("Reply due %(when)s (%(left)s)"),
    gettext_lazy("Word due %(when)s (%(left)s)"),
    gettext_lazy("Action due %(when)s (%(left)s)"),
    gettext_lazy("Solution due %(when)s (%(left)s)"),
)
_BRIEF = {
    _REPLY: gettext_lazy("Reply due %(when)s"),
    _UPDATE: gettext_lazy("Word due %(when)s"),
    _ACTION: gettext_lazy("Action due %(when)s"),
    _SOLUTION: gettext_lazy("Solution due %(when)s"),
}
_NAMES = {
    Metric.FIRST_REPLY: _REPLY,
    Metric.NEXT_REPLY: _REPLY,
    Metric.PERIODIC_UPDATE: _UPDATE,
    Metric.REQUESTER_WAIT: _ACTION,
    Metric.AGENT_WORK: _ACTION,
    Metric.RESOLUTION: _SOLUTION,
}


@dataclass(frozen=True, slots=True)
class Wait:
    """What is said first of a case: for how long the customer has been waiting, or by when something is due.

    `brief` is the same for the line of a list, where whom it is about must keep its room.
    """

    since: datetime
    words: str
    tone: str
    brief: str = ""


def said_first(case: Case | CaseLine, *, now: datetime, left: timedelta | None = None) -> Wait | None:
    """What has to be kept next in a case: amber once somebody was told that it runs out, red when it has. Where nothing
    is promised, how long the customer has waited. `left` is the time until then in which somebody is at work, where it
    is known: that is said in its place, in hours.
    """
    if case.due_at is None:
        return wait_of(case, now=now)
    over = case.due_at <= now
    when = near(case.due_at, now=now) if over else ahead(case.due_at, now=now)
    name, tone = _NAMES[Metric(case.due_for)], "bad" if over else "warn" if case.due_warned else ""
    rest = remaining(case.due_at - now) if left is None else work_remaining(left)
    words, brief = (
        str(name) % {"when": when, "left": rest},
        str(_BRIEF[name]) % {"when": rest if over or left is not None else when},
    )
    return Wait(case.due_at, words, tone, brief)


def work_remaining(left: timedelta) -> str:
    """Working time that is left, or over, in hours and minutes however long: a day of work has no fixed length."""
    words = _("%(span)s of work over") if left < timedelta() else _("%(span)s of work left")
    return words % {"span": in_hours(abs(left))}


def wait_of(case: Case | CaseLine, *, now: datetime) -> Wait | None:
    """How long the customer has waited; None when it is not our turn."""
    if case.waiting_since is None or case.status not in OURS_TO_ACT:
        return None
    length = now - case.waiting_since
    tone = "bad" if length >= TOO_LONG_WAIT else "warn" if length >= LONG_WAIT else ""
    return Wait(case.waiting_since, _("Waiting %(span)s") % {"span": span(max(length, timedelta()))}, tone)
