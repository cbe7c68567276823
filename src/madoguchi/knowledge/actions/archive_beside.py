"""What stands beside articles in an archive of what a company knows, and belongs to packages above this one: they say
here how it goes out and comes in.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from madoguchi.companies.models import Company
from madoguchi.kernel.actor import Actor
from madoguchi.knowledge.archive import KeptArticle


@dataclass(frozen=True, slots=True)
class Beside:
    """One kind: what of it a company has; the place that one takes, in which only one can be; what would become of one
    (its state and the reason, as in `Fate`); and writing one that is new.
    """

    kept: Callable[[Company], Iterable[KeptArticle]]
    place: Callable[[KeptArticle], object]
    fate: Callable[[Company, KeptArticle, Actor], tuple[str, str]]
    write: Callable[[Company, KeptArticle, Actor], None]


_KINDS: dict[str, Beside] = {}


def also_in_archive(kind: str, how: Beside) -> None:
    """Take things of a kind along with articles, and bring them in."""
    _KINDS[kind] = how


def beside_of(kind: str) -> Beside | None:
    """How things of a kind go along; None for articles and templates."""
    return _KINDS.get(kind)


def kept_beside(company: Company) -> Iterator[KeptArticle]:
    """All of them that a company has."""
    for how in _KINDS.values():
        yield from how.kept(company)
