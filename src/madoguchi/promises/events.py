"""What can happen to service levels and clocks."""

from typing import Any, ClassVar

from madoguchi.infra.facts import Fact, fact


@fact
class ServiceLevelsChanged(Fact):
    """The service levels of a desk were written or changed; `changes` is `{field: [before, after]}`."""

    kind: ClassVar[str] = "service_levels.changed"
    version: int
    changes: dict[str, list[Any]]


@fact
class ServiceLevelsSwitched(Fact):
    """The service levels of a desk were taken into use (`active`), or out of use."""

    kind: ClassVar[str] = "service_levels.switched"
    version: int
    active: bool


@fact
class LevelsTrialStarted(Fact):
    """Service levels are tried on so many `cases` of a desk, of the last 90 days. Nothing is changed by it."""

    kind: ClassVar[str] = "service_levels.trial_started"
    cases: int


@fact
class LevelsTrialStopped(Fact):
    """A trial of service levels was stopped before it was through."""

    kind: ClassVar[str] = "service_levels.trial_stopped"


@fact
class ClockWarned(Fact):
    """So much of a clock's time has passed as its policy warns of; `due` (ISO 8601) is when it runs out."""

    kind: ClassVar[str] = "clock.warned"
    metric: str
    cycle: int
    due: str
    policy_name: str = ""


@fact
class ClockBreached(Fact):
    """The time of a clock ran out at `due` (ISO 8601), and what it measures had not happened."""

    kind: ClassVar[str] = "clock.breached"
    metric: str
    cycle: int
    due: str
    policy_name: str = ""


@fact
class ClockReached(Fact):
    """A clock came to a moment for which its policy says what is done: `seconds` after its time runs out (below zero:
    before). `acts` are those of then, `{"do", "value"}` each.
    """

    kind: ClassVar[str] = "clock.reached"
    metric: str
    cycle: int
    policy_name: str
    seconds: int
    acts: list[dict[str, str]]


@fact
class ClockActed(Fact):
    """What a policy says of a moment of a clock was done: `did` is each act with what became of it (`fate`: done, same,
    refused) and why. `moment` is the event of the moment.
    """

    kind: ClassVar[str] = "clock.acted"
    metric: str
    cycle: int
    policy_name: str
    seconds: int
    moment: int
    did: list[dict[str, str]]


@fact
class PromiseMade(Fact):
    """A customer was told by when something will be done; `due` is ISO 8601, `found` that its words were recognised."""

    kind: ClassVar[str] = "promise.made"
    promise: int
    what: str
    owner: int | None
    due: str
    found: bool


@fact
class PromiseMoved(Fact):
    """A customer was told of another time than was promised, `before` in place of it (both ISO 8601), in an answer that
    was sent (`message`) or waits (`answer`), or otherwise; and where the time before was told.
    """

    kind: ClassVar[str] = "promise.moved"
    promise: int
    before: str
    after: str
    message: int | None = None
    answer: int | None = None
    before_message: int | None = None
    before_answer: int | None = None


@fact
class PromiseKept(Fact):
    """What was promised is done; `late` where its time had run out by then."""

    kind: ClassVar[str] = "promise.kept"
    promise: int
    late: bool


@fact
class PromiseWithdrawn(Fact):
    """A promise does not hold any more: it was never told, or is needed no longer."""

    kind: ClassVar[str] = "promise.withdrawn"
    promise: int


@fact
class PromiseReopened(Fact):
    """What was called done or withdrawn is open again."""

    kind: ClassVar[str] = "promise.reopened"
    promise: int


@fact
class PromiseGiven(Fact):
    """A promise is somebody else's to keep from now on."""

    kind: ClassVar[str] = "promise.given"
    promise: int
    owner: int | None


@fact
class PromiseWarned(Fact):
    """Four fifths of the time of a promise have passed; told once for each time."""

    kind: ClassVar[str] = "promise.warned"
    promise: int
    owner: int | None
    due: str


@fact
class PromiseBroken(Fact):
    """The time of a promise ran out, and it was not done; told once."""

    kind: ClassVar[str] = "promise.broken"
    promise: int
    owner: int | None
    due: str


@fact
class DelayDrafted(Fact):
    """A notice of delay (`delay_notice`) was drafted by itself before a time ran out at `due`: that of a `promise`, or
    of a clock (`metric`). It is `owner`'s to check and send.
    """

    kind: ClassVar[str] = "delay.drafted"
    delay_notice: int
    promise: int | None
    metric: str
    owner: int | None
    due: str


@fact
class DelayTold(Fact):
    """A notice of delay with its reason, how it stands and the new time (`until`) was sent, or waits to be (`message`,
    `answer`), about the time that ran out at `due`: that of a `promise`, or of a clock (`metric` and `cycle`).
    """

    kind: ClassVar[str] = "delay.told"
    delay_notice: int
    promise: int | None
    metric: str
    cycle: int
    due: str
    until: str
    message: int | None = None
    answer: int | None = None


@fact
class DelayTakenBack(Fact):
    """A notice of delay was taken back before it left: nobody was told."""

    kind: ClassVar[str] = "delay.taken_back"
    delay_notice: int


@fact
class DelayWaits(Fact):
    """Half of what was left of the time is over, and nobody sent the notice of delay, nor did what it is about."""

    kind: ClassVar[str] = "delay.waits"
    delay_notice: int
    promise: int | None
    metric: str
    owner: int | None
    due: str
