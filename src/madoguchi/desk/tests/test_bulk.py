"""Changing many cases in the console: choosing, seeing what would happen, results, stopping, undoing."""

import re
from typing import Any

import pytest
from django.test import Client

from madoguchi.batches import actions
from madoguchi.batches.actions import work
from madoguchi.batches.models import Batch, BatchRow
from madoguchi.cases.actions import assign, change_status, set_priority
from madoguchi.cases.factories import make_case, say_again
from madoguchi.cases.models import Case, Priority, Status
from madoguchi.companies.factories import make_desk, make_engagement, make_entry_point
from madoguchi.desk import bulk
from madoguchi.desk.tests.conftest import counted, everything, signed_in
from madoguchi.fields.factories import make_field
from madoguchi.kernel.actor import system
from madoguchi.macros.actions import add_macro
from madoguchi.people.factories import World, make_operator_person
from madoguchi.people.queries import actor_of
from madoguchi.tasks.actions import Wanted, add_task
from madoguchi.views import statements
from madoguchi.views.actions import add_view
from madoguchi.views.models import SavedView

pytestmark = pytest.mark.django_db
NOBODY = "担当を外す"


def text(response: Any) -> str:
    return response.content.decode()


@pytest.fixture
def cases(world: World) -> list[Case]:
    return [make_case(world.ours.entry_point, subject=f"件{n}") for n in range(4)]


def priorities() -> list[int]:
    return [case.priority for case in everything(Case)]


def started() -> Batch:
    return everything(Batch)[0]


def shown_in(page: str) -> dict[str, str]:
    """What the page with a preview sends along when it is started."""
    return dict(re.findall(r'type="hidden" name="(shown|place|further)" value="([^"]*)"', page))


def start_seen(client: Client, url: str, form: dict[str, Any]) -> Any:
    """See what would happen, then start it."""
    seen = shown_in(text(client.post(url, form | {"do": "show"})))
    return client.post(url, form | seen | {"do": "start"})


def people_offered(page: str) -> list[str]:
    """Who can be chosen to become responsible."""
    found = re.search(r'<select name="value.assign".*?</select>', page, re.S)
    return re.findall(r"<option[^>]*>([^<]*)</option>", found.group()) if found else []


def test_only_those_are_offered_to_whom_one_may_assign(
    agent: Client, supervisor: Client, cases: list[Case]
) -> None:
    assert people_offered(text(agent.get("/bulk/?view=all"))) == [NOBODY, "青木 翔"]
    assert set(people_offered(text(supervisor.get("/bulk/?view=all")))) == {
        NOBODY,
        *("青木 翔", "森 美咲", "石川 健"),
    }


def test_where_several_desks_are_led_those_of_the_ticked_cases_are_offered(
    world: World, cases: list[Case]
) -> None:
    returns = make_desk(world.ours.company, name="返品")
    engagement = make_engagement(world.ours.operator, returns)
    make_operator_person(world.ours.operator, seats=(engagement,), name="返品 太郎")
    lead, there = signed_in(world.ours.manager), make_case(make_entry_point(returns))

    everybody = people_offered(text(lead.get("/bulk/?view=all")))
    ticked = people_offered(text(lead.post("/bulk/?view=all", {"case": [cases[0].pk]})))
    both = people_offered(text(lead.post("/bulk/?view=all", {"case": [cases[0].pk, there.pk]})))

    assert set(everybody) == set(both) == {NOBODY, "青木 翔", "森 美咲", "石川 健", "返品 太郎"}
    assert set(ticked) == {NOBODY, "青木 翔", "森 美咲", "石川 健"}


def test_where_nothing_would_change_there_is_nothing_to_start(agent: Client, cases: list[Case]) -> None:
    form = {"case": [cases[0].pk], "verb": "priority", "value.priority": str(cases[0].priority)}

    page = text(agent.post("/bulk/?view=all", form | {"do": "show"}))

    assert "変わる用件はありません。" in page
    assert 'value="start"' not in page


