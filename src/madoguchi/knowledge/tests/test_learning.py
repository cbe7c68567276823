"""Weights and trust follow what resolved questions show, and no further."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from madoguchi.knowledge.ranking.learning import BY_HAND, LEAST, choice_of, fit_trust, fit_weights

WEIGHTS, TRUST = BY_HAND
seeds = st.integers(0, 2**32 - 1)


def judged(chance: np.random.Generator, *, right: int, helps: tuple[float, ...]) -> np.ndarray:
    """What three readers say of forty entries; the right one has so much more of each."""
    said = chance.normal(size=(3, 40)).astype(np.float32)
    said[:, right] += np.array(helps, dtype=np.float32)
    return said


def fitted(seed: int, count: int, helps: tuple[float, ...]) -> tuple[float, ...]:
    chance = np.random.default_rng(seed)
    rights = chance.integers(0, 40, size=count)
    return fit_weights(
        [choice_of(judged(chance, right=int(at), helps=helps), [int(at)]) for at in rights]
    ).values


@settings(max_examples=8, deadline=None)  # each learns of 400 questions
@given(seeds)
def test_a_reader_that_tells_right_from_wrong_gains_and_one_that_does_not_loses(seed: int) -> None:
    words, meaning, whole = fitted(seed, 400, (3.0, 0.0, 0.0))

    assert words > 2 * WEIGHTS.values[0]
    assert meaning < WEIGHTS.values[1] / 2
    assert whole < WEIGHTS.values[2] / 2


@settings(max_examples=25, deadline=None)
@given(seeds)
def test_what_contradicts_itself_silences_nobody(seed: int) -> None:
    found = fitted(seed, 60, (-3.0, -3.0, -3.0))

    assert all(value > 0 for value in found)
    assert sum(found) == pytest.approx(sum(WEIGHTS.values))


@settings(max_examples=50, deadline=None)
@given(seeds, st.integers(LEAST, 200), st.floats(0, 1))
def test_trust_stands_where_nothing_leads_higher(seed: int, count: int, share: float) -> None:
    """The gradient of the posterior is 0 there, by its own formula."""
    chance = np.random.default_rng(seed)
    signs = chance.uniform(size=(count, 3)).astype(np.float32)
    right = chance.uniform(size=count) < share

    found = fit_trust(signs, right)

    values, start = np.array([*found.values, found.none]), np.array([*TRUST.values, TRUST.none])
    rows = np.column_stack([signs.astype(float), np.ones(count)])
    sure = 1 / (1 + np.exp(-(rows @ values)))
    assert rows.T @ (right - sure) - 4 * (values - start) / start**2 == pytest.approx(np.zeros(4), abs=1e-3)


def test_trust_is_as_high_as_the_share_that_was_right() -> None:
    chance = np.random.default_rng(7)
    signs = chance.uniform(size=(4000, 3)).astype(np.float32)
    right = chance.uniform(size=4000) < 0.9

    found = fit_trust(signs, right)

    assert np.mean([found.of(one) for one in signs]) == pytest.approx(0.9, abs=0.02)
