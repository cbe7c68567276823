"""Naming a desk in a note, by keyboard."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from madoguchi.cases.models import Case, Mention, Note
from madoguchi.companies.models import Desk
from madoguchi.desk.tests.conftest import everything
from madoguchi.desk.tests.journeys.conftest import address_of
from madoguchi.people.factories import World

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]


def test_a_desk_is_found_by_its_reading_and_told_as_one_once_that_is_meant(
    desk: Callable[[str], Page],
    world: World,
    cases: list[Case],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with world.ours.scope():
        Desk.objects.filter(pk=world.ours.desk.pk).update(name="返品窓口", kana="へんぴんまどぐち")
    monkeypatch.setattr("madoguchi.cases.actions.note.MOST_UNASKED", 1)
    page = desk(address_of(cases[0], world))
    page.keyboard.press("n")
    page.keyboard.type("@へん")
    offered = page.get_by_role("listbox", name="担当者")
    expect(offered.get_by_role("option")).to_have_text("返品窓口2名")
    page.keyboard.press("Enter")
    page.keyboard.type("本日の回収は16時です。")
    page.keyboard.press("Control+Enter")

    question = page.get_by_role("group", name="大勢に知らせる前に")
    expect(question).to_contain_text("「@返品窓口」で2名に知らせます。よろしいですか。")
    expect(question.get_by_role("button", name="全員に知らせる")).to_be_focused()
    page.keyboard.press("Escape")
    expect(question).to_be_hidden()
    expect(page.locator("#note-text")).to_be_focused()
    assert everything(Note) == []
    page.keyboard.press("Control+Enter")
    expect(question).to_be_visible()
    page.keyboard.press("Enter")

    expect(page.locator(".msg.note .text")).to_have_text("@返品窓口 本日の回収は16時です。")
    assert {one.user_id for one in everything(Mention)} == {
        world.ours.supervisor.pk,
        world.ours.manager.pk,
    }
