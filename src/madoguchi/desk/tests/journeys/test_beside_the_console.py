"""Nothing that axe objects to, and nothing that sticks out, on the pages that an agent or a supervisor opens beside the
console.
"""

from collections.abc import Callable
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from madoguchi.batches.actions import start, work
from madoguchi.cases.models import Case
from madoguchi.commerce.actions import set_up_shop
from madoguchi.commerce.documents.kinds import Kind
from madoguchi.commerce.factories import order_of
from madoguchi.commerce.issuing import issue
from madoguchi.customers.factories import make_customer
from madoguchi.desk.tests.journeys.conftest import address_of
from madoguchi.fields.factories import make_field
from madoguchi.kernel.actor import system
from madoguchi.people.factories import World
from madoguchi.people.models import User
from madoguchi.people.queries import actor_of
from madoguchi.tasks.actions import Wanted, add_task

pytestmark = [pytest.mark.long, pytest.mark.journey, pytest.mark.django_db(transaction=True)]
AXE = Axe()
SHELL = system("test")
PAGES = {
    "many": ("/bulk/?view=all", "/batches/{batch}/", "/duplicates/", "/views/new/"),
    "one's own": ("/notifications/", "/notifications/wishes/", "/tasks/"),
    "goods": ("{case}order/", "{case}purchases/", "/orders/{order}/", "/papers/"),
    "one case": ("{case}join/", "{case}join/?other={other}", "{case}merge/", "{case}looks/"),
}


@pytest.fixture
def something(world: World, cases: list[Case]) -> dict[str, Any]:
    """One of everything that has a page, by its word in the addresses above."""
    side, by = world.ours, actor_of(world.ours.supervisor)
    other = make_customer(side.company, name="髙橋 美咲")
    order = order_of(cases[0].customer_id, cases[0].desk_id, case=cases[0].pk)
    make_field(side.desk)
    with side.scope():
        set_up_shop(side.company, registration_number="T7000012050002", by=SHELL)
        issue(order, Kind.INVOICE, by=SHELL)
        add_task(cases[0], Wanted(title="折り返し電話", owner=by.id), by=by)
        batch = start([case.pk for case in cases], verb="priority", value="4", by=by)
    work(batch.pk, company=side.company.pk)
    return {"case": address_of(cases[0], world), "order": order.pk, "other": other.pk, "batch": batch.pk}


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("part", PAGES)
def test_pages_of_a_supervisor(
    desk: Callable[[str], Page],
    sign_in: Callable[[User], None],
    world: World,
    something: dict[str, Any],
    page: Page,
    part: str,
    scheme: Any,
) -> None:
    sign_in(world.ours.supervisor)
    page.emulate_media(color_scheme=scheme)

    for address in PAGES[part]:
        desk(address.format(**something))
        assert page.locator("p.code").count() == 0, page.url
        found = AXE.run(page).response["violations"]
        assert [(page.url, v["id"], [n["html"][:200] for n in v["nodes"]]) for v in found] == []
        for width in (1440, 390):
            page.set_viewport_size({"width": width, "height": 800})
            assert page.evaluate("document.documentElement.scrollWidth - innerWidth") == 0, (page.url, width)
