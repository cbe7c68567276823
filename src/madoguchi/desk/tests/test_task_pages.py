"""What is to be done, beside the conversation: set, changed, done, ordered, taken away; plans; one's own tasks."""

import re
from datetime import datetime, timedelta

import pytest
from django.test import Client

from madoguchi.cases.factories import make_case
from madoguchi.cases.models import Case, Status
from madoguchi.companies.models import Desk
from madoguchi.desk.tests.conftest import HTMX, counted
from madoguchi.kernel import clock
from madoguchi.kernel.clock import TOKYO
from madoguchi.macros.actions import add_macro
from madoguchi.people.factories import World
from madoguchi.people.queries import actor_of
from madoguchi.tasks.actions import Wanted, add_task, change_task, move_task, tick
from madoguchi.tasks.models import Task
from madoguchi.tasks.planning import add_plan

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 11, 27, 12, tzinfo=TOKYO)
SAID = [
    "青木 翔さんがタスクを追加しました: 電話",
    "青木 翔さんがタスクの名前を変えました: 電話 → 折り返し電話",
    "青木 翔さんがタスクの期限を変えました: 電話（— → 2026年11月27日(金) 12:00）",
    "青木 翔さんがタスクの見込み時間（分）を変えました: 折り返し電話（5 → —）",
    "青木 翔さんがタスクを完了しました: 折り返し電話",
]


def set_task(world: World, case: Case, title: str = "折り返し電話", **more: object) -> Task:
    with world.ours.scope():
        return add_task(case, Wanted(title=title, **more), by=actor_of(world.ours.agent))


def rows(world: World) -> list[tuple[str, bool]]:
    with world.ours.scope():
        there = Task.objects.filter(removed_at=None).order_by("place", "id")
        return [(task.title, task.done_at is not None) for task in there]


