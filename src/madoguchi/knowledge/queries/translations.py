"""The same article in other languages, and whether a translation says what its original says now."""

from django.db.models import Max, OuterRef, Q, QuerySet, Subquery

from madoguchi.kernel.actor import Actor
from madoguchi.knowledge.models import Article, ArticleVersion
from madoguchi.knowledge.queries.articles import articles_in_sight, in_force, published

# So many are offered to link with: more words find what is not among them.
MOST_TO_LINK = 10
_MOST_WORDS = 8


def in_other_languages(article: Article, *, actor: Actor) -> QuerySet[Article]:
    """The original and the other translations that the actor may read, each with the number of the version in force
    (`in_force`).
    """
    now = in_force().filter(article=OuterRef("pk")).order_by().values("number")[:1]
    rows = articles_in_sight(actor).filter(_of_one(article)).exclude(pk=article.pk)
    return rows.annotate(in_force=Subquery(now)).order_by("language")


def published_in_other_languages(version: ArticleVersion) -> list[ArticleVersion]:
    """What customers may read of the same article in other languages. One query."""
    article = version.article
    group = article.original_id or article.pk
    rows = published(version.company_id, customers=True).exclude(article=article.pk)
    found = rows.filter(Q(article=group) | Q(article__original=group))
    return list(found.order_by("article__language").defer("body"))


def languages_without(article: Article) -> list[tuple[str, str]]:
    """The languages in which nobody has begun it. One query."""
    there = set(Article.objects.filter(_of_one(article)).values_list("language", flat=True))
    return [(code, str(name)) for code, name in Article.Language.choices if code not in there]


def newer_original(version: ArticleVersion) -> int | None:
    """The number of the newest approved version of the original, where that is newer than what this version of a
    translation says. One query, none where it is no translation.
    """
    original = version.article.original_id
    if original is None:
        return None
    approved = ArticleVersion.objects.filter(article=original, state=ArticleVersion.State.APPROVED)
    newest = approved.filter(article__retired_at=None).aggregate(last=Max("number"))["last"]
    return newest if newest is not None and newest > (version.follows or 0) else None


def may_be_original(article: Article, *, actor: Actor, words: str = "") -> QuerySet[Article]:
    """The articles in sight of which this one could be said to be the translation, with all these words in the title;
    the first ten by title.
    """
    there = Article.objects.filter(language=article.language).exclude(original=None).values("original")
    rows = articles_in_sight(actor).filter(company=article.company_id, original=None, retired_at=None)
    for word in words.split()[:_MOST_WORDS]:
        rows = rows.filter(title__icontains=word)
    return (
        rows.exclude(language=article.language).exclude(pk__in=there).order_by("title", "id")[:MOST_TO_LINK]
    )


def is_linked(article: Article) -> bool:
    """Whether it is a translation, or has some. One query at most."""
    return article.original_id is not None or article.translations.exists()


def _of_one(article: Article) -> Q:
    group = article.original_id or article.pk
    return Q(pk=group) | Q(original=group)
