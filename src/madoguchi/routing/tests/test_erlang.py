"""What a queue does by itself, against published and reckoned values."""

from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from madoguchi.routing.erlang import ErlangA, ErlangC, integral, people_for

# 100 calls in half an hour, 180 s each, a patience of 120 s: gives up, answered within 20 s.
VECTORS = [
    (10, 0.1375, 0.640),
    (11, 0.0942, 0.742),
    (12, 0.0616, 0.826),
    (13, 0.0384, 0.889),
    (14, 0.0228, 0.933),
]


def queue(agents: int, **other: float) -> ErlangA:
    return ErlangA(**({"rate": 100 / 1800, "handle": 180.0, "patience": 120.0, "agents": agents} | other))  # type: ignore[arg-type]


# The same calls, and nobody gives up.
patient = partial(ErlangC, rate=100 / 1800, handle=180.0)


class TestErlangC:
    @pytest.mark.parametrize(
        ("agents", "waits", "soon", "wait", "occupancy"),
        [
            (11, 0.6821, 0.3896, 122.78, 0.909),
            (12, 0.4494, 0.6402, 40.44, 0.833),
            (13, 0.2853, 0.7956, 17.12, 0.769),
            (14, 0.1741, 0.8884, 7.84, 0.714),
            (15, 0.1020, 0.9415, 3.67, 0.667),
        ],
    )
    def test_known_values(
        self, agents: int, waits: float, soon: float, wait: float, occupancy: float
    ) -> None:
        one = patient(agents=agents)
        assert (round(one.waits(), 4), round(one.service_level(20), 4)) == (waits, soon)
        assert (round(one.wait(), 2), round(one.occupancy(), 3)) == (wait, occupancy)

    def test_it_is_erlang_a_where_patience_never_ends(self) -> None:
        endless = queue(14, patience=1e7)
        assert endless.abandonment() < 1e-5
        assert endless.service_level(20) == pytest.approx(patient(agents=14).service_level(20), abs=1e-5)

    def test_too_few_people_never_catch_up(self) -> None:
        with pytest.raises(ValueError, match="grow for ever"):
            patient(agents=10)

    def test_hundreds_of_people_are_reckoned_too(self) -> None:
        assert 0 < ErlangC(rate=5.0, handle=180.0, agents=930).waits() < 1

    @pytest.mark.parametrize("wrong", [{"rate": 0.0}, {"handle": -1.0}, {"agents": 0}])
    def test_what_cannot_be_is_refused(self, wrong: dict[str, float]) -> None:
        with pytest.raises(ValueError, match="more than nothing"):
            ErlangC(**({"rate": 0.1, "handle": 1.0, "agents": 1} | wrong))  # type: ignore[arg-type]


class TestErlangA:
    @pytest.mark.parametrize(("agents", "gives_up", "soon"), VECTORS)
    def test_known_values(self, agents: int, gives_up: float, soon: float) -> None:
        assert round(queue(agents).abandonment(), 4) == gives_up
        assert round(queue(agents).service_level(20.0), 3) == soon

    @given(st.integers(1, 60), st.floats(0.001, 0.5), st.floats(30, 600), st.floats(10, 900))
    def test_what_comes_is_answered_or_gives_up(
        self, agents: int, rate: float, handle: float, patience: float
    ) -> None:
        one = queue(agents, rate=rate, handle=handle, patience=patience)
        end = one.service_level(60 * patience)
        assert end == pytest.approx(1 - one.abandonment(), abs=1e-6)
        assert 0 <= one.occupancy() <= 1 + 1e-6
        assert one.service_level(10.0) <= one.service_level(20.0) + 1e-9

    def test_by_its_balance(self) -> None:
        """The other way to it: the chances of so many calls in the system, one from the next."""
        states, chance = [1.0], 1.0
        for n in range(1, 400):
            chance *= (100 / 1800) / (min(n, 12) / 180 + max(0, n - 12) / 120)
            states.append(chance)
        waiting = sum(max(0, n - 12) * p for n, p in enumerate(states)) / sum(states)
        assert queue(12).abandonment() == pytest.approx(waiting / 120 / (100 / 1800), abs=1e-9)
        assert queue(12).wait() == pytest.approx(waiting / (100 / 1800), abs=1e-6)

    def test_nothing_runs_over_where_far_too_much_comes(self) -> None:
        assert queue(10, rate=1.0, patience=3600.0).abandonment() == pytest.approx(1 - 10 / 180, abs=1e-6)

    @pytest.mark.parametrize("wrong", [{"rate": 0.0}, {"handle": -1.0}, {"patience": 0.0}, {"agents": 0}])
    def test_what_cannot_be_is_refused(self, wrong: dict[str, float]) -> None:
        with pytest.raises(ValueError, match="more than nothing"):
            queue(**({"agents": 1} | wrong))  # type: ignore[arg-type]

    def test_an_integral(self) -> None:
        assert integral(lambda x: x**3, 0.0, 2.0) == pytest.approx(4.0)


class TestPeople:
    def test_erlang_c_asks_for_more_than_are_needed_where_callers_give_up(self) -> None:
        assert people_for(0.8, 20, lambda n: patient(agents=n)) == 14
        assert people_for(0.8, 20, queue) == 12

    @pytest.mark.parametrize(
        ("calls", "people"), [(40, [13, 16, 18]), (100, [29, 32, 33]), (200, [54, 58, 60])]
    )
    def test_several_vendors_at_one_queue_need_fewer(self, calls: int, people: list[int]) -> None:
        """All in one queue, and the same calls split over two and three queues."""
        for parts, needed in enumerate(people, 1):
            rate = calls / parts / 1800
            one = people_for(0.8, 20, partial(_patient, rate))
            assert parts * one == needed

    def test_no_number_of_people_answers_more_than_everybody(self) -> None:
        with pytest.raises(ValueError, match="no number of people"):
            people_for(1.1, 20, lambda n: patient(agents=n))


def _patient(rate: float, agents: int) -> ErlangC:
    return ErlangC(rate=rate, handle=420.0, agents=agents)
