"""Which sentences contradict each other, and which only look like it."""

import pytest

from madoguchi.knowledge.contradicting import Pair, Said, contradictions

ALL = frozenset({"ja"})


def found(*words: str, titles: tuple[str, ...] = ()) -> list[tuple[int, int]]:
    given = titles or tuple(f"題{at}" for at in range(len(words)))
    rows = [Said(at, title, said, ALL) for at, (title, said) in enumerate(zip(given, words, strict=True))]
    return [(one.first, one.second) for one in contradictions(rows)]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("商品到着後8日以内にご連絡ください。", "商品到着後１４日以内にご連絡ください。"),
        ("未開封の商品は返品できます。", "未開封の商品は返品できません。"),
        ("お手入れの方法です。\n送料は全国一律660円です。", "送料は全国一律1,100円です。"),
        ("商品到着後八日以内にご連絡ください", "商品到着後14日以内にご連絡ください"),
        ("Please return it within 8 days of delivery.", "Please return it within 14 days of delivery."),
    ],
)
def test_other_figures_or_the_opposite_of_the_same_is_one(one: str, other: str) -> None:
    assert found(one, other) == [(0, 1)]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("商品到着後8日以内にご連絡ください。", "商品到着後８日以内にご連絡ください。"),
        ("商品到着後八日以内にご連絡ください。", "商品到着後8日以内にご連絡ください。"),
        ("送料は全国一律660円です。", "営業時間は10時から18時です。"),
        ("送料は660円です。", "送料は1100円です。"),
        ("未開封の商品は返品できます。", "開店前の駐車場は利用できません。"),
        ("商品到着後8日以内にご連絡ください。", "商品到着後8日以内に、送料1,100円を添えてご連絡ください。"),
    ],
)
def test_what_is_no_contradiction(one: str, other: str) -> None:
    assert found(one, other) == []


def test_under_one_title_less_has_to_be_alike() -> None:
    words = (
        "ご連絡は商品の到着から8日以内にお願いします。",
        "商品の到着後14日以内にご連絡をお願いいたします。",
    )
    assert found(*words) == []
    assert found(*words, titles=("返品の期限について", "返品の期限は？")) == [(0, 1)]


def test_only_what_stands_side_by_side_is_compared_and_what_is_asked_for() -> None:
    words = [f"商品到着後{days}日以内にご連絡ください。" for days in (8, 14, 30)]
    rows = [
        Said(1, "甲", words[0], frozenset({"1"})),
        Said(2, "乙", words[1], frozenset({"2"})),
        Said(3, "丙", words[2], frozenset({"1", "2"})),
    ]
    assert [(one.first, one.second) for one in contradictions(rows)] == [(1, 3), (2, 3)]
    assert contradictions(rows, of=frozenset({2})) == [Pair(2, 3, words[1][:-1], words[2][:-1])]


def test_what_very_many_say_is_compared_once_and_bounded() -> None:
    """All with all would be 45 million comparisons of lines, and 80 thousand pairs."""
    compared: list[int] = []

    class Counted(frozenset[str]):
        def __and__(self, other: object) -> frozenset[str]:
            compared.append(1)
            return super().__and__(other)  # type: ignore[operator]

    shared = "商品到着後8日以内にご連絡ください。\n未開封の商品は返品できます。\n"
    rows = [
        Said(at, f"題{at}", f"{shared}この{at}番の商品の保証は{at}年です。", Counted({"ja"}))
        for at in range(400)
    ]
    one = Said(400, "題", "商品到着後14日以内にご連絡ください。", ALL)

    assert [(pair.first, pair.second) for pair in contradictions([*rows, one], of=frozenset({400}))] == [
        (at, 400) for at in range(400)
    ]
    contradictions(rows)
    assert len(compared) < 400 * 500
