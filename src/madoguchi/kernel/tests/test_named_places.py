"""What looks like a postal address in a sentence."""

import pytest

from madoguchi.kernel.places import names_a_place


@pytest.mark.parametrize(
    "text",
    [
        "〒をお知らせください。",
        "150-0001へお送りします。",
        "１５０－０００１へお送りします。",
        "神宮前一丁目のお宅",
        "本町12番地",
        "3番5号室",
        "三番五号",
        "京都市中京区三条通12-3",
        "港区芝 1ー2ー3",
    ],
)
def test_an_address_is_seen(text: str) -> None:
    assert names_a_place(text)


@pytest.mark.parametrize(
    "text",
    [
        "ギフト包装は1点300円で承ります。",
        "市販の箱で2-3日かかります。",
        "1番人気の色です。",
        "東京都内は翌日に届きます。",
        "2026-11-30までです。",
        "",
    ],
)
def test_other_words_are_none(text: str) -> None:
    assert not names_a_place(text)
