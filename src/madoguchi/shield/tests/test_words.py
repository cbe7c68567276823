"""Words that raise suspicion, what takes it away again, and how repeats are counted. Pure."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from madoguchi.shield.models import Sort
from madoguchi.shield.repeats import Said, times_demanded
from madoguchi.shield.words import USUAL, read, suspicious

LEXICON = read(USUAL, sorts=Sort.values)
NINE = datetime.fromisoformat("2026-12-01T09:00:00+09:00")


@pytest.mark.parametrize(
    ("text", "sorts"),
    [
        ("お前ら全員ぶっ殺すぞ", ["threat"]),
        ("会社に火をつけてやるからな", ["threat"]),
        ("今から会社に行くぞ。待ってろ", ["threat"]),
        ("ｼﾈ、死ね、この役立たず", ["abuse"]),
        ("死ねばいいのに", ["abuse"]),
        ("土下座しろ。誠意を見せろ", ["apology"]),
        ("ところで今日の下着の色は?", ["sexual"]),
        ("お前の名前を晒してやる", ["slander"]),
        ("お前の家はどこだ。待ち伏せしてやる", ["privacy"]),
        ("俺を誰だと思ってるんだ。クビにしてやる", ["rank"]),
        ("慰謝料百万円払え", ["demand"]),
        ("女じゃ話にならない、男を出せ", ["dignity"]),
        ("You idiot, I will KILL YOU", ["abuse", "threat"]),
    ],
)
def test_what_raises_suspicion(text: str, sorts: list[str]) -> None:
    assert sorted(suspicious(text, LEXICON)) == sorts


@pytest.mark.parametrize(
    "text",
    [
        "店員に「馬鹿野郎」と言われました。",
        "窓口の方から死ねと言われて傷つきました。",
        "馬鹿野郎と怒鳴られました。返金してください。",
        "役立たずという発言を受けました。",
        "店員さんに下着の色はと聞かれました。",
        "ふざけるなと思っているわけではありません。",
        "先ほどはふざけるなと言って申し訳ありませんでした。",
        "土下座してほしいわけではありません。",
        "黙れとは言っていません。",
        "このストーブは火をつけてもすぐ消えます。",
        "電池が爆破されたように破裂しました。",
        "非常に困っています。今すぐ返金してください。何度も電話しました!!!",
        "説明と違います。責任者の方とお話ししたいです。消費生活センターにも相談します。",
        "子どもの帰りを待っています。家はどこでも届きますか。",
        "一生無料で使えますか。",
        "idiotic? No: Idioteque is a song.",
        "",
    ],
)
def test_what_is_told_of_others_denied_or_a_rightful_complaint_raises_none(text: str) -> None:
    assert suspicious(text, LEXICON) == {}


def test_a_word_that_is_said_and_told_counts() -> None:
    text = "店員に馬鹿野郎と言われた。お前こそ馬鹿野郎だ"

    assert suspicious(text, LEXICON) == {"abuse": ["馬鹿野郎"]}


@pytest.mark.parametrize(
    ("text", "line"), [("abuse: 死ね\nloud: 大声", "2"), ("abuse 死ね", "1"), ("threat:", "1")]
)
def test_a_line_that_names_no_sort_or_no_words_is_refused(text: str, line: str) -> None:
    with pytest.raises(ValueError, match=f"^{line}$"):
        read(text, sorts=Sort.values)


@given(st.text(max_size=200))
def test_any_text_is_looked_at_and_only_known_sorts_are_found(text: str) -> None:
    found = suspicious(text, LEXICON)

    assert set(found) <= set(Sort.values)
    assert all(found.values())


DEMAND = "全額返金してください。今日中に。"


def talk(*said: str) -> list[Said]:
    """Words in turn, an hour apart; those of ours begin with >."""
    return [
        Said(text.removeprefix(">"), NINE + n * timedelta(hours=1), text.startswith(">"))
        for n, text in enumerate(said)
    ]


@pytest.mark.parametrize(
    ("said", "times"),
    [
        ((DEMAND,), 1),
        ((DEMAND, ">できかねます。", DEMAND), 2),
        ((DEMAND, ">できかねます。", "全額を返金してください、今日中に!", ">できかねます。", DEMAND), 3),
        # Nobody has answered: whoever waits may ask again.
        ((DEMAND, DEMAND, DEMAND, DEMAND), 1),
        # Another matter each time.
        (
            (
                DEMAND,
                ">はい。",
                "電源が入らない時はどうすればよいですか。",
                ">こちらです。",
                "保証書の再発行をお願いします。",
            ),
            1,
        ),
        # Too short to say anything of.
        (("はい", ">どうぞ", "はい", ">どうぞ", "はい"), 0),
        ((DEMAND, ">はい。"), 0),
        ((), 0),
    ],
)
def test_only_what_comes_after_an_answer_is_a_repeat(said: tuple[str, ...], times: int) -> None:
    assert times_demanded(talk(*said)) == times


@given(
    st.lists(st.sampled_from([DEMAND, ">できかねます。", "別のお願いがあります。よろしく。"]), max_size=12)
)
def test_never_more_repeats_than_answers_and_one(said: list[str]) -> None:
    answers = sum(text.startswith(">") for text in said)

    assert times_demanded(talk(*said)) <= answers + 1