def test_a_macro_is_offered_seen_and_run_on_all_that_are_ticked(
    agent: Client, world: World, cases: list[Case]
) -> None:
    assert 'value="macro"' not in text(agent.get("/bulk/?view=all"))
    company, lead = world.ours.company, actor_of(world.ours.supervisor)
    tagged, answers = [{"do": "tag", "value": "返品"}], [{"do": "text", "value": "はい。"}]
    with world.ours.scope():
        macro = add_macro(company, desk=world.ours.desk, name="返品の手配", acts=tagged, by=lead)
        add_macro(company, desk=world.ours.desk, name="返信つき", acts=[*tagged, *answers], by=lead)

    page = text(agent.get("/bulk/?view=all"))
    form = {"case": [case.pk for case in cases[:2]], "verb": "macro", "value.macro": str(macro.pk)}
    answer = start_seen(agent, "/bulk/?view=all", form)
    work(started().pk, company=company.pk)

    assert f">返品の手配 ({world.ours.desk.name})</option>" in page
    assert "返信つき" not in page
    assert [case.tags for case in everything(Case)] == [["返品"], ["返品"], [], []]
    assert "マクロを実行: 返品の手配" in text(agent.get(answer["Location"]))


def test_what_is_needed_is_filled_in_where_the_cases_are_solved(
    agent: Client, world: World, cases: list[Case]
) -> None:
    assert "先に入力" not in text(agent.get("/bulk/?view=all"))
    with world.ours.scope():
        made = {"kind": "choice", "choices": ["返品", "<b>"], "required": True}
        kind = make_field(world.ours.desk, label='区分"1', **made)
        make_field(world.ours.desk, label="メモ")
    page = text(agent.get("/bulk/?view=all"))
    form = {"case": [case.pk for case in cases[:3]], "verb": "status", "value.status": "solved"}
    filled = {'fill.区分"1': "返品", "fill.メモ": ""}

    refused = text(agent.post("/bulk/?view=all", form | {"do": "show"}))
    seen = text(agent.post("/bulk/?view=all", form | filled | {"do": "show"}))
    other = agent.post(
        "/bulk/?view=all", form | filled | shown_in(seen) | {"fill.メモ": "後から", "do": "start"}
    )
    answer = start_seen(agent, "/bulk/?view=all", form | filled)
    work(started().pk, company=world.ours.company.pk)

    assert '<select name="fill.区分&quot;1">' in page
    assert "&lt;b&gt;</option>" in page
    assert page.index("区分") < page.index("メモ")
    assert "変わる用件はありません。" in refused
    assert '<option value="返品" selected>' in seen
    assert other.status_code == 409
    assert [case.status for case in everything(Case)] == ["solved"] * 3 + ["new"]
    assert [case.filled for case in everything(Case)] == [{kind.key: "返品"}] * 3 + [{}]
    assert "区分&quot;1: 返品、状態: 解決" in text(agent.get(answer["Location"]))


def test_fields_can_be_filled_in_alone(agent: Client, world: World, cases: list[Case]) -> None:
    with world.ours.scope():
        memo = make_field(world.ours.desk, label="メモ")
    form = {"case": [cases[0].pk], "fill.メモ": "確認済み"}
    answer = start_seen(agent, "/bulk/?view=all", form)
    work(started().pk, company=world.ours.company.pk)
    assert (started().verb, started().fills) == ("fill", {"メモ": "確認済み"})
    assert [case.filled for case in everything(Case)] == [{memo.key: "確認済み"}, {}, {}, {}]
    assert "メモ: 確認済み" in text(agent.get(answer["Location"]))


def test_that_tasks_are_left_is_said_before_cases_are_solved(
    agent: Client, world: World, cases: list[Case]
) -> None:
    by = actor_of(world.ours.agent)
    with world.ours.scope():
        for title in ("電話", "部品の手配"):
            add_task(cases[0], Wanted(title=title), by=by)
    form = {"case": [case.pk for case in cases], "do": "show"}

    solving = text(agent.post("/bulk/?view=all", form | {"verb": "status", "value.status": "solved"}))
    hurrying = text(agent.post("/bulk/?view=all", form | {"verb": "priority", "value.priority": "4"}))

    assert "このうち 1 件に、未完了のタスクがあります。" in solving
    assert "未完了のタスク" not in hurrying


