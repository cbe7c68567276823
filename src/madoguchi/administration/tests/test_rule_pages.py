"""Pages of rules: written by a form, tried, taken into use, ordered, had back; and their log in words."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from madoguchi.administration.tests.conftest import Browser
from madoguchi.cases.factories import make_case
from madoguchi.cases.models import Case, Status
from madoguchi.companies.models import Engagement
from madoguchi.fields.factories import make_field
from madoguchi.infra import scope
from madoguchi.infra.event_log import Recorded
from madoguchi.people.factories import World
from madoguchi.people.queries import actor_of
from madoguchi.rules.actions import apply_events, start_rule
from madoguchi.rules.models import Rule, RuleRun
from madoguchi.rules.tests.rules import at_work, happened, where
from madoguchi.tasks.planning import add_plan

pytestmark = pytest.mark.django_db
FILTER = {
    "r.join": "all",
    "r.count": "1",
    "r.0.field": "subject",
    "r.0.op": "contains",
    "r.0.text": "炊飯",
}


def form(world: World, **more: Any) -> dict[str, Any]:
    fields: dict[str, Any] = {
        "name": "家電は急ぐ",
        "of_desk": str(world.ours.desk.pk),
        "trigger": "event",
        "kinds": ["case.opened", "message.received"],
        "priority": "4",
        "tag": "家電",
        "per_case": "3",
        "per_hour": "500",
        "do": "save",
    }
    return fields | FILTER | more


def text(page: Any) -> str:
    return str(page.content.decode())


def rules(world: World) -> list[Rule]:
    with world.ours.scope():
        return list(Rule.objects.filter(deleted_at=None).order_by("position"))


def applied(world: World) -> list[Recorded]:
    """Apply the rules to what happened, as a worker does to what is settled."""
    events = happened("case.opened")
    with world.ours.scope():
        apply_events(events)
    return events


def test_a_rule_is_written_tried_changed_and_had_back(world: World, signed_in: Browser) -> None:
    lead = signed_in(world.ours.supervisor)
    assert "ルールはまだありません" in text(lead.get(reverse("administration:rules")))

    added = lead.post(reverse("administration:rule_new"), form(world))

    [rule] = rules(world)
    assert (added.status_code, added["Location"]) == (302, reverse("administration:rule", args=[rule.pk]))
    assert (rule.name, rule.state, rule.trigger) == ("家電は急ぐ", "paused", "event")
    assert rule.kinds == ["case.opened", "message.received"]
    assert rule.filter == where(field="subject", test="contains", value="炊飯")
    assert rule.acts == [{"do": "tag", "value": "家電"}, {"do": "priority", "value": "4"}]

    make_case(world.ours.entry_point, subject="炊飯器について")
    make_case(world.ours.entry_point, subject="鍋")
    page = text(lead.get(reverse("administration:rule", args=[rule.pk])))
    assert "1 件、1 回" in page
    assert "炊飯器について" in page
    assert 'value="炊飯"' in page

    lead.post(reverse("administration:rule", args=[rule.pk]), form(world, name="別名", priority=""))
    assert [(one.name, one.version) for one in rules(world)] == [("別名", 2)]
    lead.post(reverse("administration:rule_version", args=[rule.pk, 1]))
    assert [(one.name, one.version) for one in rules(world)] == [("家電は急ぐ", 3)]
    assert lead.post(reverse("administration:rule_version", args=[rule.pk, 9])).status_code == 404


def test_the_form_works_by_its_buttons_alone(world: World, signed_in: Browser) -> None:
    """Without JavaScript: add a condition, try, and nothing is kept by that."""
    lead = signed_in(world.ours.supervisor)
    new = reverse("administration:rule_new")

    more = text(lead.post(new, form(world, do="add:r")))
    assert 'name="r.1.field"' in more
    assert 'value="家電は急ぐ"' in more
    assert '<option value="4" selected>' in more
    make_case(world.ours.entry_point, subject="炊飯器について")
    assert "1 件、1 回" in text(lead.post(new, form(world, do="show")))
    on_time = form(world, do="show", trigger="time", kinds=[])
    assert "1 件、1 回" in text(lead.post(new, on_time))
    assert rules(world) == []


def test_what_is_wrong_is_said_and_nothing_kept(world: World, signed_in: Browser) -> None:
    lead = signed_in(world.ours.supervisor)
    for more, words in [
        ({"kinds": []}, "何が起きたときに動くかを選んでください。"),
        ({"priority": "", "tag": ""}, "操作を 1 個から"),
        ({"r.0.text": ""}, "条件をすべて入れてください。"),
        ({"of_desk": str(world.theirs.desk.pk)}, "正しく選択してください"),
        ({"per_case": "0"}, "1 以上"),
    ]:
        page = lead.post(reverse("administration:rule_new"), form(world, **more))
        assert page.status_code == 422, more
        assert words in text(page), more
    assert rules(world) == []


def test_use_order_and_putting_away(world: World, signed_in: Browser) -> None:
    lead = signed_in(world.ours.supervisor)
    one, two = at_work(world.ours, name="一"), at_work(world.ours, name="二")
    lead.post(reverse("administration:rule_move", args=[two.pk]), {"to": "up"})
    assert [rule.name for rule in rules(world)] == ["二", "一"]
    lead.post(reverse("administration:rule_state", args=[one.pk, "pause"]))
    lead.post(reverse("administration:rule_delete", args=[two.pk]))
    assert [(rule.name, rule.state) for rule in rules(world)] == [("一", "paused")]
    lead.post(reverse("administration:rule_state", args=[one.pk, "start"]))
    lead.post(reverse("administration:rule_restore", args=[two.pk]))
    assert {(rule.name, rule.state) for rule in rules(world)} == {("一", "active"), ("二", "paused")}
    assert lead.post(reverse("administration:rule_state", args=[one.pk, "eat"])).status_code == 404


@pytest.mark.django_db(transaction=True)
def test_the_log_says_why_and_what(world: World, signed_in: Browser) -> None:
    lead = signed_in(world.ours.supervisor)
    wanted = {"version": 1, "any": [where(field="subject", test="contains", value="炊飯")["all"][0]]}
    wanted["any"].append({"field": "status", "test": "in", "value": ["solved"]})
    rule = at_work(world.ours, filter=wanted)
    log = reverse("administration:rule_log", args=[rule.pk])
    assert "まだ何もしていません" in text(lead.get(log))
    case = make_case(world.ours.entry_point, subject="炊飯器について")
    applied(world)

    page = text(lead.get(log))

    assert case.spoken_number(world.ours.company.prefix) in page
    assert "件名: 炊飯" in page
    assert f"状態: {Status.SOLVED.label!s}" in page
    assert "タグを付ける：新着" in page or "タグを付ける: 新着" in page
    assert str(RuleRun.Outcome.DONE.label) in page
    assert "まだ何もしていません" in text(lead.get(log + "?outcome=failed"))


@pytest.mark.django_db(transaction=True)
def test_a_rule_asks_of_a_desks_own_field_and_sets_tasks(world: World, signed_in: Browser) -> None:
    """The trial says how many tasks there would have been, and the log what was asked in the field's own words."""
    lead = signed_in(world.ours.supervisor)
    field = make_field(world.ours.desk, "choice", label="原因", choices=["輸送中の破損", "初期不良"])
    hidden = make_field(world.ours.desk, label="携帯電話", holds="phone")
    with world.ours.scope():
        by = actor_of(world.ours.supervisor)
        steps = [{"title": "写真をもらう"}, {"title": "代品を手配する"}]
        plan = add_plan(world.ours.company, desk=world.ours.desk, name="破損", steps=steps, by=by)
    asked = {"r.0.field": f"choice:{field.pk}", "r.0.op": "unknown", "r.0.text": ""}
    wanted = form(world, **asked, tag="", priority="", plan=str(plan.pk), task="お詫びの電話\n\n返金の確認")
    make_case(world.ours.entry_point, subject="割れていました")
    new = reverse("administration:rule_new")

    trial = text(lead.post(new, wanted | {"do": "show"}))
    lead.post(new, wanted)
    with scope.everywhere(reason="a test"):
        Engagement.objects.filter(company=world.ours.company).update(masked=["phone"])
    masked = form(world, **asked | {"r.0.field": f"text:{hidden.pk}"})
    refused = signed_in(world.ours.supervisor).post(new, masked)

    assert "1 件、1 回" in trial
    assert "それぞれに追加されるはずだったタスク: 4 件" in trial
    assert refused.status_code == 422
    [rule] = rules(world)
    assert rule.acts == [
        {"do": "plan", "value": str(plan.pk)},
        {"do": "task", "value": "お詫びの電話"},
        {"do": "task", "value": "返金の確認"},
    ]
    with world.ours.scope():
        start_rule(rule, by=actor_of(world.ours.supervisor))
    make_case(world.ours.entry_point, subject="欠けていました")
    applied(world)
    log = text(lead.get(reverse("administration:rule_log", args=[rule.pk])))
    assert "原因:" in log
    assert "未入力" in log
    assert "破損" in log
    again = text(lead.get(reverse("administration:rule", args=[rule.pk])))
    assert "お詫びの電話\n返金の確認" in again


@pytest.mark.django_db(transaction=True)
def test_the_case_says_which_rule_it_was(world: World, signed_in: Browser) -> None:
    at_work(world.ours, name="家電")
    case = make_case(world.ours.entry_point)
    applied(world)
    number = case.spoken_number(world.ours.company.prefix)

    assert "ルール「家電」" in text(signed_in(world.ours.agent).get(reverse("desk:case", args=[number])))
    audit = text(signed_in(world.ours.manager).get(reverse("administration:audit")))
    assert "ルール「家電」" in audit
    with world.ours.scope():
        assert Case.objects.get(pk=case.pk).tags == ["新着"]


def test_a_list_of_many_costs_as_few_queries_as_one(world: World, signed_in: Browser) -> None:
    lead = signed_in(world.ours.supervisor)
    address = reverse("administration:rules")
    at_work(world.ours, name="0")
    lead.get(address)
    with CaptureQueriesContext(connection) as one:
        lead.get(address)
    for number in range(1, 6):
        at_work(world.ours, name=str(number))
    with CaptureQueriesContext(connection) as six:
        lead.get(address)
    assert len(six) == len(one)
