"""Where a scenario leads by what a customer writes, without any article or database."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from madoguchi.bot.deciding import BACK, Before, Decision, Step, at_once
from madoguchi.bot.models import Reason, Turn

Outcome = Turn.Outcome
SCENARIO = 5
START = Decision(Outcome.MENU, scenario=SCENARIO, node=1)
RETURNS = Decision(Outcome.MENU, scenario=SCENARIO, node=2)
PERSON = Decision(Outcome.PERSON, scenario=SCENARIO, node=3, reason=Reason.HUMAN)
UNTIL = Decision(Outcome.ANSWER, (70,), scenario=SCENARIO, node=4)
FORM = Decision(Outcome.FORM, scenario=SCENARIO, node=5)
FIRST = [Step("返品・交換", RETURNS), Step("担当者に相談", PERSON)]
SECOND = [Step("返品の期限", UNTIL), Step("交換したい", FORM)]
AT_FIRST = Before(offered={}, menu=FIRST, menu_is_last=True, first=FIRST, start=START)
AT_SECOND = Before(offered={}, menu=SECOND, menu_is_last=True, first=FIRST, start=START)
BEGINNING = Before(offered={}, first=FIRST, start=START)
LATER = replace(AT_SECOND, menu_is_last=False, asked=["配送について"])


@pytest.mark.parametrize(
    ("text", "before", "decided"),
    [
        # by the words of a choice, however they are written
        ("返品・交換", AT_FIRST, RETURNS),
        ("返品 交換", AT_FIRST, RETURNS),
        ("担当者に相談", AT_FIRST, PERSON),
        ("返品の期限", AT_SECOND, UNTIL),
        ("交換したい。", AT_SECOND, FORM),
        # by the number, while the list was said last
        ("1", AT_FIRST, RETURNS),
        ("２", AT_FIRST, PERSON),
        ("2番です", AT_SECOND, FORM),
        ("3", AT_SECOND, None),
        ("1", LATER, None),
        ("1", BEGINNING, None),
        # words of the first question lead on from anywhere, those of another place no more
        ("返品・交換", BEGINNING, RETURNS),
        ("返品・交換", AT_SECOND, RETURNS),
        ("返品の期限", LATER, UNTIL),
        ("返品の期限", BEGINNING, None),
        # back to the first question, and a greeting that begins with it
        (BACK[0], AT_SECOND, START),
        (BACK[1], LATER, START),
        ("こんにちは", BEGINNING, START),
        ("こんにちは", LATER, None),
        # where no scenario is in force these are words like any others
        (BACK[0], Before(offered={}), None),
        ("返品・交換", Before(offered={}), None),
        ("こんにちは", Before(offered={}), Decision(Outcome.GREET)),
    ],
)
def test_a_choice_leads_where_it_says(text, before, decided):
    assert at_once(text, before) == decided


@pytest.mark.parametrize(
    "before", [AT_FIRST, AT_SECOND, BEGINNING, LATER], ids=["first", "second", "none", "later"]
)
def test_a_person_is_one_act_away_at_every_place(before):
    asked = Decision(Outcome.PERSON, reason=Reason.HUMAN)
    assert at_once("人と話す", before) == asked
    assert at_once("Talk to a person", before) == asked


def test_what_articles_offer_is_chosen_before_what_a_scenario_offers():
    both = replace(AT_FIRST, offered={9: "返品・交換"}, menu_is_last=False)
    assert at_once("返品・交換", both) == Decision(Outcome.ANSWER, (9,))
    assert at_once("1", both) == Decision(Outcome.ANSWER, (9,))


def test_a_limit_is_heard_in_whatever_is_no_choice():
    decided = at_once("ふざけるな、返品の期限を教えろ", AT_SECOND)
    assert decided == Decision(Outcome.PERSON, reason=Reason.ANGER)


def test_a_choice_that_was_asked_for_before_is_no_repetition():
    again = replace(AT_SECOND, asked=["返品の期限"], told=[70])
    assert at_once("返品の期限", again) == UNTIL


@given(st.text(max_size=20))
def test_whatever_is_written_only_choices_lead_on(text):
    decided = at_once(text, AT_SECOND)
    if decided is not None and decided.scenario is not None:
        assert decided in (START, RETURNS, PERSON, UNTIL, FORM)
