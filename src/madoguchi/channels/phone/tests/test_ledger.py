"""What happened is written down in order, whatever the database does meanwhile."""

import threading
from functools import partial

import pytest
from django.db import OperationalError
from hypothesis import given
from hypothesis import strategies as st

from madoguchi.channels.phone.ledger import Ledger

WITHIN = 10


@pytest.fixture
def ledger() -> Ledger:
    made = Ledger(first_pause=0.001)
    made.start()
    return made


def test_entries_wait_for_the_database_and_keep_their_order(ledger: Ledger) -> None:
    written: list[str] = []
    tries, back = [0], threading.Event()

    def first() -> None:
        tries[0] += 1
        if not back.is_set():
            raise OperationalError("away")
        written.append("first")

    ledger.put(first)
    ledger.put(lambda: written.append("second"))
    while tries[0] < 3:
        threading.Event().wait(0.001)
    assert written == []
    back.set()

    assert ledger.close(seconds=WITHIN) is True
    assert written == ["first", "second"]


def test_what_somebody_waits_for_comes_before_what_hundreds_of_calls_left_behind(ledger: Ledger) -> None:
    written: list[str] = []
    begun, go_on = threading.Event(), threading.Event()

    def blocked() -> None:
        begun.set()
        assert go_on.wait(WITHIN)

    ledger.put(blocked)
    assert begun.wait(WITHIN)
    for call in range(400):
        for what in ("began", "answered"):
            ledger.put(partial(written.append, f"{call} {what}"), str(call))
    ledger.put(partial(written.append, "399 announced"), "399", first=True)
    ledger.put(partial(written.append, "399 waits"), "399")
    go_on.set()

    assert ledger.close(seconds=WITHIN) is True
    assert written[:5] == ["399 began", "399 answered", "399 announced", "399 waits", "0 began"]
    assert written[5:7] == ["1 began", "2 began"]
    assert [one for one in written if one.startswith("7 ")] == ["7 began", "7 answered"]
    assert len(written) == 802


@given(put=st.lists(st.tuples(st.sampled_from("abc"), st.booleans()), max_size=30))
def test_nothing_of_a_call_is_lost_or_comes_before_what_was_put_before_it(
    put: list[tuple[str, bool]],
) -> None:
    written: list[tuple[str, int]] = []
    ledger = Ledger(first_pause=0.001)
    for number, (lane, first) in enumerate(put):
        ledger.put(partial(written.append, (lane, number)), lane, first=first)
    ledger.start()

    assert ledger.close(seconds=WITHIN) is True
    expected = {lane: [n for n, (one, _first) in enumerate(put) if one == lane] for lane in "abc"}
    assert {lane: [n for one, n in written if one == lane] for lane in "abc"} == expected


def test_what_can_never_be_written_keeps_nothing_else_waiting(ledger: Ledger) -> None:
    written: list[str] = []

    def wrong() -> None:
        raise ValueError("never")

    ledger.put(wrong)
    ledger.put(lambda: written.append("next"))

    assert ledger.close(seconds=WITHIN) is True
    assert written == ["next"]


def test_a_ledger_that_is_closed_says_what_is_left(ledger: Ledger) -> None:
    tried = threading.Event()

    def never() -> None:
        tried.set()
        raise OperationalError("away")

    ledger.put(never)
    assert tried.wait(WITHIN)

    assert ledger.close(seconds=0.01) is False
