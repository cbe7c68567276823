"""What of a text is compared when articles are suggested, and how they are ranked by it. Pure."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from madoguchi.knowledge.suggesting import MOST_LETTERS, Candidate, Suggestions, terms_in

SHELF = [
    Candidate(7, "返品の送料", "初期不良のときは当社が負担します。"),
    Candidate(3, "交換の手順", "返品の送料と同じです。サイズの交換もできます。"),
    Candidate(9, "Wi-Fiの設定", "ルーターのパスワードを入力します。"),
    Candidate(4, "ポイントの有効期限", "最後のお買い物から1年です。"),
]
words = st.sampled_from(
    ["返品", "送料", "交換", "サイズ", "wifi", "Wi-Fi", "ポイント", "期限", "は", "。", " "]
)


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        ("返品", ["返品", "返", "品"]),
        ("返品の", ["返品", "返", "品", "品の"]),
        ("返す", ["返", "返", "返す"]),
        ("人々", ["人々", "人"]),
        ("サイズ", ["サイ", "イズ"]),
        ("ｻｲｽﾞ", ["サイ", "イズ"]),
        ("サ", ["サ"]),
        ("FAQ", ["faq"]),
        ("Ｗｉ－Ｆｉ", ["wi", "fi"]),
        ("A-100", ["a", "100"]),
        ("ひらがなだけ", []),
        ("。、！", []),
        ("", []),
    ],
)
def test_a_text_is_compared_by_words_pairs_and_kanji(text: str, terms: list[str]) -> None:
    assert list(terms_in(text)) == terms


@given(st.text(alphabet="返品サイズWifi0１。 ｶﾞあ", max_size=40))
def test_widths_and_case_make_no_difference(text: str) -> None:
    assert list(terms_in(text.upper())) == list(terms_in(text.lower()))


@pytest.mark.parametrize(
    ("asked", "best"),
    [
        # What stands in the title goes before what stands in the text.
        ("返品の送料", [7, 3]),
        ("交換", [3]),
        ("ＷｉＦｉのパスワード", [9]),
        ("wi-fiに繋がらない", [9]),
        ("ﾎﾟｲﾝﾄはいつまで", [4]),
        # One kanji in common is none.
        ("送信", []),
        ("期待", []),
        ("ありがとうございました", []),
    ],
)
def test_the_title_counts_most_and_one_kanji_not_at_all(asked: str, best: list[int]) -> None:
    assert Suggestions(SHELF).best(asked) == best


def test_of_two_that_fit_alike_the_first_stands_first() -> None:
    twins = Suggestions([Candidate(8, "返品", "本文"), Candidate(2, "返品", "本文")])
    assert twins.best("返品") == [8, 2]


def test_a_rare_word_counts_more_than_a_usual_one() -> None:
    shelf = Suggestions([*(Candidate(n, "送料", "案内") for n in range(5)), Candidate(9, "領収書", "案内")])
    assert shelf.best("送料と領収書", most=1) == [9]


@pytest.mark.parametrize(("most", "found"), [(0, []), (1, [7]), (2, [7, 3]), (9, [7, 3])])
def test_no_more_are_named_than_were_asked_for(most: int, found: list[int]) -> None:
    assert Suggestions(SHELF).best("返品の送料", most=most) == found


def test_of_a_long_mail_only_the_beginning_counts() -> None:
    mail = "あ" * (MOST_LETTERS - 2) + "返品" + "交換"
    assert Suggestions(SHELF).best(mail) == Suggestions(SHELF).best("返品") == [7, 3]
    assert Suggestions(SHELF).best("あ" * (MOST_LETTERS - 1) + "返品") == []


@settings(max_examples=30)
@given(st.lists(words, max_size=8).map("".join))
def test_whatever_is_asked_each_is_named_once_and_shares_a_word(text: str) -> None:
    found = Suggestions(SHELF).best(text, most=9)

    assert len(set(found)) == len(found)
    asked = {term for term in terms_in(text) if len(term) > 1}
    for one in SHELF:
        shares = asked & {*terms_in(one.title), *terms_in(one.body)}
        assert (one.id in found) is bool(shares)


@settings(max_examples=30)
@given(st.lists(words, max_size=8))
def test_the_order_in_which_words_are_said_makes_no_difference(said: list[str]) -> None:
    shelf = Suggestions(SHELF)
    assert shelf.best(" ".join(said)) == shelf.best(" ".join(reversed(said)))
