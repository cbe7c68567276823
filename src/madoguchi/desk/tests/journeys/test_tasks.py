"""By keyboard: what is to be done is written down, changed, done and shown before the case is solved; one's own of all
cases.
"""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, Route, expect

from madoguchi.cases.models import Case, Status
from madoguchi.desk.tests.journeys.conftest import Hub, address_of
from madoguchi.fields.factories import make_matter
from madoguchi.kernel import clock
from madoguchi.people.factories import World
from madoguchi.people.queries import actor_of
from madoguchi.tasks.actions import Wanted, add_task
from madoguchi.tasks.models import Task
from madoguchi.tasks.planning import add_plan

HELD = "**/tasks/"
# What comes once a minute, now.
ANEW = """
    const shown = document.getElementById("my-tasks");
    shown.dataset.old = "";
    htmx.ajax("GET", "/tasks/", { source: shown, target: shown, select: "#my-tasks", swap: "outerHTML" });
"""
pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]


def test_tasks_from_the_first_key_to_the_solved_case(
    desk: Callable[[str], Page], world: World, cases: list[Case], hub: Hub
) -> None:
    case, lead = cases[0], actor_of(world.ours.supervisor)
    with world.ours.scope():
        steps = [
            {"title": "受付内容を確認する", "minutes": 10, "after": 1, "unit": "hours"},
            {"title": "集荷を手配する"},
        ]
        add_plan(world.ours.company, desk=world.ours.desk, name="修理受付", steps=steps, by=lead)
    page = desk(address_of(case, world))
    panel = page.get_by_role("region", name="タスク")

    page.keyboard.press("d")
    title = panel.get_by_label("タスクの内容")
    expect(title).to_be_focused()
    page.keyboard.type("折り返し電話")
    page.keyboard.press("Enter")
    expect(panel.get_by_text("折り返し電話", exact=True)).to_be_visible()
    expect(title).to_be_focused()
    expect(title).to_have_value("")

    panel.get_by_label("段取りを適用する").focus()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(panel.get_by_text("集荷を手配する")).to_be_visible()
    expect(panel.get_by_label("タスクの内容")).to_have_count(0)
    assert Axe().run(page).response["violations"] == []

    # Words that are being typed stay, whatever is told meanwhile.
    panel.get_by_role("link", name="タスクを変更: 折り返し電話").press("Enter")
    expect(title).to_be_focused()
    page.keyboard.press("End")
    page.keyboard.type("をする")
    with world.ours.scope():
        add_task(case, Wanted(title="上長に相談"), by=lead)
    hub.tell("task.added", case)
    expect(panel.get_by_text("上長に相談")).to_be_visible()
    expect(title).to_have_value("折り返し電話をする")
    assert Axe().run(page).response["violations"] == []
    page.keyboard.press("Enter")
    expect(panel.get_by_text("折り返し電話をする", exact=True)).to_be_visible()

    panel.get_by_role("button", name="タスクを完了にする: 折り返し電話をする").press("Space")
    expect(panel.get_by_role("button", name="完了: 折り返し電話をする")).to_be_focused()
    expect(panel.get_by_text("残り 3 件")).to_be_visible()
    panel.get_by_role("button", name="完了: 折り返し電話をする").blur()

    page.keyboard.press("e")
    expect(page.get_by_text("未完了のタスクが 3 件あります")).to_be_visible()
    expect(page.get_by_role("button", name="このまま解決にする")).to_be_focused()
    assert Axe().run(page).response["violations"] == []
    page.keyboard.press("Enter")
    expect(
        page.get_by_role("region", name="お知らせ").get_by_text("状態を「解決」にしました。")
    ).to_be_visible()
    with world.ours.scope():
        assert Case.objects.get(pk=case.pk).status == Status.SOLVED


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_ones_own_of_all_cases(
    desk: Callable[[str], Page], world: World, cases: list[Case], page: Page, scheme: str
) -> None:
    now, agent = clock.now(), actor_of(world.ours.agent)
    with world.ours.scope():
        for case, title, due in (
            (cases[0], "折り返し電話", now - timedelta(hours=2)),
            (cases[1], "見積もりを送る", now + timedelta(days=2)),
            (cases[2], "お礼を送る", None),
        ):
            add_task(case, Wanted(title=title, owner=agent.id, due_at=due, minutes=15), by=agent)
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    desk("/")
    page.keyboard.press("g")
    page.keyboard.press("t")

    expect(page.get_by_role("heading", name="自分のタスク")).to_be_visible()
    expect(page.get_by_text("期限を2時間超過")).to_be_visible()
    assert Axe().run(page).response["violations"] == []
    page.get_by_role("button", name="タスクを完了にする: 折り返し電話").press("Enter")
    expect(page.get_by_role("link", name="折り返し電話")).to_have_count(0)
    page.get_by_role("button", name="取り消す").press("Enter")
    expect(page.get_by_role("link", name="折り返し電話")).to_be_visible()
    with world.ours.scope():
        assert Task.objects.filter(done_at=None).count() == 3


