"""How the customer of a case feels: what somebody judged, what the words suggest, and how to speak then."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from madoguchi.cases import policies
from madoguchi.cases.feelings import Feeling
from madoguchi.cases.models import Case, Message
from madoguchi.kernel.actor import Actor
from madoguchi.knowledge.models import ReplyTemplate
from madoguchi.knowledge.queries import templates_to_choose
from madoguchi.signals.feelings import felt_in

# Of so many of the newest messages the words count.
_LOOKED_AT, _MOST_WORDS = 3, 3
_MOST_TEMPLATES, _MOST_OFFERED = 200, 3
HOW_TO_SPEAK: dict[Feeling, Sequence[str | Promise]] = {
    Feeling.ANGER: (
        _("Apologise first for the trouble, and hear the whole of it without a word between."),
        _("Say back what happened as they told it, before you explain anything."),
        _("Then say what you do and by when. No “but”, no rules of the house."),
    ),
    Feeling.ANXIETY: (
        _("Say first what is settled: what is safe, what they need not do."),
        _("Tell the next step and when you will be in touch, and keep that time."),
    ),
    Feeling.ELDERLY: (
        _("One thing at a time, in short sentences; no foreign words and no jargon."),
        _("Say numbers and dates slowly, twice, and ask whether they could note them down."),
        _("Do not hurry them. Offer paper or a call where they would have to do something on a screen."),
    ),
    Feeling.HEARING: (
        _("Speak lower and slower, not louder; have names and numbers read back."),
        _("Offer to go on in writing: mail, chat, LINE, fax or the telephone relay service."),
    ),
    Feeling.HASTE: (
        _("Answer first, in one sentence: whether it is possible, and by when."),
        _("Say the reason after that, and give a time that you can keep, not a hope."),
    ),
}
_TONES = {Feeling.ANGER: "bad", Feeling.ANXIETY: "warn", Feeling.HASTE: "warn"}


@dataclass(frozen=True, slots=True)
class Felt:
    """A feeling that is set, or may be: what it is called, how loud, the words that suggest it, and how to speak."""

    feeling: Feeling
    words: str = ""

    @property
    def value(self) -> str:
        """As it is kept."""
        return self.feeling.value

    @property
    def label(self) -> str:
        """As it is called."""
        return str(self.feeling.label)

    @property
    def tone(self) -> str:
        """How loud it is."""
        return _TONES.get(self.feeling, "")

    @property
    def how_to_speak(self) -> Sequence[str | Promise]:
        """Two or three lines for whoever answers."""
        return HOW_TO_SPEAK[self.feeling]


@dataclass(frozen=True, slots=True)
class Feelings:
    """What is set on a case, what the words suggest besides, and what else may be set by the reader; and the templates
    for customers who feel like this, for whoever answers.
    """

    held: Sequence[Felt]
    suggested: Sequence[Felt] = ()
    others: Sequence[Felt] = ()
    may_judge: bool = False
    templates: Sequence[ReplyTemplate] = ()


def held_in(case: Case) -> list[Felt]:
    """The feelings that are set on a case."""
    return [Felt(one) for one in Feeling if one in case.feelings]


def feelings_of(case: Case, said: Sequence[Message], *, actor: Actor) -> Feelings:
    """The feelings of a case, of which some are suggested by what the customer wrote last (`said`). One query, where
    any is set.
    """
    held = held_in(case)
    if not policies.may_update(actor, case):
        return Feelings(held)
    theirs = [one for one in said if one.inbound and not one.automatic][-_LOOKED_AT:]
    texts = (f"{one.subject}\n{one.new_text or one.text}" for one in theirs)
    found = felt_in(texts, own=case.desk.feeling_words)
    open_ones = [one for one in Feeling if one not in case.feelings]
    suggested = [Felt(one, "・".join(found[one][:_MOST_WORDS])) for one in open_ones if one in found]
    others = [Felt(one) for one in open_ones]
    return Feelings(held, suggested, others, may_judge=True, templates=_templates(case, actor))


def _templates(case: Case, actor: Actor) -> list[ReplyTemplate]:
    """Those for customers who feel as this one does."""
    if not case.feelings or not policies.may_reply(actor, case):
        return []
    found = templates_to_choose(case.desk, feelings=case.feelings, most=_MOST_TEMPLATES)
    return [one for one in found if set(one.feelings) & set(case.feelings)][:_MOST_OFFERED]
