"""Templates on the pages: proposed by who leads a desk, approved, given back or thrown away."""

import re
from collections.abc import Callable
from datetime import date

import pytest
from django.test import Client
from django.urls import reverse

from madoguchi.companies.factories import make_desk, make_engagement
from madoguchi.infra.models import Event
from madoguchi.knowledge.models import ReplyTemplate, TemplateVersion
from madoguchi.knowledge.queries import templates_for_desk
from madoguchi.people.factories import World, seat
from madoguchi.people.models import User

pytestmark = pytest.mark.django_db
Browser = Callable[[User], Client]


def url(name: str, *args: object) -> str:
    return reverse(f"administration:{name}", args=args)


def written(world: World, browser: Client, body: str, *, pk: int | None = None, **more: str) -> None:
    """Somebody writes the only template there is, on its page."""
    sent = {
        "name": "返品",
        "where": f"desk:{world.ours.desk.pk}",
        "body": body,
        "active": "on",
        "owner": "",
        "review_on": "",
        "ends_on": "",
    }
    place = url("template", pk) if pk else url("template_new")
    assert browser.post(place, sent | more).status_code == 302


def state(world: World) -> tuple[str, str, list[tuple[int, str]]]:
    """What is offered of it, how far that is, and the state of each version."""
    with world.ours.scope():
        one = ReplyTemplate.objects.get()
        rows = TemplateVersion.objects.order_by("number").values_list("number", "state")
        return one.body, one.state, list(rows)


@pytest.fixture
def lead(world: World, signed_in: Browser) -> Client:
    return signed_in(world.ours.supervisor)


@pytest.fixture
def boss(world: World, signed_in: Browser) -> Client:
    return signed_in(world.ours.company_manager)


def test_a_new_template_is_looked_after_by_nobody(lead: Client) -> None:
    page = lead.get(url("template_new")).text.partition('name="owner"')[2].partition("</select>")[0]
    assert ("なし</option>" in page, "担当を外す" in page) == (True, False)


@pytest.fixture
def proposed(world: World, lead: Client) -> int:
    written(world, lead, "一")
    with world.ours.scope():
        return ReplyTemplate.objects.get().pk


def test_it_is_proposed_approved_and_proposed_anew(
    world: World, lead: Client, boss: Client, proposed: int
) -> None:
    # given
    assert state(world) == ("一", "review", [(1, "review")])
    page = lead.get(url("template", proposed)).text
    assert ("まだ提示されていません" in page, "承認する" in page) == (True, False)
    assert "承認待ち（あなたの承認が必要です）" in boss.get(url("templates")).text
    assert "承認する" in boss.get(url("template", proposed)).text

    # when
    boss.post(url("template_act", proposed, 1, "approve"))

    # then
    assert state(world) == ("一", "approved", [(1, "approved")])

    # when other words are proposed, those stay
    written(world, lead, "二", pk=proposed)
    assert state(world) == ("一", "approved", [(1, "approved"), (2, "review")])
    page = boss.get(url("template", proposed)).text
    assert ("<del>一</del>" in page, "<ins>二</ins>" in page) == (True, True)

    # when they are given back
    boss.post(url("template_act", proposed, 2, "return"), {"comment": "敬語で"})
    assert state(world) == ("一", "approved", [(1, "approved"), (2, "draft")])
    assert "敬語で" in lead.get(url("template", proposed)).text

    # when they are thrown away
    lead.post(url("template_act", proposed, 2, "drop"))
    assert state(world) == ("一", "approved", [(1, "approved")])


@pytest.mark.parametrize("act", ["approve", "return"])
def test_who_does_not_approve_is_refused_and_nothing_changes(
    world: World, lead: Client, proposed: int, act: str
) -> None:
    before = state(world)
    assert lead.post(url("template_act", proposed, 1, act)).status_code == 403
    assert state(world) == before


def test_what_does_not_wait_any_more_is_said(world: World, boss: Client, proposed: int) -> None:
    boss.post(url("template_act", proposed, 1, "approve"))
    before = state(world)
    answer = boss.post(url("template_act", proposed, 1, "approve"), follow=True)
    assert "すでに承認待ちではありません。" in answer.text
    assert state(world) == before
    assert boss.post(url("template_act", proposed, 1, "explode")).status_code == 404


def test_a_draft_waits_for_nobody_and_days_are_kept(world: World, lead: Client, boss: Client) -> None:
    written(world, lead, "下書き", draft="1", review_on="2099-01-31", ends_on="2099-02-28")
    assert state(world) == ("下書き", "draft", [(1, "draft")])
    assert "承認待ち" not in boss.get(url("templates")).text
    with world.ours.scope():
        one = ReplyTemplate.objects.get()
        assert (one.review_on, one.ends_on) == (date(2099, 1, 31), date(2099, 2, 28))


