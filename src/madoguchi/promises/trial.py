"""What service levels would have meant for the cases of the last 90 days, before they are taken into use."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

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
    the acts of each policy that would have been done, each with its clock and how often.
    """

    cases: int
    more: bool
    kept: Sequence[Kept]
    acts: Sequence[tuple[str, Metric, Act, int]] = ()


@dataclass(slots=True)
class Tally:
    """What became of the clocks of some cases, to which those of others are added: how many of each metric came to
    which end, and how often which act (its place in its policy, and that one's place) was due.
    """

    policies: Sequence[Policy]
    fates: Counter[tuple[str, str]] = field(default_factory=Counter)
    acts: Counter[tuple[int, str, int]] = field(default_factory=Counter)

    def add(self, case: Case) -> None:
        """Count a case, too. Two queries."""
        events = events_of(case)
        for one in read_clocks(tell(events), self.policies, at=max(clock.now(), events[-1].at)):
            self.fates[one.metric.value, _fate(one)] += 1
            self._count_acts(one)

    def _count_acts(self, one: Clock) -> None:
        """A moment that came for a clock counts once, whoever had looked by then."""
        for offset, (_at, policy) in one.reached.items():
            place = self.policies.index(policy)
            for act in policy.acts_at(one.metric, offset):
                self.acts[place, one.metric.value, policy.acts.index(act)] += 1

    def trial(self, cases: int, *, more: bool) -> Trial:
        """What it comes to."""
        acts = [
            (self.policies[place].name, Metric(metric), self.policies[place].acts[act], times)
            for (place, metric, act), times in self.acts.items()
        ]
        return Trial(cases, more, list(self._kept()), acts)

    def _kept(self) -> Iterable[Kept]:
        for metric in Metric:
            counts = [self.fates[metric.value, fate] for fate in ("kept", "broken", "running")]
            if any(counts):
                yield Kept(metric, *counts)

    def as_json(self) -> dict[str, Any]:
        """As a row keeps it; `read` has it back."""
        return {
            "fates": [[*key, times] for key, times in self.fates.items()],
            "acts": [[*key, times] for key, times in self.acts.items()],
        }

    @classmethod
    def read(cls, kept: dict[str, Any], policies: Sequence[Policy]) -> "Tally":
        """A tally of these policies as it was kept; an empty one of nothing."""
        found = cls(policies)
        for metric, fate, times in kept.get("fates", ()):
            found.fates[metric, fate] = times
        for place, metric, act, times in kept.get("acts", ()):
            found.acts[place, metric, act] = times
        return found


def try_levels(desk: Desk, policies: Sequence[Policy]) -> Trial:
    """Run policies over the newest cases of the last 90 days of a desk. Three queries, and two a case."""
    since = clock.now() - timedelta(days=DAYS)
    rows = Case.objects.filter(desk=desk, opened_at__gte=since, continued_in=None).order_by("-opened_at")
    cases = list(rows[: MOST_CASES + 1])
    tally = Tally(policies)
    for case in cases[:MOST_CASES]:
        tally.add(case)
    return tally.trial(len(cases[:MOST_CASES]), more=len(cases) > MOST_CASES)


def _fate(one: Clock) -> str:
    if one.breached_at is not None:
        return "broken"
    return "kept" if one.is_over else "running"
