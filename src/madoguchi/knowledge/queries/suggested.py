"""The articles that fit what a customer wrote."""

from collections.abc import Collection
from datetime import datetime
from functools import lru_cache

from madoguchi.companies.models import Desk
from madoguchi.kernel.actor import Actor
from madoguchi.knowledge.models import Article, ArticleVersion
from madoguchi.knowledge.queries.articles import published_for
from madoguchi.knowledge.suggesting import Candidate, Suggestions

# No desk's customer is compared with more of them.
MOST_ARTICLES = 2_000


def suggested(
    desk: Desk,
    text: str,
    *,
    most: int = 3,
    at: datetime | None = None,
    audiences: Collection[str] = tuple(Article.Audience),
    kinds: Collection[str] = tuple(Article.Kind),
    reader: Actor | None = None,
) -> list[ArticleVersion]:
    """What is in force at a desk at a moment (now) and fits a text, the best first; of these kinds, for these
    audiences, and open to the `reader` where one is named. Two queries, and a third the first time after what is in
    force has changed.
    """
    rows = published_for(desk, at=at, reader=reader).filter(
        article__audience__in=audiences, article__kind__in=kinds
    )
    ids = tuple(rows.order_by("id").values_list("id", flat=True)[:MOST_ARTICLES])
    best = _index(ids).best(text, most=most) if ids else []
    found = ArticleVersion.objects.select_related("article").in_bulk(best)
    return [found[pk] for pk in best]


@lru_cache(maxsize=64)
def _index(ids: tuple[int, ...]) -> Suggestions:
    """The words of these versions. They never change once approved, so what is kept here is always true."""
    rows = ArticleVersion.objects.filter(pk__in=ids).values_list("id", "title", "body")
    return Suggestions([Candidate(*row) for row in rows.order_by("id")])
