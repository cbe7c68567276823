"""Which words of a search name articles: what narrows it and what is not wanted says nothing of them."""

import pytest

from madoguchi.desk.lists import plain_words


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("返品", ["返品"]),
        ("返品 送料", ["返品", "送料"]),
        ("返品　送料", ["返品", "送料"]),
        ("返品 desk:修理 is:open", ["返品"]),
        ("件名:返品", []),
        ("返品 -送料", ["返品"]),
        ('"返品の送料"', ["返品の送料"]),
        ("「返品」", ["返品"]),
        ("", []),
        ('""', []),
        ("  返品  ", ["返品"]),
        ("-返品", []),
        ("返品\n送料", ["返品", "送料"]),
        ("領収書 再発行", ["領収書", "再発行"]),
        ("is:open", []),
        ("from:a@b.example 返金", ["返金"]),
        ("tag:急ぎ -tag:済 修理", ["修理"]),
        ('"返品" "送料"', ["返品", "送料"]),
        ("「」", []),
        ("返品 -is:open", ["返品"]),
        ("before:2027-01-01 送料", ["送料"]),
        ("炊飯器 「内釜」 has:attachment", ["炊飯器", "内釜"]),
        ("A-1001", ["A-1001"]),
        ("C++ 対応", ["C++", "対応"]),
        ("返品:送料 配送", ["配送"]),
        (" ".join("一二三四五六七八九十"), list("一二三四五六七八")),
    ],
)
def test_filters_and_marks_are_left_out(typed, words):
    assert plain_words(typed) == words
