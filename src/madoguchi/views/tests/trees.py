"""Filters and cases at random, for properties that hold for all of them."""

from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from django.db.models import Max
from hypothesis import strategies as st

from madoguchi.cases.models import ACTIVE, Case, Message, Priority, Seen, Status
from madoguchi.views.filters import FLAGS, All, Condition, Node, Not, Some

NOW = datetime(2026, 8, 5, 3, 0, tzinfo=UTC)
EVENT_KINDS = ("case.assigned", "message.received", "case.status")
WORDS = ("ＡＢＣの返品", "abcについて", "炊飯器", "50%_off", "Kelvin K")
# What desks of their own want to know, by the names that conditions have for it, and values that cases have.
OWN: dict[str, tuple[Any, ...]] = {
    "text:11": ("ＡＢＣ-１", "abc-2", "箱が潰れていた", "あ" * 300),
    "number:12": (0, -3, 12, 12.5, 999_999_999_999_999),
    "date:13": ("2026-08-01", "2026-08-04", "2026-08-05", "2025-12-31"),
    "choice:14": ("返品", "交換", "ﾘﾀｰﾝ"),
    "tree:15": ("家電 / 冷蔵庫", "家電 / 洗濯機 / ドラム式", "家電", "家具"),
    "customer:16": ({"customer": 8}, {"customer": 9}),
    "product:17": ({"product": 8}, {"product": 3}),
    "order:18": ({"order": 8}, {"order": 5}),
}
_SHUFFLED = [
    "filled",
    *("status", "priority", "assignee", "tags", "feelings", "language", "subject", "undelivered"),
    *("opened_at", "touched_at", "waiting_since", "first_replied_at", "solved_at"),
]
_TIMES = ("opened", "touched", "waiting", "first_reply", "solved")
_moments = st.sampled_from(["today", "yesterday", "this_week", "this_month", "4h", "30m", "2d", "2026-08-04"])
_days = st.sampled_from(["today", "yesterday", "this_week", "this_month", "2d", "2026-08-04", "2025-12-31"])


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
        "feelings": ["anger", "hearing", "haste"],
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
    flag = st.builds(lambda f, value: Condition(f, "is", value), st.sampled_from(FLAGS), st.booleans())
    return st.one_of(*chosen, timed, happened, contains, flag, own_conditions())


def own_conditions() -> st.SearchStrategy[Condition]:
    """One condition, of a field of a desk's own."""
    several = {
        "text:11": ("abc-1", "ＡＢＣ－２", "箱", "あ" * 300, "あ" * 299 + "い"),
        "number:12": (0, 12, 12.5, 999_999_999_999_999),
        "choice:14": ("返品", "リターン", "ほか"),
        "tree:15": ("家電", "家電 / 洗濯機", "家具", "家"),
        "customer:16": (8, 5),
        "product:17": (8, 4),
        "order:18": (8, 5),
    }
    chosen = [_several(values).map(lambda t, f=f: Condition(f, "in", t)) for f, values in several.items()]
    amount = st.sampled_from([-3, 0, 12, 12.25, 10**14])
    compared = st.sampled_from(["over", "under", "least", "most"])
    limits = st.builds(lambda t, n: Condition("number:12", t, n), compared, amount)
    tests = st.sampled_from(["since", "before", "on"])
    days = st.builds(lambda t, d: Condition("date:13", t, d), tests, _days)
    words = st.sampled_from(["ａｂ", "箱", "あい"]).map(lambda text: Condition("text:11", "contains", text))
    known = st.builds(lambda f, yes: Condition(f, "known", yes), st.sampled_from(list(OWN)), st.booleans())
    # Of a field that a filter takes for one of another kind nothing is found; nor does anything fail.
    mistaken = st.sampled_from(
        [
            Condition("number:11", "over", 0),
            Condition("customer:12", "in", (8,)),
            Condition("tree:16", "in", ("家",)),
            Condition("customer:18", "in", (8,)),
            Condition("order:17", "in", (8,)),
        ]
    )
    return st.one_of(*chosen, limits, days, words, known, mistaken)


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


def read_at_random(cases: list[Case], *, people: list[int], seed: int) -> None:
    """Let people have read some of the cases, in part or wholly, and marked some of these as unread."""
    dice = Random(seed)
    newest = dict(Message.objects.values_list("case").annotate(Max("id")))
    Seen.objects.all().delete()
    Seen.objects.bulk_create(
        Seen(
            company_id=case.company_id,
            user_id=person,
            case_id=case.pk,
            message=dice.choice([0, newest[case.pk]]),
            unread=dice.random() < 0.3,
        )
        for case in cases
        for person in people
        if dice.random() < 0.6
    )


def unread_by(person: int | None) -> frozenset[int]:
    """What is unread for somebody, row by row. Nobody wrote a note in these cases."""
    seen = {one.case_id: one for one in Seen.objects.filter(user=person)}
    said = set(Message.objects.filter(author="customer").values_list("case", "pk"))
    unread = set()
    for case in Case.objects.all() if person else ():
        known = seen.get(case.pk)
        news = any(of == case.pk and pk > (known.message if known else 0) for of, pk in said)
        if (news and (known or case.status in ACTIVE)) or (known and known.unread):
            unread.add(case.pk)
    return frozenset(unread)


def disorder(cases: list[Case], *, people: list[int], seed: int) -> None:
    """The same for cases that are in no database."""
    dice = Random(seed)
    for number, case in enumerate(cases):
        case.status = dice.choice(Status.values)
        case.priority = dice.choice(Priority.values)
        case.assignee_id = dice.choice([None, *people])
        case.tags = dice.sample(["返品", "VIP"], dice.randrange(3))
        case.feelings = dice.sample(["anger", "hearing", "anxiety"], dice.randrange(3))
        case.language, case.subject = dice.choice(["ja", "en"]), dice.choice(WORDS)
        case.undelivered = dice.random() < 0.5
        case.filled = {key[-2:]: dice.choice(values) for key, values in OWN.items() if dice.random() < 0.7}
        case.opened_at, case.touched_at = _past(dice), _past(dice) - timedelta(seconds=number // 2)
        case.waiting_since, case.first_replied_at, case.solved_at = (
            dice.choice([None, _past(dice)]) for _ in range(3)
        )


def _past(dice: Random) -> datetime:
    return NOW - timedelta(hours=dice.randrange(24 * 50 if dice.random() < 0.5 else 50))
