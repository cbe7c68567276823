"""What customers are asked once their case is solved: when, what they may answer, and who is asked for a review."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.house.at_once import at_once

from madoguchi.cases.actions import assign, change_status
from madoguchi.cases.factories import make_case
from madoguchi.cases.models import Case, Status
from madoguchi.complaints.actions import Written, make_complaint
from madoguchi.customers.models import Customer
from madoguchi.infra.event_log import words_of
from madoguchi.infra.models import Event
from madoguchi.insight.logged import Span
from madoguchi.insight.tests.asked import DAY, HOUR, figure, sums
from madoguchi.kernel import clock
from madoguchi.kernel.errors import Conflict, NotAllowed, Refused
from madoguchi.people.factories import World
from madoguchi.people.queries import actor_of
from madoguchi.promises.tests.living import NINE
from madoguchi.shield.marking import decide, mark
from madoguchi.surveys.actions import SaidOfSurvey, answer_survey, keep_survey
from madoguchi.surveys.factories import make_survey
from madoguchi.surveys.models import Survey
from madoguchi.surveys.policies import CONTENT, is_content
from madoguchi.surveys.queries import questions_for

pytestmark = pytest.mark.django_db
REVIEWS = "https://reviews.example/shop"
ALL = {"satisfied": True, "easy": True, "recommends": True, "review_url": REVIEWS}


def solved(world: World, *, after: Any = HOUR) -> Case:
    case = make_case(world.ours.entry_point)
    move(world, case, Status.SOLVED, after=after)
    return case


def move(world: World, case: Case, to: Status, *, after: Any = HOUR) -> None:
    with world.ours.scope(), clock.held_at(NINE + after):
        case.refresh_from_db()
        change_status(case, to=to, by=actor_of(world.ours.agent))


def answered(world: World, case: Case, *, after: Any = 2 * HOUR, **said: str) -> bool:
    with world.ours.scope(), clock.held_at(NINE + after):
        return answer_survey(Case.objects.get(pk=case.pk), {"solved": "yes", **said})


def told(world: World) -> list[Event]:
    with world.ours.scope():
        return list(Event.objects.filter(kind="survey.answered").order_by("id"))


def asked(world: World, case: Case) -> list[str]:
    with world.ours.scope():
        return [one.name for one in questions_for(Case.objects.get(pk=case.pk))]


class TestAsking:
    def test_what_the_desk_chose_is_asked_once_it_is_solved(self, world: World) -> None:
        make_survey(world.ours.desk, easy=True)
        case = make_case(world.ours.entry_point)
        assert asked(world, case) == []

        move(world, case, Status.SOLVED)
        assert asked(world, case) == ["satisfied", "easy"]
        answered(world, case, satisfied="4")
        assert asked(world, case) == []

        # solved once more it is asked once more
        move(world, case, Status.OPEN, after=3 * HOUR)
        assert asked(world, case) == []
        move(world, case, Status.SOLVED, after=4 * HOUR)
        assert asked(world, case) == ["satisfied", "easy"]

    def test_a_desk_that_asks_nothing_asks_nothing(self, world: World) -> None:
        case = solved(world)
        assert asked(world, case) == []
        make_survey(world.ours.desk, active=False)
        assert asked(world, case) == []
        with pytest.raises(Conflict):
            answered(world, case, satisfied="4")
        assert told(world) == []

    def test_a_case_that_goes_on_in_another_one_asks_nothing(self, world: World) -> None:
        make_survey(world.ours.desk)
        case, other = solved(world), make_case(world.ours.entry_point)
        with world.ours.scope():
            Case.objects.filter(pk=case.pk).update(continued_in=other)

        assert asked(world, case) == []
        with pytest.raises(Conflict):
            answered(world, case, satisfied="5")
        assert told(world) == []

    def test_a_survey_that_is_switched_off_takes_no_late_answer(self, world: World) -> None:
        make_survey(world.ours.desk)
        case = solved(world)
        make_survey(world.ours.desk, active=False)

        with pytest.raises(Conflict):
            answered(world, case, satisfied="5")
        assert (asked(world, case), told(world)) == ([], [])


class TestAnswering:
    def test_an_answer_stands_in_the_log_and_its_words_beside_it(self, world: World) -> None:
        make_survey(world.ours.desk, **ALL)
        case = solved(world)

        answered(world, case, satisfied="5", easy="7", recommends="10", words=" 早くて助かりました。\r\n")

        [one] = told(world)
        assert (one.case_id, one.desk_id, one.actor_kind) == (case.pk, world.ours.desk.pk, "customer")
        assert one.data == {
            "solved": True,
            "satisfied": 5,
            "easy": 7,
            "recommends": 10,
            "review_asked": True,
        }
        with world.ours.scope():
            assert words_of([one.pk]) == {one.pk: {"words": ["", "早くて助かりました。"]}}

    @pytest.mark.parametrize(
        ("said", "field"),
        [
            ({"solved": "perhaps"}, "solved"),
            ({"satisfied": "0"}, "satisfied"),
            ({"satisfied": "6"}, "satisfied"),
            ({"satisfied": "４"}, "satisfied"),
            ({"satisfied": "-1"}, "satisfied"),
            ({"recommends": "5"}, "recommends"),
        ],
    )
    def test_what_is_no_answer_is_told_and_nothing_kept(
        self, world: World, said: dict[str, str], field: str
    ) -> None:
        make_survey(world.ours.desk)
        case = solved(world)

        with pytest.raises(Refused) as refused:
            answered(world, case, **said)

        assert (refused.value.field, told(world)) == (field, [])

    @pytest.mark.django_db(transaction=True)
    def test_of_eight_answers_at_once_one_is_kept(self, world: World) -> None:
        make_survey(world.ours.desk)
        case = solved(world)

        def work() -> bool:
            return answered(world, case, satisfied="3")

        came = at_once(*[work] * 8)

        assert sorted(type(one).__name__ for one in came) == ["Conflict"] * 7 + ["bool"]
        assert len(told(world)) == 1


class TestReviews:
    @pytest.mark.parametrize(
        ("said", "expected"),
        [
            ({"satisfied": "4"}, True),
            ({"satisfied": "3"}, False),
            ({"satisfied": "5", "recommends": "8"}, False),
            ({"easy": "5"}, True),
            ({"easy": "4"}, False),
            ({}, False),
            ({"satisfied": "5", "solved": "no"}, False),
        ],
    )
    def test_who_is_content_in_all_that_they_answered_is_asked(
        self, world: World, said: dict[str, str], expected: bool
    ) -> None:
        make_survey(world.ours.desk, **ALL)

        assert answered(world, solved(world), **said) is expected
        assert [one.data["review_asked"] for one in told(world)] == [expected]

    def test_nobody_is_asked_where_the_company_does_not_want_it(self, world: World) -> None:
        make_survey(world.ours.desk)

        assert answered(world, solved(world), satisfied="5") is False

    def test_never_where_somebody_complained_or_harassment_is_in_question(self, world: World) -> None:
        make_survey(world.ours.desk, **ALL)
        agent, supervisor = actor_of(world.ours.agent), actor_of(world.ours.supervisor)
        complained, suspected, cleared, stopped = (solved(world) for _ in range(4))
        with world.ours.scope(), clock.held_at(NINE + HOUR):
            written = Written(facts="届かない", severity=1, due_at=NINE + DAY)
            make_complaint(complained, written, by=agent)
            mark(suspected, sort="abuse", by=agent)
            decide(mark(cleared, sort="abuse", by=agent), state="cleared", reason="冗談", by=supervisor)
            Customer.objects.filter(pk=stopped.customer_id).update(use_stopped_at=NINE)

        cases = (complained, suspected, cleared, stopped)
        assert [answered(world, one, satisfied="5") for one in cases] == [False, False, True, False]

    def test_nor_where_they_complained_in_another_case_and_once_in_a_case(self, world: World) -> None:
        # given one who is asked, and then solved once more
        make_survey(world.ours.desk, **ALL)
        agent, case = actor_of(world.ours.agent), solved(world)
        assert answered(world, case, satisfied="5") is True
        move(world, case, Status.OPEN, after=3 * HOUR)
        move(world, case, Status.SOLVED, after=4 * HOUR)
        assert answered(world, case, after=5 * HOUR, satisfied="5") is False

        # given another who complained of something else
        other, complained = solved(world), make_case(world.ours.entry_point)
        with world.ours.scope(), clock.held_at(NINE + HOUR):
            Case.objects.filter(pk=complained.pk).update(customer=other.customer_id)
            complained.refresh_from_db()
            make_complaint(complained, Written(facts="届かない", severity=1, due_at=NINE + DAY), by=agent)
        assert answered(world, other, satisfied="5") is False

    @given(
        points=st.fixed_dictionaries({name: st.none() | st.integers(0, 10) for name in CONTENT}),
        solved_it=st.booleans(),
    )
    def test_no_point_below_the_bar_is_content(self, points: dict[str, int | None], solved_it: bool) -> None:
        given_points = {name: point for name, point in points.items() if point is not None}

        low = [name for name, point in given_points.items() if point < CONTENT[name]]
        assert is_content(solved=solved_it, points=points) == (solved_it and bool(given_points) and not low)


class TestSettingUp:
    @pytest.mark.parametrize(
        ("said", "field"),
        [
            ({"satisfied": False}, "satisfied"),
            ({"review_url": "http://reviews.example/"}, "review_url"),
            ({"review_url": "javascript:alert(1)"}, "review_url"),
            ({"review_url": "https://"}, "review_url"),
        ],
    )
    def test_what_makes_no_sense_is_refused_and_nothing_kept(
        self, world: World, said: dict[str, Any], field: str
    ) -> None:
        with pytest.raises(Refused) as refused:
            make_survey(world.ours.desk, **said)

        with world.ours.scope():
            assert (refused.value.field, Survey.objects.count()) == (field, 0)

    def test_who_does_not_set_the_desk_up_is_not_allowed(self, world: World) -> None:
        said = SaidOfSurvey(active=True, satisfied=True, easy=False, recommends=False)

        with world.ours.scope(), pytest.raises(NotAllowed):
            keep_survey(world.ours.desk, said, by=actor_of(world.ours.agent))

        with world.ours.scope():
            assert not Survey.objects.exists()


def test_figures_come_from_answers_and_from_chats_by_whoever_was_responsible(world: World) -> None:
    make_survey(world.ours.desk, **ALL)
    for satisfied, easy, recommends in (("5", "7", "10"), ("4", "5", "9"), ("2", "4", "6"), ("", "", "8")):
        answered(world, solved(world), satisfied=satisfied, easy=easy, recommends=recommends)

    span = Span(NINE, NINE + DAY, NINE + 2 * DAY)
    assert sums(figure(world.ours, "csat", span=span)) == (2, 3)
    assert figure(world.ours, "nps", span=span).value == 25
    assert sums(figure(world.ours, "ces", "1", span=span)) == (16, 3)
    assert sums(figure(world.ours, "ces", "2", span=span)) == (2, 3)
    assert sums(figure(world.ours, "csat", span=span, channel="phone")) == (0, 0)
    assert figure(world.theirs, "csat", span=span).value is None


def test_an_opinion_is_of_whoever_was_responsible_when_it_was_given(world: World) -> None:
    # given one who had the case when it was answered, and one who has it since
    make_survey(world.ours.desk)
    case = solved(world)
    agent, supervisor = actor_of(world.ours.agent), actor_of(world.ours.supervisor)
    with world.ours.scope(), clock.held_at(NINE + HOUR):
        case.refresh_from_db()
        assign(case, to=world.ours.agent.pk, by=agent)
    answered(world, case, satisfied="5")
    with world.ours.scope(), clock.held_at(NINE + 3 * HOUR):
        case.refresh_from_db()
        assign(case, to=world.ours.supervisor.pk, by=supervisor)

    # then
    reckoned = figure(world.ours, "csat", span=Span(NINE, NINE + DAY, NINE + 2 * DAY)).reckoned
    assert reckoned is not None
    assert [(part.record.ref, part.record.person) for part in reckoned.parts] == [
        (f"case {case.pk}", world.ours.agent.pk)
    ]
