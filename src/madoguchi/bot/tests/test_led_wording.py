"""What a scenario says, and what can be chosen beneath."""

import pytest
from django.utils import translation

from madoguchi.bot import wording
from madoguchi.bot.models import Turn
from madoguchi.bot.queries import choices_of

Outcome = Turn.Outcome


def test_a_question_lists_its_choices_by_number():
    assert wording.listed("ご用件は？", ["返品", "配送"]) == "ご用件は？\n1. 返品\n2. 配送"
    assert wording.listed("ご用件は？", []) == "ご用件は？"


def test_suggestions_are_listed_alike():
    with translation.override("ja"):
        words = wording.suggestions(["返品の期限", "返品の送料"])
    assert words.splitlines()[1:] == ["1. 返品の期限", "2. 返品の送料"]


@pytest.mark.parametrize(
    ("language", "words", "said"),
    [
        ("ja", "交換はこちらから。", "交換はこちらから。\nhttp://x/form/a/"),
        ("ja", "", "こちらのフォームからお問い合わせください。\nhttp://x/form/a/"),
        ("en", "", "Please write to us with this form.\nhttp://x/form/a/"),
    ],
)
def test_a_form_is_shown_with_its_words_or_ours(language, words, said):
    with translation.override(language):
        assert wording.form(words, link="http://x/form/a/") == said


@pytest.mark.parametrize(
    ("outcome", "titles", "led", "ja", "en"),
    [
        (Outcome.MENU, ("返品",), False, ("返品",), ("返品",)),
        (Outcome.MENU, ("期限",), True, ("期限", "最初に戻る"), ("期限", "Start again")),
        (Outcome.FORM, (), True, ("最初に戻る",), ("Start again",)),
        (
            Outcome.ANSWER,
            (),
            True,
            ("解決しました", "解決していません", "最初に戻る"),
            ("It helped", "It did not help", "Start again"),
        ),
        (Outcome.ANSWER, (), False, ("解決しました", "解決していません"), ("It helped", "It did not help")),
        (Outcome.SUGGEST, ("返品",), False, ("返品", "どれも違う"), ("返品", "None of these")),
        (Outcome.PERSON, (), True, (), ()),
        (Outcome.DONE, (), True, (), ()),
        (Outcome.GREET, (), False, (), ()),
    ],
)
def test_what_can_be_chosen_stands_in_the_visitors_language_with_a_way_back_where_one_was_led(
    outcome, titles, led, ja, en
):
    assert choices_of(outcome, titles, language="ja", led=led) == ja
    assert choices_of(outcome, titles, language="en", led=led) == en
    assert choices_of(outcome, titles, language="ko", led=led) == en
