"""What can happen to a bot and in its talks. `changes` is `{field: [before, after]}`."""

from typing import Any, ClassVar

from madoguchi.infra.facts import Fact, fact


@fact
class BotSet(Fact):
    """The bot of a desk was switched, or is to answer otherwise."""

    kind: ClassVar[str] = "bot.set"
    changes: dict[str, list[Any]]


@fact
class BotStopped(Fact):
    """The bot of a desk stopped by itself: of so many answers that were `judged`, so many were `wrong`."""

    kind: ClassVar[str] = "bot.stopped"
    wrong: int
    judged: int


@fact
class BotLimitsSet(Fact):
    """A company changed the words at which a person takes over; `kinds` says of which kinds."""

    kind: ClassVar[str] = "bot.limits"
    kinds: list[str]


@fact
class BotLearned(Fact):
    """It was learned from what people of a company marked as `grave`, and the `others`; whether that is `used` beside
    the words; how many of each are found by the words, and by both.
    """

    kind: ClassVar[str] = "bot.learned"
    used: bool
    grave: int
    others: int
    found_by_words: int
    found: int
    false_by_words: int
    false: int


@fact
class BotSpoke(Fact):
    """The bot said something to a customer: `outcome` is answer, suggest, greet, done, menu or form; `versions` what it
    rests on or offers, `confidence` in percent.
    """

    kind: ClassVar[str] = "bot.spoke"
    message: int
    outcome: str
    versions: list[int]
    confidence: int | None


@fact
class BotHandedOver(Fact):
    """The bot gave a case to people, for a reason; from then on it is silent there."""

    kind: ClassVar[str] = "bot.handed_over"
    reason: str


@fact
class BotHandedBack(Fact):
    """A person gave a talk back to the bot."""

    kind: ClassVar[str] = "bot.handed_back"


@fact
class BotJudged(Fact):
    """A customer said whether an answer of the bot helped."""

    kind: ClassVar[str] = "bot.judged"
    message: int
    helped: bool


@fact
class ScenarioChanged(Fact):
    """Somebody changed the draft (`number`) of a desk's scenario in a language, which now has so many `choices`."""

    kind: ClassVar[str] = "bot.scenario_changed"
    language: str
    number: int
    choices: int


@fact
class ScenarioBegan(Fact):
    """Customers of a desk are led by this version of its scenario from now on."""

    kind: ClassVar[str] = "bot.scenario_began"
    language: str
    number: int


@fact
class ScenarioEnded(Fact):
    """Customers of a desk are led by no scenario any more."""

    kind: ClassVar[str] = "bot.scenario_ended"
    language: str
    number: int


@fact
class BotAudited(Fact):
    """Somebody who looked at an answer (`message`) drawn for an audit `found` it right, wrong or unclear."""

    kind: ClassVar[str] = "bot.audited"
    message: int
    found: str
