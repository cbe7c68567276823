"""Setting, doing, ordering and taking away tasks; who may not; what becomes of them when cases become one."""

import json
from datetime import datetime, timedelta

import pytest
from django.db import IntegrityError, transaction

from madoguchi.cases.actions import change_status, merge, split, unmerge
from madoguchi.cases.factories import make_case, say_again
from madoguchi.cases.models import Case, Message, Status
from madoguchi.companies.models import Desk
from madoguchi.following.actions import notify
from madoguchi.following.models import Notification
from madoguchi.infra import event_log, scope
from madoguchi.infra.event_log import Cursor, read_after, words_of
from madoguchi.infra.models import Event
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor
from madoguchi.kernel.channel import Party
from madoguchi.kernel.clock import TOKYO
from madoguchi.kernel.errors import Conflict, NotAllowed, NotFound, Refused
from madoguchi.people.factories import World
from madoguchi.people.queries import actor_of
from madoguchi.tasks import actions
from madoguchi.tasks.actions import (
    MOST_TASKS,
    Wanted,
    add_task,
    change_task,
    move_task,
    remove_tasks,
    restore_tasks,
    tell_due,
    tick,
)
from madoguchi.tasks.events import TaskDue
from madoguchi.tasks.models import Task
from madoguchi.tasks.queries import my_tasks, task_by_id, tasks_of

pytestmark = pytest.mark.django_db
MISAKI = Party("misaki@home.example", "髙橋 美咲")
NOON = datetime(2026, 11, 27, 12, tzinfo=TOKYO)


@pytest.fixture
def case(world: World) -> Case:
    return make_case(world.ours.entry_point, sender=MISAKI)


def titles(case: Case) -> list[str]:
    return [task.title for task in tasks_of(Case.objects.get(pk=case.pk))]


def events(case: Case) -> list[str]:
    found = Event.objects.filter(case_id=case.pk, kind__startswith="task.").order_by("id")
    return list(found.values_list("kind", flat=True))


class TestSetting:
    def test_a_task_stands_after_what_is_there_with_all_that_was_said_of_it(
        self, world: World, case: Case, agent: Actor
    ) -> None:
        with world.ours.scope():
            add_task(case, Wanted(title="  修理の見積もりを　取る "), by=agent)
            wanted = Wanted(title="部品を手配する", owner=world.ours.agent.pk, due_at=NOON, minutes=30)
            made = add_task(case, wanted, by=agent)

            assert [(t.title, t.owner_id, t.due_at, t.minutes, t.place) for t in tasks_of(case)] == [
                ("修理の見積もりを 取る", None, None, None, 1),
                ("部品を手配する", world.ours.agent.pk, NOON, 30, 2),
            ]
            told = Event.objects.filter(kind="task.added").latest("id")
            assert (told.data["task"], told.data["owner"]) == (made.pk, world.ours.agent.pk)
            assert "部品" not in repr(told.data)

    @pytest.mark.parametrize(
        ("wanted", "field"),
        [
            (Wanted(title=" "), "title"),
            (Wanted(title="電話", minutes=0), "minutes"),
            (Wanted(title="電話", minutes=6001), "minutes"),
        ],
    )
    def test_what_makes_no_sense_is_refused(
        self, world: World, case: Case, agent: Actor, wanted: Wanted, field: str
    ) -> None:
        with world.ours.scope():
            with pytest.raises(Refused) as refused:
                add_task(case, wanted, by=agent)

            assert refused.value.field == field
            assert (titles(case), events(case)) == ([], [])

    def test_it_is_given_to_people_of_the_desk_alone(self, world: World, case: Case, agent: Actor) -> None:
        with world.ours.scope():
            for stranger in (world.theirs.agent, world.ours.company_staff):
                with pytest.raises(Refused, match="この窓口"):
                    add_task(case, Wanted(title="電話", owner=stranger.pk), by=agent)

            assert (titles(case), events(case)) == ([], [])

    def test_a_hundred_are_enough(self, world: World, case: Case, agent: Actor) -> None:
        with world.ours.scope():
            for number in range(MOST_TASKS):
                add_task(case, Wanted(title=f"{number}"), by=agent)
            with pytest.raises(Refused, match="100"):
                add_task(case, Wanted(title="一つ多い"), by=agent)

            assert len(tasks_of(case)) == MOST_TASKS

    def test_card_numbers_are_blotted_out(self, world: World, case: Case, agent: Actor) -> None:
        with world.ours.scope():
            made = add_task(case, Wanted(title="4111 1111 1111 1111 を確認"), by=agent)

            assert "4111 1111" not in made.title


