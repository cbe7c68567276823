"""What the bot does with a message. Pure: no database, no clock, no model.

In this order: one of the choices offered, word for word; what touches a limit, whatever else is said beside it; whether
the last answer helped; a question that was put before; a greeting; and then what the articles say, by how sure that is.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from madoguchi.bot.learned import Learned
from madoguchi.bot.limits import Kind, found_in
from madoguchi.bot.models import Reason, Turn
from madoguchi.bot.reader import Reading
from madoguchi.knowledge.likeness import letters_of

Outcome = Turn.Outcome
MOST_SUGGESTED = 3
_LEAST_REPEATED = 4
YES = ("解決しました", "はい、解決しました", "It helped")
NO = ("解決していません", "いいえ、解決していません", "It did not help")
PERSON = ("人と話す", "Talk to a person")
NONE_OF_THESE = ("どれも違う", "None of these")
BACK = ("最初に戻る", "Start again")
_SHORT_YES = "はい うん ok yes 解決 できました わかりました 分かりました 了解しました 助かりました 大丈夫です"
_SHORT_NO = "いいえ いえ no 違います 違う だめでした できません できませんでした わかりません 解決しません"
_THANKS = r"ありがと(?:う|ー)*(?:ございま(?:す|した)|ね|です|でした)?|有り?難う(?:ございま(?:す|した))?|thank(?:you|s)"
# As folded text has them: what may stand beside thanks and says nothing else; whatever is left is another matter.
_KIND_WORDS = (
    "どうも|本当に|ほんとうに|ほんとに|大変|とても|すごく|ご?丁寧に|早速|早々に|親切に|ご?返信|ご?回答|ご?対応|ご?案内|教えて(?:くれて|いただき|頂き|くださり|下さり)|"
    "はい|うん|ok|yes|なるほど|解決(?:しました|です)?|でき(?:ました|た)|わかりました|分かりました|了解(?:です|しました)?|承知しました|助かり(?:ました|ます)|助かった|"
    "よかったです|良かったです|大丈夫です|安心しました|感謝し(?:ます|ています)|お世話に?なりました|失礼(?:し|いたし)ます|以上です|"
    "so(?:very)?much|very(?:much)?|alot|forthehelp|foryourhelp|great|perfect|it(?:helped|works)|solved|を|の|で|w|笑"
)
_GREETINGS = (
    "こんにちは こんばんは おはよう おはようございます はじめまして 初めまして もしもし すみません"
    " お世話になっております お世話になります 質問です 質問があります 質問したいです hello hi test テスト"
)


@dataclass(frozen=True, slots=True)
class Before:
    """What came before in the talk: what was offered last (title by version), whether the last word of the bot was an
    answer, or that all is `done`, what the customer asked since the bot speaks, and which versions were told.

    Where a scenario leads: the choices shown last (`menu`), and whether nothing was said since; the `first` choices,
    and what shows those (`start`), none where no scenario is in force.

    Where a scenario leads: the choices shown last (`menu`), whether nothing was said since, and those of the `first`
    question, none where no scenario does.
    """

    offered: Mapping[int, str]
    answered: bool = False
    done: bool = False
    asked: Sequence[str] = ()
    told: Sequence[int] = ()
    suggested: int = 0
    menu: Sequence["Step"] = ()
    menu_is_last: bool = False
    first: Sequence["Step"] = ()
    start: "Decision | None" = None


@dataclass(frozen=True, slots=True)
class Decision:
    """What to do: with which versions, how sure (None where nothing was ranked), why a person is asked, and at which
    place of which scenario it is done; whether it was found in other words than the customer's.
    """

    outcome: Outcome
    versions: tuple[int, ...] = ()
    confidence: float | None = None
    reason: str = ""
    helped: bool | None = None
    scenario: int | None = None
    node: int | None = None
    reworded: bool = False


@dataclass(frozen=True, slots=True)
class Step:
    """A choice of a scenario, by its words, and what follows from it."""

    label: str
    decision: Decision


def at_once(
    text: str,
    before: Before,
    *,
    words: Mapping[Kind, str] | None = None,
    learned: Learned | None = None,
    unanswered: str = "",
) -> Decision | None:
    """What can be said without reading an article; None where the articles are to be read. Limits are looked for in
    all that is `unanswered`, of which `text` is the end, by words and by what was `learned`.
    """
    said = letters_of(text)
    # What else was said before a choice and is not answered yet may touch a limit.
    choice = _offered(said, before) if said == letters_of(unanswered or text) else None
    if choice:
        return choice
    found = found_in(unanswered or text, words)
    thanks = _is_thanks(said)
    if found and (found.word or not thanks):  # thanks with two marks are no anger
        return Decision(Outcome.PERSON, reason=Reason(found.kind.value))
    if step := _offered(said, before):
        return step
    if before.answered and (_is_any(said, NO) or said in _SHORT_NO_FOLDED):
        return Decision(Outcome.PERSON, reason=Reason.NOT_HELPED, helped=False)
    if before.answered and (thanks or _is_any(said, YES) or said in _SHORT_YES_FOLDED):
        return Decision(Outcome.DONE, helped=True)
    if before.done and (thanks or said in _SHORT_YES_FOLDED):
        return Decision(Outcome.DONE)
    if learned and learned.says(unanswered or text):
        return Decision(Outcome.PERSON, reason=Reason.LEARNED)
    if len(said) >= _LEAST_REPEATED and said in {letters_of(one) for one in before.asked}:
        return Decision(Outcome.PERSON, reason=Reason.REPEATED)
    if said in _GREETINGS_FOLDED and not before.asked:
        return before.start or Decision(Outcome.GREET)
    return None


def by_reading(reading: Reading, before: Before, *, answer_from: int, suggest_from: int) -> Decision:
    """What follows from what the articles say; thresholds in percent."""
    best, sure = reading.ranked[:MOST_SUGGESTED], reading.confidence
    if not best or sure * 100 < suggest_from:
        return Decision(Outcome.PERSON, confidence=sure, reason=Reason.UNSURE)
    if best[0] in before.told or before.suggested >= 2:
        return Decision(Outcome.PERSON, confidence=sure, reason=Reason.REPEATED)
    if sure * 100 >= answer_from and reading.fits:
        return Decision(Outcome.ANSWER, best[:1], sure)
    return Decision(Outcome.SUGGEST, best, sure)


def finds_nothing(decided: Decision) -> bool:
    """Whether a person is asked for want of an article that fits."""
    return decided.outcome == Outcome.PERSON and decided.reason == Reason.UNSURE


def by_other_words(
    decided: Decision, readings: Sequence[Reading], before: Before, *, suggest_from: int
) -> Decision:
    """What follows where the question was put in other words, which somebody else chose: what fits those best is
    suggested, and never the answer. Else it stays as `decided`.
    """
    sure = [one for one in readings if one.ranked and one.confidence * 100 >= suggest_from]
    if not sure or not finds_nothing(decided) or before.suggested >= 2:
        return decided
    best = max(sure, key=lambda one: one.confidence)
    new = tuple(one for one in best.ranked[:MOST_SUGGESTED] if one not in before.told)
    return Decision(Outcome.SUGGEST, new, best.confidence, reworded=True) if new else decided


def _offered(said: str, before: Before) -> Decision | None:
    """What follows from one of our own choices, word for word. A person comes first: the way there is always open."""
    if _is_any(said, PERSON):
        return Decision(Outcome.PERSON, reason=Reason.HUMAN)
    if before.offered and _is_any(said, NONE_OF_THESE):
        return Decision(Outcome.PERSON, reason=Reason.UNSURE)
    if chosen := _chosen(said, before.offered):
        return Decision(Outcome.ANSWER, (chosen,))
    return _stepped(said, before)


def _is_thanks(said: str) -> bool:
    """Whether folded words say thanks and nothing else."""
    return bool(_THANKED.search(said)) and not _ONLY_KIND.sub("", said)


def _chosen(said: str, offered: Mapping[int, str]) -> int | None:
    """The version that a visitor chose, by its title or by its number in the list."""
    for place, (version, title) in enumerate(offered.items(), 1):
        if said in (letters_of(title), str(place), f"{place}番", f"{place}番です"):
            return version
    return None


def _stepped(said: str, before: Before) -> Decision | None:
    """Where a scenario leads from here. A number means a place in the list only while that was shown last."""
    if before.start and _is_any(said, BACK):
        return before.start
    for place, step in enumerate(before.menu, 1):
        if before.menu_is_last and said in (str(place), f"{place}番", f"{place}番です"):
            return step.decision
    named = [step for step in (*before.menu, *before.first) if letters_of(step.label) == said]
    return named[0].decision if named else None


def _is_any(said: str, words: Sequence[str]) -> bool:
    return said in {letters_of(one) for one in words}


_THANKED = re.compile(_THANKS)
_ONLY_KIND = re.compile(f"{_THANKS}|{_KIND_WORDS}")
_SHORT_YES_FOLDED = frozenset(map(letters_of, _SHORT_YES.split()))
_SHORT_NO_FOLDED = frozenset(map(letters_of, _SHORT_NO.split()))
_GREETINGS_FOLDED = frozenset(map(letters_of, _GREETINGS.split()))
