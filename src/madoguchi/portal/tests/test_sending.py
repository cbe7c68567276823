"""The token that makes a form count once."""

from datetime import UTC, datetime, timedelta

import pytest
from django.core import signing

from madoguchi.kernel import clock
from madoguchi.portal.sending import Unusable, new_sending, read_sending

SHOWN = datetime(2026, 8, 1, 1, 0, tzinfo=UTC)


def test_each_showing_has_a_name_of_its_own():
    first, second = (read_sending(new_sending(purpose="form:1"), purpose="form:1") for _ in range(2))

    assert first.token != second.token
    assert len(first.token) == 22


def test_one_showing_keeps_its_name():
    signed = new_sending(purpose="form:1")

    assert read_sending(signed, purpose="form:1") == read_sending(signed, purpose="form:1")


@pytest.mark.parametrize(
    ("seconds", "hasty"), [(0, True), (1, True), (2, False), (60, False), (86_400 * 30, False)]
)
def test_it_knows_how_long_the_page_was_open(seconds, hasty):
    with clock.held_at(SHOWN):
        signed = new_sending(purpose="form:1")

    with clock.held_at(SHOWN + timedelta(seconds=seconds)):
        assert read_sending(signed, purpose="form:1").hasty is hasty


UNUSABLE = {
    "empty": "",
    "no token": "x",
    "nonsense": "a:b:c",
    "another purpose": new_sending(purpose="form:2"),
    "another salt": signing.dumps(["t", 0, "form:1"], salt="another"),
    "too short": signing.dumps(["t", 0], salt="madoguchi.portal.sending"),
    "cut off": new_sending(purpose="form:1")[:-1],
}


# Tokens hold the time: as names of tests they would differ between processes that collect in different seconds.
@pytest.mark.parametrize("signed", UNUSABLE.values(), ids=UNUSABLE)
def test_any_other_token_is_unusable(signed):
    with pytest.raises(Unusable):
        read_sending(signed, purpose="form:1")
