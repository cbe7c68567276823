"""From which confidence on a bot is right as often as its company wants."""

from hypothesis import given
from hypothesis import strategies as st

from madoguchi.bot.curve import LEAST, THRESHOLDS, Labelled, curve_of, labelled, threshold_for
from madoguchi.bot.models import Turn

Outcome = Turn.Outcome
some = st.lists(st.builds(Labelled, confidence=st.integers(0, 100), right=st.booleans()), max_size=200)


def turn(outcome: str, confidence: int | None = None, *, case: int = 1, **more: object) -> Turn:
    return Turn(outcome=outcome, confidence=confidence, case_id=case, **more)


def known(turns: list[Turn], *corrected: int) -> list[tuple[int, bool]]:
    return [(one.confidence, one.right) for one in labelled(turns, corrected=corrected)]


def test_an_answer_is_right_as_the_customer_said_and_wrong_once_it_was_corrected() -> None:
    turns = [
        turn(Outcome.ANSWER, 90, version_id=1, helped=True),
        turn(Outcome.ANSWER, 80, version_id=1, helped=False),
        turn(Outcome.ANSWER, 85, version_id=2, helped=True),
        turn(Outcome.ANSWER, 95, version_id=2),
        turn(Outcome.ANSWER, 88, version_id=1),
        turn(Outcome.PERSON, 20),
    ]
    assert known(turns, 2) == [(90, True), (80, False), (85, False), (95, False)]


def test_of_suggestions_the_first_is_right_if_it_was_chosen_in_the_same_case() -> None:
    turns = [
        turn(Outcome.SUGGEST, 50, offered=[7, 8]),
        turn(Outcome.ANSWER, version_id=7),
        turn(Outcome.SUGGEST, 60, case=2, offered=[7, 8]),
        turn(Outcome.ANSWER, case=2, version_id=8),
        turn(Outcome.SUGGEST, 70, case=3, offered=[7, 8]),
        turn(Outcome.ANSWER, case=4, version_id=7),
        turn(Outcome.SUGGEST, 40, case=5, offered=[7]),
        turn(Outcome.ANSWER, 90, case=5, version_id=7),
    ]
    assert known(turns) == [(50, True), (60, False)]


def test_the_lowest_confidence_from_which_on_it_is_right_often_enough() -> None:
    told = [
        *[Labelled(90, True)] * 19,
        Labelled(90, False),
        *[Labelled(60, True)] * 5,
        *[Labelled(60, False)] * 5,
    ]
    points = curve_of(told, [90] * 20 + [60] * 10 + [10] * 10)

    at = {point.confidence: point for point in points}
    assert (at[90].known, at[90].right, at[90].precision, at[90].share) == (20, 19, 95, 50)
    assert (at[60].known, at[60].precision, at[60].share) == (30, 80, 75)
    assert [threshold_for(points, wanted=one) for one in (80, 90, 95, 98)] == [30, 65, 65, None]


def test_of_too_few_nothing_is_said() -> None:
    points = curve_of([Labelled(90, True)] * (LEAST - 1), [90])
    assert threshold_for(points, wanted=80) is None
    assert curve_of([], [])[0].precision is None


@given(some, st.integers(1, 100))
def test_what_is_said_holds(told: list[Labelled], wanted: int) -> None:
    points = curve_of(told, [one.confidence for one in told])
    found = threshold_for(points, wanted=wanted)

    assert [point.confidence for point in points] == list(THRESHOLDS)
    for point in points:
        if found is not None and point.confidence >= found and point.known >= LEAST:
            assert 100 * point.right >= wanted * point.known
    if found is not None:
        assert sum(one.confidence >= found for one in told) >= LEAST
