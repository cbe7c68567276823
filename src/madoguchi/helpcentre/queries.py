"""What a help centre shows, to anybody and to those who look after it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby

from django.db.models import Count, F, Max, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from madoguchi.companies.models import Company, Desk, EntryPoint
from madoguchi.companies.queries import desks_of
from madoguchi.helpcentre.finding import Finder
from madoguchi.helpcentre.models import HelpCentre, Judgement, Logo
from madoguchi.infra import scope
from madoguchi.kernel.actor import Actor, Permission
from madoguchi.kernel.channel import Channel
from madoguchi.kernel.errors import NotFound
from madoguchi.kernel.text import whole_number
from madoguchi.knowledge.models import Article, ArticleVersion
from madoguchi.knowledge.queries import (
    companies_of_articles,
    consistent,
    published,
    published_in_other_languages,
)

MOST_FOUND, MOST_RELATED, MOST_OF_TOPIC = 20, 3, 10
# sitemaps.org: no more in one file.
MOST_PLACES = 50_000
_KEPT_FINDERS = 64


@dataclass(frozen=True, slots=True)
class Topic:
    """Articles that stand together; `name` is empty for those without a topic. `more` are not among them here."""

    name: str
    articles: tuple[ArticleVersion, ...]
    more: int = 0


def open_centre(slug: str) -> HelpCentre:
    """The open help centre behind a name of an address: a company's short name, or that and the id of a desk. Raises
    NotFound for none, and for one that is closed, or whose desk is.

    Visitors name a company before any is known, so it looks everywhere and gives away only this one row.
    """
    with scope.everywhere(reason="a visitor knows only the company's short name"):
        centres = HelpCentre.objects.select_related("company", "desk", "contact__desk").filter(is_open=True)
        company, _dashes, written = slug.rpartition("--")
        of_desk = Q(company__slug=company, desk=whole_number(written) or 0, desk__active=True)
        named = centres.filter(Q(company__slug=slug, desk=None) | of_desk)
        found = named.order_by(F("desk").asc(nulls_first=True)).first()
    if found is None:
        raise NotFound(slug)
    return found


def centre_at(host: str) -> str:
    """The name in addresses of the open help centre that stands under a host name; empty for none. One query.

    It looks everywhere as above, and gives away only what the address itself shows.
    """
    with scope.everywhere(reason="a visitor knows only the address"):
        rows = HelpCentre.objects.filter(Q(desk=None) | Q(desk__active=True), host=host, is_open=True)
        rows = rows.exclude(host_proven_at=None)
        found = rows.select_related("company", "desk").first()
        return found.slug if found else ""


def logo_of(centre: HelpCentre) -> Logo | None:
    """The picture at the head of a help centre: its own, else the company's. One query."""
    return _logos(centre).first()


def logo_named(centre: HelpCentre) -> str:
    """By which name that picture is fetched, without its bytes; empty for none. One query."""
    return _logos(centre).values_list("digest", flat=True).first() or ""


def own_logo_named(centre: HelpCentre) -> str:
    """The same of its own picture alone. One query."""
    return _logos(centre).filter(desk=centre.desk_id).values_list("digest", flat=True).first() or ""


def _logos(centre: HelpCentre) -> QuerySet[Logo]:
    rows = Logo.objects.filter(Q(desk=centre.desk_id) | Q(desk=None), company=centre.company_id)
    return rows.order_by(F("desk").asc(nulls_last=True))


def centre_for(desk: Desk) -> str:
    """The name in addresses of what customers of a desk are led to: its open help centre, else the company's; empty for
    none. One query.
    """
    own = Q(desk=desk, desk__active=True)
    rows = HelpCentre.objects.filter(own | Q(desk=None), company=desk.company_id, is_open=True)
    found = rows.aggregate(all=Count("pk"), own=Max("desk"))
    return HelpCentre(company=desk.company, desk_id=found["own"]).slug if found["all"] else ""


def shown_at(centre: HelpCentre, *, language: str = "") -> QuerySet[ArticleVersion]:
    """What customers may read there, in one language if it is named: at a desk's what is for it, or for all desks."""
    rows = published(centre.company_id, language=language, customers=True)
    return rows.filter(Q(article__desk=centre.desk_id) | Q(article__desk=None)) if centre.desk_id else rows


def readable(centre: HelpCentre, language: str) -> QuerySet[ArticleVersion]:
    """What customers may read in their language; in any where nothing is written in theirs. Two queries at most."""
    wanted = shown_at(centre, language=language)
    return wanted if wanted.exists() else shown_at(centre)


def everything(centre: HelpCentre) -> QuerySet[ArticleVersion]:
    """All that customers may read, in any language, as far as one sitemap goes. One query."""
    return shown_at(centre)[:MOST_PLACES]


def by_article(rows: Iterable[ArticleVersion]) -> list[list[ArticleVersion]]:
    """What says the same in several languages together, the original first."""
    together: dict[int, list[ArticleVersion]] = {}
    for one in rows:
        together.setdefault(one.article.original_id or one.article_id, []).append(one)
    return [sorted(said, key=lambda one: one.article.original_id or 0) for said in together.values()]


def in_other_languages(centre: HelpCentre, version: ArticleVersion) -> list[ArticleVersion]:
    """What says the same in other languages and is shown there, too. Two queries."""
    others = list(published_in_other_languages(version))
    if not centre.desk_id:
        return others
    return [one for one in others if one.article.desk_id in (None, centre.desk_id)]