class TestAtACase:
    def test_one_is_set_and_told_and_the_next_can_be_written(
        self, agent: Client, world: World, number: str
    ) -> None:
        form = agent.get(f"/cases/{number}/tasks/", headers=HTMX).content.decode()
        assert 'id="task-new" data-editing' in form
        assert f'<option value="{world.ours.supervisor.pk}">森 美咲' in form
        assert f'<option value="{world.ours.agent.pk}" selected>青木 翔 （あなた）' in form

        given = {"title": "部品を手配する", "owner": world.ours.supervisor.pk, "due_at": "2026-12-01T15:00"}
        answer = agent.post(f"/cases/{number}/tasks/", {**given, "minutes": "30"}, headers=HTMX)

        text = answer.content.decode()
        assert answer.status_code == 200
        assert "青木 翔さんがタスクを追加しました: 部品を手配する" in text
        assert 'id="task-new" data-editing' in text
        assert "残り 1 件 · 見込み 30分" in text
        with world.ours.scope():
            made = Task.objects.get()
        assert (made.title, made.owner_id, made.minutes) == ("部品を手配する", world.ours.supervisor.pk, 30)
        assert made.due_at == datetime(2026, 12, 1, 15, tzinfo=TOKYO)

    @pytest.mark.parametrize(
        ("typed", "field"),
        [
            ({"title": ""}, "title"),
            ({"title": "電話", "minutes": "少し"}, "minutes"),
            ({"title": "電話", "due_at": "あした"}, "due"),
            ({"title": "電話", "owner": "999999"}, "owner"),
        ],
    )
    def test_what_makes_no_sense_stays_as_it_was_typed(
        self, agent: Client, world: World, number: str, typed: dict[str, str], field: str
    ) -> None:
        answer = agent.post(f"/cases/{number}/tasks/", typed, headers=HTMX)

        text = answer.content.decode()
        assert answer.status_code == 422
        assert f'aria-describedby="task-trouble-{field}-new"' in text
        assert f'id="task-trouble-{field}-new" role="alert"' in text
        marked = re.search(r'<(?:input|select) id="([a-z-]+)"[^>]*aria-invalid="true"', text)
        assert marked
        assert marked[1] == f"task-{field}-new"
        assert f'value="{typed["title"]}"' in text
        assert rows(world) == []

    def test_all_that_makes_no_sense_is_told_at_once(
        self, agent: Client, world: World, number: str, case: Case
    ) -> None:
        task = set_task(world, case)
        typed = {"title": " ", "owner": "999999", "due_at": "あした", "minutes": "少し", "version": "1"}

        answers = [
            agent.post(f"/cases/{number}/tasks/{at}", typed, headers=HTMX) for at in ("", f"{task.pk}/")
        ]

        for answer in answers:
            text = answer.content.decode()
            wrong = re.findall(r'id="task-trouble-([a-z]+)-\w+" role="alert"', text)
            assert (answer.status_code, wrong) == (422, ["title", "owner", "due", "minutes"])
            assert text.count('aria-invalid="true"') == 4
            for kept in ("あした", "少し"):
                assert f'value="{kept}"' in text
        assert rows(world) == [(task.title, False)]

    def test_one_is_changed_where_it_stands(
        self, agent: Client, world: World, case: Case, number: str
    ) -> None:
        task = set_task(world, case, owner=world.ours.agent.pk, due_at=NOON, minutes=15)

        form = agent.get(f"/cases/{number}/tasks/{task.pk}/", headers=HTMX).content.decode()
        assert 'value="2026-11-27T12:00"' in form
        assert f'<option value="{world.ours.agent.pk}" selected>' in form
        given = {"title": "折り返し電話をする", "version": "1"}
        answer = agent.post(f"/cases/{number}/tasks/{task.pk}/", given, headers=HTMX)

        assert f'id="task-{task.pk}" data-settled' in answer.content.decode()
        with world.ours.scope():
            now = Task.objects.get()
        assert (now.title, now.owner_id, now.due_at, now.minutes) == ("折り返し電話をする", None, None, None)

    def test_who_was_slower_is_told_and_keeps_the_words(
        self, agent: Client, world: World, case: Case, number: str
    ) -> None:
        task = set_task(world, case)
        agent.post(f"/cases/{number}/tasks/{task.pk}/", {"title": "甲", "version": "1"}, headers=HTMX)

        answer = agent.post(
            f"/cases/{number}/tasks/{task.pk}/", {"title": "乙", "version": "1"}, headers=HTMX
        )

        assert answer.status_code == 409
        assert "ほかの方がこのタスクを先に変更しました" in answer.content.decode()
        assert 'value="乙"' in answer.content.decode()
        assert "いまの内容： <q>甲</q>" in answer.content.decode()
        assert rows(world) == [("甲", False)]

    def test_a_colleagues_change_is_told_also_after_a_field_that_made_no_sense(
        self, agent: Client, world: World, case: Case, number: str
    ) -> None:
        task, address = set_task(world, case), f"/cases/{number}/tasks"
        agent.post(f"{address}/{task.pk}/", {"title": "甲", "version": "1"}, headers=HTMX)
        wrong = {"title": "乙", "minutes": "三十", "version": "1"}

        refused = agent.post(f"{address}/{task.pk}/", wrong, headers=HTMX)
        version = re.search(r'name="version" value="(\d+)"', refused.content.decode())
        assert version
        again = agent.post(
            f"{address}/{task.pk}/", wrong | {"minutes": "30", "version": version[1]}, headers=HTMX
        )

        assert (refused.status_code, again.status_code) == (422, 409)
        assert rows(world) == [("甲", False)]

    def test_it_is_done_and_not_done(self, agent: Client, world: World, case: Case, number: str) -> None:
        task = set_task(world, case)

        text = agent.post(
            f"/cases/{number}/tasks/{task.pk}/tick/", {"done": "yes"}, headers=HTMX
        ).content.decode()
        assert "<s>折り返し電話</s>" in text
        assert "青木 翔さんがタスクを完了しました: 折り返し電話" in text
        assert rows(world) == [("折り返し電話", True)]

        agent.post(f"/cases/{number}/tasks/{task.pk}/tick/", {"done": "no"}, headers=HTMX)
        assert rows(world) == [("折り返し電話", False)]

    def test_taken_away_with_a_way_back(self, agent: Client, world: World, case: Case, number: str) -> None:
        task = set_task(world, case)

        answer = agent.post(f"/cases/{number}/tasks/remove/", {"tasks": task.pk}, headers=HTMX)
        assert f"/tasks/restore/?tasks={task.pk}" in answer.headers["HX-Trigger"]
        assert rows(world) == []

        agent.post(f"/cases/{number}/tasks/restore/?tasks={task.pk}", headers=HTMX)
        assert rows(world) == [("折り返し電話", False)]

    def test_what_was_taken_away_is_still_told_by_its_words(
        self, agent: Client, world: World, case: Case, number: str
    ) -> None:
        task = set_task(world, case)
        set_task(world, case, "部品の手配")
        agent.post(f"/cases/{number}/tasks/remove/", {"tasks": task.pk}, headers=HTMX)

        with counted() as cost:
            text = agent.get(f"/cases/{number}/?part=live", headers=HTMX).content.decode()

        assert "青木 翔さんがタスクを追加しました: 「折り返し電話」（外したタスク）" in text
        assert "青木 翔さんがタスクを追加しました: 部品の手配" in text
        assert sum("tasks_task" in sql for sql in cost.queries) == 2

    def test_its_history_says_what_it_was_called_then(
        self, agent: Client, world: World, case: Case, number: str
    ) -> None:
        task, by = set_task(world, case, "電話"), actor_of(world.ours.agent)
        with world.ours.scope():
            change_task(task, Wanted(title="折り返し電話", due_at=NOON, minutes=5), by=by)
            move_task(task, up=False, by=by)
            tick(task, done=True, by=by)
            change_task(task, Wanted(title="折り返し電話", due_at=NOON), by=by)

        page = agent.get(f"/cases/{number}/").content.decode()

        told = re.findall(r'<(?:p|div|li)[^>]*class="[^"]*event[^"]*".*?</(?:p|div|li)>', page, re.DOTALL)
        said = [re.sub(r"<[^>]+>|\s+", " ", one) for one in told if "タスク" in one]
        assert [next(word for word in SAID if word in one) for one in said] == [
            SAID[0],
            SAID[1],
            SAID[4],
            SAID[3],
        ]
        assert SAID[2] in said[1]

    def test_they_change_places(self, agent: Client, world: World, case: Case, number: str) -> None:
        set_task(world, case, "甲")
        second = set_task(world, case, "乙")

        agent.post(f"/cases/{number}/tasks/{second.pk}/move/", {"to": "up"}, headers=HTMX)

        assert rows(world) == [("乙", False), ("甲", False)]

    def test_a_plan_is_applied_and_taken_back(self, agent: Client, world: World, number: str) -> None:
        with world.ours.scope():
            steps = [{"title": "受付を確認する"}, {"title": "集荷を手配する"}]
            by = actor_of(world.ours.supervisor)
            plan = add_plan(world.ours.company, desk=world.ours.desk, name="修理受付", steps=steps, by=by)
        assert "修理受付" in agent.get(f"/cases/{number}/tasks/", headers=HTMX).content.decode()

        answer = agent.post(f"/cases/{number}/plan/", {"plan": plan.pk}, headers=HTMX)
        assert "青木 翔さんが段取りを適用しました（タスク 2 件）" in answer.content.decode()
        assert rows(world) == [("受付を確認する", False), ("集荷を手配する", False)]

        with world.ours.scope():
            made = ",".join(str(pk) for pk in Task.objects.order_by("pk").values_list("pk", flat=True))
        assert f"/tasks/remove/?tasks={made}" in answer.headers["HX-Trigger"]
        agent.post(f"/cases/{number}/tasks/remove/?tasks={made}", headers=HTMX)
        assert rows(world) == []

    def test_without_javascript_the_form_stands_in_the_page(
        self, agent: Client, world: World, case: Case, number: str
    ) -> None:
        task = set_task(world, case)

        assert agent.get(f"/cases/{number}/tasks/").headers["Location"].endswith(f"/cases/{number}/?task=new")
        page = agent.get(f"/cases/{number}/?task={task.pk}").content.decode()
        assert f'id="task-title-{task.pk}"' in page
        answer = agent.post(f"/cases/{number}/tasks/{task.pk}/", {"title": ""})
        assert answer.status_code == 422
        assert "何をするかを書いてください。" in answer.content.decode()
        assert agent.post(f"/cases/{number}/tasks/", {"title": "電話"}).status_code == 302
        assert rows(world) == [("折り返し電話", False), ("電話", False)]

    def test_news_opens_no_form_and_shows_all(
        self, agent: Client, world: World, case: Case, number: str
    ) -> None:
        set_task(world, case)

        text = agent.get(f"/cases/{number}/?part=live&task=new", headers=HTMX).content.decode()

        assert "折り返し電話" in text
        assert "data-editing" not in text

    def test_a_task_of_another_case_is_not_there(self, agent: Client, world: World, number: str) -> None:
        task = set_task(world, make_case(world.ours.entry_point))

        for address in (f"/cases/{number}/tasks/{task.pk}/", f"/cases/{number}/tasks/{task.pk}/tick/"):
            assert agent.post(address, {"title": "電話", "done": "yes"}, headers=HTMX).status_code == 404
        assert rows(world) == [("折り返し電話", False)]

    def test_the_company_sees_them_and_works_on_none(
        self, company_staff: Client, world: World, case: Case, number: str
    ) -> None:
        task = set_task(world, case)

        page = company_staff.get(f"/cases/{number}/").content.decode()
        assert "折り返し電話" in page
        assert f"task-tick-{task.pk}" not in page
        assert 'id="task-new"' not in page
        for address in ("tasks/", f"tasks/{task.pk}/", f"tasks/{task.pk}/tick/", "tasks/remove/", "plan/"):
            answer = company_staff.post(f"/cases/{number}/{address}", {"title": "電話", "done": "yes"})
            assert answer.status_code == 403
        assert rows(world) == [("折り返し電話", False)]

    def test_what_it_costs(self, agent: Client, world: World, case: Case, number: str) -> None:
        agent.get(f"/cases/{number}/?part=live", headers=HTMX)
        with counted() as without:
            agent.get(f"/cases/{number}/?part=live", headers=HTMX)
        for count in range(5):
            set_task(world, case, f"{count}", owner=world.ours.supervisor.pk)
        with counted() as five:
            agent.get(f"/cases/{number}/?part=live", headers=HTMX)

        assert len(five) == len(without)
        assert sum("tasks_task" in sql for sql in five.queries) == 1


