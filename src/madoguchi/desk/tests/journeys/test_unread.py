"""Unread marks at the keyboard: they come by themselves, opening clears them, `U` sets them again."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from madoguchi.cases.actions import see_case
from madoguchi.cases.factories import say_again
from madoguchi.cases.models import Case
from madoguchi.desk.tests.journeys.conftest import Hub, address_of
from madoguchi.people.factories import World
from madoguchi.people.queries import actor_of

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]


def test_a_mark_comes_live_is_cleared_by_opening_and_set_again_by_a_key(
    desk: Callable[[str], Page], hub: Hub, world: World, cases: list[Case]
) -> None:
    with world.ours.scope():
        for case in cases:
            see_case(case, by=actor_of(world.ours.agent))
    page = desk(address_of(cases[0], world) + "?view=all")
    marked = page.locator("#rows a.unread")
    row = page.locator(f"#case-{cases[1].pk}")
    expect(row).to_be_visible()
    expect(marked).to_have_count(0)

    say_again(cases[1], text="いつ届きますか。")
    hub.tell("message.received", cases[1])

    expect(marked).to_have_count(1)
    expect(row.locator(".unseen")).to_have_text("未読")
    assert row.locator(".who").evaluate("(who) => getComputedStyle(who).fontWeight") == "600"

    row.press("Enter")
    expect(page.locator("#case")).to_have_attribute("data-case", str(cases[1].pk))
    expect(marked).to_have_count(0)
    expect(row.locator(".unseen")).to_have_count(0)

    page.keyboard.press("Shift+U")
    expect(marked).to_have_count(1)
    expect(page.locator("#toasts")).to_contain_text("次に開くまで未読のままです")


def test_what_comes_while_one_has_the_case_before_ones_eyes_is_read(
    desk: Callable[[str], Page], hub: Hub, world: World, cases: list[Case]
) -> None:
    page = desk(address_of(cases[0], world) + "?view=all")
    row = page.locator(f"#case-{cases[0].pk}")
    expect(row).not_to_have_class("unread")

    say_again(cases[0], text="いつ届きますか。")
    with page.expect_response("**/cases/?view=all&shown=*"):
        hub.tell("message.received", cases[0])

    expect(page.locator("#entries")).to_contain_text("いつ届きますか。")
    expect(row.locator(".unseen")).to_have_count(0)
    page.reload()
    expect(page.locator(f"#case-{cases[0].pk} .unseen")).to_have_count(0)


def test_what_comes_while_the_page_is_not_in_sight_is_read_on_coming_back(
    desk: Callable[[str], Page], hub: Hub, world: World, cases: list[Case]
) -> None:
    page = desk(address_of(cases[0], world) + "?view=all")
    expect(page.locator(f"#case-{cases[0].pk}")).to_be_visible()
    page.evaluate(IN_SIGHT, False)
    say_again(cases[0], text="いつ届きますか。")
    with page.expect_response(lambda told: "part=live" in told.url) as unseen:
        hub.tell("message.received", cases[0])
    expect(page.locator("#entries")).to_contain_text("いつ届きますか。")
    assert "looking" not in unseen.value.url

    with page.expect_response(lambda told: "part=live" in told.url) as seen:
        page.evaluate(IN_SIGHT, True)

    assert "looking=yes" in seen.value.url
    expect(page.locator(f"#case-{cases[0].pk} .unseen")).to_have_count(0)


IN_SIGHT = """(yes) => {
    Object.defineProperty(document, 'hidden', { value: !yes, configurable: true });
    document.dispatchEvent(new Event('visibilitychange'));
}"""