class TestChanging:
    def test_words_owner_and_time(self, world: World, case: Case, agent: Actor, supervisor: Actor) -> None:
        with world.ours.scope():
            task = add_task(case, Wanted(title="電話"), by=agent)
            wanted = Wanted(title="折り返し電話", owner=supervisor.id, due_at=NOON, minutes=15)
            change_task(task, wanted, version=1, by=agent)

            now = task_by_id(task.pk, actor=agent)
            assert (now.title, now.owner_id, now.due_at, now.minutes, now.version) == (
                *("折り返し電話", supervisor.id, NOON, 15, 2),
            )
            assert events(case) == ["task.added", "task.given", "task.changed"]
            told = Event.objects.get(kind="task.changed")
            assert told.data["fields"] == ["title", "due_at", "minutes"]
            assert told.data["changes"] == {"due_at": [None, NOON.isoformat()], "minutes": [None, 15]}
            assert "電話" not in json.dumps(told.data, ensure_ascii=False)
            assert words_of([told.pk]) == {told.pk: {"title": ["電話", "折り返し電話"]}}

    def test_what_it_was_called_when_each_event_told_of_it(
        self, world: World, case: Case, agent: Actor
    ) -> None:
        """Given two renamings and what happened between: each event by the title of its time."""
        with world.ours.scope():
            task = add_task(case, Wanted(title="電話"), by=agent)
            change_task(task, Wanted(title="折り返し電話"), by=agent)
            tick(task, done=True, by=agent)
            change_task(task, Wanted(title="折り返し電話（済）"), by=agent)
            change_task(task, Wanted(title="折り返し電話（済）", minutes=5), by=agent)
            now = task_by_id(task.pk, actor=agent)
            told = list(Event.objects.filter(case_id=case.pk, kind__startswith="task.").order_by("id"))

            assert [(event.kind, now.title_at(event.pk)) for event in told] == [
                ("task.added", "電話"),
                ("task.changed", "電話"),
                ("task.done", "折り返し電話"),
                ("task.changed", "折り返し電話"),
                ("task.changed", "折り返し電話（済）"),
            ]
            assert [one.title for one in tasks_of(case)] == ["折り返し電話（済）"]
            assert tasks_of(case)[0].title_at(told[0].pk) == "電話"

    def test_a_move_says_from_where_to_where(self, world: World, case: Case, agent: Actor) -> None:
        with world.ours.scope():
            for title in ("一", "二", "三"):
                task = add_task(case, Wanted(title=title), by=agent)
            move_task(task, up=True, by=agent)

            told = Event.objects.get(kind="task.changed").data
            assert (told["fields"], told["changes"]) == (["place"], {"place": [3, 2]})

    def test_the_same_again_changes_nothing(self, world: World, case: Case, agent: Actor) -> None:
        with world.ours.scope():
            task = add_task(case, Wanted(title="電話"), by=agent)
            change_task(task, Wanted(title="電話"), by=agent)

            assert (task_by_id(task.pk, actor=agent).version, events(case)) == (1, ["task.added"])

    def test_who_has_seen_it_otherwise_is_told(self, world: World, case: Case, agent: Actor) -> None:
        with world.ours.scope():
            task = add_task(case, Wanted(title="電話"), by=agent)
            change_task(task, Wanted(title="折り返し電話"), version=1, by=agent)
            with pytest.raises(Conflict):
                change_task(task, Wanted(title="メール"), version=1, by=agent)

            assert titles(case) == ["折り返し電話"]

    def test_an_owner_who_has_left_the_desk_may_stay(self, world: World, case: Case, agent: Actor) -> None:
        with world.ours.scope():
            task = add_task(case, Wanted(title="電話"), by=agent)
            Task.objects.filter(pk=task.pk).update(owner=world.theirs.agent)
            change_task(task, Wanted(title="電話をする", owner=world.theirs.agent.pk), by=agent)

            assert titles(case) == ["電話をする"]

    def test_it_changes_places(self, world: World, case: Case, agent: Actor) -> None:
        with world.ours.scope():
            one, _two, three = (add_task(case, Wanted(title=name), by=agent) for name in "あいう")

            assert move_task(three, up=True, by=agent)
            assert titles(case) == ["あ", "う", "い"]
            assert not move_task(one, up=True, by=agent)
            assert move_task(one, up=False, by=agent)
            assert titles(case) == ["う", "あ", "い"]