def topics(rows: QuerySet[ArticleVersion]) -> list[Topic]:
    """The first articles of each topic, those without one at the end. One query, which reads no text."""
    grouped = groupby(rows.defer("body"), key=lambda version: version.article.folder)
    found = [_topic(name, tuple(articles)) for name, articles in grouped]
    return sorted(found, key=lambda topic: (not topic.name, topic.name))


def _topic(name: str, articles: tuple[ArticleVersion, ...]) -> Topic:
    return Topic(name, articles[:MOST_OF_TOPIC], max(len(articles) - MOST_OF_TOPIC, 0))


def of_topic(rows: QuerySet[ArticleVersion], name: str) -> QuerySet[ArticleVersion]:
    """All articles of a topic, without their texts."""
    return rows.filter(article__folder=name).defer("body")


def to_read(centre: HelpCentre, article: int) -> ArticleVersion:
    """The words of an article that are in force for customers. Raises NotFound."""
    found = shown_at(centre).filter(article=article).first()
    if found is None:
        raise NotFound(article)
    return found


def find(rows: QuerySet[ArticleVersion], words: str) -> list[ArticleVersion]:
    """The articles that fit what a visitor typed, the best first. Two queries."""
    return _in_order(rows, _finder_of(rows).best(words, most=MOST_FOUND))


def related(rows: QuerySet[ArticleVersion], version: ArticleVersion) -> list[ArticleVersion]:
    """Articles about something near, never the same one, nor what is known to contradict another. Two queries."""
    rows = consistent(rows)
    near = _finder_of(rows).near(version.title, most=MOST_RELATED + 1)
    return _in_order(rows, [found for found in near if found != version.pk][:MOST_RELATED])


def centres(actor: Actor) -> QuerySet[Company]:
    """The companies whose help centres the actor looks after, with `open_to_all`."""
    kept = HelpCentre.objects.filter(company=OuterRef("pk"), desk=None).values("is_open")
    found = companies_of_articles(actor, Permission.ARTICLES_APPROVE)
    return found.annotate(open_to_all=Coalesce(Subquery(kept), False)).order_by("name")


def company_of_centre(actor: Actor, company: int) -> Company:
    """One of those companies; raises NotFound for any other."""
    found = centres(actor).filter(pk=company).first()
    if found is None:
        raise NotFound(company)
    return found


def centre_of(company: Company, desk: Desk | None = None) -> HelpCentre:
    """The help centre of a company, or of a desk, as it is kept, or as it is before anybody has set it up."""
    found = HelpCentre.objects.filter(company=company, desk=desk).select_related("company", "desk").first()
    return found or HelpCentre(company=company, desk=desk)


def desk_centres(actor: Actor) -> list[HelpCentre]:
    """The help centres of the desks whose articles the actor approves, as they are or as they would be. Two queries."""
    desks = desks_of(actor, permission=Permission.ARTICLES_APPROVE)
    rows = HelpCentre.objects.filter(desk__in=[desk.pk for desk in desks]).select_related("company", "desk")
    kept = {one.desk_id: one for one in rows}
    return [kept.get(desk.pk) or HelpCentre(company=desk.company, desk=desk) for desk in desks]


def desk_of_centre(actor: Actor, desk: int) -> Desk:
    """One of those desks; raises NotFound for any other."""
    found = next(
        (one for one in desks_of(actor, permission=Permission.ARTICLES_APPROVE) if one.pk == desk), None
    )
    if found is None:
        raise NotFound(desk)
    return found


def forms_of(company: Company, desk: Desk | None = None) -> QuerySet[EntryPoint]:
    """The forms that a help centre can lead to; of a desk's its own."""
    rows = EntryPoint.objects.select_related("desk").filter(company=company, kind=Channel.FORM)
    rows = rows.filter(desk=desk) if desk else rows
    return rows.filter(active=True).order_by("desk__name", "id")


def judged(company: Company, desk: Desk | None = None) -> QuerySet[Article]:
    """The articles that visitors said something of, with `helped` and `not_helped`, the least helpful first; at a
    desk's those that stand there.
    """
    said = Judgement.objects.filter(company=company, version__article=OuterRef("pk")).order_by()
    counted = said.values("version__article").annotate(
        yes=Count("id", filter=Q(helped=True)), no=Count("id", filter=Q(helped=False))
    )
    rows = Article.objects.filter(company=company).annotate(
        helped=Subquery(counted.values("yes")), not_helped=Subquery(counted.values("no"))
    )
    rows = rows.filter(Q(desk=desk) | Q(desk=None)) if desk else rows
    return rows.exclude(helped=None).order_by("-not_helped", "helped", "id")


def _in_order(rows: QuerySet[ArticleVersion], ids: Sequence[int]) -> list[ArticleVersion]:
    found = {version.pk: version for version in rows.filter(pk__in=ids)}
    return [found[one] for one in ids if one in found]


def _finder_of(rows: QuerySet[ArticleVersion]) -> Finder:
    """Approved words never change, so the ids of what is in force, and of how many it is known how they sound, say all
    that a finder holds.
    """
    found = list(rows.annotate(is_read=~Q(reading="")).values_list("company_id", "pk", "is_read"))
    read = sum(is_read for _company, _pk, is_read in found)
    return _finder(found[0][0] if found else 0, tuple(pk for _company, pk, _read in found), read)


@lru_cache(maxsize=_KEPT_FINDERS)
def _finder(company: int, ids: tuple[int, ...], _read: int) -> Finder:
    """`company` keeps those of two companies apart, whatever their ids."""
    rows = ArticleVersion.objects.filter(company=company, pk__in=ids)
    found = list(rows.values_list("pk", "title", "body", "reading"))
    return Finder([row[:3] for row in found], {row[0]: row[3] for row in found})
