"""What a case is called whose talk began with a press."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from madoguchi.bot.naming import MOST_LETTERS, called

CHOICES = ("ギフトのこと", "包装の料金", "返品・交換")


@pytest.mark.parametrize(
    ("said", "subject"),
    [
        ([], ""),
        (["届いた靴の左右の\n大きさが違います", "ギフトのこと"], "届いた靴の左右の 大きさが違います"),
        (["人と話す"], "人と話す"),
        (["人と話す", "交換できますか"], "交換できますか"),
        (["ギフトのこと"], "ギフトのこと"),
        (["ギフトのこと", "包装の料金", "解決していません"], "ギフトのこと › 包装の料金"),
        (["ギフトのこと", "最初に戻る", "返品・交換", "ギフトのこと"], "ギフトのこと › 返品・交換"),
        (["ギフトのこと", "2", "２番です", "箱は二つ要ります"], "箱は二つ要ります"),
        (["人と話す", "返品・交換"], "返品・交換"),
        (["", "返品・交換"], "返品・交換"),
        (["Talk to a person", "Where is my parcel?"], "Where is my parcel?"),
        (["あ" * 61], "あ" * MOST_LETTERS),
    ],
)
def test_it_is_called_by_their_own_words_else_by_the_path(said: list[str], subject: str) -> None:
    assert called(said, CHOICES) == subject


@given(st.lists(st.sampled_from((*CHOICES, "人と話す", "1", "靴が届きません", "いつ届きますか")), min_size=1))
def test_once_they_have_typed_something_nothing_that_follows_gives_another_subject(said: list[str]) -> None:
    own = [one for one in said if one.startswith(("靴", "いつ"))]
    subject = called(said, CHOICES)
    assert subject == own[0] if own else len(subject) <= MOST_LETTERS