class TestDoing:
    def test_done_and_not_done(self, world: World, case: Case, agent: Actor) -> None:
        with world.ours.scope(), clock.held_at(NOON):
            task = add_task(case, Wanted(title="電話"), by=agent)
            assert tick(task, done=True, by=agent)
            assert not tick(task, done=True, by=agent)

            done = task_by_id(task.pk, actor=agent)
            assert (done.done_at, done.done_by_id) == (NOON, agent.id)
            assert tick(task, done=False, by=agent)
            assert task_by_id(task.pk, actor=agent).done_at is None
            assert events(case) == ["task.added", "task.done", "task.reopened"]

    def test_taken_away_and_put_back(self, world: World, case: Case, agent: Actor) -> None:
        with world.ours.scope():
            task = add_task(case, Wanted(title="電話"), by=agent)
            assert remove_tasks(case, [task.pk, 0], by=agent) == [task.pk]
            assert titles(case) == []
            with pytest.raises(NotFound):
                task_by_id(task.pk, actor=agent)
            with pytest.raises(Conflict):
                change_task(task, Wanted(title="メール"), by=agent)
            assert not tick(task, done=True, by=agent)

            assert restore_tasks(case, [task.pk], by=agent) == [task.pk]
            assert restore_tasks(case, [task.pk], by=agent) == []
            assert titles(case) == ["電話"]

    def test_tasks_of_another_case_are_left_alone(self, world: World, case: Case, agent: Actor) -> None:
        other = make_case(world.ours.entry_point)
        with world.ours.scope():
            task = add_task(other, Wanted(title="電話"), by=agent)

            assert remove_tasks(case, [task.pk], by=agent) == []
            remove_tasks(other, [task.pk], by=agent)
            assert restore_tasks(case, [task.pk], by=agent) == []
            assert titles(other) == []


class TestWhoMayNot:
    @pytest.mark.parametrize("who", ["company_staff", "company_manager"])
    def test_the_company_reads_tasks_and_sets_none(
        self, world: World, case: Case, agent: Actor, who: str
    ) -> None:
        company = actor_of(getattr(world.ours, who))
        with world.ours.scope():
            task = add_task(case, Wanted(title="電話"), by=agent)
            before = list(Task.objects.values())
            for act in (
                lambda: add_task(case, Wanted(title="メール"), by=company),
                lambda: change_task(task, Wanted(title="メール"), by=company),
                lambda: tick(task, done=True, by=company),
                lambda: move_task(task, up=True, by=company),
                lambda: remove_tasks(case, [task.pk], by=company),
                lambda: restore_tasks(case, [task.pk], by=company),
            ):
                with pytest.raises(NotAllowed):
                    act()

            assert task_by_id(task.pk, actor=company).title == "電話"
            assert list(Task.objects.values()) == before

    def test_another_companys_people_find_nothing(self, world: World, case: Case, agent: Actor) -> None:
        stranger = actor_of(world.theirs.supervisor)
        with world.ours.scope():
            task = add_task(case, Wanted(title="電話", owner=world.ours.agent.pk), by=agent)
        with scope.acting_for(stranger.companies), pytest.raises(NotFound):
            task_by_id(task.pk, actor=stranger)


class TestMine:
    def test_what_is_due_first_stands_first_and_what_is_done_is_gone(
        self, world: World, case: Case, agent: Actor
    ) -> None:
        with world.ours.scope():
            for title, due in (("いつでも", None), ("後", NOON + timedelta(days=1)), ("先", NOON)):
                add_task(case, Wanted(title=title, owner=agent.id, due_at=due), by=agent)
            done = add_task(case, Wanted(title="済み", owner=agent.id), by=agent)
            tick(done, done=True, by=agent)
            add_task(case, Wanted(title="だれのでもない"), by=agent)

            assert [task.title for task in my_tasks(agent)] == ["先", "後", "いつでも"]

    def test_only_of_cases_where_one_works_now(self, world: World, case: Case, agent: Actor) -> None:
        with world.ours.scope():
            add_task(case, Wanted(title="電話", owner=agent.id), by=agent)
            elsewhere = Desk.objects.create(company=world.ours.company, name="別", public_name="別")
            Case.objects.filter(pk=case.pk).update(desk=elsewhere)

            assert my_tasks(agent) == []


