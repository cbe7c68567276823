"""Notes, drafts, answers and changes: what is kept, what the log says, and what is refused whole."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from madoguchi.cases import actions, queries
from madoguchi.cases.actions.answer import recipients
from madoguchi.cases.factories import make_case, say_again
from madoguchi.cases.models import Case, Contact, Mention, Message, Note, Priority, Status
from madoguchi.companies.factories import make_desk
from madoguchi.infra import scope
from madoguchi.infra.models import Event
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor, Role, system
from madoguchi.kernel.channel import Party
from madoguchi.kernel.errors import NotAllowed, Refused
from madoguchi.people.factories import World, make_operator_person
from madoguchi.people.queries import actor_of

pytestmark = pytest.mark.django_db
MORNING = datetime.fromisoformat("2026-08-03T09:00:00+09:00")
CARD = "4111 1111 1111 1111"
BLOTTED = "■■■■ ■■■■ ■■■■ 1111"


@pytest.fixture
def case(world: World) -> Case:
    with clock.held_at(MORNING):
        return make_case(world.ours.entry_point)


def now(case: Case) -> Case:
    with scope.acting_for([case.company_id]):
        return Case.objects.get(pk=case.pk)


def facts(case: Case) -> list[tuple[str, str, dict[str, Any]]]:
    """What the log tells of the case since it was opened."""
    with scope.everywhere(reason="a test looks at the log"):
        events = Event.objects.filter(case_id=case.pk).order_by("id")
        return [(e.kind, e.actor_name, e.data) for e in events][1:]


class TestChanges:
    def test_each_is_told_with_before_and_after(self, world: World, case: Case, agent: Actor) -> None:
        sister = make_desk(world.ours.company)
        with scope.acting_for(agent.companies):
            actions.assign(case, to=agent.id, by=agent)
            actions.change_status(case, to=Status.WAITING_THIRD, by=agent)
            actions.set_priority(case, to=Priority.URGENT, by=agent)
            actions.set_tags(case, to=["返品"], by=agent)
            actions.rename(case, to=" 炊飯器の\n返品 ", by=agent)
            actions.move_to_desk(case, to=sister, by=agent)

        who = "青木 翔"
        assert facts(case) == [
            ("case.assigned", who, {"before": None, "after": agent.id, "hop": 0}),
            ("case.status", who, {"before": "new", "after": "waiting_third"}),
            ("case.changed", who, {"field": "priority", "before": 2, "after": 4, "hop": 0}),
            ("case.changed", who, {"field": "tags", "before": [], "after": ["返品"], "hop": 0}),
            (
                "case.changed",
                who,
                {"field": "subject", "before": "炊飯器について", "after": "炊飯器の 返品", "hop": 0},
            ),
            (
                "case.changed",
                who,
                {"field": "desk", "before": world.ours.desk.pk, "after": sister.pk, "hop": 1},
            ),
        ]
        stands = now(case)
        assert (stands.subject, stands.tags, stands.priority) == ("炊飯器の 返品", ["返品"], 4)
        assert (stands.desk_id, stands.assignee_id, stands.status) == (sister.pk, None, "waiting_third")
        assert stands.version == 7

    def test_what_is_so_already_is_not_done_again(self, world: World, case: Case, agent: Actor) -> None:
        supervisor = actor_of(world.ours.supervisor)
        with scope.acting_for(agent.companies):
            actions.assign(case, to=None, by=supervisor)
            actions.change_status(case, to=Status.NEW, by=agent)
            actions.set_priority(case, to=Priority.NORMAL, by=agent)
            actions.set_tags(case, to=["", "  "], by=agent)
            actions.rename(case, to="炊飯器について", by=agent)
            actions.move_to_desk(case, to=world.ours.desk, by=agent)

        assert facts(case) == []
        assert now(case).version == 1

    @pytest.mark.parametrize("empty", ["", "   ", "\n", "\x00"])
    def test_a_case_is_never_without_a_subject(self, case: Case, agent: Actor, empty: str) -> None:
        with scope.acting_for(agent.companies), pytest.raises(Refused) as refused:
            actions.rename(case, to=empty, by=agent)

        assert refused.value.field == "subject"
        assert (now(case).subject, facts(case)) == ("炊飯器について", [])

    def test_tags_keep_their_order_and_their_length(self, case: Case, agent: Actor) -> None:
        with scope.acting_for(agent.companies):
            actions.set_tags(case, to=["ば", "あ" * 80, "ば", "か\nき"], by=agent)

        assert now(case).tags == ["ば", "あ" * 50, "か き"]

    def test_twenty_tags_and_no_more(self, case: Case, agent: Actor) -> None:
        with scope.acting_for(agent.companies):
            actions.set_tags(case, to=[f"t{n}" for n in range(20)], by=agent)
            with pytest.raises(Refused) as refused:
                actions.set_tags(case, to=[f"u{n}" for n in range(21)], by=agent)

        assert refused.value.field == "tags"
        assert now(case).tags == [f"t{n}" for n in range(20)]
        assert len(facts(case)) == 1

    @pytest.mark.parametrize(
        ("path", "solved"),
        [
            ([Status.SOLVED], 0),
            ([Status.SOLVED, Status.CLOSED], 0),
            ([Status.CLOSED], 0),
            ([Status.SOLVED, Status.OPEN], None),
            ([Status.SOLVED, Status.WAITING_CUSTOMER], None),
            ([Status.SOLVED, Status.OPEN, Status.CLOSED], 2),
        ],
    )
    def test_when_it_was_solved(
        self, case: Case, agent: Actor, path: list[Status], solved: int | None
    ) -> None:
        with scope.acting_for(agent.companies):
            for hour, status in enumerate(path):
                with clock.held_at(MORNING + timedelta(hours=hour)):
                    actions.change_status(case, to=status, by=agent)

        assert now(case).solved_at == (None if solved is None else MORNING + timedelta(hours=solved))
        assert [data["after"] for _kind, _who, data in facts(case)] == [s.value for s in path]

    def test_a_locked_out_colleague_is_not_made_responsible(self, world: World, case: Case) -> None:
        supervisor, gone = actor_of(world.ours.supervisor), world.ours.agent
        gone.is_active = False
        gone.save()
        with scope.acting_for(supervisor.companies), pytest.raises(Refused) as refused:
            actions.assign(case, to=gone.pk, by=supervisor)

        assert refused.value.field == "assignee"
        assert (now(case).assignee_id, facts(case)) == (None, [])

    def test_nor_is_one_whose_engagement_is_over(self, world: World, case: Case) -> None:
        supervisor = actor_of(world.ours.supervisor)
        with scope.acting_for(supervisor.companies):
            engagement = world.ours.engagement
            engagement.ends_on = clock.now().astimezone(clock.TOKYO).date() - timedelta(days=1)
            engagement.save()
            for person in (world.ours.agent, world.ours.manager):
                with pytest.raises(Refused):
                    actions.assign(case, to=person.pk, by=supervisor)

        assert (now(case).assignee_id, facts(case)) == (None, [])

    def test_the_operators_manager_may_be_responsible_without_a_seat(self, world: World, case: Case) -> None:
        supervisor = actor_of(world.ours.supervisor)
        with scope.acting_for(supervisor.companies):
            actions.assign(case, to=world.ours.manager.pk, by=supervisor)

        assert now(case).assignee_id == world.ours.manager.pk

    def test_a_case_that_moves_away_is_out_of_its_agents_hands(self, world: World, case: Case) -> None:
        sister = make_desk(world.ours.company)
        agent = actor_of(world.ours.agent)
        with scope.acting_for(agent.companies):
            actions.move_to_desk(case, to=sister, by=agent)
            with pytest.raises(NotAllowed):
                actions.move_to_desk(case, to=world.ours.desk, by=agent)
            assert not queries.visible(agent).filter(pk=case.pk).exists()

        assert now(case).desk_id == sister.pk


class TestNotes:
    def test_it_is_kept_told_and_counted_by_nobody_outside(self, case: Case, agent: Actor) -> None:
        with scope.acting_for(agent.companies), clock.held_at(MORNING):
            note = actions.add_note(case, text="\r\n 在庫は\r\n12台です。\x00 ", by=agent)

        assert (note.text, note.user_id, note.at) == ("在庫は\n12台です。", agent.id, MORNING)
        assert facts(case) == [("note.added", "青木 翔", {"note": note.pk, "mentioned": []})]
        stands = now(case)
        assert (stands.version, stands.message_count, stands.preview) == (1, 1, "電源が入りません。")

    @pytest.mark.parametrize("empty", ["", " \n ", "\x00\x07"])
    def test_an_empty_one_is_refused(self, case: Case, agent: Actor, empty: str) -> None:
        with scope.acting_for(agent.companies):
            with pytest.raises(Refused) as refused:
                actions.add_note(case, text=empty, by=agent)
            assert Note.objects.count() == 0

        assert (refused.value.field, facts(case)) == ("text", [])

    def test_it_names_people_of_the_desk_only(self, world: World, case: Case, agent: Actor) -> None:
        outsider = make_operator_person(world.theirs.operator, Role.AGENT, seats=(), name="遠藤 守")
        with scope.acting_for(agent.companies):
            note = actions.add_note(case, text=f"@森 @石川 @中村 @{outsider.name}", by=agent)
            named = list(note.mentions.order_by("id").values_list("user__name", flat=True))

        assert sorted(named) == ["森 美咲", "石川 健"]
        assert sorted(facts(case)[0][2]["mentioned"]) == sorted(
            [world.ours.supervisor.pk, world.ours.manager.pk]
        )

    def test_what_names_somebody_is_new_until_they_see_the_case(
        self, world: World, case: Case, agent: Actor
    ) -> None:
        supervisor = actor_of(world.ours.supervisor)
        other = make_case(world.ours.entry_point)
        with scope.acting_for(agent.companies):
            for which in (case, case, other):
                actions.add_note(which, text="@森", by=agent)
            assert queries.counts(desks=[], person=supervisor.id)["mentions"] == 3
            assert actions.see_mentions(case, by=agent) == 0
            with clock.held_at(MORNING):
                assert actions.see_mentions(case, by=supervisor) == 2
            assert actions.see_mentions(case, by=supervisor) == 0
            assert queries.counts(desks=[], person=supervisor.id)["mentions"] == 1
            assert {m.seen_at for m in Mention.objects.filter(case=case)} == {MORNING}

    def test_a_case_as_it_is_read_knows_whether_it_names_its_reader(
        self, world: World, case: Case, agent: Actor
    ) -> None:
        supervisor = actor_of(world.ours.supervisor)
        number = case.spoken_number(world.ours.company.prefix)

        def names(reader: Actor) -> bool:
            return queries.case_by_number(number, actor=reader).names_reader

        with scope.acting_for(agent.companies):
            before = names(supervisor)
            actions.add_note(case, text="@森", by=agent)
            named = names(supervisor), names(agent)
            actions.see_mentions(queries.case_by_number(number, actor=supervisor), by=supervisor)
            assert (before, named, names(supervisor)) == (False, (True, False), False)


class TestAnswers:
    def answer(self, case: Case, by: Actor, *, status: Status | None = None, **more: Any) -> Message:
        said = actions.Answering(
            **{
                "text": "交換\r\nいたします。",
                "to": (Party("misaki@home.example", "美咲"),),
                "external_id": f"x{case.pk}.{clock.now().timestamp()}@shop.example",
                "subject": "Re: 炊飯器",
                "sender": Party("support@shop.example", "窓口"),
                **more,
            }
        )
        with scope.acting_for([case.company_id]):
            return actions.write_answer(Case.objects.get(pk=case.pk), said, by=by, status=status)

    def test_a_persons_answer_ends_the_wait_and_takes_the_case(self, case: Case, agent: Actor) -> None:
        at = MORNING + timedelta(hours=1)
        with clock.held_at(at):
            message = self.answer(case, agent, status=Status.WAITING_CUSTOMER)

        assert (message.author, message.user_id, message.text) == ("staff", agent.id, "交換\nいたします。")
        assert message.to == [{"name": "美咲", "address": "misaki@home.example"}]
        assert (message.sender_address, message.sent_at) == ("support@shop.example", None)
        stands = now(case)
        assert (stands.status, stands.waiting_since, stands.assignee_id) == (
            "waiting_customer",
            None,
            agent.id,
        )
        assert stands.first_replied_at == stands.touched_at == at
        assert (stands.preview, stands.message_count, stands.version) == ("交換 いたします。", 2, 2)
        assert [kind for kind, _who, _data in facts(case)] == ["case.status", "message.written"]
        with scope.acting_for([case.company_id]):
            assert list(Contact.objects.order_by("id").values_list("inbound", flat=True)) == [True, False]

    def test_the_first_answer_stays_the_first_and_who_has_the_case_keeps_it(
        self, world: World, case: Case, agent: Actor
    ) -> None:
        with clock.held_at(MORNING + timedelta(hours=1)):
            self.answer(case, agent)
        with clock.held_at(MORNING + timedelta(hours=2)):
            self.answer(case, actor_of(world.ours.supervisor), status=Status.SOLVED)

        stands = now(case)
        assert stands.first_replied_at == MORNING + timedelta(hours=1)
        assert stands.solved_at == MORNING + timedelta(hours=2)
        assert (stands.assignee_id, stands.status) == (agent.id, "solved")

    def test_without_a_status_the_case_stays_where_it_is(self, case: Case, agent: Actor) -> None:
        self.answer(case, agent)

        assert now(case).status == "new"
        assert [kind for kind, _who, _data in facts(case)] == ["message.written"]

    def test_an_automatic_one_only_stands_there(self, case: Case) -> None:
        before = now(case)
        message = self.answer(case, system("delivery"), automatic="acknowledgement", status=Status.SOLVED)

        after = now(case)
        assert (message.author, message.user_id) == ("system", None)
        for field in ("status", "waiting_since", "assignee_id", "version", "message_count", "touched_at"):
            assert getattr(after, field) == getattr(before, field), field
        told = {"message": message.pk, "automatic": "acknowledgement"}
        assert facts(case) == [("message.written", "delivery", told)]

    def test_one_that_will_never_arrive_makes_the_case_ours_again(self, case: Case, agent: Actor) -> None:
        self.answer(case, agent, status=Status.SOLVED)
        at = MORNING + timedelta(days=2)
        with clock.held_at(at), scope.acting_for([case.company_id]):
            actions.answer_failed(Case.objects.get(pk=case.pk), by=system("delivery"))

        stands = now(case)
        assert (stands.status, stands.waiting_since, stands.solved_at) == ("open", at, None)
        assert facts(case)[-1] == ("case.status", "delivery", {"before": "solved", "after": "open"})

    def test_one_taken_back_leaves_the_customer_waiting_since_their_last_word(
        self, case: Case, agent: Actor
    ) -> None:
        with clock.held_at(MORNING + timedelta(hours=1)):
            say_again(case)
        with clock.held_at(MORNING + timedelta(hours=2)):
            message = self.answer(case, agent, status=Status.WAITING_CUSTOMER)
        with clock.held_at(MORNING + timedelta(hours=3)):
            say_again(case)
        with scope.acting_for([case.company_id]):
            message = Message.objects.select_related("case").get(pk=message.pk)
            actions.answer_taken_back(message, by=agent)

        assert now(case).waiting_since == MORNING + timedelta(hours=1)

    def test_one_taken_back_after_another_had_left_leaves_nobody_waiting(
        self, case: Case, agent: Actor
    ) -> None:
        with clock.held_at(MORNING + timedelta(hours=1)):
            first = self.answer(case, agent)
        with scope.acting_for([case.company_id]):
            actions.answer_left(first)
        with clock.held_at(MORNING + timedelta(hours=2)):
            second = self.answer(case, agent)
        with scope.acting_for([case.company_id]):
            message = Message.objects.select_related("case").get(pk=second.pk)
            actions.answer_taken_back(message, by=agent)

        assert (now(case).status, now(case).waiting_since) == ("waiting_customer", None)

    def test_one_that_left_says_when(self, case: Case, agent: Actor) -> None:
        message = self.answer(case, agent)
        with scope.acting_for([case.company_id]), clock.held_at(MORNING):
            actions.answer_left(message)
            assert Message.objects.get(pk=message.pk).sent_at == MORNING

    def test_nobody_is_written_to_twice(self) -> None:
        a, again, b = Party("A@x.example", "あ"), Party("a@X.example", "い"), Party("b@x.example")
        assert recipients([a, b, again, b]) == (a, b)
        assert recipients([]) == ()


class TestCardNumbers:
    """There is no place for them, whoever writes them wherever."""

    def test_in_a_note_a_draft_a_subject_a_tag_and_an_answer(self, case: Case, agent: Actor) -> None:
        with scope.acting_for(agent.companies):
            note = actions.add_note(case, text=f"番号は{CARD}です", by=agent)
            draft = actions.save_draft(case, kind="reply", text=f"番号は{CARD}です", by=agent)
            actions.rename(case, to=f"カード {CARD} の件", by=agent)
            actions.set_tags(case, to=[CARD], by=agent)
        answer = TestAnswers().answer(case, agent, text=f"番号は{CARD}ですね")

        stands = now(case)
        assert (note.text, draft.text) == (f"番号は{BLOTTED}です",) * 2
        assert (stands.subject, stands.tags) == (f"カード {BLOTTED} の件", [BLOTTED])
        assert (answer.text, stands.preview) == (f"番号は{BLOTTED}ですね",) * 2
        assert CARD not in repr(facts(case))
        assert "4111" not in repr(facts(case))
