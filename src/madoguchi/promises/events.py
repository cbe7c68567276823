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