class TestOneMatter:
    def test_merged_and_parted_again_each_has_its_own(self, world: World, case: Case, agent: Actor) -> None:
        twin = make_case(world.ours.entry_point, sender=MISAKI)
        with world.ours.scope():
            mine, theirs = (
                add_task(one, Wanted(title=t), by=agent) for one, t in ((case, "甲"), (twin, "乙"))
            )
            before = list(Task.objects.order_by("pk").values())
            merged = merge(twin, into=case, by=agent)

            assert sorted(titles(case)) == ["乙", "甲"]
            with pytest.raises(NotAllowed):
                add_task(Case.objects.get(pk=twin.pk), Wanted(title="丙"), by=agent)
            unmerge(merged, by=agent)
            assert (titles(case), titles(twin)) == (["甲"], ["乙"])
            assert list(Task.objects.order_by("pk").values()) == before

            # What is done while they are one stays done.
            merged = merge(Case.objects.get(pk=twin.pk), into=Case.objects.get(pk=case.pk), by=agent)
            assert tick(task_by_id(theirs.pk, actor=agent), done=True, by=agent)
            told = Event.objects.filter(kind="task.done").latest("id")
            assert told.case_id == case.pk
            unmerge(merged, by=agent)
            assert task_by_id(theirs.pk, actor=agent).done_by_id == agent.id
            assert task_by_id(mine.pk, actor=agent).done_at is None

    def test_a_split_leaves_them_where_they_are(self, world: World, case: Case, agent: Actor) -> None:
        say_again(case, text="別件ですが")
        with world.ours.scope():
            add_task(case, Wanted(title="甲"), by=agent)
            parted = split(case, messages=[Message.objects.filter(case=case).latest("id").pk], by=agent)

            assert (titles(case), titles(parted.into)) == (["甲"], [])


class TestSolving:
    def test_a_desk_that_refuses_it_names_what_is_left(self, world: World, case: Case, agent: Actor) -> None:
        with world.ours.scope():
            Desk.objects.filter(pk=case.desk_id).update(open_tasks=Desk.OpenTasks.REFUSE)
            case = Case.objects.select_related("desk").get(pk=case.pk)
            one = add_task(case, Wanted(title="電話"), by=agent)
            add_task(case, Wanted(title="返金"), by=agent)
            with pytest.raises(Refused, match="電話、返金"):
                change_status(case, to=Status.SOLVED, by=agent)
            assert Case.objects.get(pk=case.pk).status == Status.NEW

            tick(one, done=True, by=agent)
            with pytest.raises(Refused, match="返金"):
                change_status(case, to=Status.SOLVED, by=agent)
            remove_tasks(case, [task.pk for task in tasks_of(case)], by=agent)
            change_status(case, to=Status.SOLVED, by=agent)
            assert Case.objects.get(pk=case.pk).status == Status.SOLVED

    def test_other_desks_let_it_be_solved(self, world: World, case: Case, agent: Actor) -> None:
        with world.ours.scope():
            add_task(case, Wanted(title="電話"), by=agent)
            change_status(case, to=Status.SOLVED, by=agent)

            assert Case.objects.get(pk=case.pk).status == Status.SOLVED


