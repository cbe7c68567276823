"""Case numbers: spoken, typed and found again."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from madoguchi.kernel.case_number import CaseNumber, read_case_number


@given(st.from_regex(r"\A[A-Z]{1,3}\Z"), st.integers(0, 999_999_999))
def test_what_is_written_is_read(prefix: str, count: int) -> None:
    number = CaseNumber(prefix, count)
    assert read_case_number(str(number)) == number


@pytest.mark.parametrize(
    "written",
    [
        "A-1234",
        "a-1234",
        " A-1234 ",
        "A - 1234",
        "Ａ－１２３４",
        "Aー1234",
        "A―1234",
        "A–1234",
        "Ａ‐1234",
        "A−1234",
    ],
)
def test_however_it_is_typed(written: str) -> None:
    assert read_case_number(written) == CaseNumber("A", 1234)


@pytest.mark.parametrize(
    "written", ["", "A", "1234", "A-", "-1234", "ABCD-1", "A-1234567890", "A-12B", "A--1", "A-1-2", "窓-12"]
)
def test_what_is_no_case_number(written: str) -> None:
    assert read_case_number(written) is None


@given(st.text())
def test_any_text_can_be_asked_about(written: str) -> None:
    found = read_case_number(written)
    assert found is None or read_case_number(str(found)) == found


@pytest.mark.parametrize("written", ["1234", " 1234 ", "１２３４", "B-1234"])
def test_letters_may_be_left_out_where_the_company_is_known(written: str) -> None:
    wanted = CaseNumber("B" if "B" in written else "A", 1234)

    assert read_case_number(written, prefix="A") == wanted


@pytest.mark.parametrize("written", ["", "12B", "-1234", "1234567890"])
def test_what_is_no_number_of_a_known_company_either(written: str) -> None:
    assert read_case_number(written, prefix="A") is None
