"""A customer's words suggest a feeling, somebody says that it is so, and a template for it is at hand."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from madoguchi.cases.factories import make_case
from madoguchi.cases.models import Case
from madoguchi.desk.tests.conftest import everything
from madoguchi.desk.tests.journeys.conftest import address_of
from madoguchi.knowledge.actions import TemplateCare, add_template
from madoguchi.people.factories import World
from madoguchi.people.queries import actor_of

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]


def test_from_the_customers_words_to_the_words_of_the_answer(
    desk: Callable[[str], Page], world: World
) -> None:
    side = world.ours
    case = make_case(side.entry_point, text="もう許せません。三度目です。")
    with side.scope():
        care = TemplateCare(feelings=["anger"])
        by, body = actor_of(side.company_manager), "ご不快な思いをおかけし、申し訳ございません。"
        add_template(side.company, desk=side.desk, name="お詫びから", body=body, care=care, by=by)
    page = desk(address_of(case, world))
    expect(page.locator("#speaking [data-insert-url]")).to_have_count(0)

    page.get_by_role("button", name="怒り?").or_(page.locator(".suggests[value=anger]")).first.click()
    page.locator("#speaking").get_by_role("button", name="お詫びから").click()

    expect(page.locator("#composer textarea[name=text], textarea[name=text]").first).to_have_value(body)
    [held] = everything(Case, pk=case.pk)
    assert held.feelings == ["anger"]
