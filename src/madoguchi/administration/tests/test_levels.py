"""The page of what a desk keeps towards its customers: written, tried, taken into use, and had back."""

import re
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from madoguchi.cases.factories import make_case
from madoguchi.companies.models import Engagement
from madoguchi.delivery.actions import Reply, reply
from madoguchi.kernel import clock
from madoguchi.kernel.clock import TOKYO
from madoguchi.people.factories import World
from madoguchi.people.queries import actor_of
from madoguchi.promises.models import ServiceLevels
from madoguchi.rules.tests.rules import at_work

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 11, 27, 12, tzinfo=TOKYO)
LEVELS = """{
  "calendar": {"name": "平日", "week": {"mon-fri": "09:00-18:00"}, "holidays": "JP"},
  "targets": {"first_reply": 60}
}
"""


def page(world: World) -> str:
    return reverse("administration:desk_levels", args=[world.ours.desk.pk])


def text_page(world: World) -> str:
    return reverse("administration:desk_levels_text", args=[world.ours.desk.pk])


def write(world: World, browser: Client, text: str, *, tries: bool = False) -> Any:
    """Save, or try, a text in place of the one that stands there."""
    found = levels(world)
    data = {"text": text, "version": found.version if found else 0} | ({"try": "1"} if tries else {})
    return browser.post(text_page(world), data)


def levels(world: World) -> ServiceLevels | None:
    with world.ours.scope():
        return ServiceLevels.objects.filter(desk=world.ours.desk).first()


def test_it_is_found_from_the_desk_and_the_text_begins_with_an_example(world: World, browser: Client) -> None:
    desk = browser.get(reverse("administration:desk", args=[world.ours.desk.pk]))
    opened = browser.get(page(world))
    begun = browser.get(text_page(world))

    assert page(world) in desk.text
    assert text_page(world) in opened.text
    assert "first_reply" in begun.text
    assert "まだ何も決めていません" in begun.text


def test_written_taken_into_use_and_had_back(world: World, browser: Client) -> None:
    written = write(world, browser, LEVELS)
    write(world, browser, LEVELS.replace("60", "90").replace("\n", "\r\n"))
    switch = reverse("administration:desk_levels_switch", args=[world.ours.desk.pk, "on"])
    switched = browser.post(switch, follow=True)

    assert (written.status_code, written["Location"]) == (302, page(world))
    assert "第2版を使用中です" in switched.text
    found = levels(world)
    assert found is not None
    assert (found.text, found.active, found.version) == (LEVELS.replace("60", "90"), True, 2)

    browser.post(reverse("administration:desk_levels_version", args=[world.ours.desk.pk, 1]))
    browser.post(reverse("administration:desk_levels_switch", args=[world.ours.desk.pk, "off"]))
    found = levels(world)
    assert found is not None
    assert (found.text, found.active, found.version) == (LEVELS, False, 3)


def test_what_is_not_right_is_said_beside_the_text_and_not_kept(world: World, browser: Client) -> None:
    refused = write(world, browser, '{"targets": {\n"first_replies": 60}}')
    tried = write(world, browser, "{", tries=True)

    assert refused.status_code == tried.status_code == 422
    assert "2行目: targets.first_replies: 「first_replies」という指標はありません。" in refused.text
    assert "1行目: JSONとして読めません" in tried.text
    assert levels(world) is None


def test_who_comes_second_to_the_text_is_told_and_loses_no_word(world: World, browser: Client) -> None:
    write(world, browser, LEVELS)
    opened = browser.get(text_page(world))
    version = opened.context["form"]["version"].value()
    write(world, browser, LEVELS.replace("60", "90"))

    refused = browser.post(text_page(world), {"text": LEVELS.replace("60", "45"), "version": version})

    assert (refused.status_code, version) == (422, 1)
    assert f'name="version" value="{version}"' in opened.text
    assert "その間にほかの人が変更しました" in refused.text
    assert "&quot;first_reply&quot;: 45" in refused.text
    found = levels(world)
    assert found is not None
    assert (found.text, found.version) == (LEVELS.replace("60", "90"), 2)


