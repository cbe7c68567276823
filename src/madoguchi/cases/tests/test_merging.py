"""Two cases become one and two again: exactly as they were, whatever had been done to them."""

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import pytest
from django.forms.models import model_to_dict
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from madoguchi.cases import actions
from madoguchi.cases.actions import assign, change_status, merge, unmerge
from madoguchi.cases.factories import make_case, say_again
from madoguchi.cases.links import ROLES, ties_of
from madoguchi.cases.models import (
    Attachment,
    Case,
    CaseLink,
    Contact,
    Draft,
    HandOff,
    Mention,
    Merge,
    Message,
    Note,
    Priority,
    Severity,
    Status,
)
from madoguchi.delivery.actions import ANYTHING, Reply, reply, take_back
from madoguchi.delivery.models import Outgoing
from madoguchi.fields.factories import make_field, make_matter
from madoguchi.fields.models import Field, Matter
from madoguchi.following.actions import follow, unfollow
from madoguchi.following.models import Follow
from madoguchi.infra.models import Event
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor
from madoguchi.kernel.channel import File, Party
from madoguchi.kernel.errors import NotAllowed, Refused
from madoguchi.people.factories import World
from madoguchi.people.queries import actor_of
from madoguchi.tasks.actions import Wanted, add_task, change_task, move_task, remove_tasks, tick
from madoguchi.tasks.models import Task
from madoguchi.tasks.queries import tasks_of

pytestmark = pytest.mark.django_db
MISAKI = Party("misaki@home.example", "髙橋 美咲")
MORNING = datetime.fromisoformat("2026-08-03T09:00:00+09:00")
ROWS = (Message, Contact, Note, Mention, HandOff, Attachment, Outgoing, Draft, CaseLink, Task, Follow)


def test_nobody_works_on_a_case_that_goes_on_in_another(world: World) -> None:
    older, younger = two_cases(world)
    agent = actor_of(world.ours.agent)
    with world.ours.scope():
        merge(younger, into=older, by=agent)
        before = Case.objects.values().get(pk=younger.pk)

        for act in (
            lambda case: change_status(case, to=Status.OPEN, by=agent, without_words=True),
            lambda case: assign(case, to=agent.id, by=agent),
        ):
            with pytest.raises(Refused, match="別の用件に引き継がれています"):
                act(Case.objects.get(pk=younger.pk))

        assert Case.objects.values().get(pk=younger.pk) == before


def two_cases(world: World) -> tuple[Case, Case]:
    """Two cases of one customer, an hour apart."""
    photo = File("不具合.png", "image/png", b"\x89PNG\r\n\x1a\n")
    with clock.held_at(MORNING):
        older = make_case(world.ours.entry_point, sender=MISAKI, subject="炊飯器の件", files=(photo,))
    with clock.held_at(MORNING + timedelta(hours=1)):
        younger = make_case(world.ours.entry_point, sender=MISAKI, subject="炊飯器について 2")
    return older, younger


def everything() -> dict[str, list[dict[str, Any]]]:
    """Every row that hangs on a case, what each is tied to, and the cases but for their version."""
    kept = {
        model.__name__: [model_to_dict(r) | {"pk": r.pk} for r in model.objects.order_by("pk")]
        for model in ROWS
    }
    tied = {case.pk: ties_of(case, actor=None).shown for case in Case.objects.order_by("pk")}
    # A case shows its own tasks and those of cases that went on in it.
    kept["to do"] = [
        {"of": case.pk, "are": [(task.pk, task.title, task.done_at) for task in tasks_of(case)]}
        for case in Case.objects.filter(continued_in=None).order_by("pk")
    ]
    kept["ties"] = [
        {"of": pk, "to": [(tie.link, tie.role, tie.case.pk) for tie in ties]}
        for pk, ties in tied.items()
        if ties
    ]
    cases = [model_to_dict(case) | {"pk": case.pk} for case in Case.objects.order_by("pk")]
    return kept | {"Case": [{name: v for name, v in case.items() if name != "version"} for case in cases]}


