"""Service levels: which policy holds for a case, and how long each of its clocks may run. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum

from madoguchi.kernel.hours import ALWAYS, Calendar

PRIORITIES = ("low", "normal", "high", "urgent")
Facts = Mapping[str, frozenset[str]]
WARN_SHARE = 0.8


class Metric(StrEnum):
    """What a clock measures."""

    FIRST_REPLY = "first_reply"
    NEXT_REPLY = "next_reply"
    PERIODIC_UPDATE = "periodic_update"
    REQUESTER_WAIT = "requester_wait"
    AGENT_WORK = "agent_work"
    RESOLUTION = "resolution"


# An answer of ours ends them, and the next begins anew. The others go on for the whole case.
REPLIES = (Metric.FIRST_REPLY, Metric.NEXT_REPLY, Metric.PERIODIC_UPDATE)


class Hold(StrEnum):
    """Why a clock stands still. A policy chooses among the first four; a case at rest always stops it, and so does a
    policy that no more wants it measured.
    """

    CUSTOMER = "waiting_customer"
    THIRD = "waiting_third"
    NEW = "new"
    UNASSIGNED = "unassigned"
    REST = "at_rest"
    UNMEASURED = "no_target"


CHOSEN_HOLDS = (Hold.CUSTOMER, Hold.THIRD, Hold.NEW, Hold.UNASSIGNED)
USUAL_HOLDS: Mapping[Metric, frozenset[Hold]] = {
    metric: frozenset() if metric in REPLIES else frozenset({Hold.CUSTOMER, Hold.THIRD}) for metric in Metric
}


@dataclass(frozen=True, slots=True)
class Target:
    """How long a clock may run, by the policy's calendar (`business`) or by the clock on the wall."""

    length: timedelta
    business: bool
    holds: frozenset[Hold]


class Deed(StrEnum):
    """What a policy does to a case when a clock comes to a moment."""

    PRIORITY = "priority"
    ASSIGN = "assign"
    NOTIFY = "notify"
    TAG = "tag"
    TASK = "task"
    DESK = "desk"
    DELAY_NOTICE = "delay_notice"


# Deeds of which somebody is told or made responsible.
TO_WHOM = (Deed.ASSIGN, Deed.NOTIFY, Deed.DELAY_NOTICE)
# Whom a policy may name, beside a person by their address.
RESPONSIBLE, SENIORS = "responsible", "seniors"


@dataclass(frozen=True, slots=True)
class Act:
    """What is done to a case by itself: so long after its clock is due, or before it (`offset` below zero).

    `value` is a priority, a tag, the words of a task, or whom: `responsible`, `seniors`, or somebody's address. It
    belongs to the clocks of `metrics`, or (empty) to all.
    """

    do: Deed
    value: str
    offset: timedelta = timedelta()
    metrics: frozenset[Metric] = frozenset()

    def is_for(self, metric: Metric) -> bool:
        """Whether it belongs to a clock that measures this."""
        return not self.metrics or metric in self.metrics


@dataclass(frozen=True, slots=True)
class Policy:
    """What is kept towards customers whose case fits `when`: for each metric and priority a target, or none.

    Of a fact that `when` names (priority, desk, channel, matter, tags …) the case must have one of the values. Somebody
    is warned once `warn_share` of the time has passed. `acts` are done when the clock comes to their moments.
    """

    name: str
    targets: Mapping[tuple[Metric, str], Target]
    calendar: Calendar = ALWAYS
    calendar_name: str = ""
    when: Facts = field(default_factory=dict)
    warn_share: float = WARN_SHARE
    acts: tuple[Act, ...] = ()

    def fits(self, facts: Facts) -> bool:
        """Whether it is meant for such a case."""
        return all(facts.get(name, frozenset()) & wanted for name, wanted in self.when.items())

    def target(self, metric: Metric, priority: str) -> Target | None:
        """How long this clock of a case of this priority may run; None where nothing is promised."""
        return self.targets.get((metric, priority))

    def calendar_of(self, target: Target) -> Calendar:
        """By what time passes for this target."""
        return self.calendar if target.business else ALWAYS

    def acts_at(self, metric: Metric, offset: timedelta) -> list[Act]:
        """What is done when a clock of this metric is so far from being due."""
        return [act for act in self.acts if act.is_for(metric) and act.offset == offset]

    def moments_of(self, metric: Metric) -> list[timedelta]:
        """How far from being due something is done about a clock of this metric, the earliest first."""
        return sorted({act.offset for act in self.acts if act.is_for(metric)})


def first_fitting(policies: Sequence[Policy], facts: Facts) -> Policy | None:
    """The first policy in order that fits; None where none does."""
    return next((policy for policy in policies if policy.fits(facts)), None)
