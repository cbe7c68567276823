"""Filters and cases at random, for properties that hold for all of them."""

from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from hypothesis import strategies as st

from madoguchi.cases.models import Case, Priority, Status
from madoguchi.views.filters import All, Condition, Node, Not, Some

NOW = datetime(2026, 8, 5, 3, 0, tzinfo=UTC)
EVENT_KINDS = ("case.assigned", "message.received", "case.status")
WORDS = ("ＡＢＣの返品", "abcについて", "炊飯器", "50%_off", "Kelvin K")
_SHUFFLED = [
    *("status", "priority", "assignee", "tags", "language", "subject", "undelivered"),
    *("opened_at", "touched_at", "waiting_since", "first_replied_at", "solved_at"),
]
_TIMES = ("opened", "touched", "waiting", "first_reply", "solved")
_moments = st.sampled_from(["today", "yesterday", "this_week", "this_month", "4h", "30m", "2d", "2026-08-04"])


def _several(values: Any) -> Any:
    return st.lists(st.sampled_from(list(values)), min_size=1, max_size=3).map(tuple)


def conditions(*, people: list[int], desks: list[int], customers: list[int]) -> st.SearchStrategy[Condition]:
    """One condition, of any field."""
    choices = {
        "status": Status.values,
        "priority": Priority.values,
        "channel": ["email", "form"],
        "language": ["ja", "en"],
        "tags": ["返品", "VIP", "x"],
        "desk": [*desks, 987654],
        "customer": customers,
        "assignee": ["me", "nobody", *people],
    }
    chosen = [_several(v).map(lambda t, f=f: Condition(f, "in", t)) for f, v in choices.items()]
    subject = st.sampled_from(["abc", "返品", "％", "_", "炊飯器", "k"])
    limits = st.tuples(st.sampled_from(["before", "since"]), _moments)
    tests = st.one_of(limits, st.tuples(st.just("known"), st.booleans()))
    timed = st.builds(lambda f, t: Condition(f, *t), st.sampled_from(_TIMES), tests)
    happened = st.builds(lambda k, t: Condition("event", *t, kind=k), st.sampled_from(EVENT_KINDS), tests)
    contains = subject.map(lambda text: Condition("subject", "contains", text))
    flag = st.booleans().map(lambda value: Condition("undelivered", "is", value))
    return st.one_of(*chosen, timed, happened, contains, flag)


def trees(**known: list[int]) -> st.SearchStrategy[Node]:
    """Any tree of a few conditions."""
    leaf = conditions(**known)
    return st.recursive(
        leaf,
        lambda inner: st.one_of(
            st.lists(inner, max_size=3).map(lambda parts: All(tuple(parts))),
            st.lists(inner, max_size=3).map(lambda parts: Some(tuple(parts))),
            inner.map(Not),
        ),
        max_leaves=6,
    )


def shuffle(cases: list[Case], *, people: list[int], seed: int) -> None:
    """Give cases any state at all; beyond the actions, for a filter must read whatever stands there."""
    disorder(cases, people=people, seed=seed)
    Case.objects.bulk_update(cases, _SHUFFLED)


def disorder(cases: list[Case], *, people: list[int], seed: int) -> None:
    """The same for cases that are in no database."""
    dice = Random(seed)
    for number, case in enumerate(cases):
        case.status = dice.choice(Status.values)
        case.priority = dice.choice(Priority.values)
        case.assignee_id = dice.choice([None, *people])
        case.tags = dice.sample(["返品", "VIP"], dice.randrange(3))
        case.language, case.subject = dice.choice(["ja", "en"]), dice.choice(WORDS)
        case.undelivered = dice.random() < 0.5
        case.opened_at, case.touched_at = _past(dice), _past(dice) - timedelta(seconds=number // 2)
        case.waiting_since, case.first_replied_at, case.solved_at = (
            dice.choice([None, _past(dice)]) for _ in range(3)
        )


def _past(dice: Random) -> datetime:
    return NOW - timedelta(hours=dice.randrange(24 * 50 if dice.random() < 0.5 else 50))