def titles(world: World) -> list[str]:
    with world.ours.scope():
        return list(Task.objects.order_by("place", "id").values_list("title", flat=True))


def held(page: Page) -> list[Route]:
    """What is posted to be kept waits here until it is let on."""
    waiting: list[Route] = []
    page.route(HELD, lambda r: waiting.append(r) if r.request.method == "POST" else r.continue_())
    return waiting


class TestWhileOneIsBeingKept:
    def test_the_next_is_written_meanwhile(
        self, desk: Callable[[str], Page], world: World, cases: list[Case]
    ) -> None:
        page = desk(address_of(cases[0], world))
        waiting = held(page)
        page.keyboard.press("d")
        title = page.get_by_label("タスクの内容")
        expect(title).to_be_focused()
        page.get_by_label("見込み").fill("15")
        title.focus()
        page.keyboard.type("折り返し電話")
        page.keyboard.press("Enter")
        expect(title).to_have_value("")
        expect(page.get_by_label("見込み")).to_have_value("")
        page.keyboard.type("部品の手配")

        waiting.pop().continue_()
        expect(page.locator(".task .words")).to_have_text(["折り返し電話"])

        expect(title).to_have_value("部品の手配")
        expect(title).to_be_focused()
        page.keyboard.press("Enter")
        expect(title).to_have_value("")
        page.keyboard.type("お礼")
        page.keyboard.press("Enter")
        expect(title).to_have_value("お礼")
        waiting.pop().continue_()
        expect(title).to_have_value("")
        waiting.pop().continue_()
        expect(page.locator(".task .words")).to_have_text(["折り返し電話", "部品の手配", "お礼"])
        with world.ours.scope():
            assert [task.minutes for task in Task.objects.order_by("pk")] == [15, None, None]

    def test_what_was_not_kept_comes_back_beside_what_was_written_since(
        self, desk: Callable[[str], Page], world: World, cases: list[Case]
    ) -> None:
        page = desk(address_of(cases[0], world))
        waiting = held(page)
        page.keyboard.press("d")
        title, minutes = page.get_by_label("タスクの内容"), page.get_by_label("見込み")
        minutes.fill("少し")
        title.fill("折り返し電話")
        page.keyboard.press("Enter")
        expect(title).to_have_value("")

        waiting.pop().continue_()
        expect(title).to_have_value("折り返し電話")
        expect(minutes).to_have_value("少し")
        minutes.fill("15")
        title.press("Enter")
        expect(title).to_have_value("")
        page.keyboard.type("お礼")
        waiting.pop().abort()

        expect(page.locator(".toast.bad")).to_be_visible()
        expect(title).to_have_value("折り返し電話 お礼")
        expect(minutes).to_have_value("15")
        assert titles(world) == []

    def test_words_changed_further_stay_and_can_be_kept(
        self, desk: Callable[[str], Page], world: World, cases: list[Case]
    ) -> None:
        agent = actor_of(world.ours.agent)
        with world.ours.scope():
            task = add_task(cases[0], Wanted(title="電話"), by=agent)
        page = desk(address_of(cases[0], world))
        waiting: list[Route] = []
        page.route(
            f"**/tasks/{task.pk}/",
            lambda r: waiting.append(r) if r.request.method == "POST" else r.continue_(),
        )
        page.get_by_role("link", name="タスクを変更: 電話").press("Enter")
        title = page.get_by_label("タスクの内容")
        expect(title).to_be_focused()
        title.fill("折り返し電話")
        page.keyboard.press("Enter")
        page.keyboard.press("End")
        page.keyboard.type("をする")
        expect(title).to_have_value("折り返し電話をする")

        waiting.pop().continue_()
        expect(page.locator(f"#task-{task.pk} [name=version]")).to_have_value("2")
        expect(title).to_have_value("折り返し電話をする")
        page.keyboard.press("Enter")
        expect(title).to_have_value("折り返し電話をする")
        waiting.pop().continue_()

        expect(page.locator(".task .words")).to_have_text(["折り返し電話をする"])
        assert titles(world) == ["折り返し電話をする"]


