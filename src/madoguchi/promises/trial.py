"""What service levels would have meant for the cases of the last 90 days, before they are taken into use."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from madoguchi.cases.models import Case
from madoguchi.companies.models import Desk
from madoguchi.kernel import clock
from madoguchi.promises.clocks import Clock, read_clocks
from madoguchi.promises.happened import events_of
from madoguchi.promises.policy import Act, Metric, Policy
from madoguchi.promises.story import tell

DAYS, MOST_CASES = 90, 200


@dataclass(frozen=True, slots=True)
class Kept:
    """Of the clocks of one metric so many would have been kept, broken, or still run."""

    metric: Metric
    kept: int
    broken: int
    running: int

    @property
    def rate(self) -> float | None:
        """The share of those that are decided which was kept; None where none is."""
        return self.kept / (self.kept + self.broken) if self.kept + self.broken else None


@dataclass(frozen=True, slots=True)
class Trial:
    """How many cases were looked at (`more`: there are older ones), and what would have become of them. `acts` are
    the acts of each policy that would have been done, each with its clock and how often."""

    cases: int
    more: bool
    kept: Sequence[Kept]
    acts: Sequence[tuple[str, Metric, Act, int]] = ()


def try_levels(desk: Desk, policies: Sequence[Policy]) -> Trial:
    """Run policies over the newest cases of the last 90 days of a desk. Three queries, and two a case."""
    since = clock.now() - timedelta(days=DAYS)
    rows = Case.objects.filter(desk=desk, opened_at__gte=since, continued_in=None).order_by("-opened_at")
    cases = list(rows[: MOST_CASES + 1])
    looked_at = cases[:MOST_CASES]
    clocks = [one for case in looked_at for one in _clocks(case, policies)]
    return Trial(len(looked_at), len(cases) > MOST_CASES, list(_counted(clocks)), _acts(clocks))


def _clocks(case: Case, policies: Sequence[Policy]) -> list[Clock]:
    events = events_of(case)
    return read_clocks(tell(events), policies, at=max(clock.now(), events[-1].at))


def _counted(clocks: Iterable[Clock]) -> Iterable[Kept]:
    fates = Counter((one.metric, _fate(one)) for one in clocks)
    for metric in Metric:
        counts = [fates[metric, fate] for fate in ("kept", "broken", "running")]
        if any(counts):
            yield Kept(metric, *counts)


def _acts(clocks: Iterable[Clock]) -> list[tuple[str, Metric, Act, int]]:
    """A moment that came for a clock counts once, whoever had looked by then."""
    done = Counter(
        (policy.name, one.metric, act)
        for one in clocks
        for offset, (_at, policy) in one.reached.items()
        for act in policy.acts_at(one.metric, offset)
    )
    return [(*key, times) for key, times in done.items()]


def _fate(one: Clock) -> str:
    if one.breached_at is not None:
        return "broken"
    return "kept" if one.is_over else "running"
