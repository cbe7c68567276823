"""What happened is written down in order, whatever the database does meanwhile."""

import threading

import pytest
from django.db import OperationalError

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