def test_nothing_happens_before_it_was_seen_and_started(
    agent: Client, world: World, cases: list[Case]
) -> None:
    with world.ours.scope():
        assign(cases[3], to=world.ours.supervisor.pk, by=system("test"))
    form = {"case": [case.pk for case in cases], "verb": "assign", "value.assign": str(world.ours.agent.pk)}

    page = text(agent.post("/bulk/?view=all", form | {"do": "show"}))

    assert everything(Batch) == []
    fates = re.findall(r"<b>(\d+) 件</b> <span>([^<]*)</span>", page)
    assert fates == [("3", "を変更します"), ("1", "は変更できません: この用件を変更する権限がありません。")]
    assert page.count(" checked aria-label=") == 4

    answer = agent.post("/bulk/?view=all", form | shown_in(page) | {"do": "start"})
    batch = started()
    assert answer.headers["Location"] == f"/batches/{batch.pk}/"
    work(batch.pk, company=batch.company_id)
    result = text(agent.get(f"/batches/{batch.pk}/"))
    assert f"<h1>担当: {world.ours.agent.name}</h1>" in result
    assert '<progress value="4" max="4"' in result
    assert "変更済み 3" in result
    assert "変更できません 1" in result
    refused = text(agent.get(f"/batches/{batch.pk}/?state=refused"))
    assert "件3" in refused
    assert "件0" not in refused


def test_all_of_a_list_means_also_what_is_not_shown(
    agent: Client, cases: list[Case], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk, "SHOWN", 2)
    monkeypatch.setattr(bulk, "AT_ONCE", 3)
    form = {"all": "1", "verb": "priority", "value.priority": "4"}

    page = text(agent.post("/bulk/?view=all", form | {"do": "show"}))
    assert page.count('name="case"') == 2
    assert "<b>4 件</b>" in page
    agent.post("/bulk/?view=all", form | shown_in(page) | {"do": "start"})
    work(started().pk, company=started().company_id)

    assert priorities() == [4, 4, 4, 4]


def test_no_more_are_taken_than_one_batch_holds(
    agent: Client, cases: list[Case], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk, "MOST_CASES", 2)
    monkeypatch.setattr(bulk, "AT_ONCE", 1)

    page = text(
        agent.post("/bulk/?view=all", {"all": "1", "verb": "status", "value.status": "open", "do": "show"})
    )

    assert "<b>2 件</b>" in page


URGENT = {"all": "1", "verb": "priority", "value.priority": "4"}


def ids_of_rows() -> list[int]:
    return sorted(row.case_id for row in everything(BatchRow))


def test_what_came_after_the_preview_is_left_alone(agent: Client, world: World, cases: list[Case]) -> None:
    page = text(agent.post("/bulk/?view=all", URGENT | {"do": "show"}))
    make_case(world.ours.entry_point, subject="後から")

    agent.post("/bulk/?view=all", URGENT | shown_in(page) | {"do": "start"})

    assert ids_of_rows() == sorted(case.pk for case in cases)


@pytest.mark.parametrize(
    "change",
    ["touched", "solved", "another verb", "another value", "one more ticked", "never shown", "another fate"],
)
def test_nothing_is_started_that_was_not_shown(
    agent: Client, world: World, cases: list[Case], change: str
) -> None:
    """The set, what is done to it, or what becomes of it has changed since: nothing happens but a new preview."""
    form: dict[str, Any] = URGENT
    if change == "one more ticked":
        form = {"case": [cases[0].pk], "verb": "priority", "value.priority": "4"}
    seen = shown_in(text(agent.post("/bulk/?view=open", form | {"do": "show"})))
    with world.ours.scope():
        if change == "touched":
            say_again(cases[1], text="まだですか。")
        if change == "solved":
            change_status(cases[1], to=Status.SOLVED, by=system("test"))
        if change == "another fate":
            set_priority(cases[1], to=Priority.URGENT, by=system("test"))
    if change == "another verb":
        form = form | {"verb": "status", "value.status": "solved"}
    if change == "another value":
        form = form | {"value.priority": "3"}
    if change == "one more ticked":
        form = form | {"case": [case.pk for case in cases]}
    if change == "never shown":
        seen = {}
    before = everything(Case)

    answer = agent.post("/bulk/?view=open", form | seen | {"do": "start"})

    assert answer.status_code == 409
    assert "確認した内容と変わりました。もう一度確認してから実行してください。" in text(answer)
    assert everything(Batch) == []
    assert [(case.pk, case.version) for case in everything(Case)] == [(one.pk, one.version) for one in before]

    again = form | shown_in(text(answer)) | {"do": "start"}
    assert agent.post("/bulk/?view=open", again).status_code == 302


