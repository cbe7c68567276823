"""Numbers of slips: their one form, their last digit, and what is said of one that is mistyped."""

import pytest
from django.utils.translation import override
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from madoguchi.commerce.models import Parcel
from madoguchi.commerce.slips import MOST, slip_of, spoken_slip
from madoguchi.kernel.errors import Refused

# A busy machine makes examples slowly; that says nothing of them.
AT_ANY_SPEED = settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.too_slow])
CHECKED = ("yamato", "sagawa", "japan_post")
eleven = st.integers(0, 10**11 - 1).map(lambda number: f"{number:011}")


@pytest.mark.parametrize(
    ("written", "carrier", "kept"),
    [
        ("1234‐5678‐9013", "yamato", "123456789013"),  # a hyphen of Unicode
        ("1234－5678－9013", "yamato", "123456789013"),  # a wide one
        ("1234ー5678ー9013", "sagawa", "123456789013"),  # the sign of a long vowel
        ("1234–5678—9013", "sagawa", "123456789013"),  # dashes
        (" 1234\t5678　9013\n", "yamato", "123456789013"),
        ("0000-0000-0000", "yamato", "000000000000"),
        ("ee123456785jp", "japan_post", "EE123456785JP"),
        ("１２３－４５－６７８９０－１", "japan_post", "12345678901"),  # 書留 has eleven
        ("A100", "other", "A100"),
        ("123456789012", "other", "123456789012"),  # whose rule nobody knows
        ("1" * MOST, "other", "1" * MOST),
        (" - ー ", "sagawa", ""),
    ],
)
def test_a_slip_is_kept_without_what_stands_between(written: str, carrier: str, kept: str) -> None:
    assert slip_of(written, carrier) == kept


@pytest.mark.parametrize(
    ("written", "carrier", "said"),
    [
        ("123", "other", "「123」は伝票番号として読めません"),
        ("1" * (MOST + 1), "other", "伝票番号として読めません"),
        ("1234/5678", "other", "「1234/5678」は伝票番号として読めません"),
        ("123456789", "yamato", "「123456789」は伝票番号として読めません"),
        ("EE123456785JP", "yamato", "「EE123456785JP」は伝票番号として読めません"),
        ("1234567890123", "sagawa", "ヤマト運輸と佐川急便の番号は 12 桁です"),
        ("1234-5678-9014", "yamato", "伝票番号 1234-5678-9014 は打ち間違い"),
        ("1234 5678 9012", "japan_post", "末尾は 3 になります"),
    ],
)
def test_what_is_no_slip_is_said_with_what_to_do(written: str, carrier: str, said: str) -> None:
    with override("ja"), pytest.raises(Refused, match=said) as caught:
        slip_of(written, carrier)
    assert caught.value.field == "slip"


def test_of_very_long_words_forty_letters_are_told() -> None:
    with override("en"), pytest.raises(Refused) as caught:
        slip_of("不明" * 100, "other")
    assert str(caught.value) == (
        f"“{'不明' * 20}” is no number of a slip. With Yamato and Sagawa it has 12 digits."
    )


@AT_ANY_SPEED
@given(eleven, st.sampled_from(CHECKED))
def test_the_last_digit_is_the_remainder_by_seven_of_the_others(digits: str, carrier: str) -> None:
    right = digits + str(int(digits) % 7)

    assert slip_of(right, carrier) == right


@AT_ANY_SPEED
@given(eleven, st.integers(0, 9), st.sampled_from(CHECKED))
def test_no_other_last_digit_is_taken_and_the_right_one_is_told(digits: str, last: int, carrier: str) -> None:
    right = int(digits) % 7
    if last == right:
        return
    with override("en"), pytest.raises(Refused) as caught:
        slip_of(f"{digits}{last}", carrier)
    assert str(caught.value).endswith(f"by its other digits the last would be {right}.")


@AT_ANY_SPEED
@given(eleven, st.integers(0, 11), st.integers(1, 9))
def test_one_digit_mistyped_is_found_unless_it_is_by_seven(digits: str, place: int, by: int) -> None:
    """No power of ten is a multiple of seven: only digits that differ by seven look alike, and none as the last."""
    right = digits + str(int(digits) % 7)
    other = (int(right[place]) + by) % 10
    mistyped = f"{right[:place]}{other}{right[place + 1 :]}"

    if place < 11 and abs(other - int(right[place])) == 7:
        assert slip_of(mistyped, "yamato") == mistyped
    else:
        with pytest.raises(Refused):
            slip_of(mistyped, "yamato")


@AT_ANY_SPEED
@given(eleven)
def test_a_slip_as_it_is_printed_is_read_as_itself(digits: str) -> None:
    number = digits + str(int(digits) % 7)
    printed = spoken_slip(number)

    assert (len(printed), printed.count("-")) == (14, 2)
    assert slip_of(printed, "yamato") == number


@pytest.mark.parametrize("number", ["", "12345678901", "EE123456785JP", "1234567890123"])
def test_of_another_length_it_is_printed_as_it_is(number: str) -> None:
    assert spoken_slip(number) == number


@pytest.mark.parametrize("carrier", [name for name in Parcel.Carrier.values if name not in CHECKED])
def test_of_carriers_whose_rule_is_not_known_any_last_digit_is_taken(carrier: str) -> None:
    assert [slip_of(f"12345678901{last}", carrier)[-1] for last in range(10)] == list("0123456789")
