"""Postal addresses of one place compare equal, however they were written down."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from madoguchi.kernel.places import is_same_place, place_of

ONE = "東京都港区六本木1-2-3"


@pytest.mark.parametrize(
    "written",
    [
        "東京都港区六本木1丁目2番3号",
        "東京都港区六本木一丁目２番地３",
        "〒106-0032 東京都港区六本木１−２−３",
        "1060032 東京都 港区 六本木 1ー2の3",
        "東京都港区六本木1丁目2番地の3",
        "郵便番号:106-0032東京都港区六本木１丁目２ー３",
    ],
)
def test_ways_to_write_one_place(written: str) -> None:
    assert (place_of(written), is_same_place(written, ONE)) == ("東京都港区六本木1-2-3", True)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("札幌市中央区北一条西二丁目3", "札幌市中央区北1条西2-3", True),
        ("横浜市西区1-2-3 サンハイツ101号室", "横浜市西区１丁目２番３号　サンハイツ 101", True),
        ("横浜市西区1-2-3 101号室", "横浜市西区1-2-3-101", True),
        ("千代田区三番町5-1", "千代田区三番町5番1号", True),
        ("高松市二十三丁目4", "高松市23-4", True),
        ("大田区南ヶ丘1-2", "大田区南ケ丘1-2", True),
        ("横浜市西区1-2-3", "横浜市西区1-23", False),
        ("横浜市西区1-2-3 サンハイツ", "横浜市西区1-2-3", False),
        ("〒100-0001 中央区1-1", "〒200-0001 中央区1-1", False),
        ("", "", False),
        ("〒100-0001", "〒100-0001", False),
    ],
)
def test_two_addresses(one: str, other: str, same: bool) -> None:
    assert (is_same_place(one, other), is_same_place(other, one)) == (same, same)


@given(st.integers(1, 99), st.integers(1, 99), st.integers(1, 999))
def test_numbers_of_a_place_stay_what_they_are(town: int, block: int, house: int) -> None:
    assert place_of(f"京都市中京区{town}丁目{block}番{house}号") == f"京都市中京区{town}-{block}-{house}"