def test_a_begun_task_stays_while_the_rest_beside_the_case_is_exchanged(
    desk: Callable[[str], Page], world: World, cases: list[Case]
) -> None:
    page = desk(address_of(cases[0], world))
    page.keyboard.press("d")
    title = page.get_by_label("タスクの内容")
    expect(title).to_be_focused()
    page.keyboard.type("折り返し")

    memo = page.get_by_label("お客様についてのメモ")
    memo.fill("午前中に電話")
    page.get_by_role("button", name="メモを保存").click()

    expect(page.locator("#about .memo textarea")).to_have_text("午前中に電話")
    expect(title).to_have_value("折り返し")
    form_of_mail = page.get_by_label("メールの形式")
    form_of_mail.select_option(index=1)
    expect(form_of_mail.locator("option[selected]")).to_have_count(1)
    expect(form_of_mail.locator("option").nth(1)).to_have_attribute("selected", "")
    expect(title).to_have_value("折り返し")
    title.press("Enter")
    expect(page.locator(".task .words")).to_have_text(["折り返し"])
    assert page.evaluate("document.querySelector('#case-form').nextElementSibling.id") == "case-tasks"


class TestKeysOfThePanel:
    @pytest.mark.parametrize("width", [1440, 1100, 390])
    def test_they_open_it_where_it_is_folded_away(
        self, desk: Callable[[str], Page], world: World, cases: list[Case], width: int
    ) -> None:
        make_matter(world.ours.desk, name="修理")
        page = desk(address_of(cases[0], world))
        page.set_viewport_size({"width": width, "height": 844})
        page.keyboard.press("?")
        expect(page.locator("#keys-dialog")).to_contain_text("タスクを追加")
        expect(page.locator("#keys-dialog")).to_contain_text("用件の項目を入力")
        page.keyboard.press("Escape")

        page.keyboard.press("i")
        matter = page.get_by_label("用件の種類")
        expect(matter).to_be_focused()
        page.keyboard.press("Escape")
        expect(matter).not_to_be_focused()
        page.keyboard.press("d")
        title = page.get_by_label("タスクの内容")
        expect(title).to_be_focused()
        expect(title).to_be_in_viewport()
        page.keyboard.type("電話")
        page.keyboard.press("Escape")
        expect(title).not_to_be_focused()
        page.keyboard.press("d")

        expect(title).to_be_focused()
        expect(title).to_have_value("電話")
        title.fill("")
        page.keyboard.press("Escape")
        expect(title).to_have_count(0)
        expect(page.locator("#task-new:not(.htmx-added)")).to_be_attached()
        page.keyboard.press("d")
        expect(title).to_be_focused()


class TestMine:
    @pytest.fixture
    def three(self, world: World, cases: list[Case]) -> list[Task]:
        agent = actor_of(world.ours.agent)
        with world.ours.scope():
            return [
                add_task(case, Wanted(title=title, owner=agent.id), by=agent)
                for case, title in zip(cases, ["甲", "乙", "丙"], strict=True)
            ]

    def test_keys_walk_them_and_the_place_is_kept(
        self, desk: Callable[[str], Page], world: World, cases: list[Case], three: list[Task]
    ) -> None:
        page = desk("/tasks/")
        expect(page.locator("#bell")).to_be_visible()
        page.keyboard.press("j")
        expect(page.get_by_role("link", name="甲")).to_be_focused()
        page.keyboard.press("j")
        expect(page.get_by_role("link", name="乙")).to_be_focused()
        page.keyboard.press("k")
        expect(page.get_by_role("link", name="甲")).to_be_focused()

        page.keyboard.press("j")
        page.evaluate(ANEW)
        expect(page.locator("#my-tasks[data-old]")).to_have_count(0)
        expect(page.get_by_role("link", name="乙")).to_be_focused()

        page.get_by_role("button", name="タスクを完了にする: 乙").press("Enter")
        expect(page.get_by_role("link", name="乙")).to_have_count(0)
        expect(page.get_by_role("button", name="タスクを完了にする: 丙")).to_be_focused()
        page.get_by_role("button", name="タスクを完了にする: 丙").press("Enter")
        expect(page.get_by_role("button", name="タスクを完了にする: 甲")).to_be_focused()
        page.keyboard.press("j")
        page.keyboard.press("Enter")
        expect(page).to_have_url(re.compile(address_of(cases[0], world)))


def test_due_has_the_whole_line(desk: Callable[[str], Page], world: World, cases: list[Case]) -> None:
    page = desk(address_of(cases[0], world))
    page.set_viewport_size({"width": 1440, "height": 900})
    page.keyboard.press("d")

    due = page.get_by_role("region", name="タスク").get_by_label("期限")
    title = page.get_by_label("タスクの内容")
    expect(due).to_be_visible()
    widths = [field.evaluate("one => one.getBoundingClientRect().width") for field in (due, title)]
    assert widths[0] == widths[1]
    assert widths[0] > 200
