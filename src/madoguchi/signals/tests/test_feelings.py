"""Words suggest how a customer feels; what is denied, or only sounds like it, does not."""

import pytest

from madoguchi.cases.feelings import Feeling
from madoguchi.signals.feelings import felt_in, read_feelings


@pytest.mark.parametrize(
    ("text", "feelings"),
    [
        ("もう許せません。責任者を出してください。", [Feeling.ANGER]),
        ("初めてなので不安です。大丈夫でしょうか。", [Feeling.ANXIETY]),
        ("母は八十代で、耳が遠いです。", [Feeling.ELDERLY, Feeling.HEARING]),
        ("大至急お願いします。今日中に要ります。", [Feeling.HASTE]),
        ("I am furious. Please answer ASAP.", [Feeling.ANGER, Feeling.HASTE]),
        ("怒ってはいません。急いではいません。", []),
        ("色違いの在庫はありますか。", []),
        ("", []),
    ],
)
def test_words_of_a_feeling_are_found(text: str, feelings: list[Feeling]) -> None:
    assert list(felt_in([text])) == feelings


def test_it_says_which_words() -> None:
    assert felt_in(["許せない", "補聴器を使っています。"]) == {
        Feeling.ANGER: ["許せない"],
        Feeling.HEARING: ["補聴器"],
    }


def test_a_desk_may_have_words_of_its_own_beside_the_usual() -> None:
    own = "怒り：話にならない、埒が明かない\nanxious: 心細い"

    assert felt_in(["話にならない。早急に。心細いです"], own=own) == {
        Feeling.ANGER: ["話にならない"],
        Feeling.ANXIETY: ["心細い"],
        Feeling.HASTE: ["早急"],
    }
    assert felt_in(["話にならない。"]) == {}


@pytest.mark.parametrize(
    ("written", "line"), [("怒り: 話にならない\n喜び: 嬉しい", "2"), ("怒り", "1"), ("怒り: あ", "1")]
)
def test_a_line_that_makes_no_sense_is_named(written: str, line: str) -> None:
    with pytest.raises(ValueError, match=line):
        read_feelings(written)