def test_one_that_ended_is_marked(world: World, boss: Client) -> None:
    written(world, boss, "終わり", ends_on="2020-01-01")
    assert "期限切れ" in boss.get(url("templates")).text


def test_what_changed_since_the_approver_looked_is_not_approved(
    world: World, lead: Client, boss: Client, proposed: int
) -> None:
    boss.post(url("template_act", proposed, 1, "approve"))
    written(world, lead, "二", pk=proposed)
    seen = re.findall(r'name="seen" value="(\w+)"', boss.get(url("template", proposed)).text)
    written(world, lead, "三", pk=proposed)
    before = state(world)
    answer = boss.post(url("template_act", proposed, 2, "approve"), {"seen": seen[0]}, follow=True)
    assert "ご覧になった後に変更されました" in answer.text
    assert state(world) == before == ("一", "approved", [(1, "approved"), (2, "review")])
    anew = re.findall(r'name="seen" value="(\w+)"', answer.text)
    boss.post(url("template_act", proposed, 2, "approve"), {"seen": anew[0]})
    assert state(world)[0] == "三"


def test_a_proposal_that_is_thrown_away_stays_in_the_log(
    world: World, lead: Client, boss: Client, proposed: int
) -> None:
    boss.post(url("template_act", proposed, 1, "approve"))
    written(world, lead, "二", pk=proposed)
    boss.post(url("template_act", proposed, 2, "drop"))
    with world.ours.scope():
        [told] = Event.objects.filter(kind="template.dropped")
    said = {"template": proposed, "number": 2, "writer": world.ours.supervisor.pk}
    assert told.data == said | {"name": "返品", "body": "二"}
    assert told.actor_id == world.ours.company_manager.pk


def test_only_who_approves_has_it_offered_for_longer(
    world: World, lead: Client, boss: Client, proposed: int
) -> None:
    days = {"ends_on": "2099-01-31", "review_on": "2099-01-31"}
    written(world, lead, "一", pk=proposed, **days)
    boss.post(url("template_act", proposed, 1, "approve"))
    sent = {"name": "返品", "where": f"desk:{world.ours.desk.pk}", "body": "一", "active": "on", "owner": ""}
    for name in days:
        refused = lead.post(url("template", proposed), sent | days | {name: "2099-12-31"})
        assert (refused.status_code, "承認する権限のある方だけ" in refused.text) == (422, True)
    with world.ours.scope():
        one = ReplyTemplate.objects.get()
        assert (one.ends_on, one.review_on) == (date(2099, 1, 31), date(2099, 1, 31))
    written(world, boss, "一", pk=proposed, **days | {"ends_on": "2099-12-31"})
    written(world, lead, "一", pk=proposed, **days)
    with world.ours.scope():
        assert ReplyTemplate.objects.get().ends_on == date(2099, 1, 31)


def offered(world: World) -> tuple[str, list[str]]:
    """How far the only template is, and what is offered where people answer."""
    with world.ours.scope():
        return ReplyTemplate.objects.get().state, [one.name for one in templates_for_desk(world.ours.desk)]


def test_one_that_was_taken_out_of_use_comes_back_only_by_who_approves(
    world: World, lead: Client, boss: Client, proposed: int
) -> None:
    # given: approved, and taken out of use by who writes
    boss.post(url("template_act", proposed, 1, "approve"))
    written(world, lead, "一", pk=proposed, active="")
    assert offered(world) == ("approved", [])

    # when they take it back into use, the same words wait
    written(world, lead, "一", pk=proposed)
    assert offered(world) == ("review", [])

    # then it is offered once it is approved anew
    boss.post(url("template_act", proposed, 1, "approve"))
    assert offered(world) == ("approved", ["返品"])

    # and who approves takes it back at once
    written(world, boss, "一", pk=proposed, active="")
    written(world, boss, "一", pk=proposed)
    assert offered(world) == ("approved", ["返品"])


def test_only_who_approves_moves_an_approved_one_to_another_desk(
    world: World, lead: Client, boss: Client, proposed: int
) -> None:
    # given: who writes leads both desks
    boss.post(url("template_act", proposed, 1, "approve"))
    with world.ours.scope():
        other = make_desk(world.ours.company)
        engagement = make_engagement(world.ours.operator, other)
    seat(world.ours.supervisor.operator_memberships.get(), engagement)
    sent = {"name": "返品", "where": f"desk:{other.pk}", "body": "一", "active": "on", "owner": ""}

    # when
    refused = lead.post(url("template", proposed), sent)

    # then
    assert (refused.status_code, "承認する権限のある方だけ" in refused.text) == (422, True)
    assert offered(world) == ("approved", ["返品"])

    # and who approves for both moves it
    assert boss.post(url("template", proposed), sent).status_code == 302
    with world.ours.scope():
        assert ReplyTemplate.objects.get().desk == other
        assert list(templates_for_desk(world.ours.desk)) == []
        assert [one.name for one in templates_for_desk(other)] == ["返品"]
