"""Nobody is passed over for whom somebody is free, whoever has to be kept for whom."""

from itertools import permutations

from hypothesis import given
from hypothesis import strategies as st

from madoguchi.voice.looking import takes

Ready = dict[int, frozenset[int]]


def found(calls: list[int], ready: Ready) -> list[bool]:
    """For each of these calls, in their order and by their desks, whether there is somebody."""
    taken: dict[int, int] = {}
    return [takes(desk, ready, taken) for desk in calls]


def fit(calls: list[int], ready: Ready) -> bool:
    """Whether there is one each, found out by trying everything."""
    people = frozenset[int]().union(*ready.values())
    tried = permutations(people, len(calls))
    return any(all(one in ready[desk] for one, desk in zip(some, calls, strict=True)) for some in tried)


def test_who_is_at_two_desks_is_kept_for_the_one_that_has_nobody_else() -> None:
    assert found([1, 2], {1: frozenset({10, 20}), 2: frozenset({10})}) == [True, True]


def test_one_after_another_makes_room() -> None:
    ready = {1: frozenset({10, 20}), 2: frozenset({10, 20}), 3: frozenset({20, 30}), 4: frozenset({10})}
    assert found([1, 3, 2, 4, 1], ready) == [True, True, True, False, False]
    assert found([1, 3, 4, 2, 1], ready) == [True, True, True, False, False]


def test_where_nobody_is_ready_there_is_nobody() -> None:
    assert found([1, 1], {1: frozenset(), 2: frozenset({10})}) == [False, False]


people = st.frozensets(st.integers(1, 5), max_size=5)


@given(st.fixed_dictionaries({1: people, 2: people, 3: people}), st.lists(st.integers(1, 3), max_size=5))
def test_a_call_is_passed_over_only_where_there_is_not_one_each(ready: Ready, calls: list[int]) -> None:
    taken: dict[int, int] = {}
    with_somebody: list[int] = []
    for desk in calls:
        there_is = fit([*with_somebody, desk], ready)
        assert takes(desk, ready, taken) == there_is
        with_somebody += [desk] if there_is else []
        assert sorted(taken.values()) == sorted(with_somebody)
        assert all(person in ready[of] for person, of in taken.items())
