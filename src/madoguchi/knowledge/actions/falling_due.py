"""What falls due of articles: that they are to be looked at again, and that they end."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta

import structlog
from django.db import transaction
from django.db.models import Q, QuerySet

from madoguchi.infra import scope
from madoguchi.infra.event_log import record
from madoguchi.kernel import clock
from madoguchi.kernel.actor import system
from madoguchi.knowledge.events import ArticleDue
from madoguchi.knowledge.models import Article, ArticleVersion
from madoguchi.knowledge.queries.articles import in_force

BEFOREHAND = timedelta(days=14)
# What ended longer ago than this is old news.
_LATELY = timedelta(days=14)
_MOST_AT_ONCE, _MOST_KEPT = 1000, 20
_CLOCK = system("knowledge")
logger = structlog.get_logger()
# An article (by id), what falls due of it, and on which day.
Due = tuple[int, str, date]


def tell_due() -> int:
    """Tell of articles of all companies that are to be looked at again or end: 14 days before, and when it is so; each
    once. Returns how many it told of.
    """
    with scope.everywhere(reason="articles of any company may fall due"):
        companies = dict(_to_look_at().values_list("pk", "company_id"))
    return sum(_guarded(pk, company) for pk, company in list(companies.items())[:_MOST_AT_ONCE])


def due_of(article: Article) -> Iterator[Due]:
    """What falls due of an article today. Two queries at most."""
    today, soon = clock.today(), clock.today() + BEFOREHAND
    if article.review_on is not None and article.review_on <= soon:
        sort = "review" if article.review_on <= today else "review_soon"
        yield article.pk, sort, article.review_on
    ends = _end_of(article)
    if ends is not None and ends <= soon:
        yield article.pk, "ended" if ends <= today else "ends_soon", ends


def _end_of(article: Article) -> date | None:
    """The day on which nothing of an article is in force any more, if one is said; not of one that ended long ago."""
    now = clock.now()
    shown = in_force(now).filter(article=article).first()
    if shown is not None:
        return _day(shown.valid_until) if shown.valid_until else None
    begun = article.versions.filter(state=ArticleVersion.State.APPROVED, valid_from__lte=now, wrong_at=None)
    last = begun.order_by("-number").first()
    if last is None or last.valid_until is None or last.valid_until < now - _LATELY:
        return None
    return _day(last.valid_until)


def _day(moment: datetime) -> date:
    return moment.astimezone(clock.TOKYO).date()


def _to_look_at() -> QuerySet[Article]:
    """Every article of which anything may fall due, whether it was told or not."""
    now = clock.now()
    ending = ArticleVersion.objects.filter(
        state=ArticleVersion.State.APPROVED,
        valid_until__gte=now - _LATELY,
        valid_until__lte=now + 2 * BEFOREHAND,
    )
    review = Q(review_on__lte=clock.today() + BEFOREHAND)
    return Article.objects.filter(review | Q(pk__in=ending.values("article")), retired_at=None).order_by("pk")


def _guarded(pk: int, company: int) -> int:
    try:
        with scope.acting_for([company]):
            return _tell(pk)
    except Exception:  # whatever it is about this article must not keep the others from being told
        logger.exception("article_not_told", article=pk)
        return 0


@transaction.atomic
def _tell(pk: int) -> int:
    article = Article.objects.select_for_update(of=("self",)).get(pk=pk)
    fresh = {f"{sort} {day}": (sort, day) for _pk, sort, day in due_of(article)}
    new = [key for key in fresh if key not in article.told_due]
    if not new:
        return 0
    told = [*article.told_due, *new][-_MOST_KEPT:]
    Article.objects.filter(pk=pk).update(told_due=told)
    where = {"company": article.company_id, "desk": article.desk_id}
    for key in new:
        sort, day = fresh[key]
        record(ArticleDue(**where, article=pk, sort=sort, day=day.isoformat()), by=_CLOCK)
    return len(new)
