"""What is asked of talk scripts in cases: which there are, where somebody stands, which way others went."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import QuerySet

from madoguchi.cases.models import Case
from madoguchi.cases.queries import visible
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor
from madoguchi.knowledge import steps
from madoguchi.knowledge.models import Article, ArticleVersion
from madoguchi.knowledge.queries import published_for
from madoguchi.knowledge.trees import node_of
from madoguchi.scripts.models import Walk

DAYS = 90
# Of a script that is walked more often the newest tell enough.
MOST_READ = 2_000
_MOST_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Stand:
    """Where somebody stands in a script: the step, the ways on from it with the key of each, and how they came here."""

    walk: Walk
    step: steps.Step
    ways: Sequence[tuple[int, steps.Step]]
    came: Sequence[steps.Step]


@dataclass(frozen=True, slots=True)
class Went:
    """How often a step was walked; of those walks that are a week old (`decided`) so many were `solved`."""

    walked: int = 0
    decided: int = 0
    solved: int = 0

    @property
    def percent(self) -> int | None:
        """The share of solved ones in whole percent; None where nothing is decided."""
        return round(100 * self.solved / self.decided) if self.decided else None


@dataclass(frozen=True, slots=True)
class Walked:
    """A walk for figures: by which answers it went, in which case of which customer, and when it stood last."""

    labels: tuple[str, ...]
    case: int
    customer: int
    at: datetime


def scripts_at(case: Case, *, reader: Actor) -> QuerySet[ArticleVersion]:
    """The scripts that are in force at a case's desk and open to the reader, by topic and title. One query."""
    return published_for(case.desk, reader=reader).filter(article__kind=Article.Kind.SCRIPT)


def walk_under_way(case: Case, *, by: Actor) -> Walk | None:
    """The walk on which somebody is in a case. One query."""
    rows = Walk.objects.filter(case=case, user=by.id, ended_at=None)
    return rows.select_related("version__article", "case__desk").first()


def is_stopped(walk: Walk, *, reader: Actor) -> bool:
    """Whether a script is not to be said any more: what one walks through was found wrong, or no version of it is in
    force here. Newer words alone do not stop who is in the midst of it. One query.
    """
    there = scripts_at(walk.case, reader=reader).filter(article=walk.version.article_id)
    return walk.version.wrong_at is not None or not there.exists()


def stand_of(walk: Walk) -> Stand:
    """Where a walk stands. No query."""
    script = steps.read(walk.version.body)
    step = node_of(script, walk.path[-1]) or script[0]
    ways = [one for one in script if one.parent == step.id]
    return Stand(walk, step, list(enumerate(ways, start=1)), steps.path_to(script, step.id))


def walks_of(case: Case, *, reader: Actor) -> list[tuple[Walk, str]]:
    """The newest walks of a case that are over, each with the answers by which it went. One query."""
    rows = Walk.objects.filter(case=case).exclude(ended_at=None).select_related("version__article", "user")
    open_to = set(scripts_at(case, reader=reader).values_list("article_id", flat=True))
    seen = [one for one in rows.order_by("-at", "-pk")[:_MOST_SHOWN] if one.version.article_id in open_to]
    return [(walk, way_of(walk)) for walk in seen]


def way_of(walk: Walk) -> str:
    """By which answers a walk went, as one reads it."""
    script = steps.read(walk.version.body)
    return " → ".join(one.label for pk in walk.path[1:] if (one := node_of(script, pk)))


def walked_through(article: Article, *, actor: Actor) -> list[Walked]:
    """The walks of the last 90 days through any version of a script, in cases that the actor may read. One query."""
    since = clock.now() - timedelta(days=DAYS)
    rows = Walk.objects.filter(version__article=article, at__gte=since, case__in=visible(actor))
    read: dict[int, steps.Script] = {}
    found: list[Walked] = []
    for walk in rows.select_related("version", "case").order_by("-at", "-pk")[:MOST_READ]:
        script = read.setdefault(walk.version_id, steps.read(walk.version.body))
        labels = steps.labels_to(script, walk.path[-1])
        found.append(Walked(labels, walk.case_id, walk.case.customer_id, walk.moved_at))
    return found


def by_step(
    script: steps.Script, walks: Iterable[Walked], *, again: set[tuple[int, datetime]], old: datetime
) -> dict[int, Went]:
    """How each step of a script did, by its id: a walk of another version counts where that had the same answers.
    `again` are the walks (case, moment) after which the customer came again; those until `old` are decided.
    """
    sums: dict[str, Counter[tuple[str, ...]]] = {name: Counter() for name in ("walked", "decided", "solved")}
    for walk in walks:
        for end in range(len(walk.labels) + 1):
            passed = walk.labels[:end]
            sums["walked"][passed] += 1
            if walk.at <= old:
                sums["decided"][passed] += 1
                sums["solved"][passed] += (walk.case, walk.at) not in again
    return {
        one.id: Went(
            *(sums[name][steps.labels_to(script, one.id)] for name in ("walked", "decided", "solved"))
        )
        for one in script
    }