def test_a_text_that_names_no_version_is_not_kept(world: World, browser: Client) -> None:
    refused = browser.post(text_page(world), {"text": LEVELS})

    assert refused.status_code == 422
    assert 'role="alert"' in refused.text
    assert levels(world) is None


def test_a_year_of_its_calendar_is_shown_with_its_holes(world: World, browser: Client) -> None:
    with clock.held_at(NOON):
        write(world, browser, LEVELS)
        shown = browser.get(page(world)).text

    assert "2027年: 8,760時間のうち2,205時間に人がいます。" in shown
    assert "00:00-09:00、18:00-24:00" in shown
    assert "2027-03-22 春分の日 振替休日" in shown


def test_it_is_tried_on_the_last_ninety_days_and_nothing_changes(world: World, browser: Client) -> None:
    agent = actor_of(world.ours.agent)
    for day, hour in ((-100, 1), (-3, 0.5), (-2, 3), (-1, None)):
        with clock.held_at(NOON - timedelta(days=1) + timedelta(days=day)):
            case = make_case(world.ours.entry_point)
        if hour:
            with world.ours.scope(), clock.held_at(case.opened_at + timedelta(hours=hour)):
                reply(case, Reply(text="はい。"), by=agent)
    with clock.held_at(NOON - timedelta(days=2) + timedelta(minutes=10)):
        tried = write(world, browser, LEVELS, tries=True).text

    assert "用件3件を調べました。" in tried
    cells = re.findall(r"<t[dh][^>]*>([^<]*)</t[dh]>", tried[tried.index('<th scope="row">初回返信') :])
    assert cells[:5] == ["初回返信", "1", "1", "1", "50.0%"]
    assert levels(world) is None


@pytest.mark.parametrize("person", ["agent", "supervisor", "manager", "company_staff"])
def test_who_does_not_set_up_the_desk_reads_it_and_changes_nothing(
    world: World, browser: Client, person: str
) -> None:
    write(world, browser, LEVELS)
    reader = Client()
    reader.force_login(getattr(world.ours, person))

    shown = reader.get(page(world))

    assert shown.status_code == 200
    assert "初回返信" in shown.text
    assert "見ることができます" in shown.text
    assert text_page(world) not in shown.text
    assert 'method="post" action="/administration' not in shown.text
    for address in (text_page(world), reverse("administration:policy_new", args=[world.ours.desk.pk])):
        assert reader.get(address).status_code == 403
        assert reader.post(address, {"text": LEVELS.replace("60", "90")}).status_code == 403
    found = levels(world)
    assert found is not None
    assert (found.text, found.version) == (LEVELS, 1)


@pytest.mark.parametrize(("model", "status"), [("in_house", 200), ("in_house_outsourced", 403)])
def test_who_leads_the_desk_sets_it_where_the_company_answers_itself(
    world: World, model: str, status: int
) -> None:
    with world.ours.scope():
        Engagement.objects.filter(pk=world.ours.engagement.pk).update(model=model)
    for person in (world.ours.supervisor, world.ours.manager):
        leader = Client()
        leader.force_login(person)
        assert leader.get(text_page(world)).status_code == status
    agent = Client()
    agent.force_login(world.ours.agent)
    assert agent.get(text_page(world)).status_code == 403


def test_what_happens_then_is_said_and_a_rule_for_it_begins_filled_in(world: World, browser: Client) -> None:
    write(world, browser, LEVELS)
    at_work(world.ours, name="超過は緊急", kinds=["clock.breached"])
    at_work(world.ours, name="新着", kinds=["case.opened"])
    leader, agent = Client(), Client()
    leader.force_login(world.ours.supervisor)
    agent.force_login(world.ours.agent)

    shown = leader.get(page(world)).text
    begun = reverse("administration:rule_new") + f"?of_desk={world.ours.desk.pk}&kinds=clock.breached"
    form = leader.get(begun).context["form"]

    assert ("超過は緊急" in shown, "新着" in shown) == (True, False)
    assert begun.replace("&", "&amp;") in shown
    assert (form["kinds"].value(), form["of_desk"].value()) == (["clock.breached"], str(world.ours.desk.pk))
    assert ("超過は緊急" in agent.get(page(world)).text, "rules/new" in agent.get(page(world)).text) == (
        False,
        False,
    )
