"""The wall in Chromium: it draws itself anew at a pace, is read by all, and keeps the place of who uses it."""

from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from madoguchi.cases.factories import make_case
from madoguchi.cases.models import Case
from madoguchi.desk.tests.journeys.conftest import Hub
from madoguchi.people.factories import World
from madoguchi.people.models import User

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]
AXE = Axe()


def waiting(page: Page) -> str:
    return page.locator("#wall-queues tbody td.big").inner_text()


def test_it_shows_what_came_and_does_not_draw_for_every_single_event(
    desk: Callable[[str], Page], world: World, cases: list[Case], hub: Hub
) -> None:
    page = desk("/wall/")
    expect(page.locator("#figures-title")).to_be_visible()
    assert waiting(page) == "3"
    asked: list[str] = []
    page.on("request", lambda r: asked.append(r.url) if r.url.endswith("/wall/") else None)

    for _time in range(3):
        new = make_case(world.ours.entry_point)
    for _time in range(40):
        hub.tell("message.received", new)

    expect(page.locator("#wall-queues tbody td.big")).to_have_text("6")
    expect(page.locator("#wall-sum")).to_contain_text("6人のお客様をお待たせしています。")
    assert len(asked) == 1
    # Who listens is told as well, and of what comes within the minute not again.
    expect(page.locator("#say")).to_have_text(page.locator("#wall-sum").inner_text())
    told = page.locator("#say").inner_text()
    hub.tell("case.opened", make_case(world.ours.entry_point))
    expect(page.locator("#wall-queues tbody td.big")).to_have_text("7")
    assert page.locator("#say").inner_text() == told

    page.locator("#wall-queues tbody td.big").get_by_role("link").click()
    page.wait_for_url("**/wall/cases/?of=waiting**")
    expect(page.locator("tbody tr")).to_have_count(7)


def test_the_focus_stays_where_it_was_when_it_is_drawn_anew(
    desk: Callable[[str], Page], world: World, cases: list[Case], hub: Hub
) -> None:
    page = desk("/wall/")
    number = cases[0].spoken_number(world.ours.company.prefix)
    page.get_by_role("link", name=number).focus()

    hub.tell("case.opened", make_case(world.ours.entry_point))

    expect(page.locator("#wall-queues tbody td.big")).to_have_text("4")
    expect(page.get_by_role("link", name=number)).to_be_focused()
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/cases/{number}/**")


def test_by_keyboard_from_the_console_and_down_to_a_channel(
    desk: Callable[[str], Page], world: World, cases: list[Case]
) -> None:
    page = desk("/")
    page.keyboard.press("g")
    page.keyboard.press("w")
    page.wait_for_url("**/wall/")

    page.get_by_role("link", name="メール", exact=True).first.press("Enter")

    page.wait_for_url("**channel=email**")
    expect(page.locator("select[name=channel]")).to_have_value("email")
    expect(page.locator("#wall-oldest tbody tr")).to_have_count(3)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1920, 390])
def test_nothing_that_axe_objects_to_on_any_screen(
    desk: Callable[[str], Page], world: World, cases: list[Case], width: int, scheme: str
) -> None:
    with world.ours.scope():
        Case.objects.filter(pk=cases[0].pk).update(due_at=cases[0].opened_at)
    page = desk("/")
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    page.set_viewport_size({"width": width, "height": 1080})
    page = desk("/wall/")
    expect(page.locator("#figures-title")).to_be_visible()

    found = AXE.run(page).response["violations"]

    assert [(one["id"], [node["target"] for node in one["nodes"]]) for one in found] == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    # A large screen is used to its edges.
    free = page.evaluate(
        "document.querySelector('main').clientWidth - document.querySelector('.wall').clientWidth"
    )
    assert free < 100


def test_a_company_looks_at_it_too(
    desk: Callable[[str], Page],
    sign_in: Callable[[User], None],
    world: World,
    cases: list[Case],
    hub: Hub,
) -> None:
    sign_in(world.ours.company_staff)
    page = desk("/wall/")
    assert waiting(page) == "3"

    hub.tell("case.opened", make_case(world.ours.entry_point))

    expect(page.locator("#wall-queues tbody td.big")).to_have_text("4")
    assert page.locator("main form[method=post], main [data-key]").count() == 0
