"""What customers say of how they were helped."""

from typing import Any, ClassVar

from madoguchi.infra.facts import Fact, fact


@fact
class SurveyAnswered(Fact):
    """A customer said whether their matter is solved, how satisfied they are (1 to 5), how easy it was (1 to 7), and
    whether they would recommend the company (0 to 10); None: not asked, or not answered. `review_asked`: they were then
    shown where to write a review. Their words stand beside the log.
    """

    kind: ClassVar[str] = "survey.answered"
    solved: bool
    satisfied: int | None
    easy: int | None
    recommends: int | None
    review_asked: bool


@fact
class SurveyKept(Fact):
    """What a desk asks its customers was set up, or changed: `{field: [before, after]}`."""

    kind: ClassVar[str] = "survey.kept"
    changes: dict[str, list[Any]]


@fact
class SurveyInvited(Fact):
    """A customer was asked by mail how they were helped, since their case was solved."""

    kind: ClassVar[str] = "survey.invited"
