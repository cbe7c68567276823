"""When an order on the phone is a solicitation, and until when one may withdraw. Pure rules."""

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from madoguchi.commerce.soliciting import (
    Advert,
    Duty,
    last_day,
    may_withdraw,
    missing_duties,
    outside,
    papers_due,
)

TEA = Advert(frozenset({"TEA"}))
TWO = Advert(frozenset({"TEA"}), most=2)
AGAIN = Advert(frozenset({"TEA"}), again=True)
ALL = Advert()


@pytest.mark.parametrize(
    ("adverts", "pieces", "again", "expected"),
    [
        # No advertisement is known: nobody can say that anything lies outside it.
        ([], [("POT", 99)], False, []),
        ([], [("POT", 1)], True, []),
        ([TEA], [("TEA", 500)], False, []),
        ([TEA], [("TEA", 1), ("POT", 1)], False, ["POT"]),
        ([ALL], [("TEA", 1), ("POT", 9)], False, []),
        # More than was advertised, also by two forms of one product.
        ([TWO], [("TEA", 2)], False, []),
        ([TWO], [("TEA", 3)], False, ["TEA"]),
        ([TWO], [("TEA", 2), ("TEA", 1)], False, ["TEA"]),
        ([TWO, TEA], [("TEA", 3)], False, []),
        # A subscription is part of it only where that was advertised.
        ([TEA], [("TEA", 1)], True, ["TEA"]),
        ([TEA, AGAIN], [("TEA", 1)], True, []),
        ([AGAIN], [("POT", 1)], True, ["POT"]),
        ([AGAIN], [("TEA", 1)], False, []),
    ],
)
def test_what_lies_outside_of_what_was_advertised(
    adverts: list[Advert], pieces: list[tuple[str, int]], again: bool, expected: list[str]
) -> None:
    assert outside(pieces, adverts, again=again) == expected


CODES = st.sampled_from(["A", "B", "C"])
ADVERTS = st.builds(
    Advert, st.frozensets(CODES, max_size=2), st.one_of(st.none(), st.integers(1, 4)), st.booleans()
)
PIECES = st.lists(st.tuples(CODES, st.integers(1, 5)), max_size=5)


@settings(deadline=None, max_examples=60)
@given(PIECES, st.lists(ADVERTS, min_size=1, max_size=3), ADVERTS, st.booleans())
def test_another_advertisement_never_makes_a_solicitation_of_what_was_none(
    pieces: list[tuple[str, int]], adverts: list[Advert], other: Advert, again: bool
) -> None:
    before, after = (set(outside(pieces, known, again=again)) for known in (adverts, [*adverts, other]))

    assert after <= before
    assert before <= {code for code, _count in pieces}
    # What is sold once is never more outside than the same sold again and again.
    assert set(outside(pieces, adverts)) <= set(outside(pieces, adverts, again=True))


def test_all_duties_are_owed_and_nothing_else_counts() -> None:
    assert missing_duties([]) == [Duty.NAME, Duty.PURPOSE, Duty.GOODS, Duty.WISH]
    assert missing_duties(["wish", "name", "x"]) == [Duty.PURPOSE, Duty.GOODS]
    assert missing_duties(["goods", "wish", "name", "purpose", "name"]) == []


def test_eight_days_count_from_the_day_of_the_written_terms_that_day_with_them() -> None:
    came = date(2026, 12, 28)

    assert papers_due(date(2026, 12, 30)) == date(2027, 1, 2)
    assert last_day(came) == date(2027, 1, 4)
    assert [may_withdraw(came + timedelta(days=n), came) for n in (0, 7, 8)] == [True, True, False]


def test_without_written_terms_the_days_do_not_begin() -> None:
    assert last_day(None) is None
    assert may_withdraw(date(2099, 1, 1), None)
