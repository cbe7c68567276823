"""Grave words: how they are written, found whatever their width and kana, and never within another word."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from madoguchi.signals.alike import Said, are_alike, nearness
from madoguchi.signals.lexicon import USUAL, Found, find, read_lexicon

LEXICON = read_lexicon(USUAL)


@pytest.mark.parametrize(
    ("text", "words", "sorts"),
    [
        ("炊飯器から煙が出て、手に火傷をしました。", ("火傷", "煙が出"), ("負傷", "火災")),
        ("ケガをしました", ("けが",), ("負傷",)),
        ("ﾃﾚﾋﾞ局に話します", ("テレビ局",), ("報道",)),
        ("ＳＮＳで拡散します", ("SNS", "拡散"), ("SNS",)),
        ("弁護士に相談し、訴えます", ("弁護士", "訴え"), ("弁護士",)),
        ("消費生活センターへ通報します", ("消費生活センター",), ("公的機関",)),
        ("It caught FIRE and I got injured.", ("injured", "fire"), ("負傷", "火災")),
        ("We will take  legal\naction.", ("legal action",), ("弁護士",)),
        ("Firefox では開けません。smokey な色ですか。", (), ()),
        ("サイズを交換したいです。ありがとうございます。", (), ()),
        ("", (), ()),
    ],
)
def test_what_is_found(text: str, words: tuple[str, ...], sorts: tuple[str, ...]) -> None:
    assert find(text, LEXICON) == Found(words, sorts)


@pytest.mark.parametrize(
    "text",
    [
        "けがなどはありません。",
        "ケガはありませんでした。交換してください。",
        "けがや火傷はありません。",
        "けが人はいません。",
        "炎上はしていません。",
        "煙が出ていません。",
        "火事ではないので、ご安心ください。",
        "訴えるつもりはありません。",
        "警察署の近くに住んでいます。",
        "消防署の隣です。",
        "弁護士事務所に勤めております。",
        "テレビ局で働いています。",
        "届け先は法律事務所です。",
        "お届けがまだのようです。",
        "これだけが足りません。わけがわかりません。",
        "法律事務所に勤めています。",
    ],
)
def test_what_is_denied_or_is_a_place_does_not_count(text: str) -> None:
    assert find(text, LEXICON) == Found((), ())


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("けがはありませんが、爆発しました。", ("爆発",)),
        ("私にけがはありません。子どもがけがをしました。", ("けが",)),
        ("けがはありませんでしたか、と聞くべきです。", ("けが",)),
        ("けががなかったとは言えません。", ("けが",)),
        ("火事になるかもしれません。", ("火事",)),
        ("返金がありません。警察に行きます。", ("警察",)),
        ("拡散していない代わりに返金してください。", ("拡散",)),
        ("弁護士事務所に相談します。", ("弁護士",)),
        ("警察署に被害届を出します。", ("警察", "被害届")),
    ],
)
def test_what_is_asked_doubted_or_true_elsewhere_counts(text: str, words: tuple[str, ...]) -> None:
    assert find(text, LEXICON).words == words


def test_a_company_writes_its_own() -> None:
    lexicon = read_lexicon("解約: 解約、退会, cancel my plan\n\n異物： 虫が入、異物混入")

    assert lexicon == {"解約": ["解約", "退会", "cancel my plan"], "異物": ["虫が入", "異物混入"]}
    assert find("異物混入なので退会します", lexicon) == Found(("退会", "異物混入"), ("解約", "異物"))


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("解約、退会", "1"),
        ("解約: 退会\n: 虫", "2"),
        ("解約:", "1"),
        ("解約: 退", "1"),
        ("解約: 退会、あ", "1"),
    ],
)
def test_a_line_that_makes_no_sense_is_named(text: str, line: str) -> None:
    with pytest.raises(ValueError, match=f"^{line}$"):
        read_lexicon(text)


def test_there_is_a_limit() -> None:
    with pytest.raises(ValueError, match=r"^$"):
        read_lexicon("語: " + "、".join(f"言葉{n:03d}" for n in range(401)))


@given(st.text(max_size=60), st.sampled_from([word for words in LEXICON.values() for word in words]))
def test_a_word_that_stands_alone_is_found_in_whatever_company(around: str, word: str) -> None:
    assert word in find(f"{around} 、{word}、 {around}", LEXICON).words


class TestAlike:
    @pytest.mark.parametrize(
        ("one", "other", "alike"),
        [
            (Said("電源が入らない", None, ()), Said("電源が入らないとの声", None, ()), True),
            (Said("電源が入らない", None, ()), Said("ｶﾊﾞｰの色が違う", None, ()), False),
            (Said("a", 1, ()), Said("全然別の話", 1, ()), True),
            (Said("電源が入らない", 1, ("返品",)), Said("電源が入らない", 2, ("返品",)), False),
            (Said("x", 1, ("返品",)), Said("全然別の話", None, ("返品", "急ぎ")), True),
        ],
    )
    def test_by_product_tag_or_words(self, one: Said, other: Said, alike: bool) -> None:
        assert are_alike(one, other) is alike
        assert are_alike(other, one) is alike

    @given(st.text(max_size=40), st.text(max_size=40))
    def test_nearness_is_even_and_between_none_and_all(self, one: str, other: str) -> None:
        assert nearness(one, other) == nearness(other, one)
        assert 0 <= nearness(one, other) <= 1
        assert nearness(one, one) in (0.0, 1.0)


def test_who_means_to_leave_is_seen_to_at_once() -> None:
    usual = read_lexicon(USUAL)
    assert find("定期コースを解約したいです。", usual) == Found(("解約したい",), ("解約",))
    assert find("ポイントは退会の手続きで失効しますか。", usual).sorts == ("退会",)
    assert find("解約金はいくらですか。解約はしません。", usual) == Found((), ())