def test_a_rare_view_takes_a_few_looks_a_request_and_goes_on_from_there(
    agent: Client, world: World, cases: list[Case], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each look goes through two cases here; the one that is wanted is the oldest of many."""
    view = SavedView.Audience.OWNER
    condition = {"version": 1, "all": [{"field": "subject", "test": "contains", "value": "件0"}]}
    with world.ours.scope():
        by = actor_of(world.ours.agent)
        saved = add_view(world.ours.company, audience=view, name="まれ", filter=condition, by=by)
    monkeypatch.setattr(statements, "LOOKED_AT", 2)
    monkeypatch.setattr(bulk, "MOST_LOOKS", 1)
    monkeypatch.setattr(bulk, "AT_ONCE", 1)
    url = f"/bulk/?saved={saved.pk}"

    with counted() as first:
        nothing = text(agent.post(url, URGENT | {"do": "show"}))
    with counted() as second:
        page = text(agent.post(url, URGENT | shown_in(nothing) | {"do": "further"}))

    looks = [sum("strpos" in query for query in asked.queries) for asked in (first, second)]
    assert looks == [2, 2]
    assert "一度に確認できる範囲では0件です。" in nothing
    assert "<b>1 件</b>" in page
    agent.post(url, URGENT | shown_in(page) | {"do": "start"})
    assert ids_of_rows() == [cases[0].pk]


def test_rows_ticked_in_the_console_arrive_ticked(agent: Client, cases: list[Case], monkeypatch: Any) -> None:
    monkeypatch.setattr(bulk, "SHOWN", 1)

    page = text(agent.post("/bulk/?view=all", {"case": [cases[0].pk, cases[3].pk, 10**17]}))

    assert re.findall(r'name="case" value="(\d+)" id="[^"]*" checked', page) == [
        str(cases[0].pk),
        str(cases[3].pk),
    ]
    assert everything(Batch) == []


@pytest.mark.parametrize(
    "form", [{}, {"verb": "priority", "value.priority": "9"}, {"verb": "tag", "value.tag": ""}]
)
def test_what_makes_no_sense_is_said_and_changes_nothing(
    agent: Client, cases: list[Case], form: dict[str, str]
) -> None:
    for do in ("show", "start"):
        answer = agent.post("/bulk/?view=all", {"case": [cases[0].pk], "do": do} | form)
        assert answer.status_code == 422
        assert 'role="alert"' in text(answer)
    assert everything(Batch) == []


def test_a_batch_is_stopped_and_undone_by_who_started_it(
    agent: Client, supervisor: Client, company_staff: Client, stranger: Client, cases: list[Case]
) -> None:
    form = {"case": [case.pk for case in cases], "verb": "priority", "value.priority": "4"}
    start_seen(agent, "/bulk/?view=all", form)
    batch = started()
    running = text(agent.get(f"/batches/{batch.pk}/"))
    assert 'hx-trigger="every 1s"' in running

    for nosy in (supervisor, company_staff, stranger):
        assert nosy.get(f"/batches/{batch.pk}/").status_code == 404
        assert nosy.post(f"/batches/{batch.pk}/stop/").status_code == 404
        assert nosy.post(f"/batches/{batch.pk}/undo/").status_code == 404
    assert started().state == "running"
    work(batch.pk, company=batch.company_id)
    assert priorities() == [4, 4, 4, 4]
    assert "every 1s" not in text(agent.get(f"/batches/{batch.pk}/"))
    agent.post(f"/batches/{batch.pk}/undo/")
    assert agent.post(f"/batches/{batch.pk}/undo/").status_code == 409
    work(batch.pk, company=batch.company_id)

    assert priorities() == [2, 2, 2, 2]
    assert "取り消し済み 4" in text(agent.get(f"/batches/{batch.pk}/"))


@pytest.mark.parametrize("changed", [0, 1])
def test_a_stopped_batch_offers_to_undo_what_it_changed(
    agent: Client, cases: list[Case], monkeypatch: pytest.MonkeyPatch, changed: int
) -> None:
    start_seen(agent, "/bulk/", {"case": [cases[0].pk], "verb": "priority", "value.priority": "4"})
    batch = started()
    if changed:
        monkeypatch.setattr(actions, "is_stopping", iter([False, True]).__next__)
        work(batch.pk, company=batch.company_id)

    page = text(agent.post(f"/batches/{batch.pk}/stop/", follow=True))

    assert started().state == "cancelled"
    assert "止めました。済んだ分はそのままです。" in page
    assert ('id="undo"' in page) is ("1 件の変更を取り消す" in page) is bool(changed)
    assert page.count(f"/batches/{batch.pk}/undo/") == 2 * changed
    assert ("変わった用件はありません。" in page) is not changed


def test_fields_to_fill_before_solving_are_foreseen_and_nothing_is_offered_to_undo(
    agent: Client, world: World, cases: list[Case]
) -> None:
    # given a desk that needs the cause, which one of four cases has
    field = make_field(world.ours.desk, label="原因", required=True)
    with world.ours.scope():
        Case.objects.filter(pk=cases[3].pk).update(filled={field.key: "断線"})
    wanted = {"verb": "status", "value.status": "solved"}
    lacking = wanted | {"case": [case.pk for case in cases[:3]]}

    # when they are looked at, and started all the same
    seen = text(agent.post("/bulk/?view=all", lacking | {"do": "show"}))
    both = text(agent.post("/bulk/?view=all", lacking | {"case": [case.pk for case in cases], "do": "show"}))
    start_seen(agent, "/bulk/?view=all", lacking)
    batch = started()
    work(batch.pk, company=batch.company_id)
    page = text(agent.get(f"/batches/{batch.pk}/"))

    # then that was said before, and there is nothing to take back
    assert re.search(
        r"<b>3 件</b> <span>は変更できません: 解決にする前に、次の項目を入力してください: 原因</span>", seen
    )
    assert 'value="start"' not in seen
    assert "<b>1 件</b>" in both
    assert 'value="start"' in both
    assert 'id="undo"' not in page
    assert "変わった用件はありません。" in page
    assert agent.post(f"/batches/{batch.pk}/undo/").status_code == 409
    assert started().state == "done"
    assert [case.status for case in everything(Case)] == ["new"] * 4


def test_who_changes_no_case_is_offered_nothing(company_staff: Client, cases: list[Case]) -> None:
    assert company_staff.get("/bulk/?view=all").status_code == 403
    assert "/bulk/" not in text(company_staff.get("/cases/?view=all"))


def test_many_rows_cost_no_more_than_one(agent: Client, world: World, cases: list[Case]) -> None:
    form = {"verb": "priority", "value.priority": "4", "do": "show"}
    with counted() as one:
        agent.post("/bulk/?view=all", form | {"case": [cases[0].pk]})
    with counted() as four:
        agent.post("/bulk/?view=all", form | {"case": [case.pk for case in cases]})
    assert len(four) == len(one)

    start_seen(agent, "/bulk/", form | {"case": [case.pk for case in cases]})
    with counted() as batch:
        agent.get(f"/batches/{started().pk}/")
    for _ in range(3):
        make_case(world.ours.entry_point)
    with counted() as again:
        agent.get(f"/batches/{started().pk}/")
    assert len(again) == len(batch)
