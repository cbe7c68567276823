"""What is left for whoever has a case next, and how often a customer was passed on."""

from datetime import timedelta

import pytest

from madoguchi.cases import policies
from madoguchi.cases.actions import HandOffWords, assign, change_status, move_to_desk
from madoguchi.cases.factories import make_case
from madoguchi.cases.models import Case, HandOff, Status
from madoguchi.companies.factories import make_desk, make_engagement
from madoguchi.companies.models import Desk
from madoguchi.infra import scope
from madoguchi.infra.models import Event
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor
from madoguchi.kernel.errors import Refused
from madoguchi.people.factories import World, seat
from madoguchi.people.models import OperatorMember
from madoguchi.people.queries import actor_of

pytestmark = pytest.mark.django_db
WORDS = HandOffWords(
    reason="  早番が終わります ", summary="炊飯器の交換", next_step="在庫を確かめて返信", promises="明日まで"
)


@pytest.fixture
def case(world: World) -> Case:
    return make_case(world.ours.entry_point)


def kept(case: Case) -> list[tuple[str, str, str, str, str]]:
    rows = HandOff.objects.filter(case=case).order_by("id")
    return [(r.occasion, r.reason, r.summary, r.next_step, r.promises) for r in rows]


class TestWords:
    def test_they_go_with_the_case_to_the_next_person(
        self, world: World, case: Case, supervisor: Actor
    ) -> None:
        with world.ours.scope():
            assign(case, to=world.ours.agent.pk, by=supervisor, words=WORDS)

            row = Case.objects.select_related("hand_off").get(pk=case.pk)
            assert kept(case) == [
                ("person", "早番が終わります", "炊飯器の交換", "在庫を確かめて返信", "明日まで")
            ]
            assert row.assignee_id == world.ours.agent.pk
            assert row.hand_off
            assert row.hand_off.to_user_id == world.ours.agent.pk
            told = Event.objects.get(case_id=case.pk, kind="case.handed_off")
            assert told.data == {"hand_off": row.hand_off.pk, "occasion": "person"}

    @pytest.mark.parametrize(
        ("words", "field"),
        [
            (HandOffWords(summary="炊飯器", next_step="返信"), "reason"),
            (HandOffWords(reason="早番", next_step="返信"), "summary"),
            (HandOffWords(reason="早番", summary="炊飯器", next_step="  "), "next_step"),
        ],
    )
    def test_without_what_matters_nothing_changes(
        self, world: World, case: Case, supervisor: Actor, words: HandOffWords, field: str
    ) -> None:
        with world.ours.scope():
            with pytest.raises(Refused) as refused:
                assign(case, to=world.ours.agent.pk, by=supervisor, words=words)

            assert refused.value.field == field
            assert kept(case) == []
            assert Case.objects.get(pk=case.pk).assignee_id is None
            assert not Event.objects.filter(case_id=case.pk, kind="case.assigned").exists()

    def test_on_closing_what_it_was_about_is_enough(
        self, world: World, case: Case, supervisor: Actor
    ) -> None:
        with world.ours.scope():
            change_status(case, to=Status.SOLVED, by=supervisor, words=HandOffWords(summary="交換して済み"))

            assert kept(case) == [("closing", "", "交換して済み", "", "")]

    def test_another_desk_gets_them_too(self, world: World, case: Case, supervisor: Actor) -> None:
        with world.ours.scope():
            repairs = make_desk(world.ours.company, name="修理")
            move_to_desk(case, to=repairs, by=supervisor, words=WORDS)

            row = Case.objects.select_related("hand_off").get(pk=case.pk)
            assert row.hand_off
            assert row.hand_off.to_desk_id == repairs.pk == row.desk_id
            assert kept(case)[0][0] == "desk"

    def test_card_numbers_are_blotted_out(self, world: World, case: Case, supervisor: Actor) -> None:
        words = HandOffWords(reason="早番", summary="カード 4111 1111 1111 1111 の件", next_step="返信")
        with world.ours.scope():
            assign(case, to=world.ours.agent.pk, by=supervisor, words=words)

            assert "4111" not in kept(case)[0][2]


