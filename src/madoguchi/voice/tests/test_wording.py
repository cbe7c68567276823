"""What is said of calls and flows, in both languages."""

from datetime import timedelta

import pytest
from django.utils import translation

from madoguchi.voice.flow import FlowError, Problem, read
from madoguchi.voice.logic import Outcome
from madoguchi.voice.models import Call
from madoguchi.voice.queries import REMEMBERED
from madoguchi.voice.wording import length, refusal, subject_of, without_numbers, words_of


@pytest.mark.parametrize(
    ("pressed", "kept"),
    [
        ("", ""),
        ("12", "12"),
        ("09012345678", "09012345678"),  # a phone number may be asked for
        ("123456789012", "123456789012"),
        ("1234567890123", "■■■■■■■■■0123"),
        ("4111111111111111", "■■■■■■■■■■■■1111"),
        ("14111111111111111", "■■■■■■■■■■■■■1111"),  # after the key of a menu
        ("241111111111111119", "■■■■■■■■■■■■■■1119"),  # and before the next
        ("1#4111111111111111#", "1#■■■■■■■■■■■■1111#"),
        ("1*2*3*4*5*6*7*8*9*0*1*2*3", "1*2*3*4*5*6*7*8*9*0*1*2*3"),
    ],
)
def test_keys_are_kept_without_what_may_be_a_card(pressed: str, kept: str) -> None:
    assert without_numbers(pressed) == kept


@pytest.mark.parametrize(
    ("lasted", "shown"),
    [
        (timedelta(), "0:00"),
        (timedelta(milliseconds=499), "0:00"),
        (timedelta(milliseconds=1501), "0:02"),
        (timedelta(seconds=59), "0:59"),
        (timedelta(seconds=59, milliseconds=900), "1:00"),
        (timedelta(seconds=65), "1:05"),
        (timedelta(hours=1), "60:00"),
        (timedelta(hours=2, seconds=9), "120:09"),
    ],
)
def test_lengths_are_shown_in_minutes_and_seconds(lasted: timedelta, shown: str) -> None:
    assert length(lasted) == shown


@pytest.mark.parametrize(
    ("language", "outcome", "subject", "first"),
    [
        ("ja", Outcome.MESSAGE, "電話の伝言", "お客様から伝言(0:12)がありました。音声を添付しています。"),
        (
            "ja",
            Outcome.CALL_BACK,
            "電話での折り返しのご希望",
            "お客様からお電話があり、折り返しをご希望です。",
        ),
        (
            "ja",
            Outcome.ABANDONED,
            "出られなかった電話",
            "お客様からお電話がありましたが、受ける前に切れました。",
        ),
        (
            "ja",
            Outcome.BROKEN,
            "途中で切れた電話",
            "当方の障害で通話が途中で切れました。お客様に折り返しお電話してください。",
        ),
        (
            "en",
            Outcome.MESSAGE,
            "Message left by phone",
            "The customer left a message of 0:12. It is attached.",
        ),
        (
            "en",
            Outcome.CALL_BACK,
            "Call-back wished for by phone",
            "The customer called and wishes to be called back.",
        ),
        (
            "en",
            Outcome.ABANDONED,
            "Call that nobody took",
            "The customer called and hung up before anybody could take the call.",
        ),
        (
            "en",
            Outcome.BROKEN,
            "Call that broke off",
            "The call broke off by a fault of ours. Please call the customer back.",
        ),
    ],
)
def test_what_became_of_a_call_is_said_first(language: str, outcome: str, subject: str, first: str) -> None:
    with translation.override(language):
        said = words_of(
            outcome,
            spoken=timedelta(seconds=12),
            lasted=timedelta(seconds=65),
            waited=timedelta(),
            keys="",
            withheld=False,
        )
        assert subject_of(outcome) == subject
        assert said.splitlines() == [
            first,
            {"ja": "通話の長さ: 1:05", "en": "The call lasted 1:05."}[language],
        ]


