"""Handing a case over by keyboard: the words are asked for, and the next person finds them."""

import re
from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from madoguchi.cases.models import Case, HandOff, Status
from madoguchi.delivery.actions import Reply, reply
from madoguchi.desk.tests.conftest import everything
from madoguchi.desk.tests.journeys.conftest import address_of
from madoguchi.people.factories import World
from madoguchi.people.models import User
from madoguchi.people.queries import actor_of

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def answered(world: World, cases: list[Case]) -> Case:
    with world.ours.scope():
        words = Reply(text="お調べします。", status=Status.WAITING_THIRD)
        reply(cases[0], words, by=actor_of(world.ours.supervisor))
    return cases[0]


def test_the_words_are_asked_for_and_found_by_the_next_person(
    desk: Callable[[str], Page],
    world: World,
    answered: Case,
    sign_in: Callable[[User], None],
    live_server: LiveServer,
) -> None:
    sign_in(world.ours.supervisor)
    page = desk(address_of(answered, world))

    # A is pressed, the colleague found by name, and the form opens with the caret in its first empty line.
    page.keyboard.press("Shift+A")
    page.keyboard.insert_text(world.ours.agent.name[:1])
    page.get_by_role("button", name=world.ours.agent.name).press("Enter")
    form = page.get_by_role("region", name=f"{world.ours.agent.name} に引き継ぐ")
    reason = form.get_by_role("textbox", name="引き継ぐ理由")
    expect(reason).to_be_focused()
    expect(form.get_by_role("textbox", name="要約")).to_have_value(answered.subject)
    assert Axe().run(page).response["violations"] == []

    # Escape leaves everything as it was.
    page.keyboard.press("Escape")
    expect(form).to_be_hidden()
    assert everything(HandOff) == []

    # The second time it is filled in and sent by Enter.
    page.keyboard.press("Shift+A")
    page.get_by_role("button", name=world.ours.agent.name).press("Enter")
    expect(reason).to_be_focused()
    page.keyboard.insert_text("早番が終わります")
    page.keyboard.press("Enter")
    expect(form).to_be_hidden()
    expect(page.get_by_text("申し送り", exact=True)).to_be_visible()
    [left] = everything(HandOff)
    assert (left.reason, left.next_step) == ("早番が終わります", "第三者の返事を待ち、お客様にお伝えする。")

    sign_in(world.ours.agent)
    page.goto(live_server.url + address_of(answered, world))
    expect(page.locator("#case-head")).to_contain_text("早番が終わります")
    expect(page.locator("#case-head")).to_contain_text("引き継ぎ 1 回")


def test_a_colleague_is_found_by_the_reading_of_the_name(
    desk: Callable[[str], Page], world: World, answered: Case, sign_in: Callable[[User], None]
) -> None:
    with world.ours.scope():
        User.objects.filter(pk=world.ours.agent.pk).update(kana="あおき しょう")
    sign_in(world.ours.supervisor)
    page = desk(address_of(answered, world))
    page.keyboard.press("Shift+A")
    people = page.locator("#assign-people")

    page.keyboard.insert_text("アオキ")

    expect(people.get_by_role("button")).to_have_text([re.compile(world.ours.agent.name)])
