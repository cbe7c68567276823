"""What the bot decides, without any article or database."""

import json
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from madoguchi.bot.deciding import Before, Decision, at_once, by_reading
from madoguchi.bot.limits import Kind, found_in
from madoguchi.bot.models import Reason, Turn
from madoguchi.bot.reader import Reading

Outcome = Turn.Outcome
NOTHING = Before(offered={})
ANSWERED = Before(offered={}, answered=True, asked=["送料はいくら"], told=[7])
LABELLED = (Path(__file__).parents[4] / "bench" / "limits.jsonl").read_text("utf-8").splitlines()
# Sentences in which a limit is found by a word of it.
LIMITS = {row["text"] for row in map(json.loads, LABELLED) if (found := found_in(row["text"])) and found.word}
OFFERED = Before(offered={7: "返品の期限", 8: "返品の送料", 9: "返金の時期"}, asked=["返品"], suggested=1)


@pytest.mark.parametrize(
    ("text", "before", "decided"),
    [
        ("解決しました", ANSWERED, Decision(Outcome.DONE, helped=True)),
        ("はい", ANSWERED, Decision(Outcome.DONE, helped=True)),
        ("ありがとうございました！", ANSWERED, Decision(Outcome.DONE, helped=True)),
        ("It helped", ANSWERED, Decision(Outcome.DONE, helped=True)),
        ("いいえ", ANSWERED, Decision(Outcome.PERSON, reason="not_helped", helped=False)),
        ("解決していません。", ANSWERED, Decision(Outcome.PERSON, reason="not_helped", helped=False)),
        # without an answer before it these are words like any others
        ("はい", NOTHING, None),
        ("いいえ", NOTHING, None),
        ("ありがとうございます。ところで返金の件はまだ確認できていません", ANSWERED, None),
        ("ありがとう", Before(offered={}, done=True), Decision(Outcome.DONE)),
        ("はい、ありがとうございます！！", ANSWERED, Decision(Outcome.DONE, helped=True)),
        ("ご丁寧にどうもｱﾘｶﾞﾄｳございました🙏 解決しました", ANSWERED, Decision(Outcome.DONE, helped=True)),
        ("Thanks, it helped!!", ANSWERED, Decision(Outcome.DONE, helped=True)),
        # what else is said counts, and thanks do not hide it
        ("ありがとう、でも火が出ました", ANSWERED, Decision(Outcome.PERSON, reason="safety")),
        ("どうもありがとう。人と話したい", ANSWERED, Decision(Outcome.PERSON, reason="human")),
        ("ありがとう。でも届きません", ANSWERED, None),
        ("ありがとう、でもできない", ANSWERED, None),
        ("人と話す", Before(offered={}, done=True), Decision(Outcome.PERSON, reason="human")),
        ("返品の送料", OFFERED, Decision(Outcome.ANSWER, (8,))),
        ("３", OFFERED, Decision(Outcome.ANSWER, (9,))),
        ("1番です", OFFERED, Decision(Outcome.ANSWER, (7,))),
        ("4", OFFERED, None),
        ("1", NOTHING, None),
        ("どれも違う", OFFERED, Decision(Outcome.PERSON, reason="unsure")),
        ("人と話す", OFFERED, Decision(Outcome.PERSON, reason="human")),
        ("Talk to a person", NOTHING, Decision(Outcome.PERSON, reason="human")),
        ("送料はいくら", ANSWERED, Decision(Outcome.PERSON, reason="repeated")),
        ("送料は、いくら？", ANSWERED, Decision(Outcome.PERSON, reason="repeated")),
        ("こんにちは", NOTHING, Decision(Outcome.GREET)),
        ("こんにちは", ANSWERED, None),
        ("送料はいくらからですか", NOTHING, None),
    ],
)
def test_what_is_clear_without_an_article(text: str, before: Before, decided: Decision | None) -> None:
    assert at_once(text, before) == decided


