"""A notification that one goes to is read; one that is merely asked for is not."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from madoguchi.cases.factories import make_case
from madoguchi.desk.tests.conftest import everything
from madoguchi.desk.tests.test_notification_pages import tell, unread
from madoguchi.following.models import Notification
from madoguchi.people.factories import World

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]


def test_going_there_by_keyboard_reads_it(desk: Callable[[str], Page], world: World) -> None:
    case = make_case(world.ours.entry_point)
    tell(world, case, count=2)
    page = desk("/notifications/")
    newest = max(one.pk for one in everything(Notification))

    page.locator(f"a[href='/notifications/{newest}/']").focus()
    with page.expect_request(lambda asked: asked.url.endswith(f"/notifications/{newest}/mark/")) as marking:
        page.keyboard.press("Enter")
    number = case.spoken_number(world.ours.company.prefix)
    expect(page).to_have_url(re.compile(f"/cases/{number}/$"))
    marking.value.response()

    page.goto(page.url.replace(f"/cases/{number}/", "/notifications/"))
    expect(page.get_by_text("未読", exact=True)).to_have_count(1)
    assert unread() == [True, False]
