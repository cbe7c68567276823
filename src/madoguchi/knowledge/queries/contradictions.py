"""Where articles contradict each other, and which versions no bot says therefore."""

from collections.abc import Collection

from django.db.models import Exists, OuterRef, Q, QuerySet

from madoguchi.kernel.actor import Actor
from madoguchi.kernel.errors import NotFound
from madoguchi.knowledge.models import ArticleVersion, Contradiction
from madoguchi.knowledge.queries.articles import articles_in_sight, in_force

_BOTH = ("first__article__company", "first__article__desk", "second__article__desk")


def contradictions_in_sight(actor: Actor) -> QuerySet[Contradiction]:
    """Those between versions in force that the actor may both read and that nobody has set aside, those to be looked at
    first.
    """
    seen = articles_in_sight(actor).order_by().values("pk")
    rows = _live().filter(first__article__in=seen, second__article__in=seen)
    return (
        rows.exclude(state=Contradiction.State.ASIDE).select_related(*_BOTH).order_by("-state", "-at", "-pk")
    )


def contradiction_by_id(actor: Actor, pk: int) -> Contradiction:
    """One of those, or one that was set aside; raises NotFound for any other."""
    seen = articles_in_sight(actor).order_by().values("pk")
    rows = Contradiction.objects.filter(first__article__in=seen, second__article__in=seen)
    found = rows.select_related(*_BOTH).filter(pk=pk).first()
    if found is None:
        raise NotFound(pk)
    return found


def consistent(rows: QuerySet[ArticleVersion]) -> QuerySet[ArticleVersion]:
    """Without the versions that are known to contradict another that is in force. No query of its own."""
    confirmed = _live().filter(state=Contradiction.State.CONFIRMED)
    return rows.exclude(Exists(confirmed.filter(Q(first=OuterRef("pk")) | Q(second=OuterRef("pk")))))


def contradicted(versions: Collection[int]) -> set[int]:
    """Which of these versions are known to contradict another that is in force. One query where there are any."""
    if not versions:
        return set()
    sound = consistent(ArticleVersion.objects.filter(pk__in=versions)).values_list("pk", flat=True)
    return set(versions) - set(sound)


def _live() -> QuerySet[Contradiction]:
    now = in_force().order_by().values("pk")
    return Contradiction.objects.filter(first__in=now, second__in=now)
