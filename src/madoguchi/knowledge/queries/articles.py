"""Articles to read, to approve and to rest an answer on."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256

from django.db.models import Case, Exists, OuterRef, Q, QuerySet, When

from madoguchi.companies.models import Company, Desk
from madoguchi.companies.queries import companies_with
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor, ActorKind, Permission
from madoguchi.kernel.errors import NotFound
from madoguchi.knowledge.models import Article, ArticlePolicy, ArticleVersion

FOR_CUSTOMERS = (Article.Audience.CUSTOMER, Article.Audience.BOTH)


def in_force(at: datetime | None = None) -> QuerySet[ArticleVersion]:
    """The versions of articles that are in force at a moment (now), each with its article, by topic and title.

    Of the approved versions that have begun the newest counts; once that has ended, or was found wrong, nothing is in
    force.
    """
    moment = at or clock.now()
    begun = Q(state=ArticleVersion.State.APPROVED, valid_from__lte=moment)
    newer = ArticleVersion.objects.filter(begun, article=OuterRef("article"), number__gt=OuterRef("number"))
    goes_on = Q(valid_until=None) | Q(valid_until__gt=moment)
    right = Q(wrong_at=None) | Q(wrong_at__gt=moment)
    rows = ArticleVersion.objects.filter(begun, goes_on, right, article__retired_at=None).exclude(
        Exists(newer)
    )
    return rows.select_related("article").order_by("article__folder", "title", "id")


def published(
    company: int, *, language: str = "", at: datetime | None = None, customers: bool = False
) -> QuerySet[ArticleVersion]:
    """What of a company's articles is in force at a moment (now), in one language if it is named; with `customers` only
    what customers may read. One query.
    """
    rows = in_force(at).filter(company=company)
    if language:
        rows = rows.filter(article__language=language)
    return rows.filter(article__audience__in=FOR_CUSTOMERS) if customers else rows


def published_for(
    desk: Desk, *, at: datetime | None = None, reader: Actor | None = None
) -> QuerySet[ArticleVersion]:
    """What whoever answers at a desk may rest on: what is in force for it, or for all desks; with a `reader` what is
    open to them, without one all there is. One query.
    """
    rows = published(desk.company_id, at=at).filter(Q(article__desk=desk) | Q(article__desk=None))
    return rows.filter(open_to(reader, "article__")) if reader else rows


def version_digest(article: Article, version: ArticleVersion) -> str:
    """What an approver looks at, in short: other words, other readers or another desk have another one."""
    said = [version.title, version.body, article.audience, str(article.desk_id)]
    return sha256("\0".join(said).encode()).hexdigest()


def shown_version(article: Article, *, at: datetime | None = None) -> ArticleVersion | None:
    """The version of an article that is in force, if any. One query."""
    return published(article.company_id, at=at).filter(article=article).first()


def approved_numbers(article: Article, *, before: int) -> list[int]:
    """The numbers of its approved versions before another, the newest first. One query."""
    approved = article.versions.filter(state=ArticleVersion.State.APPROVED, number__lt=before)
    return list(approved.order_by("-number").values_list("number", flat=True))


def articles_in_sight(actor: Actor) -> QuerySet[Article]:
    """The articles that the actor may read: of their desks, and those that stand for all of a company's."""
    wide, single = actor.companies_with(Permission.ARTICLES_READ), actor.desks_with(Permission.ARTICLES_READ)
    shared = Desk.objects.filter(pk__in=single).values("company_id")
    in_reach = Q(company_id__in=wide) | Q(desk_id__in=single) | Q(desk=None, company_id__in=shared)
    rows = Article.objects.select_related("company", "desk", "owner").filter(in_reach)
    return rows.filter(open_to(actor))


