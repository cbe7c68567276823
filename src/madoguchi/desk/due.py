"""How long a customer has waited, and by when a case has to be answered or solved, in words that grow louder."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from madoguchi.cases.lists import CaseLine
from madoguchi.cases.models import OURS_TO_ACT, Case
from madoguchi.look.moments import ahead, near, remaining, span
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


def said_first(case: Case | CaseLine, *, now: datetime) -> Wait | None:
    """What has to be kept next in a case: amber once somebody was told that it runs out, red when it has. Where nothing
    is promised, how long the customer has waited.
    """
    if case.due_at is None:
        return wait_of(case, now=now)
    over = case.due_at <= now
    when = near(case.due_at, now=now) if over else ahead(case.due_at, now=now)
    name, tone = _NAMES[Metric(case.due_for)], "bad" if over else "warn" if case.due_warned else ""
    left = remaining(case.due_at - now)
    words, brief = (
        str(name) % {"when": when, "left": left},
        str(_BRIEF[name]) % {"when": left if over else when},
    )
    return Wait(case.due_at, words, tone, brief)


def wait_of(case: Case | CaseLine, *, now: datetime) -> Wait | None:
    """How long the customer has waited; None when it is not our turn."""
    if case.waiting_since is None or case.status not in OURS_TO_ACT:
        return None
    length = now - case.waiting_since
    tone = "bad" if length >= TOO_LONG_WAIT else "warn" if length >= LONG_WAIT else ""
    return Wait(case.waiting_since, _("Waiting %(span)s") % {"span": span(max(length, timedelta()))}, tone)
