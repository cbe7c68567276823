"""Words suggest how a customer feels; what is denied, or only sounds like it, does not."""

import pytest

from madoguchi.cases.feelings import Feeling
from madoguchi.signals.feelings import felt_in


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
