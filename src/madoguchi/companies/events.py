"""What can happen to companies, desks and engagements. `changes` is `{field: [before, after]}`."""

from typing import Any, ClassVar

from madoguchi.infra.facts import Fact, fact


@fact
class CompanyAdded(Fact):
    """A company was added to the installation."""

    kind: ClassVar[str] = "company.added"
    name: str


@fact
class CompanyChanged(Fact):
    """A company's settings were changed."""

    kind: ClassVar[str] = "company.changed"
    changes: dict[str, list[Any]]


@fact
class OperatorAdded(Fact):
    """A company became the operator of its own desks."""

    kind: ClassVar[str] = "operator.added"
    operator: int
    name: str


@fact
class OperatorChanged(Fact):
    """An operator was renamed."""

    kind: ClassVar[str] = "operator.changed"
    operator: int
    changes: dict[str, list[Any]]


@fact
class EngagementMade(Fact):
    """An operator was engaged to answer at a desk."""

    kind: ClassVar[str] = "engagement.made"
    engagement: int
    operator: int
    model: str
    starts_on: str
    ends_on: str | None


@fact
class EngagementChanged(Fact):
    """The terms of an engagement were changed."""

    kind: ClassVar[str] = "engagement.changed"
    engagement: int
    operator: int
    changes: dict[str, list[Any]]


@fact
class DataScopeChanged(Fact):
    """What an operator sees of customers was changed."""

    kind: ClassVar[str] = "engagement.data_scope"
    engagement: int
    operator: int
    changes: dict[str, list[Any]]


@fact
class DeskAdded(Fact):
    """A desk was added."""

    kind: ClassVar[str] = "desk.added"
    name: str


@fact
class DeskChanged(Fact):
    """A desk's settings were changed."""

    kind: ClassVar[str] = "desk.changed"
    changes: dict[str, list[Any]]


@fact
class DeskClosed(Fact):
    """A desk was closed."""

    kind: ClassVar[str] = "desk.closed"


@fact
class DeskReopened(Fact):
    """A closed desk was opened again."""

    kind: ClassVar[str] = "desk.reopened"


@fact
class EntryPointAdded(Fact):
    """An entry point was added to a desk."""

    kind: ClassVar[str] = "entry_point.added"
    entry_point: int
    channel: str
    address: str


@fact
class EntryPointChanged(Fact):
    """An entry point's settings were changed."""

    kind: ClassVar[str] = "entry_point.changed"
    entry_point: int
    changes: dict[str, list[Any]]


@fact
class CompanyExported(Fact):
    """All of the company's data was written into a file; `secrets` when passwords and keys of its mail were, too."""

    kind: ClassVar[str] = "company.exported"
    rows: int
    files: int
    secrets: bool


@fact
class CompanyImported(Fact):
    """The company came from another installation with its history: all of it before this event happened there.

    `archive` is the hash over the file it came in, `newest_seal` how the audit chain there ended when it was made.
    """

    kind: ClassVar[str] = "company.imported"
    archive: str
    made_at: str
    newest_seal: str
    rows: int
    files: int