@pytest.mark.parametrize(
    ("language", "waited", "keys", "withheld", "lines"),
    [
        ("ja", 40, "", False, ["お待ちいただいた時間: 0:40"]),
        ("ja", 0, "12#", False, ["押された番号: 12#"]),
        ("ja", 0, "", True, ["番号は非通知でした。"]),
        ("ja", 40, "1", True, ["お待ちいただいた時間: 0:40", "押された番号: 1", "番号は非通知でした。"]),
        ("en", 40, "1", True, ["They waited 0:40.", "Keys pressed: 1", "The caller withheld the number."]),
    ],
)
def test_what_else_is_known_of_a_call_is_said_after_it(
    language: str, waited: int, keys: str, withheld: bool, lines: list[str]
) -> None:
    with translation.override(language):
        said = words_of(
            Outcome.CALL_BACK,
            spoken=timedelta(),
            lasted=timedelta(seconds=65),
            waited=timedelta(seconds=waited),
            keys=keys,
            withheld=withheld,
        )

    assert said.splitlines()[2:] == lines


def test_every_call_that_becomes_a_case_has_a_subject() -> None:
    assert [bool(subject_of(outcome)) for outcome in REMEMBERED] == [True] * 4


@pytest.mark.parametrize(
    ("problem", "japanese", "english"),
    [
        (
            Problem.NO_OBJECT,
            "{ と } で囲んだオブジェクトにしてください。",
            "This is to be an object, written with { and }.",
        ),
        (
            Problem.NO_STEPS,
            "流れには「steps」が必要です。",
            "A flow needs “steps”, and none of them is named “end”.",
        ),
        (Problem.TOO_MANY, "一つの流れの手順は50個までです。", "A flow takes 50 steps at most."),
        (
            Problem.NO_SUCH_STEP,
            "次の手順「x」がありません。",
            "There is no step “x” to go on with. “end” ends the call.",
        ),
        (Problem.NO_SUCH_KIND, "「x」という種類の手順はありません。", "There is no kind of step “x”."),
        (Problem.UNKNOWN_FIELD, "「x」はここでは使えません。", "“x” is not known here."),
        (
            Problem.MISSING,
            "足りない項目があります。次のいずれかです: x。",
            "Something is missing here. It may be one of: x.",
        ),
        (Problem.NO_SUCH_SOUND, "「x」という録音はありません。", "There is no recording “x”."),
        (
            Problem.NO_KEY,
            "キーは0〜9、*、#で、それぞれに次の手順を書きます。",
            "Keys are 0 to 9, * and #, each with",
        ),
        (Problem.NUMBER, "整数で入力してください: x。", "A whole number is needed here: x."),
        (
            Problem.NAMES,
            "「x」は録音の名前の一覧(10個まで)",
            "“x” is to be a list of recordings, ten at most.",
        ),
    ],
)
def test_what_is_wrong_with_a_flow_is_said_where_it_is(problem: Problem, japanese: str, english: str) -> None:
    for language, words, step in (("ja", japanese, "手順「夜間」: "), ("en", english, "Step “夜間”: ")):
        with translation.override(language):
            here, anywhere = refusal(FlowError("夜間", problem, "x")), refusal(FlowError("", problem, "x"))
        assert str(here).startswith(step + words)
        assert str(anywhere).startswith(words)
        assert (here.field, anywhere.field) == ("document", "document")


def test_no_problem_is_without_words() -> None:
    for problem in Problem:
        assert str(refusal(FlowError("a", problem, "50%")))


def test_what_somebody_wrote_is_not_taken_for_a_place_to_fill_in() -> None:
    document = {"start": "a", "steps": {"a": {"kind": "%(value)s %s"}}}

    with pytest.raises(FlowError) as error:
        read(document, sounds=bool)

    with translation.override("en"):
        assert "“%(value)s %s”" in str(refusal(error.value))


@pytest.mark.parametrize(
    ("outcome", "japanese", "english"),
    [
        (Outcome.REJECTED, "受けられなかった", "Not taken"),
        (Outcome.SHORT, "すぐに切れた", "Hung up at once"),
        (Outcome.ABANDONED, "途中であきらめた", "Gave up"),
        (Outcome.INFORMED, "案内のみ", "Heard an announcement"),
        (Outcome.CALL_BACK, "折り返し希望", "Wishes to be called back"),
        (Outcome.MESSAGE, "伝言あり", "Left a message"),
        (Outcome.TALKED, "通話", "Talked with us"),
        (Outcome.BROKEN, "当方の障害で切れた", "Broke off"),
    ],
)
def test_how_a_call_ended_is_said_in_a_word(outcome: Outcome, japanese: str, english: str) -> None:
    with translation.override("ja"):
        assert Call.Ending(outcome).label == japanese
    with translation.override("en"):
        assert Call.Ending(outcome).label == english


def test_every_ending_has_its_word() -> None:
    assert list(Call.Ending.values) == [outcome.value for outcome in Outcome]
