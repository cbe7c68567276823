"""Whatever is typed into the search box: each article once, all words before some, and nothing out of nothing. Pure."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from madoguchi.helpcentre.finding import Finder
from madoguchi.kernel.folding import fold

SHELF = [
    (3, "返品の送料", "不良品は当社が負担します。"),
    (8, "送料の一覧", "北海道は千円です。返品も同じです。"),
    (5, "領収書", "発行はマイページから。Wi-Fiは不要です。"),
    (2, "パスワードの変更", "ログインしてください。"),
]
FINDER = Finder(SHELF)
typed_words = st.sampled_from(
    ["返品", "送料", "領収書", "WiFi", "ﾊﾟｽﾜｰﾄﾞ", "変更", "北海道", "の", "xyz", "。", ""]
)


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        # both words in the title, then both somewhere
        ("返品 送料", [3, 8]),
        ("送料 返品", [3, 8]),
        ("返品\u3000送料", [3, 8]),
        ("北海道", [8]),
        # no article has both: those that have one
        ("領収書 北海道", [5, 8]),
        ("ぱすわーど", [2]),
        ("ﾊﾟｽﾜｰﾄﾞ", [2]),
        ("PASUWADO", []),
        # misspelt, but half of the pairs of letters are the same
        ("パスワアド", [2]),
        ("パスタ", [2]),
        ("スポーツ", []),
        # two letters are too few to guess from
        ("パワ", []),
    ],
)
def test_all_words_go_before_some_and_some_before_a_guess(typed: str, found: list[int]) -> None:
    assert FINDER.best(typed, most=9) == found


def test_the_end_of_a_title_and_the_beginning_of_its_text_make_no_word() -> None:
    assert Finder([(1, "ご利用の料", "金額の目安")]).best("料金 目安", most=9) == [1]
    assert Finder([(1, "お送り", "ひとつずつ"), (2, "りひの話", "本文")]).best("りひ", most=9) == [2]


@pytest.mark.parametrize(("pk", "title"), [(pk, title) for pk, title, _body in SHELF])
def test_an_article_is_found_by_its_own_title_first(pk: int, title: str) -> None:
    for typed in (title, title.upper(), f"  {title}\n", fold(title)):
        assert FINDER.best(typed, most=1) == [pk]


@settings(max_examples=30)
@given(st.lists(typed_words, max_size=5).map(" ".join), st.integers(0, 5))
def test_each_is_named_once_and_no_more_than_wanted(typed: str, most: int) -> None:
    found = FINDER.best(typed, most=most)

    assert len(found) == len(set(found)) <= most
    assert set(found) <= {pk for pk, _title, _body in SHELF}
    assert found == FINDER.best(typed, most=9)[:most]


@settings(max_examples=30)
@given(st.text(max_size=30))
def test_nothing_that_is_typed_is_too_odd(typed: str) -> None:
    assert set(FINDER.best(typed, most=9)) <= {pk for pk, _title, _body in SHELF}
