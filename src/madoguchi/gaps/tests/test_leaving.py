"""What a rehearsal of leaving says of a case, and how many days until one could leave."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from madoguchi.gaps.leaving import FIRST, SOLVED, WANTED, Outcome, Stock, Tried, stock_of, tried

CONFIDENCE = st.floats(0, 1)
ARTICLES = st.lists(st.integers(1, 9), unique=True, max_size=9)


@pytest.mark.parametrize(
    ("ranked", "confidence", "fits", "told", "outcome", "right", "by"),
    [
        # what was told is known: it is found among the first three, however unsure, or it is not
        ([7, 8, 9], 0.1, False, {9}, Outcome.FOUND, False, 9),
        ([7, 8, 9], 0.9, True, {7, 4}, Outcome.FOUND, True, 7),
        ([7, 8, 9, 4], 0.9, True, {4}, Outcome.NONE, False, 7),
        ([], 0.0, False, {4}, Outcome.NONE, False, None),
        # else it counts how sure it is
        ([7], 0.75, True, set(), Outcome.SURE, None, 7),
        ([7], 0.75, False, set(), Outcome.NEAR, None, 7),
        ([7], 0.749, True, set(), Outcome.NEAR, None, 7),
        ([7], 0.349, True, set(), Outcome.NONE, None, 7),
        ([], 0.0, False, set(), Outcome.NONE, None, None),
    ],
)
def test_what_a_team_would_find(ranked, confidence, fits, told, outcome, right, by) -> None:
    found = tried(1, ranked, confidence, fits=fits, told=told, alone=False)
    assert (found.outcome, found.right, found.article) == (outcome, right, by)


@given(ARTICLES, CONFIDENCE, st.booleans(), st.sets(st.integers(1, 9)), st.booleans())
def test_what_is_kept_is_read_again(ranked, confidence, fits, told, alone) -> None:
    found = tried(5, ranked, confidence, fits=fits, told=told, alone=alone)
    assert Tried.read(json.loads(json.dumps(found.as_json()))) == found
    assert (found.outcome == Outcome.FOUND) == bool(set(ranked[:FIRST]) & told)


def one(
    outcome: Outcome, *, article: int | None = 1, confidence: int = 80, right: bool | None = None
) -> Tried:
    return Tried(1, outcome, article, confidence, right, alone=outcome == Outcome.FOUND)


def test_the_stock_is_what_articles_solve() -> None:
    rows = [
        one(Outcome.FOUND, right=True),
        one(Outcome.FOUND, article=2, right=False),
        one(Outcome.SURE, article=2),
        one(Outcome.NEAR, article=2, confidence=40),
        one(Outcome.NONE, article=None, confidence=0),
        one(Outcome.NONE, right=False, confidence=74),
    ]
    stock = stock_of(rows, fresh={2})
    told = {"found": 2, "sure": 1, "near": 1, "none": 2}
    assert stock == Stock(all=6, solved=3, gained=2, alone=2, known=2, right=1, outcomes=told)
    assert (stock.percent, stock.percent_alone, stock.percent_right) == (50, 33, 50)
    # two more of six make 80 percent; two came within 90 days
    assert (stock.lacking, stock.days) == (2, 90)


@pytest.mark.parametrize(("ranked", "told", "gained"), [([9, 1], {1}, 0), ([1, 9], {9}, 1)])
def test_what_a_new_article_solves_is_its_gain_wherever_it_ranks(ranked, told, gained) -> None:
    found = tried(1, ranked, 0.9, fits=True, told=told, alone=True)
    assert stock_of([found], fresh={9}).gained == gained


@pytest.mark.parametrize(
    ("counted", "lacking", "days"),
    [
        ((0, 0, 0), 0, None),
        ((100, 80, 0), 0, 0),
        ((100, 79, 0), 1, None),
        ((100, 79, 30), 1, 3),
        ((100, 79, 89), 1, 2),
        ((3, 2, 1), 1, 90),
    ],
)
def test_one_could_leave_after_so_many_days(counted, lacking, days) -> None:
    every, solved, gained = counted
    stock = Stock(all=every, solved=solved, gained=gained)
    assert (stock.lacking, stock.days) == (lacking, days)


@given(st.integers(1, 500).flatmap(lambda n: st.tuples(st.just(n), st.integers(0, n))), st.integers(1, 500))
def test_after_what_is_lacking_enough_is_solved_and_not_before(counted, gained) -> None:
    every, solved = counted
    stock = Stock(all=every, solved=solved, gained=gained)
    assert 100 * (solved + stock.lacking) >= WANTED * every
    assert stock.lacking == 0 or 100 * (solved + stock.lacking - 1) < WANTED * every
    assert (stock.days == 0) == (100 * solved >= WANTED * every)


def test_what_counts_as_solved() -> None:
    assert set(Outcome) - set(SOLVED) == {Outcome.NEAR, Outcome.NONE}
