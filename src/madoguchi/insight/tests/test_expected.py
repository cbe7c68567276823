"""What a queue does by itself, against published and simulated values."""

import pytest

from madoguchi.insight.expected import Load, erlang_a, erlang_c, seats_for

# A hundred calls in half an hour, three minutes each: ten people busy.
HALF_HOUR = Load(100, 1800, 180)


@pytest.mark.parametrize(
    ("seats", "waits", "in_time", "wait", "occupancy"),
    [
        (11, 0.6821, 0.3896, 122.8, 0.909),
        (12, 0.4494, 0.6402, 40.4, 0.833),
        (13, 0.2853, 0.7956, 17.1, 0.769),
        (14, 0.1741, 0.8884, 7.84, 0.714),
        (15, 0.1020, 0.9415, 3.67, 0.667),
    ],
)
def test_who_never_gives_up_waits_as_erlang_c_says(
    seats: int, waits: float, in_time: float, wait: float, occupancy: float
) -> None:
    found = erlang_c(HALF_HOUR, seats, target=20)

    assert (round(found.waits, 4), round(found.in_time, 4)) == (waits, in_time)
    assert round(found.wait, 1 if wait > 10 else 2) == wait
    assert (round(found.occupancy, 3), found.gives_up) == (occupancy, 0)


@pytest.mark.parametrize(
    ("seats", "gives_up", "in_time"),
    [(10, 0.1375, 0.640), (11, 0.0942, 0.742), (12, 0.0616, 0.826), (13, 0.0384, 0.889), (14, 0.0228, 0.933)],
)
def test_who_gives_up_after_two_minutes_does_as_erlang_a_says(
    seats: int, gives_up: float, in_time: float
) -> None:
    found = erlang_a(HALF_HOUR, seats, target=20, patience=120)

    assert (round(found.gives_up, 4), round(found.in_time, 3)) == (gives_up, in_time)


def test_with_endless_patience_nobody_gives_up_and_both_agree() -> None:
    patient = erlang_a(HALF_HOUR, 14, target=20, patience=1e7)
    never = erlang_c(HALF_HOUR, 14, target=20)

    assert patient.gives_up < 1e-5
    assert patient.in_time == pytest.approx(never.in_time, abs=1e-5)
    assert patient.waits == pytest.approx(never.waits, abs=1e-5)


def test_four_fifths_within_twenty_seconds_take_fourteen_seats_or_twelve() -> None:
    """Erlang C asks for too many: callers do give up."""
    assert seats_for(HALF_HOUR, target=20, share=0.8) == 14
    assert erlang_a(HALF_HOUR, 11, target=20, patience=120).in_time < 0.8
    assert erlang_a(HALF_HOUR, 12, target=20, patience=120).in_time > 0.8


@pytest.mark.parametrize(("calls", "seats"), [(40, [13, 16, 18]), (100, [29, 32, 33]), (200, [54, 58, 60])])
def test_several_vendors_at_one_queue_need_fewer_people(calls: int, seats: list[int]) -> None:
    """All in one queue, and the same calls split over two and three queues."""
    found = [parts * seats_for(Load(calls / parts, 1800, 420), target=20, share=0.8) for parts in (1, 2, 3)]

    assert found == seats


def test_too_few_people_never_catch_up() -> None:
    with pytest.raises(ValueError, match="grow for ever"):
        erlang_c(HALF_HOUR, 10, target=20)


def test_no_number_of_seats_answers_more_than_everybody() -> None:
    with pytest.raises(ValueError, match="no number of seats"):
        seats_for(Load(1, 1800, 180), target=20, share=1.1)
