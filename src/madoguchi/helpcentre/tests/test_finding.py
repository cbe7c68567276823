"""The search box of a help centre finds what is meant, however it is typed."""

import pytest

from madoguchi.helpcentre.finding import Finder

RETURNS, SIZES, SNEAKERS, PAYMENT = 4, 7, 9, 11
FINDER = Finder(
    [
        (RETURNS, "返品の送料", "不良品のときは当社が送料を負担します。スニーカーも同じです。"),
        (SIZES, "サイズの選び方", "足の長さを測ってください。"),
        (SNEAKERS, "スニーカーの洗い方", "中性洗剤で洗います。"),
        (PAYMENT, "お支払い方法", "PayPayとカードがお使いになれます。"),
    ],
    {
        RETURNS: "へんぴんのそうりょう\nふりょうひん とき とうしゃ そうりょう ふたん おなじ",
        SNEAKERS: "すにーかーのあらいかた\nちゅうせいせんざい あらい",
    },
)


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("返品", RETURNS),
        ("送料 返品", RETURNS),
        ("ｽﾆｰｶｰ", SNEAKERS),
        ("すにーかー", SNEAKERS),
        ("さいず", SIZES),
        ("スニーカ", SNEAKERS),
        ("スニイカー", SNEAKERS),
        ("paypay", PAYMENT),
        ("ＰＡＹＰＡＹ", PAYMENT),
        ("お支払", PAYMENT),
        ("不良品を送り返したい", RETURNS),
        ("へんぴん", RETURNS),
        ("ヘンピン", RETURNS),
        ("へんぴん そうりょう", RETURNS),
        ("へんぴんのそうりよう", RETURNS),
        ("ちゅうせいせんざい", SNEAKERS),
    ],
)
def test_what_is_meant_comes_first(typed: str, first: int) -> None:
    assert FINDER.best(typed, most=5)[0] == first


def test_a_title_counts_before_a_text() -> None:
    assert FINDER.best("スニーカー", most=5) == [SNEAKERS, RETURNS]


@pytest.mark.parametrize("typed", ["", "   ", "予約", "zz"])
def test_what_nothing_is_like_finds_nothing(typed: str) -> None:
    assert FINDER.best(typed, most=5) == []


def test_no_more_than_wanted() -> None:
    assert FINDER.best("スニーカー", most=1) == [SNEAKERS]


def test_nothing_is_found_where_there_is_nothing() -> None:
    assert Finder([]).best("返品", most=5) == []
