"""Kinds of matter by how complex, frequent and urgent they are, and who would best answer them. Pure.

Own staff, an operator or a bot: what is hard, or urgent and rare, is best answered by people of the company's own; what
is simple and stands in articles by a bot; what is frequent and can be learned by an operator. The bounds are ours.
"""

from dataclasses import dataclass
from enum import Enum
from typing import Final

from django.db import models
from django.utils.translation import pgettext_lazy

DAYS: Final = 90
# Fewer cases say nothing; of so many answered ones one person alone knowing is a risk; fewer people can be told apart.
LEAST, LEAST_FOR_ONE, LEAST_PEOPLE = 5, 3, 3
# Below the first it is low, from the second on high: answers of people a case, cases a week, and percents of the cases.
ANSWERS, ASKED, WEEKLY, URGENT = (1.5, 3.0), (5, 15), (2.0, 10.0), (5, 20)
# From which share of cases answered from articles on a bot has what it needs (percent).
WRITTEN = 60


class Level(Enum):
    """How much of something there is."""

    LOW = 1
    MIDDLE = 2
    HIGH = 3


class By(models.TextChoices):
    """Who would best answer."""

    OWN = "own", pgettext_lazy("subjects", "Own staff")
    OPERATOR = "operator", pgettext_lazy("subjects", "An operator")
    BOT = "bot", pgettext_lazy("subjects", "A bot")
    BOT_LATER = "bot_later", pgettext_lazy("subjects", "A bot, once articles say it")
    UNKNOWN = "unknown", pgettext_lazy("subjects", "Too few cases to say")
    NO_KIND = "no_kind", pgettext_lazy("subjects", "Nobody can say without a kind")


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """A kind of matter at a desk in the last 90 days: `cases`, `answered` of them by people with `answers` words to
    customers; `asked` of them had a question to somebody who knows more, `urgent` ones were marked as such, answers of
    `written` rest on an article; `people` answered any, all of whom the reader leads where `led`.
    """

    desk: int
    matter: int | None
    name: str
    place: str
    cases: int = 0
    answered: int = 0
    answers: int = 0
    asked: int = 0
    urgent: int = 0
    written: int = 0
    people: int = 0
    led: bool = False

    @property
    def weekly(self) -> float:
        """Cases a week."""
        return 7 * self.cases / DAYS

    @property
    def each(self) -> float:
        """Answers of people for each case that has any."""
        return self.answers / self.answered if self.answered else 0.0

    @property
    def percent_asked(self) -> int:
        """The share in which somebody had to be asked."""
        return _percent(self.asked, self.cases)

    @property
    def percent_urgent(self) -> int:
        """The share that was urgent."""
        return _percent(self.urgent, self.cases)

    @property
    def percent_written(self) -> int:
        """The share of the answered ones that rests on articles."""
        return _percent(self.written, self.answered)

    @property
    def complexity(self) -> Level:
        """By how many answers a case takes, and how often somebody had to be asked: the higher of both."""
        return max(_level(self.each, ANSWERS), _level(self.percent_asked, ASKED), key=lambda one: one.value)

    @property
    def frequency(self) -> Level:
        """By cases a week."""
        return _level(self.weekly, WEEKLY)

    @property
    def urgency(self) -> Level:
        """By the share that is urgent."""
        return _level(self.percent_urgent, URGENT)

    @property
    def people_told(self) -> int | None:
        """How many people answered; None for so few that it tells of them somebody who does not lead them."""
        return self.people if self.led or not self.people or self.people >= LEAST_PEOPLE else None

    @property
    def only_one_knows(self) -> bool:
        """Whether one person alone answered all of them, as far as that is for the reader to know."""
        return self.led and self.people == 1 and self.answered >= LEAST_FOR_ONE

    @property
    def best_by(self) -> By:
        """Who would best answer it; whatever has no kind is of many."""
        if self.matter is None:
            return By.NO_KIND
        if self.cases < LEAST:
            return By.UNKNOWN
        rare_and_urgent = self.urgency is Level.HIGH and self.frequency is not Level.HIGH
        if self.complexity is Level.HIGH or rare_and_urgent:
            return By.OWN
        if self.complexity is Level.LOW and self.urgency is not Level.HIGH:
            return By.BOT if self.percent_written >= WRITTEN else By.BOT_LATER
        return By.OPERATOR


def _level(value: float, bounds: tuple[float, float]) -> Level:
    low, high = bounds
    return Level.LOW if value < low else Level.HIGH if value >= high else Level.MIDDLE


def _percent(part: int, whole: int) -> int:
    return 100 * part // whole if whole else 0
