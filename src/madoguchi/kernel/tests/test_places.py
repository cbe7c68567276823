"""Postal addresses of one place compare equal, however they were written down."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from madoguchi.kernel.places import house_of, is_same_house, is_same_place, place_in_parts, place_of

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


_TOWN = st.sampled_from(
    ["東京都港区六本木", "札幌市中央区北1条西", "千代田区三番町", "大田区南ヶ丘", "京都市中京区"]
)
_NUMBERS = st.tuples(st.integers(1, 99), st.integers(1, 99), st.integers(1, 999))
_HOME = st.sampled_from(["", "ハイツ青葉101", "サンコーポ 2号棟305号室", "メゾンドール"])
_WIDE = str.maketrans("0123456789-", "０１２３４５６７８９－")


def _ways(town: str, numbers: tuple[int, int, int], home: str) -> list[str]:
    one, two, three = numbers
    plain = f"{town}{one}-{two}-{three} {home}".strip()
    return [
        plain,
        plain.translate(_WIDE),
        f"{town}{one}丁目{two}番{three}号　{home}",
        f"〒106-0032 {town} {one}丁目{two}番地の{three} {home}",
        f"{town}{one}ー{two}の{three} {home}",
    ]


@given(_TOWN, _NUMBERS, _HOME)
def test_all_spellings_of_a_house_meet_and_meet_again(
    town: str, numbers: tuple[int, int, int], home: str
) -> None:
    ways = _ways(town, numbers, home)

    houses = {house_of(way) for way in ways}
    assert len(houses) == 1
    assert {house_of(house) for house in houses} == houses
    assert {place_of(place_of(way)) for way in ways} == {place_of(ways[0])}
    parts = [place_in_parts(way) for way in ways]
    assert all(is_same_house(parts[0], other) for other in parts)


@given(_TOWN, _NUMBERS, _NUMBERS, _HOME)
def test_other_numbers_are_another_house(
    town: str, numbers: tuple[int, int, int], others: tuple[int, int, int], home: str
) -> None:
    one, other = (house_of(_ways(town, each, home)[1]) for each in (numbers, others))

    assert (one == other) == (numbers == others)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("横浜市西区1-2-3 サンハイツ101", "横浜市西区1-2-3", True),
        ("横浜市西区1-2-3 サンハイツ101号室", "横浜市西区1丁目2番3号-101", True),
        ("横浜市西区1-2-3 サンハイツ", "横浜市西区1-2-3 サンハイツ101", True),
        ("横浜市西区1-2-3 サンハイツ101", "横浜市西区1-2-3 サンハイツ102", False),
        ("横浜市西区1-2-3 サンハイツ", "横浜市西区1-2-3 青葉荘", False),
        ("〒220-0001 横浜市西区1-2-3", "〒220-0002 横浜市西区1-2-3", False),
        ("横浜市西区", "横浜市西区", False),
    ],
)
def test_two_homes(one: str, other: str, same: bool) -> None:
    assert is_same_house(place_in_parts(one), place_in_parts(other)) == same


@pytest.mark.parametrize(
    ("written", "street", "building"),
    [
        ("港区六本木1-2 3階", "港区六本木1-2", "3階"),
        ("港区六本木１−２　３Ｆ", "港区六本木1-2", "3f"),
        ("港区六本木1丁目2番 3階", "港区六本木1-2", "3階"),
        ("港区六本木1-2 301号室", "港区六本木1-2", "301"),
        ("港区六本木一丁目2番地 301", "港区六本木1-2", "301"),
        ("港区六本木1 2 3", "港区六本木1-2-3", ""),
        ("港区六本木1丁目 234番地", "港区六本木1-234", ""),
        ("中京区三条通12-3 2階", "中京区3条通12-3", "2階"),
    ],
)
def test_a_floor_or_room_that_stands_apart_is_no_number_of_a_house(
    written: str, street: str, building: str
) -> None:
    found = place_in_parts(written)

    assert (found.street, found.building) == (street, building)
    assert place_of(place_of(written)) == place_of(written)