@pytest.mark.parametrize(("text", "reason"), [("ふざけるな", "anger"), ("弁護士を呼びます", "legal")])
def test_a_limit_counts_even_where_a_choice_is_open(text: str, reason: str) -> None:
    assert at_once(text, OFFERED) == Decision(Outcome.PERSON, reason=reason)


def test_a_choice_hides_nothing_that_was_said_before_it() -> None:
    said = "火が出ました\n" + "\n".join("。" * 9) + "\n1"
    assert at_once("\n".join("。" * 9) + "\n1", OFFERED, unanswered=said) == Decision(
        Outcome.PERSON, reason="safety"
    )


@example("ありがとう", "やけどをしました", "\n", True, NOTHING)
@given(
    thanks=st.sampled_from(
        ["ありがとう", "どうもありがとうございました！！", "はい、解決しました。", "Thank you"]
    ),
    limit=st.sampled_from(sorted(LIMITS)),
    between=st.sampled_from(["、", "。でも", "けど、", "\n", " "]),
    first=st.booleans(),
    before=st.sampled_from([NOTHING, ANSWERED, OFFERED, Before(offered={}, done=True)]),
)
def test_no_thanks_hide_a_limit(thanks: str, limit: str, between: str, first: bool, before: Before) -> None:
    text = between.join([thanks, limit] if first else [limit, thanks])
    decided = at_once(text, before)
    assert decided is not None
    assert (decided.outcome, decided.helped) == (Outcome.PERSON, None)
    assert decided.reason in set(Kind)


def test_a_companys_own_words_count_in_the_place_of_ours() -> None:
    words = {Kind.ANGER: "ぷんぷん"}
    assert at_once("ふざけるな", NOTHING, words=words) is None
    assert at_once("ぷんぷん丸です", NOTHING, words=words) == Decision(Outcome.PERSON, reason="anger")


@pytest.mark.parametrize(
    ("confidence", "outcome", "versions", "reason"),
    [
        (0.75, Outcome.ANSWER, (3,), ""),
        (0.7499, Outcome.SUGGEST, (3, 2, 1), ""),
        (0.35, Outcome.SUGGEST, (3, 2, 1), ""),
        (0.3499, Outcome.PERSON, (), Reason.UNSURE),
    ],
)
def test_thresholds_part_the_three_outcomes(confidence, outcome, versions, reason) -> None:
    reading = Reading((3, 2, 1, 4), confidence)
    found = by_reading(reading, NOTHING, answer_from=75, suggest_from=35)
    assert found == Decision(outcome, versions, confidence, reason)


def test_what_does_not_speak_of_the_question_is_suggested_however_sure() -> None:
    found = by_reading(Reading((3, 2, 1, 4), 0.99, fits=False), NOTHING, answer_from=75, suggest_from=35)
    assert found == Decision(Outcome.SUGGEST, (3, 2, 1), 0.99)


def test_what_was_told_already_and_a_third_suggestion_go_to_a_person() -> None:
    told, often = Before(offered={}, told=[3]), Before(offered={}, suggested=2)
    for before in (told, often):
        found = by_reading(Reading((3, 2), 0.9), before, answer_from=75, suggest_from=35)
        assert (found.outcome, found.reason) == (Outcome.PERSON, Reason.REPEATED)


@given(st.floats(0, 1), st.integers(1, 100), st.lists(st.integers(1, 50), unique=True, max_size=12))
def test_it_never_answers_below_its_threshold_nor_names_more_than_three(sure, answer_from, ranked) -> None:
    found = by_reading(Reading(tuple(ranked), sure), NOTHING, answer_from=answer_from, suggest_from=1)
    assert len(found.versions) <= 3
    assert set(found.versions) <= set(ranked)
    if found.outcome == Outcome.ANSWER:
        assert sure * 100 >= answer_from
        assert found.versions == tuple(ranked[:1])
    if not ranked:
        assert found.outcome == Outcome.PERSON