class TestSolving:
    def test_what_is_not_done_is_shown_first(
        self, agent: Client, world: World, case: Case, number: str, now
    ) -> None:
        set_task(world, case)

        answer = agent.post(f"/cases/{number}/status/", {"status": "solved"}, headers=HTMX)
        text = answer.content.decode()
        assert "未完了のタスクが 1 件あります" in text
        assert "<li>折り返し電話</li>" in text
        assert now(case).status == Status.NEW

        given = {"status": "solved", "hand_off": "yes", "without": "yes"}
        agent.post(f"/cases/{number}/status/", given, headers=HTMX)
        assert now(case).status == Status.SOLVED

    def test_when_all_is_done_nothing_is_asked(
        self, agent: Client, world: World, case: Case, number: str, now
    ) -> None:
        task = set_task(world, case)
        with world.ours.scope():
            tick(task, done=True, by=actor_of(world.ours.agent))

        agent.post(f"/cases/{number}/status/", {"status": "solved"}, headers=HTMX)

        assert now(case).status == Status.SOLVED

    def test_a_desk_may_refuse_it(self, agent: Client, world: World, case: Case, number: str, now) -> None:
        set_task(world, case)
        with world.ours.scope():
            Desk.objects.filter(pk=case.desk_id).update(open_tasks=Desk.OpenTasks.REFUSE)

        given = {"status": "solved", "hand_off": "yes", "without": "yes"}
        answer = agent.post(f"/cases/{number}/status/", given, headers=HTMX)

        assert answer.status_code == 422
        assert "次のタスクを済ませるか、外してください: 折り返し電話" in answer.content.decode()
        assert now(case).status == Status.NEW


