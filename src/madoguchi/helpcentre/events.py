"""What can happen to a help centre."""

from typing import Any, ClassVar

from madoguchi.infra.facts import Fact, fact


@fact
class HelpCentreChanged(Fact):
    """It was changed whether a help centre is open and what stands at its head."""

    kind: ClassVar[str] = "help_centre.changed"
    changes: dict[str, list[Any]]


@fact
class HelpCentreHostProven(Fact):
    """The DNS proved that a `host` is the company's own: its help centre stands there from now on."""

    kind: ClassVar[str] = "help_centre.host_proven"
    host: str


@fact
class ArticleJudged(Fact):
    """A visitor said whether a version (`number`) of an article helped."""

    kind: ClassVar[str] = "article.judged"
    article: int
    number: int
    helped: bool
