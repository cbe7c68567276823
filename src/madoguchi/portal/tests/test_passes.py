"""The pass of a visitor's browser: good for its chat and its time, renewed by coming back, never forged. Pure."""

from datetime import UTC, datetime, timedelta

import pytest
from django.core import signing

from madoguchi.kernel import clock
from madoguchi.kernel.errors import NotFound
from madoguchi.kernel.identity import is_visitor
from madoguchi.portal.chat.passes import GOOD_FOR, RENEWED_AFTER, Pass, new_pass, open_pass

NOON = datetime(2026, 8, 3, 3, tzinfo=UTC)
SECOND = timedelta(seconds=1)


@pytest.fixture
def given() -> Pass:
    """A pass for the chat 7, given at noon."""
    with clock.held_at(NOON):
        return new_pass(7)


def test_a_new_pass_names_a_visitor_of_whom_nothing_is_known(given: Pass) -> None:
    with clock.held_at(NOON):
        other = new_pass(7)
    assert is_visitor(given.visitor)
    assert (given.entry_point, given.given_at) == (7, int(NOON.timestamp()))
    assert given.visitor != other.visitor


@pytest.mark.parametrize("entry_point", [7, None])
def test_it_comes_back_as_it_was_given(given: Pass, entry_point: int | None) -> None:
    with clock.held_at(NOON):
        assert open_pass(given.signed, entry_point=entry_point) == given


@pytest.mark.parametrize(
    ("later", "good", "fresh"),
    [
        (timedelta(0), True, False),
        (RENEWED_AFTER, True, False),
        (RENEWED_AFTER + SECOND, True, True),
        (GOOD_FOR, True, True),
        (GOOD_FOR + SECOND, False, False),
    ],
    ids=["at once", "a day", "a day and a second", "ninety days", "over"],
)
def test_it_is_good_for_ninety_days_after_the_last_visit(
    given: Pass, later: timedelta, good: bool, fresh: bool
) -> None:
    with clock.held_at(NOON + later):
        if not good:
            with pytest.raises(NotFound):
                open_pass(given.signed, entry_point=7)
            return
        renewed = open_pass(given.signed, entry_point=7).renewed
    assert (renewed.entry_point, renewed.visitor) == (7, given.visitor)
    assert (renewed.given_at > given.given_at) is fresh
    with clock.held_at(NOON + later + GOOD_FOR):
        assert (later == timedelta(0) or fresh) is _opens(renewed.signed)


def _opens(signed: str) -> bool:
    try:
        open_pass(signed, entry_point=7)
    except NotFound:
        return False
    return True


@pytest.mark.parametrize(
    "signed",
    [
        *(None, "", "x", 7, [], {}, "a:b:c", "\x00"),
        signing.dumps([7, "visitor-1", 2**40], salt="another.use"),
        signing.dumps([7, "visitor-1"], salt="madoguchi.portal.chat"),
        signing.dumps([7, "visitor-1", 1, 2], salt="madoguchi.portal.chat"),
        signing.dumps(7, salt="madoguchi.portal.chat"),
    ],
    ids=range(12),  # a name with a signature in it differs from process to process
)
def test_what_is_no_pass_of_ours_is_absent(signed: object) -> None:
    with pytest.raises(NotFound):
        open_pass(signed)


def test_a_pass_of_another_chat_or_with_a_letter_changed_is_absent(given: Pass) -> None:
    whole = given.signed
    with clock.held_at(NOON):
        with pytest.raises(NotFound):
            open_pass(whole, entry_point=8)
        for at in (0, len(whole) // 2, len(whole) - 2):
            forged = whole[:at] + ("A" if whole[at] != "A" else "B") + whole[at + 1 :]
            with pytest.raises(NotFound):
                open_pass(forged, entry_point=7)
