"""What falls due of articles and templates: that they are to be looked at again, and that they end."""

from collections.abc import Callable, Iterable, Iterator
from datetime import date, datetime, timedelta

import structlog
from django.db import transaction
from django.db.models import Q, QuerySet

from madoguchi.infra import scope
from madoguchi.infra.event_log import record
from madoguchi.kernel import clock
from madoguchi.kernel.actor import system
from madoguchi.knowledge.events import ArticleDue, TemplateDue
from madoguchi.knowledge.models import Article, ArticleVersion, ReplyTemplate
from madoguchi.knowledge.queries.articles import in_force

BEFOREHAND = timedelta(days=14)
# What ended longer ago than this is old news.
_LATELY = timedelta(days=14)
_MOST_AT_ONCE, _MOST_KEPT = 1000, 20
_CLOCK = system("knowledge")
logger = structlog.get_logger()
# What falls due, and on which day.
Due = tuple[str, date]


def tell_due() -> int:
    """Tell of articles and templates of all companies that are to be looked at again or end: 14 days before, and when
    it is so; each once. Returns how many it told of.
    """
    with scope.everywhere(reason="articles and templates of any company may fall due"):
        articles, templates = (
            list(rows.values_list("pk", "company_id")[:_MOST_AT_ONCE])
            for rows in (_to_look_at(), _templates())
        )
    told = sum(_guarded(_tell, *one) for one in articles)
    return told + sum(_guarded(_tell_of_template, *one) for one in templates)


def due_of(review: date | None, ends: date | None) -> Iterator[Due]:
    """What falls due today of what is to be looked at again and ends on these days."""
    today, soon = clock.today(), clock.today() + BEFOREHAND
    if review is not None and review <= soon:
        yield "review" if review <= today else "review_soon", review
    if ends is not None and ends <= soon:
        yield "ended" if ends <= today else "ends_soon", ends


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


def _templates() -> QuerySet[ReplyTemplate]:
    soon = clock.today() + BEFOREHAND
    ending = Q(ends_on__lte=soon, ends_on__gte=clock.today() - _LATELY)
    return ReplyTemplate.objects.filter(Q(review_on__lte=soon) | ending, active=True).order_by("pk")


def _guarded(tell: Callable[[int], int], pk: int, company: int) -> int:
    try:
        with scope.acting_for([company]):
            return tell(pk)
    except Exception:  # whatever it is about this one must not keep the others from being told
        logger.exception("not_told_of_falling_due", tell=tell.__name__, pk=pk)
        return 0


@transaction.atomic
def _tell(pk: int) -> int:
    article = Article.objects.select_for_update(of=("self",)).get(pk=pk)
    where = {"company": article.company_id, "desk": article.desk_id, "article": pk}
    fresh = _fresh(article, due_of(article.review_on, _end_of(article)))
    for sort, day in fresh:
        record(ArticleDue(**where, sort=sort, day=day.isoformat()), by=_CLOCK)
    return len(fresh)


@transaction.atomic
def _tell_of_template(pk: int) -> int:
    template = ReplyTemplate.objects.select_for_update(of=("self",)).get(pk=pk)
    where = {"company": template.company_id, "desk": template.desk_id, "template": pk}
    fresh = _fresh(template, due_of(template.review_on, template.ends_on))
    for sort, day in fresh:
        record(TemplateDue(**where, sort=sort, day=day.isoformat()), by=_CLOCK)
    return len(fresh)


def _fresh(row: Article | ReplyTemplate, due: Iterable[Due]) -> list[Due]:
    """What was not told yet, noted as told."""
    found = [one for one in due if _named(one) not in row.told_due]
    if found:
        told = [*row.told_due, *map(_named, found)][-_MOST_KEPT:]
        type(row).objects.filter(pk=row.pk).update(told_due=told)
    return found


def _named(due: Due) -> str:
    return f"{due[0]} {due[1]}"
