"""What is said of calls and flows, in both languages."""

import pytest

from madoguchi.voice.wording import without_numbers


@pytest.mark.parametrize(
    ("pressed", "kept"),
    [
        ("", ""),
        ("12", "12"),
        ("09012345678", "09012345678"),  # a phone number may be asked for
        ("123456789012", "123456789012"),
        ("1234567890123", "■■■■■■■■■0123"),
        ("4111111111111111", "■■■■■■■■■■■■1111"),
        ("14111111111111111", "■■■■■■■■■■■■■1111"),  # after the key of a menu
        ("241111111111111119", "■■■■■■■■■■■■■■1119"),  # and before the next
        ("1#4111111111111111#", "1#■■■■■■■■■■■■1111#"),
        ("1*2*3*4*5*6*7*8*9*0*1*2*3", "1*2*3*4*5*6*7*8*9*0*1*2*3"),
    ],
)
def test_keys_are_kept_without_what_may_be_a_card(pressed: str, kept: str) -> None:
    assert without_numbers(pressed) == kept