def take_back_the_last(case: Case, by: Actor) -> None:
    last = (
        Outgoing.objects.filter(message__case=case, message__user_id=by.id, state="queued")
        .order_by("-id")
        .first()
    )
    if last is not None:
        take_back(last.pk, by=by)


def tie(case: Case, role: str, by: Actor) -> None:
    """Tie the case to the newest other one; what makes no sense, such as a circle, is left."""
    other = Case.objects.exclude(pk=case.pk).order_by("-pk").first()
    assert other is not None
    with suppress(Refused):
        actions.link(case, role=role, other=other, by=by)


def untie_the_last(case: Case, by: Actor) -> None:
    last = CaseLink.objects.filter(removed_at=None).order_by("-pk").first()
    if last is not None:
        actions.unlink(last, by=by)


DEEDS: dict[str, Callable[[Case, Actor], Any]] = {
    "the customer speaks": lambda case, by: say_again(case),
    "a robot speaks": lambda case, by: say_again(case, automatic="auto-reply"),
    "take": lambda case, by: actions.assign(case, to=by.id, by=by),
    "leave": lambda case, by: actions.assign(case, to=None, by=by),
    "solve": lambda case, by: actions.change_status(case, to=Status.SOLVED, by=by),
    "wait": lambda case, by: actions.change_status(case, to=Status.WAITING_THIRD, by=by),
    "hurry": lambda case, by: actions.set_priority(case, to=Priority.URGENT, by=by),
    "judge": lambda case, by: actions.set_severity(case, to=Severity.SERIOUS, by=by),
    "judge graver": lambda case, by: actions.set_severity(case, to=Severity.CRITICAL, by=by),
    "tag": lambda case, by: actions.set_tags(case, to=["返品", case.subject], by=by),
    "note": lambda case, by: actions.add_note(case, text="メモ", by=by),
    "answer": lambda case, by: reply(case, Reply(text="はい。", confirmed=ANYTHING), by=by),
    "answer and solve": lambda case, by: reply(
        case, Reply(text="はい。", status=Status.SOLVED, confirmed=ANYTHING), by=by
    ),
    "take back": take_back_the_last,
    "draft": lambda case, by: actions.save_draft(case, kind="reply", text=f"{by.name}です", by=by),
    "draft a note": lambda case, by: actions.save_draft(case, kind="note", text=by.name, by=by),
    "throw away": lambda case, by: actions.discard_draft(case, kind="reply", by=by),
}
DEEDS |= {
    "fill in": lambda case, by: fill_in(case, 0, by.name, by),
    "fill in the same": lambda case, by: fill_in(case, 0, "同じ", by),
    "fill in more": lambda case, by: fill_in(case, 1, case.subject, by),
    "empty": lambda case, by: fill_in(case, 0, "", by),
    "choose a kind": lambda case, by: choose_a_kind(case, by),
}
DEEDS |= {
    "set a task": lambda case, by: set_a_task(case, by),
    "give the last task away": lambda case, by: change_the_last_task(case, by),
    "tick a task": lambda case, by: with_a_task(case, partial(tick, done=True), by),
    "tick it not": lambda case, by: with_a_task(case, partial(tick, done=False), by),
    "put a task first": lambda case, by: with_a_task(case, partial(move_task, up=True), by),
    "take a task off": lambda case, by: remove_tasks(case, [task.pk for task in tasks_of(case)[:1]], by=by),
    "follow": lambda case, by: follow(case, by=by),
    "unfollow": lambda case, by: unfollow(case, by=by),
}
DEEDS |= {f"tie: {role}": partial(lambda role, case, by: tie(case, role, by), role) for role in ROLES}
DEEDS["untie"] = untie_the_last
history = st.lists(st.tuples(st.sampled_from(sorted(DEEDS)), st.booleans(), st.booleans()), max_size=10)


