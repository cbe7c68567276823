"""How much of a template stands in an answer, and how much of an answer is more than the template. Pure.

Words are compared sentence by sentence, without spaces and widths. A template's *own letters* are those of its
sentences, without what is filled in and what stands under a condition: nobody is said to have changed a template by
the customer's name.

    edit rate = 1 - own letters of the template whose sentence stands in the answer / all its own letters
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from madoguchi.kernel.folding import fold
from madoguchi.knowledge.conditions import unconditional

# Of a template of which less is left nobody would say that it was used.
LEAST_KEPT = 0.5
# So few letters beside a template say nothing of one's own: a name, a greeting's end.
FEW_LETTERS = 10
_PARTS = re.compile(r"\{\{[^}]*\}\}|[\n。．！？!?]+")
_LETTERS = re.compile(r"\w", re.UNICODE)


@dataclass(frozen=True, slots=True)
class Likeness:
    """What an answer kept of a template (0 to 1), and how many letters of its own it has."""

    kept: float
    own: int

    @property
    def edited(self) -> float:
        """The share of the template's letters that the answer does not hold as they were."""
        return 1 - self.kept

    @property
    def is_used(self) -> bool:
        """Whether the answer was written from the template."""
        return self.kept >= LEAST_KEPT

    @property
    def is_bare(self) -> bool:
        """Whether the answer is the template and nothing more."""
        return self.kept == 1 and self.own <= FEW_LETTERS


def likeness(template: str, answer: str, *, values: Iterable[str] = ()) -> Likeness:
    """How an answer and a template are alike; `values` are what was filled in, which is nobody's own words."""
    return likeness_of_letters(template, letters_of(answer), values=map(letters_of, values))


def likeness_of_letters(template: str, said: str, *, values: Iterable[str] = ()) -> Likeness:
    """The same of what `letters_of` made of answer and values, for whoever compares them with many templates."""
    sentences = sentences_of(template)
    kept = [sentence for sentence in sentences if sentence in said]
    size = sum(map(len, sentences))
    rest = said
    for known in sorted({*kept, *filter(None, values)}, key=len, reverse=True):
        rest = rest.replace(known, "")
    return Likeness(sum(map(len, kept)) / size if size else 0.0, len(rest))


def sentences_of(template: str) -> list[str]:
    """The sentences of a template as they are compared, without what is filled in or under a condition."""
    return [part for part in map(letters_of, _PARTS.split(unconditional(template))) if part]


def letters_of(text: str) -> str:
    """The letters of a text as they are compared."""
    return "".join(_LETTERS.findall(fold(text)))
