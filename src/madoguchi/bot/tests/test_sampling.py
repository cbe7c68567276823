"""Which answers are drawn, between which shares the true one lies, and when too many are surely wrong."""

from datetime import UTC, date, datetime, timedelta
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from madoguchi.bot.actions.auditing import LEAST_JUDGED
from madoguchi.bot.sampling import ERROR, SIZE, WEEK, Share, bounds, drawn, week_of

MONDAY = date(2026, 11, 23)
IDS = st.sets(st.integers(1, 10**9), max_size=80)


@pytest.mark.parametrize(
    ("moment", "monday"),
    [
        (datetime(2026, 11, 22, 14, 59, 59, tzinfo=UTC), date(2026, 11, 16)),
        (datetime(2026, 11, 22, 15, 0, tzinfo=UTC), MONDAY),
        (datetime(2026, 11, 29, 14, 59, 59, tzinfo=UTC), MONDAY),
        (datetime(2026, 11, 29, 15, 0, tzinfo=UTC), MONDAY + WEEK),
        (datetime(2027, 1, 1, 3, 0, tzinfo=UTC), date(2026, 12, 28)),
    ],
)
def test_a_week_begins_on_monday_in_japan(moment, monday) -> None:
    assert week_of(moment) == monday
    began, ended = bounds(monday)
    assert began <= moment < ended
    assert ended - began == timedelta(days=7)


@given(ids=IDS, desk=st.integers(1, 99))
def test_the_same_ones_are_drawn_in_whatever_order_they_are_given(ids, desk) -> None:
    once = drawn(sorted(ids), desk=desk, week=MONDAY)
    assert drawn(sorted(ids, reverse=True), desk=desk, week=MONDAY) == once
    assert len(once) == len(set(once)) == min(SIZE, len(ids))
    assert set(once) <= ids


@given(ids=IDS, size=st.integers(1, 30))
def test_whoever_is_not_drawn_changes_nothing_of_the_others(ids, size) -> None:
    once = drawn(ids, desk=1, week=MONDAY, size=size)
    assert drawn(once, desk=1, week=MONDAY, size=size) == once


def test_another_week_and_another_desk_draw_others() -> None:
    ids = range(1, 1_001)
    once = drawn(ids, desk=1, week=MONDAY)
    assert drawn(ids, desk=1, week=MONDAY + WEEK) != once
    assert drawn(ids, desk=2, week=MONDAY) != once


def test_every_answer_is_as_likely() -> None:
    # given: of ten answers five are drawn in each of 400 weeks
    times = dict.fromkeys(range(10), 0)
    for n in range(400):
        for pk in drawn(range(10), desk=1, week=MONDAY + n * WEEK, size=5):
            times[pk] += 1

    # then: about 200 times each (four standard deviations are 40)
    assert sum(times.values()) == 2_000
    assert all(160 <= count <= 240 for count in times.values())


@pytest.mark.parametrize(
    ("wrong", "judged", "said"),
    [
        (0, 0, (None, 0, 100)),
        (0, 20, (0, 0, 17)),
        (1, 20, (5, 0, 24)),
        (5, 50, (10, 4, 22)),
        (20, 20, (100, 83, 100)),
        (1, 1, (100, 20, 100)),
    ],
)
def test_a_share_is_told_with_its_interval(wrong, judged, said) -> None:
    share = Share(wrong, judged)
    assert (share.percent, share.low, share.high) == said


@given(st.integers(1, 2_000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_an_interval_holds_its_share_and_stays_a_share(counted) -> None:
    share = Share(*counted)
    assert 0 <= share.low <= 100 * share.wrong / share.all <= share.high <= 100


@cache
def _fewest_wrong(judged: int) -> int:
    """From how many wrong ones of so many judged on too many are; one more than all where even all prove nothing."""
    proofs = (wrong for wrong in range(judged + 1) if Share(wrong, judged).is_proven_over(1))
    return next(proofs, judged + 1)


def stopped(share: float, *, judged: int) -> float:
    """How probable it is that a bot of which such a share is wrong was stopped by so many verdicts, one looking after
    each from the first on. Reckoned, not tried: what is alive after each verdict, by how many were wrong.
    """
    alive, ended = {0: 1.0}, 0.0
    for n in range(1, judged + 1):
        moved: dict[int, float] = {}
        for wrong, mass in alive.items():
            moved[wrong] = moved.get(wrong, 0) + mass * (1 - share)
            moved[wrong + 1] = moved.get(wrong + 1, 0) + mass * share
        bound = _fewest_wrong(n) if n >= LEAST_JUDGED else n + 1
        ended += sum(mass for wrong, mass in moved.items() if wrong >= bound)
        alive = {wrong: mass for wrong, mass in moved.items() if wrong < bound}
    return ended


@given(st.floats(0.0005, 0.01))
@settings(max_examples=10)
def test_a_bot_that_is_as_often_right_as_it_must_be_is_seldom_stopped_however_often_one_looks(share) -> None:
    assert stopped(share, judged=1_000) <= stopped(0.01, judged=1_000) <= ERROR


def test_a_bot_that_is_too_often_wrong_is_stopped_within_weeks() -> None:
    # 20 answers are judged each week: within five of them, within twelve
    assert stopped(0.1, judged=100) > 0.95
    assert stopped(0.05, judged=240) > 0.9


def test_what_is_told_of_how_often_a_bot_is_stopped_is_so() -> None:
    # in percent, as `docs/bot.md` has it
    tried = ((0.01, 100), (0.01, 1_000), (0.1, 100), (0.05, 240))
    assert [round(100 * stopped(share, judged=judged), 1) for share, judged in tried] == [
        1.0,
        1.8,
        98.1,
        91.3,
    ]


@pytest.mark.parametrize(("wrong", "judged"), [(3, 20), (4, 40), (5, 100), (9, 240)])
def test_so_many_wrong_ones_are_a_proof(wrong, judged) -> None:
    assert Share(wrong, judged).is_proven_over(1)
    assert not Share(wrong - 1, judged).is_proven_over(1)
    assert not Share(0, 0).is_proven_over(1)


def test_however_many_are_judged_a_proof_is_reckoned() -> None:
    assert Share(10**6, 10**6).is_proven_over(1)
    assert Share(500, 5_000).is_proven_over(1)
    assert not Share(10**4, 10**6).is_proven_over(1)