class TestMine:
    def test_what_is_due_first_with_words_for_what_is_late(
        self, agent: Client, world: World, case: Case, number: str
    ) -> None:
        mine = world.ours.agent.pk
        set_task(world, case, "後で", owner=mine, due_at=NOON + timedelta(days=2))
        set_task(world, case, "急ぎ", owner=mine, due_at=NOON - timedelta(hours=2), minutes=10)
        set_task(world, case, "いつか", owner=mine)
        set_task(world, case, "人の", owner=world.ours.supervisor.pk)

        with clock.held_at(NOON):
            text = agent.get("/tasks/").content.decode()

        places = [text.index(f"<b>{title}</b>") for title in ("急ぎ", "後で", "いつか")]
        assert places == sorted(places)
        assert "期限を2時間超過" in text
        assert "期限なし" in text
        assert "<b>人の</b>" not in text
        assert f'href="/cases/{number}/"' in text

    def test_done_from_there_with_a_way_back(self, agent: Client, world: World, case: Case) -> None:
        task = set_task(world, case, owner=world.ours.agent.pk)

        assert agent.post(f"/tasks/{task.pk}/tick/").headers["Location"] == "/tasks/"
        assert rows(world) == [("折り返し電話", True)]
        agent.post(f"/tasks/{task.pk}/tick/?undo=yes")
        assert rows(world) == [("折り返し電話", False)]

    def test_one_of_a_solved_case_says_so(self, agent: Client, world: World, case: Case) -> None:
        set_task(world, case, owner=world.ours.agent.pk)
        set_task(world, make_case(world.ours.entry_point), "部品の手配", owner=world.ours.agent.pk)
        with world.ours.scope():
            Case.objects.filter(pk=case.pk).update(status=Status.SOLVED, solved_at=clock.now())

        text = agent.get("/tasks/").content.decode()

        assert re.findall(r"data-row><b>([^<]+)</b>(?: <span class=\"tag\">([^<]+)</span>)?", text) == [
            ("折り返し電話", "解決済み"),
            ("部品の手配", ""),
        ]

    def test_it_says_what_to_do_when_there_is_nothing(self, agent: Client) -> None:
        assert "タスクはありません" in agent.get("/tasks/").content.decode()

    def test_strangers_find_nothing(self, stranger: Client, world: World, case: Case) -> None:
        task = set_task(world, case, owner=world.ours.agent.pk)

        assert "折り返し電話" not in stranger.get("/tasks/").content.decode()
        assert stranger.post(f"/tasks/{task.pk}/tick/").status_code == 404
        assert rows(world) == [("折り返し電話", False)]

    def test_what_it_costs(self, agent: Client, world: World, case: Case) -> None:
        for count in range(3):
            set_task(world, case, f"{count}", owner=world.ours.agent.pk)
        agent.get("/tasks/")
        with counted() as cost:
            agent.get("/tasks/")

        assert sum("tasks_task" in sql for sql in cost.queries) == 1
        assert len(cost) == 7


def test_a_macro_that_solves_shows_what_is_left_first(agent: Client, world: World, case: Case) -> None:
    set_task(world, case)
    solves = [{"do": "status", "value": "solved"}]
    with world.ours.scope():
        macro = add_macro(
            world.ours.company,
            desk=world.ours.desk,
            name="解決",
            acts=solves,
            by=actor_of(world.ours.supervisor),
        )
    form, at = {"macro": str(macro.pk)}, f"/cases/{case.spoken_number(world.ours.company.prefix)}/macro/"

    asked = agent.post(at, form).content.decode()
    with world.ours.scope():
        assert Case.objects.get(pk=case.pk).status == Status.NEW
    agent.post(at, form | {"hand_off": "yes", "without": "yes"})

    assert "未完了のタスクが 1 件あります" in asked
    assert "このまま解決にする" in asked
    with world.ours.scope():
        assert Case.objects.get(pk=case.pk).status == Status.SOLVED
