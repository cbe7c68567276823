"""What a help centre shows, to anybody and to those who look after it."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from madoguchi.companies.models import Company, EntryPoint
from madoguchi.helpcentre.finding import Finder
from madoguchi.helpcentre.models import HelpCentre, Judgement, Logo
from madoguchi.infra import scope
from madoguchi.kernel.actor import Actor, Permission
from madoguchi.kernel.channel import Channel
from madoguchi.kernel.errors import NotFound
from madoguchi.knowledge.models import Article, ArticleVersion
from madoguchi.knowledge.queries import companies_of_articles, published

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
    """The open help centre of a company, by its short name. Raises NotFound for none, and for one that is closed.

    Visitors name a company before any is known, so it looks everywhere and gives away only this one row.
    """
    with scope.everywhere(reason="a visitor knows only the company's short name"):
        centres = HelpCentre.objects.select_related("company", "contact__desk")
        found = centres.filter(company__slug=slug, is_open=True).first()
    if found is None:
        raise NotFound(slug)
    return found


def centre_at(host: str) -> str:
    """The short name of the company whose open help centre stands under a host name; empty for none. One query.

    It looks everywhere as above, and gives away only what the address itself shows.
    """
    with scope.everywhere(reason="a visitor knows only the address"):
        rows = HelpCentre.objects.filter(host=host, is_open=True).exclude(host_proven_at=None)
        return rows.values_list("company__slug", flat=True).first() or ""


def logo_of(company: int) -> Logo | None:
    """The picture at the head of a company's help centre. One query."""
    return Logo.objects.filter(company=company).first()


def logo_named(company: int) -> str:
    """By which name that picture is fetched, without its bytes; empty for none. One query."""
    return Logo.objects.filter(company=company).values_list("digest", flat=True).first() or ""


def is_open_for(company: Company) -> bool:
    """Whether a company's customers have a help centre to read. One query."""
    return HelpCentre.objects.filter(company=company, is_open=True).exists()


def readable(centre: HelpCentre, language: str) -> QuerySet[ArticleVersion]:
    """What customers may read in their language; in any where nothing is written in theirs. Two queries at most."""
    wanted = published(centre.company_id, language=language, customers=True)
    return wanted if wanted.exists() else published(centre.company_id, customers=True)


def everything(centre: HelpCentre) -> QuerySet[ArticleVersion]:
    """All that customers may read, in any language, as far as one sitemap goes. One query."""
    return published(centre.company_id, customers=True)[:MOST_PLACES]


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
    found = published(centre.company_id, customers=True).filter(article=article).first()
    if found is None:
        raise NotFound(article)
    return found


def find(rows: QuerySet[ArticleVersion], words: str) -> list[ArticleVersion]:
    """The articles that fit what a visitor typed, the best first. Two queries."""
    return _in_order(rows, _finder_of(rows).best(words, most=MOST_FOUND))


def related(rows: QuerySet[ArticleVersion], version: ArticleVersion) -> list[ArticleVersion]:
    """Articles about something near, never the same one. Two queries."""
    near = _finder_of(rows).near(version.title, most=MOST_RELATED + 1)
    return _in_order(rows, [found for found in near if found != version.pk][:MOST_RELATED])


def centres(actor: Actor) -> QuerySet[Company]:
    """The companies whose help centres the actor looks after, with `open_to_all`."""
    kept = HelpCentre.objects.filter(company=OuterRef("pk")).values("is_open")
    found = companies_of_articles(actor, Permission.ARTICLES_APPROVE)
    return found.annotate(open_to_all=Coalesce(Subquery(kept), False)).order_by("name")


def company_of_centre(actor: Actor, company: int) -> Company:
    """One of those companies; raises NotFound for any other."""
    found = centres(actor).filter(pk=company).first()
    if found is None:
        raise NotFound(company)
    return found


def centre_of(company: Company) -> HelpCentre:
    """A company's help centre as it is kept, or as it is before anybody has set it up."""
    return HelpCentre.objects.filter(company=company).first() or HelpCentre(company=company)


def forms_of(company: Company) -> QuerySet[EntryPoint]:
    """The forms that a help centre can lead to."""
    rows = EntryPoint.objects.select_related("desk").filter(company=company, kind=Channel.FORM)
    return rows.filter(active=True).order_by("desk__name", "id")


def judged(company: Company) -> QuerySet[Article]:
    """The articles that visitors said something of, with `helped` and `not_helped`, the least helpful first."""
    said = Judgement.objects.filter(company=company, version__article=OuterRef("pk")).order_by()
    counted = said.values("version__article").annotate(
        yes=Count("id", filter=Q(helped=True)), no=Count("id", filter=Q(helped=False))
    )
    rows = Article.objects.filter(company=company).annotate(
        helped=Subquery(counted.values("yes")), not_helped=Subquery(counted.values("no"))
    )
    return rows.exclude(helped=None).order_by("-not_helped", "helped", "id")


def _in_order(rows: QuerySet[ArticleVersion], ids: Sequence[int]) -> list[ArticleVersion]:
    found = {version.pk: version for version in rows.filter(pk__in=ids)}
    return [found[one] for one in ids if one in found]


def _finder_of(rows: QuerySet[ArticleVersion]) -> Finder:
    """Approved words never change, so the ids of what is in force say all that a finder holds."""
    company, ids = _ids(rows)
    return _finder(company, ids)


def _ids(rows: QuerySet[ArticleVersion]) -> tuple[int, tuple[int, ...]]:
    found = list(rows.values_list("company_id", "pk"))
    return (found[0][0] if found else 0), tuple(pk for _company, pk in found)


@lru_cache(maxsize=_KEPT_FINDERS)
def _finder(company: int, ids: tuple[int, ...]) -> Finder:
    """`company` keeps those of two companies apart, whatever their ids."""
    rows = ArticleVersion.objects.filter(company=company, pk__in=ids)
    return Finder([(pk, title, body) for pk, title, body in rows.values_list("pk", "title", "body")])
