"""The answers of a bot that are looked at week by week, and how many of them were wrong."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Count, Q, QuerySet

from madoguchi.bot.models import Turn, Verdict
from madoguchi.bot.sampling import WEEK, Share, bounds, drawn, week_of
from madoguchi.companies.models import Desk
from madoguchi.kernel import clock

# The weeks that ended last of which the share is told.
WEEKS = 12
_MOST_VERSIONS = 20
Found = Verdict.Found


@dataclass(frozen=True, slots=True)
class OfVersion:
    """What was found of the answers from one version of an article."""

    article: int
    title: str
    number: int
    share: Share


@dataclass(frozen=True, slots=True)
class Audit:
    """What was found of a desk's answers: the share wrong of those judged, how many could not be told, and which
    versions they rest on, those with the most wrong answers first.
    """

    share: Share
    unclear: int
    versions: list[OfVersion]


def weeks() -> list[date]:
    """The Mondays of the weeks that can be looked at, the newest first: a week that goes on is not drawn from."""
    this = week_of(clock.now())
    return [this - n * WEEK for n in range(1, WEEKS + 1)]


def sample_of(desk: Desk, week: date) -> list[Turn]:
    """The answers of a desk that are drawn from a week, each with its verdict if it has one, in the order of the draw.
    Two queries.
    """
    chosen = drawn(answers_of(desk, week).values_list("pk", flat=True), desk=desk.pk, week=week)
    of = "case__company", "asked", "version__article", "verdict__user"
    found = {turn.pk: turn for turn in Turn.objects.filter(pk__in=chosen).select_related(*of)}
    return [found[pk] for pk in chosen if pk in found]


def answers_of(desk: Desk, week: date) -> QuerySet[Turn]:
    """What the bot of a desk answered in a week."""
    began, ended = bounds(week)
    return Turn.objects.filter(
        desk=desk, outcome=Turn.Outcome.ANSWER, version__isnull=False, at__gte=began, at__lt=ended
    )


def audit_of(desk: Desk) -> Audit:
    """What was found in the weeks that ended last, in all and by version. One query."""
    mondays = weeks()
    judged = Verdict.objects.filter(
        turn__desk=desk, turn__at__gte=bounds(mondays[-1])[0], turn__at__lt=bounds(mondays[0])[1]
    )
    fields = "turn__version__article", "turn__version__title", "turn__version__number"
    rows = judged.values_list("turn__version", *fields).annotate(
        wrong=Count("pk", filter=Q(found=Found.WRONG)),
        right=Count("pk", filter=Q(found=Found.RIGHT)),
        unclear=Count("pk", filter=Q(found=Found.UNCLEAR)),
    )
    kept = list(rows.order_by("-wrong", "turn__version"))
    told = [
        OfVersion(article, title, number, Share(wrong, wrong + right))
        for _version, article, title, number, wrong, right, _unclear in kept
        if wrong + right
    ]
    return Audit(_sum(told), sum(row[-1] for row in kept), told[:_MOST_VERSIONS])


def found_since(desk: Desk, since: datetime | None) -> Share:
    """The share wrong of a desk's answers that were given since a moment and judged right or wrong. One query."""
    judged = Verdict.objects.filter(turn__desk=desk, found__in=[Found.WRONG, Found.RIGHT])
    if since is not None:
        judged = judged.filter(turn__at__gte=since)
    told = judged.aggregate(wrong=Count("pk", filter=Q(found=Found.WRONG)), all=Count("pk"))
    return Share(told["wrong"], told["all"])


def _sum(told: Sequence[OfVersion]) -> Share:
    return Share(sum(one.share.wrong for one in told), sum(one.share.all for one in told))
