"""What a company knows, as programs read it: the articles that are in force, no drafts."""

from datetime import datetime
from typing import Any

from django.db.models import OuterRef, Q, QuerySet, Subquery
from ninja import Field, Schema

from madoguchi.api.guards import first_of
from madoguchi.companies.queries import desks_of
from madoguchi.delivery.links import article_page
from madoguchi.kernel.actor import Actor, Permission
from madoguchi.kernel.errors import NotFound
from madoguchi.knowledge.models import ArticleVersion
from madoguchi.knowledge.queries import FOR_CUSTOMERS, articles_in_sight, in_force

_MOST_WORDS = 8


class ArticleLine(Schema):
    """An article as lists show it."""

    id: int
    version: int = Field(description="The version in force, which an answer rests on")
    title: str = Field(examples=["返品の送料"])
    folder: str
    kind: str = Field(examples=["article", "script"], description="What its words are")
    audience: str = Field(examples=["customer", "operator", "both"])
    language: str = Field(examples=["ja", "en"])
    translation_of: int | None = Field(
        description="The article in its first language; null: it is no translation"
    )
    company: str = Field(description="The company's short name")
    desk: int | None = Field(description="Null: for all desks of the company")
    since: datetime
    until: datetime | None
    address: str | None = Field(description="Where customers read it; null for operators only")


class ArticleOut(ArticleLine):
    """One article with its words."""

    body: str = Field(description="Markdown")


class ArticlesOut(Schema):
    """A page of articles; `next` goes into `after`."""

    items: list[ArticleLine]
    next: int | None


def articles(actor: Actor, *, words: str, desk: int | None, after: int, limit: int) -> dict[str, Any]:
    """A page of the articles in force that the actor sees and that hold all these words, by id. Two queries at most.

    Raises NotFound for a desk that is not there for the actor.
    """
    rows = _in_sight(actor)
    if desk is not None:
        place = {one.pk: one for one in desks_of(actor, permission=Permission.ARTICLES_READ)}.get(desk)
        if place is None:
            raise NotFound(desk)
        rows = rows.filter(Q(article__desk=place) | Q(article__desk=None, company=place.company_id))
    for word in words.split()[:_MOST_WORDS]:
        rows = rows.filter(Q(title__icontains=word) | Q(body__icontains=word))
    found, following = first_of(rows.filter(article__gt=after), limit, by="article_id")
    return {"items": [_line(one) for one in found], "next": following}


def article(actor: Actor, id: int) -> dict[str, Any]:
    """One article in force with its words. One query. Raises NotFound."""
    found = _in_sight(actor).filter(article=id).first()
    if found is None:
        raise NotFound(id)
    return {**_line(found), "body": found.body}


def _in_sight(actor: Actor) -> QuerySet[ArticleVersion]:
    seen = articles_in_sight(actor).order_by().values("pk")
    original = Subquery(seen.filter(pk=OuterRef("article__original"))[:1])
    rows = in_force().filter(article__in=seen).annotate(translation_of=original)
    return rows.select_related("article__company")


def _line(version: Any) -> dict[str, Any]:
    about = version.article
    address = article_page(version.company_id, about.pk) if about.audience in FOR_CUSTOMERS else None
    return {
        "id": about.pk,
        "version": version.number,
        "title": version.title,
        "folder": about.folder,
        "kind": about.kind,
        "audience": about.audience,
        "language": about.language,
        "translation_of": version.translation_of,
        "company": about.company.slug,
        "desk": about.desk_id,
        "since": version.valid_from,
        "until": version.valid_until,
        "address": address or None,
    }