def open_to(actor: Actor, prefix: str = "") -> Q:
    """The articles that are kept from no operator, or not from those for whom the actor works: as
    `policies.may_see_restricted` says. `prefix` leads to the article.
    """
    if actor.kind == ActorKind.SYSTEM:
        return Q()
    readers = [grant for grant in actor.grants if grant.allows(Permission.ARTICLES_READ)]
    own = sorted({grant.company for grant in readers if grant.of_the_company})
    seen = Q(**{f"{prefix}restricted": False}) | Q(**{f"{prefix}company__in": own})
    employers: dict[int, set[int]] = defaultdict(set)
    for grant in readers:
        if grant.operator is not None:
            employers[grant.company].add(grant.operator)
    for company, operators in sorted(employers.items()):
        seen |= Q(**{f"{prefix}company": company, f"{prefix}operators__overlap": sorted(operators)})
    return seen


def kept_from(actor: Actor) -> list[int]:
    """The articles in scope that are kept from those for whom the actor works. One query."""
    seen = Article.objects.filter(open_to(actor), restricted=True).order_by().values("pk")
    return list(Article.objects.filter(restricted=True).exclude(pk__in=seen).values_list("pk", flat=True))


def article_by_id(actor: Actor, article: int) -> Article:
    """One of those; raises NotFound for any other."""
    found = articles_in_sight(actor).filter(pk=article).first()
    if found is None:
        raise NotFound(article)
    return found


def versions_of_article(article: Article) -> QuerySet[ArticleVersion]:
    """All versions of an article with who wrote and who approved them, the newest first."""
    return article.versions.select_related("user", "approved_by").order_by("-number")


def articles_named(words: Sequence[str], *, actor: Actor, most: int) -> list[ArticleVersion]:
    """The versions in force that hold all these words, in title or text, as far as the actor may read them; those that
    have them in their titles first. One query, none without a word.
    """
    if not words:
        return []
    rows, titled = in_force().filter(article__in=articles_in_sight(actor)), Q()
    for word in words:
        rows = rows.filter(Q(title__icontains=word) | Q(body__icontains=word))
        titled &= Q(title__icontains=word)
    named = Case(When(titled, then=0), default=1)
    return list(rows.select_related("article__company").order_by(named, "title", "id")[:most])


def version_of(article: Article, number: int) -> ArticleVersion:
    """One of its versions; raises NotFound for one that it never had."""
    found = versions_of_article(article).filter(number=number).first()
    if found is None:
        raise NotFound(number)
    return found


def waiting_for_approval(actor: Actor) -> QuerySet[ArticleVersion]:
    """The versions that the actor may approve, whoever has waited longest first."""
    wide = actor.companies_with(Permission.ARTICLES_APPROVE)
    single = actor.desks_with(Permission.ARTICLES_APPROVE)
    waits = ArticleVersion.objects.filter(state=ArticleVersion.State.REVIEW, article__retired_at=None)
    mine = waits.filter(Q(company_id__in=wide) | Q(article__desk_id__in=single))
    return mine.select_related("article__company", "article__desk", "user").order_by("at", "id")


def needs_another(version: ArticleVersion, *, actor: Actor) -> bool:
    """Whether the company wants somebody else than the actor to approve this. One query for one's own words."""
    if version.user_id != actor.id:
        return False
    return wants_four_eyes(version.company_id)


def wants_four_eyes(company: int) -> bool:
    """Whether nobody approves their own words there."""
    return ArticlePolicy.objects.filter(company=company, four_eyes=True).exists()


def wants_macros_approved(company: int) -> bool:
    """Whether what macros put into answers is approved there."""
    return ArticlePolicy.objects.filter(company=company, macro_words=True).exists()


def companies_of_articles(actor: Actor, permission: Permission) -> QuerySet[Company]:
    """The companies for all of whose desks the actor may approve, with `four_eyes`, `macro_words` of their policy."""
    policy = ArticlePolicy.objects.filter(company=OuterRef("pk"))
    wanted = {name: Exists(policy.filter(**{name: True})) for name in ("four_eyes", "macro_words")}
    return companies_with(actor, permission).annotate(**wanted)
