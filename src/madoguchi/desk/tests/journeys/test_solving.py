"""Solving a case by keyboard while something is missing: it is shown where it is filled in, on a phone too."""

from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from madoguchi.cases.models import Case, Message, Status
from madoguchi.desk.tests.conftest import everything
from madoguchi.desk.tests.journeys.conftest import address_of
from madoguchi.fields.factories import make_field
from madoguchi.fields.models import Field
from madoguchi.people.factories import World

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def asked(world: World) -> tuple[Field, Field]:
    """A choice and a text, both needed to solve."""
    cause = make_field(world.ours.desk, "choice", label="原因", required=True, choices=["断線", "水ぬれ"])
    return cause, make_field(world.ours.desk, label="部品", required=True)


@pytest.mark.parametrize("width", [1440, 390])
def test_enter_leads_through_what_is_missing_and_solves(
    desk: Callable[[str], Page],
    world: World,
    cases: list[Case],
    asked: tuple[Field, Field],
    now: Callable[[Case], Case],
    width: int,
) -> None:
    cause, part = asked
    page = desk(address_of(cases[0], world))
    page.set_viewport_size({"width": width, "height": 844})
    page.keyboard.press("e")

    first = page.locator(f"#field-{cause.pk}")
    expect(first).to_be_focused()
    expect(first).to_be_in_viewport(ratio=1)
    expect(first).to_have_attribute("aria-invalid", "true")
    expect(page.locator(f"#field-problem-{cause.pk}")).to_have_text("先に入力してください。")
    expect(page.locator(".toast")).to_have_count(0)
    assert Axe().run(page).response["violations"] == []
    page.keyboard.press("ArrowDown")
    expect(first).to_have_value("断線")
    expect(page.locator(f"#field-problem-{cause.pk}")).to_have_count(0)
    page.keyboard.press("Enter")
    expect(page.locator(f"#field-{part.pk}")).to_be_focused()
    page.keyboard.type("A-100")
    page.keyboard.press("Enter")

    expect(page.locator("#form-then button")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator(".toast")).to_contain_text("状態を「解決」にしました")
    assert now(cases[0]).status == Status.SOLVED
    assert now(cases[0]).filled == {cause.key: "断線", part.key: "A-100"}
    expect(page.locator("#form-then")).to_have_count(0)


def test_an_answer_that_solves_leads_there_and_back(
    desk: Callable[[str], Page], world: World, cases: list[Case], now: Callable[[Case], Case]
) -> None:
    field = make_field(world.ours.desk, label="部品", required=True)
    page = desk(address_of(cases[0], world))
    page.set_viewport_size({"width": 390, "height": 844})
    page.keyboard.press("r")
    page.keyboard.type("お送りしました。")
    page.locator(".other-ways summary").click()
    page.locator(".other-ways").get_by_role("button", name="送信して解決").click()

    expect(page.locator(f"#field-{field.pk}")).to_be_focused()
    page.keyboard.type("A-100")
    page.keyboard.press("Enter")

    expect(page.locator("#about")).to_be_hidden()
    expect(page.locator("#reply-text")).to_be_focused()
    expect(page.locator("#reply-text")).to_have_value("お送りしました。")
    assert now(cases[0]).filled == {field.key: "A-100"}
    assert [m.author for m in everything(Message) if m.case_id == cases[0].pk] == ["customer"]
