"""What can happen to rules. `changes` is `{field: [before, after]}`."""

from typing import Any, ClassVar

from madoguchi.infra.facts import Fact, fact


@fact
class RuleAdded(Fact):
    """A rule was written; it works once it is taken into use."""

    kind: ClassVar[str] = "rule.added"
    rule: int
    name: str


@fact
class RuleChanged(Fact):
    """A rule was changed, or took another place among the desk's rules; `version` is the new one."""

    kind: ClassVar[str] = "rule.changed"
    rule: int
    version: int
    changes: dict[str, list[Any]]


@fact
class RuleStarted(Fact):
    """A rule was taken into use."""

    kind: ClassVar[str] = "rule.started"
    rule: int
    name: str


@fact
class RulePaused(Fact):
    """A rule was taken out of use for the time being."""

    kind: ClassVar[str] = "rule.paused"
    rule: int
    name: str


@fact
class RuleStopped(Fact):
    """A rule stopped itself, for it was asked to act too often within an hour (`times`)."""

    kind: ClassVar[str] = "rule.stopped"
    rule: int
    name: str
    times: int


@fact
class RuleLeft(Fact):
    """A rule stopped before it acted again, for whoever wrote it (`writer`) no longer leads the desk."""

    kind: ClassVar[str] = "rule.left"
    rule: int
    name: str
    writer: int


@fact
class RuleDeleted(Fact):
    """A rule was put away; it may be had back."""

    kind: ClassVar[str] = "rule.deleted"
    rule: int
    name: str


@fact
class RuleRestored(Fact):
    """A rule that was put away was taken back, paused."""

    kind: ClassVar[str] = "rule.restored"
    rule: int
    name: str
