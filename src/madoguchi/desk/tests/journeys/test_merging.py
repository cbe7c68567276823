"""One case made of two by keyboard, and two again."""

import re
from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from madoguchi.cases.factories import make_case
from madoguchi.cases.models import Case
from madoguchi.desk.tests.conftest import MISAKI
from madoguchi.desk.tests.journeys.conftest import address_of
from madoguchi.people.factories import World

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]


def test_two_cases_become_one_and_two_again(desk: Callable[[str], Page], world: World) -> None:
    older = make_case(world.ours.entry_point, sender=MISAKI, subject="炊飯器の電源が入りません")
    younger = make_case(world.ours.entry_point, sender=MISAKI, subject="先ほどの炊飯器の件の続きです")
    page = desk(address_of(younger, world))

    page.keyboard.press(".")
    page.get_by_role("link", name="統合", exact=True).press("Enter")
    page.get_by_role("radio", name="炊飯器の電源が入りません").press("Space")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="に統合します")).to_be_visible()
    assert Axe().run(page).response["violations"] == []
    merge = page.get_by_role("button", name="統合", exact=True)
    expect(merge).to_be_focused()
    page.keyboard.press("Enter")

    expect(page).to_have_url(re.compile(re.escape(address_of(older, world))))
    expect(page.get_by_role("article").get_by_role("article")).to_have_count(2)

    page.get_by_role("button", name="統合を元に戻す").press("Enter")
    expect(page.get_by_text("さんが統合を元に戻しました")).to_be_visible()
    expect(page.get_by_role("article").get_by_role("article")).to_have_count(1)
    with world.ours.scope():
        assert Case.objects.get(pk=younger.pk).continued_in_id is None