class TestFallingDue:
    def test_it_is_told_once_and_again_when_it_was_put_off(
        self, world: World, case: Case, agent: Actor
    ) -> None:
        with world.ours.scope():
            task = add_task(case, Wanted(title="電話", owner=agent.id, due_at=NOON), by=agent)
        with clock.held_at(NOON - timedelta(minutes=1)):
            assert tell_due() == 0
        with clock.held_at(NOON):
            assert (tell_due(), tell_due()) == (1, 0)
        with world.ours.scope():
            change_task(
                task, Wanted(title="電話", owner=agent.id, due_at=NOON + timedelta(hours=1)), by=agent
            )
        with clock.held_at(NOON + timedelta(hours=1)):
            assert tell_due() == 1
        with world.ours.scope():
            assert [e.data["owner"] for e in Event.objects.filter(kind="task.due")] == [agent.id, agent.id]

    @pytest.mark.parametrize("reason", ["done", "removed", "solved"])
    def test_what_needs_no_doing_is_not_told(
        self, world: World, case: Case, agent: Actor, reason: str
    ) -> None:
        with world.ours.scope():
            task = add_task(case, Wanted(title="電話", due_at=NOON), by=agent)
            if reason == "done":
                tick(task, done=True, by=agent)
            elif reason == "removed":
                remove_tasks(case, [task.pk], by=agent)
            else:
                change_status(case, to=Status.SOLVED, by=agent)
        with clock.held_at(NOON):
            assert tell_due() == 0

    def test_what_fell_due_at_rest_is_told_when_the_case_is_opened_again(
        self, world: World, case: Case, agent: Actor
    ) -> None:
        with world.ours.scope():
            add_task(case, Wanted(title="電話", due_at=NOON), by=agent)
            change_status(case, to=Status.SOLVED, by=agent)
        with clock.held_at(NOON):
            assert tell_due() == 0
        with world.ours.scope():
            change_status(Case.objects.get(pk=case.pk), to=Status.OPEN, by=agent)
        with clock.held_at(NOON + timedelta(days=1)):
            assert (tell_due(), tell_due()) == (1, 0)

    def test_one_that_fails_keeps_no_other_from_being_told(
        self, world: World, case: Case, agent: Actor, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        with world.ours.scope():
            bad = add_task(case, Wanted(title="先", due_at=NOON - timedelta(hours=1)), by=agent)
            good = add_task(case, Wanted(title="後", due_at=NOON), by=agent)

        def fail_at_first(fact: TaskDue, *, by: Actor) -> int:
            if fact.task == bad.pk:
                raise RuntimeError("broken")
            return event_log.record(fact, by=by)

        monkeypatch.setattr(actions, "record", fail_at_first)
        with clock.held_at(NOON):
            assert tell_due() == 1
        with world.ours.scope():
            assert [e.data["task"] for e in Event.objects.filter(kind="task.due")] == [good.pk]
            bad.refresh_from_db()
            assert bad.told_at is None

    def test_one_of_nobodys_is_told_to_whoever_is_responsible(
        self, world: World, case: Case, agent: Actor
    ) -> None:
        with world.ours.scope():
            add_task(case, Wanted(title="電話", due_at=NOON), by=agent)
            Case.objects.filter(pk=case.pk).update(assignee=world.ours.supervisor)
        with clock.held_at(NOON):
            tell_due()
        with world.ours.scope():
            assert Event.objects.get(kind="task.due").data["owner"] == world.ours.supervisor.pk


@pytest.mark.django_db(transaction=True)
def test_whose_it_is_hears_of_it_and_nobody_of_what_they_did_themselves(
    world: World, case: Case, agent: Actor, supervisor: Actor
) -> None:
    with world.ours.scope():
        task = add_task(case, Wanted(title="電話", owner=agent.id, due_at=NOON), by=supervisor)
        add_task(case, Wanted(title="自分で", owner=supervisor.id), by=supervisor)
        change_task(task, Wanted(title="電話", owner=supervisor.id, due_at=NOON), by=agent)
    with clock.held_at(NOON):
        tell_due()
    with scope.everywhere(reason="a test reads the log"):
        happened = [e for e in read_after(Cursor()) if e.kind.startswith("task.")]
    with world.ours.scope():
        for event in happened:
            notify(event)

        told = Notification.objects.order_by("event").values_list("user", "kind", "why", "who")
        assert list(told) == [
            (agent.id, "task.added", "task", "森 美咲"),
            (supervisor.id, "task.given", "task", "青木 翔"),
            (supervisor.id, "task.due", "due", ""),
        ]


@pytest.mark.parametrize("year", [1, 1899, 2200, 9999])
def test_a_day_that_nobody_can_mean_is_refused(world: World, case: Case, agent: Actor, year: int) -> None:
    # given a task, and a day that PostgreSQL would keep and Python could not read again
    due = datetime(year, 6, 1, 12, tzinfo=TOKYO)
    with world.ours.scope():
        task = add_task(case, Wanted(title="折り返し電話", due_at=NOON), by=agent)
        # when it is set for a new task, and for this one
        with pytest.raises(Refused) as new:
            add_task(case, Wanted(title="もう一つ", due_at=due), by=agent)
        with pytest.raises(Refused) as changed:
            change_task(task, Wanted(title="折り返し電話", due_at=due), version=task.version, by=agent)
        # then both are refused at that field, and nothing changed
        assert (new.value.field, changed.value.field) == ("due_at", "due_at")
        assert [(t.title, t.due_at) for t in tasks_of(case)] == [("折り返し電話", NOON)]


def test_the_database_refuses_such_a_day_too(world: World, case: Case, agent: Actor) -> None:
    with world.ours.scope():
        task = add_task(case, Wanted(title="折り返し電話"), by=agent)
        with pytest.raises(IntegrityError, match="task_due_on_a_day"), transaction.atomic():
            Task.objects.filter(pk=task.pk).update(due_at=datetime(1899, 12, 31, tzinfo=TOKYO))