def fill_in(case: Case, which: int, written: str, by: Actor) -> None:
    """One of two fields of the desk, which are made when first needed."""
    known = list(Field.objects.filter(desk_id=case.desk_id).order_by("id"))
    known += [make_field(case.desk) for _missing in range(2 - len(known))]
    actions.fill(case, field=known[which].pk, written=written, by=by)


def set_a_task(case: Case, by: Actor) -> None:
    due_at = clock.now() + timedelta(days=1)
    add_task(case, Wanted(title=f"{case.subject}を確かめる", owner=by.id, due_at=due_at, minutes=5), by=by)


def with_a_task(case: Case, deed: Callable[..., Any], by: Actor) -> None:
    for task in tasks_of(case)[-1:]:
        deed(task, by=by)


def change_the_last_task(case: Case, by: Actor) -> None:
    for task in tasks_of(case)[-1:]:
        change_task(task, Wanted(title=f"{task.title}(急ぎ)", owner=None), by=by)


def choose_a_kind(case: Case, by: Actor) -> None:
    kind = Matter.objects.filter(desk_id=case.desk_id, name=by.name).first()
    actions.choose_matter(case, to=(kind or make_matter(case.desk, name=by.name)).pk, by=by)


@settings(
    max_examples=30,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(history, st.booleans())
def test_merging_and_unmerging_leaves_every_row_as_it_was(
    world: World, deeds: list[tuple[str, bool, bool]], into_the_older: bool
) -> None:
    people = [actor_of(world.ours.supervisor), actor_of(world.ours.manager)]
    older, younger = two_cases(world)
    make_case(world.ours.entry_point, subject="別のお客様の件")
    with world.ours.scope():
        for minute, (deed, which, who) in enumerate(deeds):
            with clock.held_at(MORNING + timedelta(hours=2, minutes=minute)):
                case = Case.objects.get(pk=(older if which else younger).pk)
                DEEDS[deed](case, people[who])
        before = everything()
        case, into = (younger, older) if into_the_older else (older, younger)

        merged = merge(case, into=into, by=people[0])
        assert everything() != before
        unmerge(merged, by=people[1])

        assert everything() == before


@settings(
    max_examples=20,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(history, history)
def test_nobody_who_wrote_is_forgotten_when_a_merge_is_undone(
    world: World, earlier: list[tuple[str, bool, bool]], later: list[tuple[str, bool, bool]]
) -> None:
    supervisor = actor_of(world.ours.supervisor)
    older, younger = two_cases(world)
    with world.ours.scope():
        for deed, which, _who in earlier:
            DEEDS[deed](Case.objects.get(pk=(older if which else younger).pk), supervisor)
        merged = merge(younger, into=older, by=supervisor)
        for deed, _which, _who in later:
            DEEDS[deed](Case.objects.get(pk=older.pk), supervisor)
        waited = Case.objects.get(pk=older.pk).waiting_since is not None
        heard = [deed for deed, _which, _who in later]
        last = max((at for at, deed in enumerate(heard) if deed == "the customer speaks"), default=None)

        unmerge(merged, by=supervisor)

        survivor = Case.objects.get(pk=older.pk)
        if last is not None and not {"answer", "answer and solve", "solve"} & set(heard[last:]) and waited:
            assert survivor.status not in (Status.SOLVED, Status.CLOSED)
            assert survivor.waiting_since is not None


class TestWhatIsKnown:
    def test_each_has_its_say_and_the_one_that_goes_on_the_last_word(
        self, world: World, supervisor: Actor
    ) -> None:
        older, younger = two_cases(world)
        with world.ours.scope():
            fill_in(younger, 0, "若い", supervisor)
            fill_in(younger, 1, "これだけ", supervisor)
            fill_in(older, 0, "古い", supervisor)
            choose_a_kind(younger, supervisor)

            merge(younger, into=older, by=supervisor)

            one, two = Field.objects.order_by("id")
            survivor = Case.objects.get(pk=older.pk)
            assert survivor.filled == {one.key: "古い", two.key: "これだけ"}
            assert survivor.matter_id == Matter.objects.get().pk

    def test_undone_it_is_as_before_but_for_what_was_filled_in_since(
        self, world: World, supervisor: Actor
    ) -> None:
        older, younger = two_cases(world)
        with world.ours.scope():
            fill_in(younger, 0, "若い", supervisor)
            fill_in(younger, 1, "これだけ", supervisor)
            merged = merge(younger, into=older, by=supervisor)
            fill_in(Case.objects.get(pk=older.pk), 1, "後から", supervisor)

            unmerge(merged, by=supervisor)

            one, two = Field.objects.order_by("id")
            assert Case.objects.get(pk=older.pk).filled == {two.key: "後から"}
            assert Case.objects.get(pk=younger.pk).filled == {one.key: "若い", two.key: "これだけ"}

    def test_what_was_merged_before_there_were_fields_comes_apart(
        self, world: World, supervisor: Actor
    ) -> None:
        older, younger = two_cases(world)
        with world.ours.scope():
            merged = merge(younger, into=older, by=supervisor)
            for side in ("case", "into"):
                for kept in (merged.before[side], merged.after[side]):
                    del kept["filled"], kept["matter_id"]
            merged.save()
            fill_in(Case.objects.get(pk=older.pk), 0, "後から", supervisor)

            unmerge(merged, by=supervisor)

            [field, _other] = Field.objects.order_by("id")
            assert Case.objects.get(pk=older.pk).filled == {field.key: "後から"}


class TestMerging:
    def test_all_that_was_said_and_noted_goes_on_in_the_other(self, world: World, supervisor: Actor) -> None:
        older, younger = two_cases(world)
        with world.ours.scope():
            reply(younger, Reply(text="お調べします。"), by=supervisor)
            actions.add_note(younger, text="部品待ち", by=supervisor)
            actions.set_priority(younger, to=Priority.HIGH, by=supervisor)
            actions.set_tags(younger, to=["返品"], by=supervisor)

            merged = merge(younger, into=older, by=supervisor)

            case, into = Case.objects.get(pk=younger.pk), Case.objects.get(pk=older.pk)
            assert (case.status, case.continued_in_id, case.message_count) == ("closed", older.pk, 0)
            assert (into.message_count, into.priority, into.tags) == (3, Priority.HIGH, ["返品"])
            assert into.waiting_since == MORNING
            assert into.first_replied_at is not None
            assert Message.objects.filter(case=into).count() == 3
            assert Note.objects.get().case_id == into.pk
            kinds = Event.objects.filter(case_id=into.pk).order_by("id").values_list("kind", flat=True)
            assert list(kinds)[-3:] == ["case.took_in", "case.changed", "case.changed"]
            assert Event.objects.get(kind="case.continued").data == {"into": older.pk, "merge": merged.pk}

    def test_a_customer_who_waits_opens_the_case_that_was_solved(
        self, world: World, supervisor: Actor
    ) -> None:
        older, younger = two_cases(world)
        with world.ours.scope():
            actions.change_status(older, to=Status.SOLVED, by=supervisor)

            merge(younger, into=older, by=supervisor)

            into = Case.objects.get(pk=older.pk)
            assert (into.status, into.solved_at) == ("open", None)
            assert into.waiting_since == MORNING + timedelta(hours=1)

    def test_a_later_answer_to_either_arrives_in_the_one_that_went_on(
        self, world: World, supervisor: Actor
    ) -> None:
        older, younger = two_cases(world)
        with world.ours.scope():
            merge(younger, into=older, by=supervisor)

            assert Case.objects.get(reply_token=younger.reply_token).continued_in_id == older.pk

    def test_one_merged_earlier_leads_on_at_one_step(self, world: World, supervisor: Actor) -> None:
        older, younger = two_cases(world)
        third = make_case(world.ours.entry_point, sender=MISAKI)
        with world.ours.scope():
            merge(third, into=younger, by=supervisor)

            merge(younger, into=older, by=supervisor)

            assert Case.objects.get(pk=third.pk).continued_in_id == older.pk
            assert Message.objects.filter(case=older).count() == 3


class TestWordsBeingWritten:
    def drafts(self, case: Case) -> list[tuple[str, str]]:
        return sorted(Draft.objects.filter(case=case).values_list("kind", "text"))

    def test_they_go_on_in_the_other_case_and_come_back(self, world: World, supervisor: Actor) -> None:
        older, younger = two_cases(world)
        with world.ours.scope():
            actions.save_draft(younger, kind="reply", text="お調べします。", by=supervisor)
            actions.save_draft(younger, kind="note", text="在庫は", by=supervisor)

            merged = merge(younger, into=older, by=supervisor)

            assert self.drafts(younger) == []
            assert self.drafts(older) == [("note", "在庫は"), ("reply", "お調べします。")]
            unmerge(merged, by=supervisor)
            assert self.drafts(older) == []
            assert self.drafts(younger) == [("note", "在庫は"), ("reply", "お調べします。")]

    def test_where_the_other_has_some_already_they_are_kept(self, world: World, supervisor: Actor) -> None:
        older, younger = two_cases(world)
        manager = actor_of(world.ours.manager)
        with world.ours.scope():
            actions.save_draft(younger, kind="reply", text="新しい方", by=supervisor)
            actions.save_draft(younger, kind="note", text="メモ1", by=supervisor)
            actions.save_draft(older, kind="reply", text="古い方", by=manager)
            actions.save_draft(older, kind="note", text="メモ2", by=supervisor)

            merged = merge(younger, into=older, by=supervisor)

            everywhere = [("kept", "メモ1"), ("kept", "新しい方"), ("note", "メモ2"), ("reply", "古い方")]
            assert self.drafts(older) == everywhere
            assert Draft.objects.get(text="新しい方").user_id == supervisor.id
            unmerge(merged, by=supervisor)
            assert self.drafts(older) == [("note", "メモ2"), ("reply", "古い方")]
            assert self.drafts(younger) == [("note", "メモ1"), ("reply", "新しい方")]

    def test_what_was_written_on_since_stays_with_the_case_that_goes_on(
        self, world: World, supervisor: Actor
    ) -> None:
        older, younger = two_cases(world)
        with world.ours.scope():
            actions.save_draft(younger, kind="reply", text="お調べ", by=supervisor)
            merged = merge(younger, into=older, by=supervisor)
            with clock.held_at(clock.now() + timedelta(minutes=1)):
                actions.save_draft(older, kind="reply", text="お調べします。", by=supervisor)

                unmerge(merged, by=supervisor)

            assert self.drafts(older) == [("reply", "お調べします。")]
            assert self.drafts(younger) == []


class TestRefusing:
    def refused(self, case: Case, into: Case, by: Actor) -> str:
        before = everything()
        with pytest.raises(Refused) as refused:
            merge(case, into=into, by=by)
        assert everything() == before
        assert not Merge.objects.exists()
        return str(refused.value)

    def test_two_customers(self, world: World, supervisor: Actor) -> None:
        older, _younger = two_cases(world)
        other = make_case(world.ours.entry_point)
        with world.ours.scope():
            assert "二人のお客様" in self.refused(other, older, supervisor)

    def test_the_same_case(self, world: World, supervisor: Actor) -> None:
        older, _younger = two_cases(world)
        with world.ours.scope():
            assert "同じ用件" in self.refused(older, older, supervisor)

    def test_while_somebody_holds_the_answer(self, world: World, supervisor: Actor) -> None:
        older, younger = two_cases(world)
        with world.ours.scope():
            actions.claim_reply(younger, by=supervisor)

            assert world.ours.supervisor.name in self.refused(younger, older, supervisor)

    def test_who_may_not_change_both(self, world: World) -> None:
        older, younger = two_cases(world)
        staff = actor_of(world.ours.company_staff)
        with world.ours.scope():
            before = everything()
            with pytest.raises(NotAllowed):
                merge(younger, into=older, by=staff)
            assert everything() == before

    def test_one_that_has_gone_on_already(self, world: World, supervisor: Actor) -> None:
        older, younger = two_cases(world)
        third = make_case(world.ours.entry_point, sender=MISAKI)
        with world.ours.scope():
            merge(younger, into=older, by=supervisor)

            with pytest.raises(Refused):
                merge(third, into=younger, by=supervisor)


class TestUnmerging:
    def test_what_came_afterwards_stays_with_the_one_that_went_on(
        self, world: World, supervisor: Actor
    ) -> None:
        older, younger = two_cases(world)
        with world.ours.scope():
            merged = merge(younger, into=older, by=supervisor)
            later = say_again(older, text="その後いかがですか。")
            actions.set_priority(Case.objects.get(pk=older.pk), to=Priority.URGENT, by=supervisor)

            unmerge(merged, by=supervisor)

            case, into = Case.objects.get(pk=younger.pk), Case.objects.get(pk=older.pk)
            assert Message.objects.get(pk=later.pk).case_id == older.pk
            assert (case.message_count, into.message_count) == (1, 2)
            assert (case.status, case.continued_in_id) == ("new", None)
            assert (into.priority, into.preview) == (Priority.URGENT, "その後いかがですか。")

    @pytest.mark.parametrize("status", [Status.SOLVED, Status.CLOSED, Status.WAITING_CUSTOMER, Status.OPEN])
    def test_who_wrote_since_still_waits_afterwards(
        self, world: World, supervisor: Actor, status: Status
    ) -> None:
        older, younger = two_cases(world)
        evening = MORNING + timedelta(hours=9)
        with world.ours.scope():
            actions.change_status(older, to=status, by=supervisor)
            merged = merge(younger, into=older, by=supervisor)
            with clock.held_at(evening):
                say_again(older, text="まだ届きません。")

            unmerge(merged, by=supervisor)

            into = Case.objects.get(pk=older.pk)
            waits = MORNING if status == Status.OPEN else evening
            assert (into.status, into.solved_at, into.waiting_since) == ("open", None, waits)

    def test_a_case_solved_before_and_left_alone_is_solved_again(
        self, world: World, supervisor: Actor
    ) -> None:
        older, younger = two_cases(world)
        with world.ours.scope():
            actions.change_status(older, to=Status.SOLVED, by=supervisor)
            merged = merge(younger, into=older, by=supervisor)
            actions.set_priority(Case.objects.get(pk=older.pk), to=Priority.URGENT, by=supervisor)

            unmerge(merged, by=supervisor)

            into = Case.objects.get(pk=older.pk)
            assert (into.status, into.waiting_since, into.priority) == ("solved", None, Priority.URGENT)

    def test_the_last_is_undone_first(self, world: World, supervisor: Actor) -> None:
        older, younger = two_cases(world)
        third = make_case(world.ours.entry_point, sender=MISAKI)
        with world.ours.scope():
            first = merge(younger, into=older, by=supervisor)
            second = merge(third, into=older, by=supervisor)
            before = everything()

            with pytest.raises(Refused):
                unmerge(first, by=supervisor)
            assert everything() == before

            unmerge(second, by=supervisor)
            unmerge(first, by=supervisor)
            assert [c.message_count for c in Case.objects.order_by("pk")] == [1, 1, 1]

    def test_twice_does_nothing_more(self, world: World, supervisor: Actor) -> None:
        older, younger = two_cases(world)
        with world.ours.scope():
            merged = merge(younger, into=older, by=supervisor)
            unmerge(merged, by=supervisor)
            before = everything()

            unmerge(merged, by=supervisor)

            assert everything() == before
            assert Event.objects.filter(kind="case.unmerged").count() == 2