class TestHops:
    def test_the_first_who_takes_it_does_not_count(self, world: World, case: Case, supervisor: Actor) -> None:
        with world.ours.scope():
            assign(case, to=supervisor.id, by=supervisor)

            assert hops(case) == 0

    def test_each_other_person_counts_also_after_nobody(
        self, world: World, case: Case, supervisor: Actor
    ) -> None:
        agent = actor_of(world.ours.agent)
        with world.ours.scope():
            assign(case, to=supervisor.id, by=supervisor)
            assign(case, to=agent.id, by=supervisor)
            assign(case, to=None, by=agent)
            assign(case, to=agent.id, by=agent)
            assert hops(case) == 1

            assign(case, to=None, by=agent)
            assign(case, to=supervisor.id, by=supervisor)

            assert hops(case) == 2

    def test_a_slip_taken_back_does_not_count(self, world: World, case: Case, supervisor: Actor) -> None:
        agent = world.ours.agent.pk
        with world.ours.scope():
            assign(case, to=supervisor.id, by=supervisor)
            assign(case, to=agent, by=supervisor)
            assign(case, to=supervisor.id, by=supervisor)

            assert hops(case) == 0

    def test_given_back_after_a_while_it_counts(self, world: World, case: Case, supervisor: Actor) -> None:
        agent, now = world.ours.agent.pk, clock.now()
        with world.ours.scope():
            for minute, person in enumerate([supervisor.id, agent, supervisor.id]):
                with clock.held_at(now + timedelta(minutes=5 * minute)):
                    assign(case, to=person, by=supervisor)

            assert hops(case) == 2

    def test_another_desk_counts_and_the_way_back_from_a_slip_does_not(
        self, world: World, case: Case
    ) -> None:
        repairs = make_desk(world.ours.company, name="修理")
        with scope.everywhere(reason="a test seats somebody"):
            engagement = make_engagement(world.ours.operator, repairs)
            seat(OperatorMember.objects.get(user=world.ours.supervisor), engagement)
        supervisor = actor_of(world.ours.supervisor)
        with world.ours.scope():
            first = case.desk
            move_to_desk(case, to=repairs, by=supervisor)
            assert hops(case) == 1

            move_to_desk(case, to=first, by=supervisor)

            assert hops(case) == 0

    def test_the_events_alone_tell_the_number(self, world: World, case: Case, supervisor: Actor) -> None:
        agent = world.ours.agent.pk
        with world.ours.scope():
            for person in [supervisor.id, agent, supervisor.id, agent, None]:
                assign(case, to=person, by=supervisor)

            told = Event.objects.filter(case_id=case.pk, kind="case.assigned").values_list(
                "data__hop", flat=True
            )
            assert sum(told) == hops(case) == 1


class TestAsking:
    @pytest.mark.parametrize(
        ("setting", "occasion", "asked"),
        [
            ("never", "person", False),
            ("transfer", "person", True),
            ("transfer", "desk", True),
            ("transfer", "closing", False),
            ("closing", "person", True),
            ("closing", "closing", True),
        ],
    )
    def test_each_desk_says_when(
        self, world: World, case: Case, setting: str, occasion: str, asked: bool
    ) -> None:
        case.desk, case.first_replied_at = world.ours.desk, clock.now()
        case.desk.hand_off = setting

        assert policies.asks_for_words(case, HandOff.Occasion(occasion)) is asked

    def test_of_a_case_that_nobody_answered_there_is_nothing_to_tell(self, world: World, case: Case) -> None:
        case.desk = world.ours.desk
        case.desk.hand_off = "closing"

        assert policies.asks_for_words(case, HandOff.Occasion.PERSON) is False


class TestBeforeItIsSolved:
    @pytest.fixture
    def answered(self, world: World, case: Case) -> Case:
        """A case of a desk that wants words on solving, of which somebody has answered something."""
        with world.ours.scope():
            Desk.objects.filter(pk=world.ours.desk.pk).update(hand_off="closing")
            Case.objects.filter(pk=case.pk).update(first_replied_at=clock.now())
            return Case.objects.get(pk=case.pk)

    def test_without_words_it_is_not_whoever_calls(
        self, world: World, answered: Case, supervisor: Actor
    ) -> None:
        with world.ours.scope():
            with pytest.raises(Refused) as refused:
                change_status(answered, to=Status.SOLVED, by=supervisor)

            assert refused.value.field == "summary"
            row = Case.objects.get(pk=answered.pk)
            assert (row.status, row.version, kept(answered)) == (answered.status, answered.version, [])

    def test_with_words_it_is(self, world: World, answered: Case, supervisor: Actor) -> None:
        with world.ours.scope():
            change_status(answered, to=Status.SOLVED, by=supervisor, words=HandOffWords(summary="交換"))

            assert Case.objects.get(pk=answered.pk).status == Status.SOLVED
            assert kept(answered) == [("closing", "", "交換", "", "")]

    def test_who_was_asked_may_say_nothing(self, world: World, answered: Case, supervisor: Actor) -> None:
        with world.ours.scope():
            change_status(answered, to=Status.SOLVED, by=supervisor, without_words=True)

            assert (Case.objects.get(pk=answered.pk).status, kept(answered)) == (Status.SOLVED, [])

    @pytest.mark.parametrize("to", [s for s in Status if s not in (Status.NEW, Status.SOLVED)])
    def test_no_other_status_asks(self, world: World, answered: Case, supervisor: Actor, to: Status) -> None:
        with world.ours.scope():
            change_status(answered, to=to, by=supervisor)

            assert Case.objects.get(pk=answered.pk).status == to

    def test_solved_already_it_is_not_asked_again(
        self, world: World, answered: Case, supervisor: Actor
    ) -> None:
        with world.ours.scope():
            change_status(answered, to=Status.SOLVED, by=supervisor, without_words=True)

            change_status(answered, to=Status.SOLVED, by=supervisor)

            assert Case.objects.get(pk=answered.pk).status == Status.SOLVED


def hops(case: Case) -> int:
    return Case.objects.get(pk=case.pk).hops
