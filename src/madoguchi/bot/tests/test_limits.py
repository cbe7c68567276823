"""Where a bot ends: which words are found, in which spelling, and how much of a labelled list."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from madoguchi.bot.limits import MOST_WORDS, Found, Kind, found_in, tidied, usual
from madoguchi.kernel.folding import fold

LABELLED = Path(__file__).parents[4] / "bench" / "limits.jsonl"


@pytest.mark.parametrize("text", ["ふざけるな", "フザケルナ", "ﾌｻﾞｹﾙﾅ", "ふ ざ け る な"])
def test_kana_width_and_spaces_do_not_matter(text: str) -> None:
    assert found_in(text) == Found(Kind.ANGER, "ふざけ")


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("友人に聞いたのですが、返品できますか", None),
        ("担当者名を変更したい", None),
        ("燃えるゴミに出せますか", None),
        ("火災保険の書類", None),
        ("失礼します", None),
        ("お届けがまだ来ていません", None),
        ("商品だけがまだ届きません", None),
        ("領収書が欲しいんやけど", None),
        ("早くそちらの色に替えたい", None),
        ("このロゴは何色ですか", None),
        ("65歳以上の人の割引はありますか", None),
        ("修理から戻りましたが、また同じ症状です", None),
        ("電源を入れるとランプがすぐに消えてしまいます", None),
        ("クーポンが使えないのはなぜですか", None),
        ("商品に不満があるわけではありません", None),
        ("手にけがをしました", Kind.SAFETY),
        ("もう消えてしまいたい", Kind.DISTRESS),
        ("飲んだ後に症状が出ました", Kind.MEDICAL),
        ("最低購入金額はいくらですか", None),
        ("I have an issue with my suede shoes", None),
        ("I will sue you", Kind.LEGAL),
        ("He sued us", Kind.LEGAL),
        ("担当の方にお電話でつないでください", Kind.HUMAN),
        ("WHERE IS MY ORDER NOW", Kind.ANGER),
        ("USB TYPE-C", None),
        ("まだですか！！", Kind.ANGER),
        ("楽しみにしています！", None),
        ("", None),
        ("。。。", None),
    ],
)
def test_a_word_within_another_is_not_it(text: str, kind: Kind | None) -> None:
    found = found_in(text)
    assert (found.kind if found else None) == kind


def test_two_parts_are_found_within_twenty_letters() -> None:
    words = {Kind.LEGAL: "契約…白紙"}
    near, far = "契約を" + "あ" * 18 + "白紙に", "契約を" + "あ" * 21 + "白紙に"
    assert found_in(near, words) == Found(Kind.LEGAL, "契約…白紙")
    assert found_in(far, words) is None


def test_an_exception_takes_away_what_stands_in_it_alone() -> None:
    words = {Kind.SAFETY: "火災\n-火災保険"}
    assert found_in("火災保険の書類です", words) is None
    assert found_in("火災保険の書類です。火災が起きました", words) == Found(Kind.SAFETY, "火災")


def test_of_several_kinds_the_wish_for_a_person_counts_first() -> None:
    assert found_in("ふざけるな、人間に代わって") == Found(Kind.HUMAN, "人間に")


def test_a_kind_without_words_is_not_found_and_the_others_are() -> None:
    assert found_in("ふざけるな", {Kind.ANGER: ""}) is None
    assert found_in("弁護士", {Kind.ANGER: ""}) == Found(Kind.LEGAL, "弁護士")


def test_a_list_is_kept_without_blanks_and_repeats_and_not_endlessly() -> None:
    assert tidied(" 怒り \n\n怒り\n-\n  \n最低  です") == ["怒り", "最低 です"]
    assert len(tidied("\n".join(map(str, range(MOST_WORDS + 10))))) == MOST_WORDS


@pytest.mark.parametrize("kind", list(Kind))
def test_our_own_lists_are_tidy_and_each_word_is_found_by_itself(kind: Kind) -> None:
    lines = usual(kind).splitlines()
    assert lines == tidied(usual(kind))
    alone = [line for line in lines if not line.startswith("-") and "…" not in line]
    assert [line for line in alone if found_in(line, {kind: "\n".join(alone)}) is None] == []


@given(st.text(max_size=200))
def test_nothing_that_can_be_typed_breaks_it(text: str) -> None:
    found = found_in(text)
    assert found is None or found.word in ("", *usual(found.kind).splitlines())


@given(st.text(max_size=60))
def test_whatever_a_company_writes_is_a_word_and_no_pattern(written: str) -> None:
    words = {Kind.ANGER: written}
    for line in tidied(written):
        if not line.startswith("-") and "…" not in line and "..." not in line and not line.isascii():
            excepted = any(fold(one[1:]) in fold(line) for one in tidied(written) if one.startswith("-"))
            others = dict.fromkeys(Kind, "") | words
            assert excepted or found_in(line, others) is not None


def test_of_the_labelled_list_as_much_is_found_as_the_docs_say() -> None:
    """The half that no word was chosen by; docs/bot.md has the figures."""
    rows = [json.loads(line) for line in LABELLED.read_text("utf-8").splitlines()]
    held = [row for row in rows if row["part"] == "held"]
    limits = [row["text"] for row in held if row["kind"]]
    plain = [row["text"] for row in held if not row["kind"]]
    assert (len(limits), sum(found_in(text) is not None for text in limits)) == (51, 49)
    assert (len(plain), sum(found_in(text) is not None for text in plain)) == (56, 0)
