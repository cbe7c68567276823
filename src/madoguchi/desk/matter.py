"""What no wrong article may answer: where a customer writes of safety, health or law, or in grave words; and which
articles speak of the same.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from madoguchi.bot.limits import Kind, holds, touched
from madoguchi.bot.queries import limit_words
from madoguchi.cases.models import Case
from madoguchi.companies.models import Desk
from madoguchi.kernel.actor import Actor
from madoguchi.knowledge.models import ArticleVersion
from madoguchi.knowledge.queries import published_for, suggested
from madoguchi.signals.accidents import find_grave
from madoguchi.signals.duty import may_have_to_be_reported
from madoguchi.signals.lexicon import read_lexicon
from madoguchi.signals.queries import was_said_harmless, watch_of

_KINDS = (Kind.SAFETY, Kind.MEDICAL, Kind.LEGAL)
# So many articles that share words are looked through for the very words that were found.
_NEAR = 50


@dataclass(frozen=True, slots=True)
class Matter:
    """What a customer's words touch: kinds of limits, each with the list that a company keeps of it (None: the usual
    one), and sorts of grave words, of the lexicon `grave`; and by which words. Where somebody is or may be hurt, or
    something may burn, it is `of_safety`.
    """

    kinds: tuple[tuple[Kind, str | None], ...]
    sorts: frozenset[str]
    words: tuple[str, ...]
    grave: str
    of_safety: bool

    def is_named_by(self, title: str) -> bool:
        """Whether a title speaks of the same."""
        lists = {kind: lines for kind, lines in self.kinds if lines is not None}
        if touched(title, [kind for kind, _lines in self.kinds], lists):
            return True
        return not self.sorts.isdisjoint(find_grave(title, read_lexicon(self.grave)).sorts)

    def stands_in(self, text: str) -> bool:
        """Whether a text has the very words that were found."""
        return any(holds(text, word) for word in self.words)


def matter_of(case: Case, said: str) -> Matter | None:
    """What the customer of a case touches by what they said; None for nothing, and where somebody has said that it is
    harmless. Two queries, and a third where anything is touched.
    """
    lists, grave = limit_words(case.company_id), watch_of(case.company_id).words
    limits, words = touched(said, _KINDS, lists), find_grave(said, read_lexicon(grave))
    if not (limits or words.words) or was_said_harmless(case):
        return None
    return Matter(
        kinds=tuple((one.kind, lists.get(one.kind)) for one in limits),
        sorts=frozenset(words.sorts),
        words=(*(one.word for one in limits), *words.words),
        grave=grave,
        of_safety=may_have_to_be_reported(words.sorts) or any(one.kind == Kind.SAFETY for one in limits),
    )


def speaking_of(matter: Matter, desk: Desk, said: str, *, reader: Actor) -> list[ArticleVersion]:
    """The articles in force at a desk that speak of a matter and are open to the reader: by their titles, then by their
    words. Four queries.
    """
    rows = published_for(desk, reader=reader)
    titled = _titled(matter, tuple(rows.order_by("id").values_list("pk", flat=True)))
    near = suggested(desk, said, most=_NEAR, reader=reader)
    first = [one for one in near if one.pk in titled]
    others = ArticleVersion.objects.select_related("article").filter(pk__in=titled)
    rest = [one for one in others.order_by("pk") if one not in first]
    return [*first, *rest, *_with_words(matter, near, but=titled)]


def _with_words(
    matter: Matter, near: Sequence[ArticleVersion], *, but: Iterable[int]
) -> list[ArticleVersion]:
    return [one for one in near if one.pk not in but and matter.stands_in(one.body)]


@lru_cache(maxsize=64)
def _titled(matter: Matter, ids: tuple[int, ...]) -> frozenset[int]:
    """Which of these versions name the matter in their titles; approved words never change."""
    rows = ArticleVersion.objects.filter(pk__in=ids).values_list("pk", "title")
    return frozenset(pk for pk, title in rows if matter.is_named_by(title))
