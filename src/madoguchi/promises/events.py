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


@fact
class ClockBreached(Fact):
    """The time of a clock ran out at `due` (ISO 8601), and what it measures had not happened."""

    kind: ClassVar[str] = "clock.breached"
    metric: str
    cycle: int
    due: str
