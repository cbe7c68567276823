"""Messages of a case go into a new one and back: every row as it was, whatever had been done to it."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from madoguchi.cases import actions
from madoguchi.cases.actions import merge, split, unmerge, unsplit
from madoguchi.cases.factories import make_case, say_again
from madoguchi.cases.models import Attachment, Case, Contact, Draft, Message, Note, Priority, Split, Status
from madoguchi.cases.tests.test_merging import DEEDS, MISAKI, MORNING, everything, history
from madoguchi.delivery.actions import Reply, reply, take_back
from madoguchi.delivery.models import Outgoing
from madoguchi.infra.models import Event
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor
from madoguchi.kernel.channel import File
from madoguchi.kernel.errors import NotAllowed, Refused
from madoguchi.people.factories import World
from madoguchi.people.queries import actor_of

pytestmark = pytest.mark.django_db


def two_matters(world: World) -> tuple[Case, Message, Message]:
    """A case in which the customer came, an hour later, to something else, with a picture."""
    with clock.held_at(MORNING):
        case = make_case(world.ours.entry_point, sender=MISAKI, subject="炊飯器の件")
    with clock.held_at(MORNING + timedelta(hours=1)):
        second = say_again(case, text="別件ですが、鍋の蓋が届きません。")
    with world.ours.scope():
        attach_picture(second)
        return case, case.messages.exclude(pk=second.pk).get(), second


def attach_picture(message: Message) -> None:
    actions.arrive.attach(message, (File("蓋.png", "image/png", b"\x89PNG\r\n\x1a\n"),))


def at(hours: int) -> datetime:
    return MORNING + timedelta(hours=hours)


def of_case(case: Case) -> dict[str, Any]:
    """All rows but the case that was split off."""
    kept = everything()
    return kept | {"Case": [row for row in kept["Case"] if row["pk"] == case.pk]}


@settings(
    max_examples=30,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(history, st.data())
def test_splitting_and_undoing_it_leaves_every_row_as_it_was(
    world: World, deeds: list[tuple[str, bool, bool]], data: st.DataObject
) -> None:
    people = [actor_of(world.ours.supervisor), actor_of(world.ours.manager)]
    case, first, second = two_matters(world)
    with world.ours.scope():
        for minute, (deed, _which, who) in enumerate(deeds):
            with clock.held_at(at(2) + timedelta(minutes=minute)):
                DEEDS[deed](Case.objects.get(pk=case.pk), people[who])
        ids = list(Message.objects.filter(case=case).exclude(pk=first.pk).values_list("pk", flat=True))
        chosen = data.draw(st.sets(st.sampled_from(ids))) | {second.pk}
        before = of_case(case)

        done = split(case, messages=chosen, by=people[0])
        assert of_case(case) != before
        assert set(Message.objects.filter(case=done.into).values_list("pk", flat=True)) == chosen
        unsplit(done, by=people[1])

        assert of_case(case) == before


class TestSplitting:
    def test_what_was_chosen_goes_with_all_that_hangs_on_it(self, world: World, supervisor: Actor) -> None:
        case, first, second = two_matters(world)
        with world.ours.scope():
            actions.assign(case, to=supervisor.id, by=supervisor)
            actions.set_priority(case, to=Priority.HIGH, by=supervisor)
            before = {m.pk: m for m in Message.objects.all()}

            done = split(case, messages=[second.pk], by=supervisor, subject="鍋の蓋")

            old, new = Case.objects.get(pk=case.pk), Case.objects.get(pk=done.into_id)
            moved = Message.objects.get(pk=second.pk)
            assert (moved.case_id, moved.placed) == (new.pk, True)
            for name in ("author", "channel", "at", "sent_at", "sender_address", "external_id", "contact_id"):
                assert getattr(moved, name) == getattr(before[second.pk], name)
            assert Contact.objects.get(pk=second.contact_id).case_id == new.pk
            assert Attachment.objects.get().message.case_id == new.pk
            assert Message.objects.get(pk=first.pk).case_id == old.pk
            assert (new.number, new.subject, new.desk_id) == (case.number + 1, "鍋の蓋", case.desk_id)
            assert (new.customer_id, new.assignee_id) == (case.customer_id, supervisor.id)
            assert (new.status, new.priority, new.message_count) == ("open", Priority.HIGH, 1)
            assert (new.opened_at, new.touched_at, new.waiting_since) == (at(1), at(1), at(1))
            assert (old.status, old.preview, old.message_count) == ("open", "電源が入りません。", 1)
            assert old.waiting_since == MORNING
            assert new.reply_token != old.reply_token

    def test_both_tell_it_and_the_customer_hears_nothing(self, world: World, supervisor: Actor) -> None:
        case, _first, second = two_matters(world)
        with world.ours.scope():
            last = Event.objects.latest("id").pk

            done = split(case, messages=[second.pk], by=supervisor)

            new = done.into
            told = Event.objects.filter(pk__gt=last).order_by("id").values_list("case_id", "kind", "data")
            assert list(told) == [
                (case.pk, "case.split", {"into": new.pk, "messages": 1, "split": done.pk}),
                (
                    new.pk,
                    "case.split_off",
                    {"other": case.pk, "number": new.number, "messages": 1, "split": done.pk},
                ),
                (case.pk, "case.status", {"before": "new", "after": "open"}),
            ]
            assert not Outgoing.objects.exists()

    def test_without_a_subject_that_of_the_message_or_the_case(self, world: World, supervisor: Actor) -> None:
        case, _first, second = two_matters(world)
        with world.ours.scope():
            Message.objects.filter(pk=second.pk).update(subject="")

            assert split(case, messages=[second.pk], by=supervisor).into.subject == "炊飯器の件"

    @pytest.mark.parametrize(
        ("mail", "called"),
        [
            ("Re: 蓋の件 [{number}]", "蓋の件"),
            ("RE: Re：蓋の件 [{number}] お急ぎ", "蓋の件 お急ぎ"),
            ("Re: [{number}]", "炊飯器の件"),
            ("蓋 [XYZ-1]", "蓋 [XYZ-1]"),
        ],
    )
    def test_the_customer_sees_no_number_of_the_old_case(
        self, world: World, supervisor: Actor, mail: str, called: str
    ) -> None:
        case, _first, second = two_matters(world)
        number = case.spoken_number(world.ours.company.prefix)
        with world.ours.scope():
            Message.objects.filter(pk=second.pk).update(subject=mail.format(number=number))

            new = split(case, messages=[second.pk], by=supervisor).into

            assert new.subject == called

    def test_who_was_overlooked_waits_in_the_new_case_and_nobody_in_the_old_one(
        self, world: World, supervisor: Actor
    ) -> None:
        case, first, second = two_matters(world)
        with world.ours.scope():
            reply(case, Reply(text="お調べします。", status=Status.SOLVED), by=supervisor)
            answer = Message.objects.get(author="staff")

            done = split(case, messages=[second.pk], by=supervisor)

            old, new = Case.objects.get(pk=case.pk), Case.objects.get(pk=done.into_id)
            assert (old.status, old.waiting_since, old.first_replied_at) == ("solved", None, answer.at)
            assert (new.status, new.waiting_since, new.first_replied_at) == ("open", at(1), None)
            assert first.case_id == old.pk

    def test_a_mail_on_its_way_goes_along_and_is_still_taken_back(
        self, world: World, supervisor: Actor
    ) -> None:
        case, _first, second = two_matters(world)
        with world.ours.scope():
            outgoing = reply(case, Reply(text="蓋をお送りします。"), by=supervisor)

            done = split(case, messages=[second.pk, outgoing.message_id], by=supervisor)

            new, old = Case.objects.get(pk=done.into_id), Case.objects.get(pk=case.pk)
            assert (new.status, new.waiting_since, new.message_count) == ("waiting_customer", None, 2)
            assert (new.first_replied_at, old.first_replied_at) == (outgoing.message.at, None)
            take_back(outgoing.pk, by=supervisor)
            new, left = Case.objects.get(pk=new.pk), Case.objects.get(pk=case.pk)
            assert (new.status, new.waiting_since) == ("open", at(1))
            assert (left.status, left.waiting_since) == (old.status, old.waiting_since)

    def test_what_never_arrived_is_known_however_often_it_moved(
        self, world: World, supervisor: Actor
    ) -> None:
        """Taken back in the first of four cases, asked for in the third: the customer still waits for it."""
        case, _first, second = two_matters(world)
        with world.ours.scope():
            with clock.held_at(at(2)):
                gone = reply(case, Reply(text="お調べします。"), by=supervisor)
                take_back(gone.pk, by=supervisor)
            answer = gone.message_id
            with clock.held_at(at(3)):
                third, fourth = say_again(case, text="まだですか。"), say_again(case, text="もしもし。")

            one = split(case, messages=[second.pk, answer, third.pk, fourth.pk], by=supervisor)
            two = split(one.into, messages=[answer, third.pk, fourth.pk], by=supervisor)
            three = split(two.into, messages=[answer, third.pk], by=supervisor)

            last = Case.objects.get(pk=three.into_id)
            assert (last.first_replied_at, last.waiting_since) == (None, at(3))

    def test_what_was_bounced_after_a_merge_is_known_after_it_was_undone(
        self, world: World, supervisor: Actor
    ) -> None:
        case, _first, second = two_matters(world)
        with world.ours.scope():
            with clock.held_at(at(2)):
                gone = reply(case, Reply(text="お調べします。"), by=supervisor)
            other = make_case(world.ours.entry_point, sender=MISAKI)
            merged = merge(case, into=other, by=supervisor)
            take_back(gone.pk, by=supervisor)
            unmerge(merged, by=supervisor)

            done = split(case, messages=[second.pk, gone.message_id], by=supervisor)

            assert Case.objects.get(pk=done.into_id).first_replied_at is None

    def test_no_html_is_fetched_that_nobody_sees(self, world: World, supervisor: Actor) -> None:
        case, _first, second = two_matters(world)
        with world.ours.scope(), CaptureQueriesContext(connection) as asked:
            actions.parts_of(case, [second.pk], by=supervisor)

        assert [q["sql"] for q in asked if '"html"' in q["sql"]] == []

    def test_one_split_again_comes_back_step_by_step(self, world: World, supervisor: Actor) -> None:
        case, _first, second = two_matters(world)
        third = say_again(case, text="領収書もください。")
        with world.ours.scope():
            before = of_case(case)
            one = split(case, messages=[second.pk, third.pk], by=supervisor)
            two = split(one.into, messages=[third.pk], by=supervisor)
            with pytest.raises(Refused, match="先にそちらを元に戻して"):
                unsplit(one, by=supervisor)

            unsplit(two, by=supervisor)
            assert Message.objects.get(pk=third.pk).placed
            unsplit(one, by=supervisor)

            kept = of_case(case)
            assert kept == before
            assert not Message.objects.filter(placed=True).exists()


class TestRefusing:
    def refused(self, case: Case, messages: list[int], by: Actor) -> str:
        before = everything()
        with pytest.raises(Refused) as refused:
            split(case, messages=messages, by=by)
        assert everything() == before
        assert not Split.objects.exists()
        return str(refused.value)

    def test_none_and_all(self, world: World, supervisor: Actor) -> None:
        case, first, second = two_matters(world)
        with world.ours.scope():
            assert "1つ以上選んで" in self.refused(case, [], supervisor)
            assert "1つ以上残して" in self.refused(case, [first.pk, second.pk], supervisor)

    def test_what_a_machine_wrote_is_no_matter_by_itself(self, world: World, supervisor: Actor) -> None:
        case, first, second = two_matters(world)
        robot = say_again(case, automatic="auto-reply")
        with world.ours.scope():
            assert "1つ以上選んで" in self.refused(case, [robot.pk], supervisor)
            assert "1つ以上残して" in self.refused(case, [first.pk, second.pk], supervisor)

    def test_a_message_of_another_case(self, world: World, supervisor: Actor) -> None:
        case, _first, second = two_matters(world)
        other = make_case(world.ours.entry_point, sender=MISAKI)
        with world.ours.scope():
            elsewhere = Message.objects.get(case=other).pk
            assert "もうこの用件にありません" in self.refused(case, [second.pk, elsewhere], supervisor)

    def test_a_case_that_goes_on_elsewhere(self, world: World, supervisor: Actor) -> None:
        case, _first, second = two_matters(world)
        other = make_case(world.ours.entry_point, sender=MISAKI)
        with world.ours.scope():
            merge(case, into=other, by=supervisor)
            assert "続きは別の用件" in self.refused(case, [second.pk], supervisor)

    def test_who_may_not_change_it(self, world: World) -> None:
        case, _first, second = two_matters(world)
        with world.ours.scope():
            before = everything()
            with pytest.raises(NotAllowed):
                split(case, messages=[second.pk], by=actor_of(world.ours.company_manager))
            assert everything() == before


class TestUndoing:
    def test_the_new_case_keeps_its_number_and_leads_back(self, world: World, supervisor: Actor) -> None:
        case, _first, second = two_matters(world)
        with world.ours.scope():
            done = split(case, messages=[second.pk], by=supervisor)
            unsplit(done, by=supervisor)
            unsplit(done, by=supervisor)

            new = Case.objects.get(pk=done.into_id)
            assert (new.status, new.continued_in_id, new.message_count) == ("closed", case.pk, 0)
            assert Event.objects.filter(kind="case.unsplit").count() == 2

    def test_what_was_done_to_the_old_case_since_stays(self, world: World, supervisor: Actor) -> None:
        case, _first, second = two_matters(world)
        with world.ours.scope():
            done = split(case, messages=[second.pk], by=supervisor)
            actions.set_priority(Case.objects.get(pk=case.pk), to=Priority.URGENT, by=supervisor)
            with clock.held_at(at(5)):
                reply(Case.objects.get(pk=case.pk), Reply(text="直りましたか。"), by=supervisor)

            unsplit(done, by=supervisor)

            old = Case.objects.get(pk=case.pk)
            assert (old.priority, old.preview, old.message_count) == (Priority.URGENT, "直りましたか。", 3)
            assert (old.status, old.first_replied_at, old.waiting_since) == ("open", at(5), at(1))

    def test_who_waits_in_the_new_case_waits_on_though_the_old_one_was_solved_by_hand(
        self, world: World, supervisor: Actor
    ) -> None:
        case, _first, _second = two_matters(world)
        with world.ours.scope():
            with clock.held_at(at(2)):
                reply(case, Reply(text="一件目のお返事です。"), by=supervisor)
            with clock.held_at(at(3)):
                say_again(case, text="三件目です。")
            third = case.messages.latest("pk")
            done = split(case, messages=[third.pk], by=supervisor)
            actions.change_status(Case.objects.get(pk=case.pk), to=Status.SOLVED, by=supervisor)

            unsplit(done, by=supervisor)

            old = Case.objects.get(pk=case.pk)
            assert (old.status, old.waiting_since, old.solved_at) == ("open", at(3), None)

    def test_an_answer_that_was_taken_back_in_the_new_case_is_not_forgotten(
        self, world: World, supervisor: Actor
    ) -> None:
        case, _first, second = two_matters(world)
        with world.ours.scope():
            with clock.held_at(at(2)):
                outgoing = reply(case, Reply(text="はい。"), by=supervisor)
                done = split(case, messages=[second.pk, outgoing.message_id], by=supervisor)
                take_back(outgoing.pk, by=supervisor)
            before = everything()

            with pytest.raises(Refused, match="統合"):
                unsplit(done, by=supervisor)

            assert everything() == before

    @pytest.mark.parametrize("deed", ["the customer speaks", "answer", "note", "a robot speaks"])
    def test_what_came_into_the_new_case_since_is_not_lost(
        self, world: World, supervisor: Actor, deed: str
    ) -> None:
        case, _first, second = two_matters(world)
        with world.ours.scope():
            done = split(case, messages=[second.pk], by=supervisor)
            DEEDS[deed](Case.objects.get(pk=done.into_id), supervisor)
            before = everything()

            with pytest.raises(Refused, match="統合"):
                unsplit(done, by=supervisor)
            assert everything() == before

            merge(Case.objects.get(pk=done.into_id), into=case, by=supervisor)
            assert Message.objects.filter(case=case).count() == len(before["Message"])

    def test_while_somebody_writes_there(self, world: World, supervisor: Actor) -> None:
        case, _first, second = two_matters(world)
        with world.ours.scope():
            done = split(case, messages=[second.pk], by=supervisor)
            actions.claim_reply(done.into, by=supervisor)
            before = everything()

            with pytest.raises(Refused, match=world.ours.supervisor.name):
                unsplit(done, by=supervisor)
            assert everything() == before

    def test_what_was_being_written_there_goes_along(self, world: World, supervisor: Actor) -> None:
        case, _first, second = two_matters(world)
        with world.ours.scope():
            done = split(case, messages=[second.pk], by=supervisor)
            actions.save_draft(done.into, kind="reply", text="お調べ", by=supervisor)

            unsplit(done, by=supervisor)

            assert [(d.case_id, d.kind, d.text) for d in Draft.objects.all()] == [
                (case.pk, "reply", "お調べ")
            ]

    def test_who_may_not_change_it(self, world: World, supervisor: Actor) -> None:
        case, _first, second = two_matters(world)
        with world.ours.scope():
            done = split(case, messages=[second.pk], by=supervisor)
            before = everything()
            with pytest.raises(NotAllowed):
                unsplit(done, by=actor_of(world.ours.company_staff))
            assert everything() == before

    def test_a_merge_under_it_is_undone_after_it(self, world: World, supervisor: Actor) -> None:
        case, _first, second = two_matters(world)
        other = make_case(world.ours.entry_point, sender=MISAKI)
        with world.ours.scope():
            before = of_case(other)
            merged = merge(case, into=other, by=supervisor)
            done = split(Case.objects.get(pk=other.pk), messages=[second.pk], by=supervisor)
            with pytest.raises(Refused, match="先にそちらを元に戻して"):
                unmerge(merged, by=supervisor)

            unsplit(done, by=supervisor)
            unmerge(merged, by=supervisor)

            assert of_case(other) == before
            assert Note.objects.count() == 0
