"""Lists in another order: chosen on the page, kept for this list, the same on every page that follows."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils.translation import override

from madoguchi.cases.factories import make_case
from madoguchi.cases.models import Case
from madoguchi.desk.tests.conftest import HTMX, everything, signed_in
from madoguchi.fields.factories import make_field
from madoguchi.kernel import clock
from madoguchi.people.factories import World
from madoguchi.people.queries import actor_of
from madoguchi.views.actions import add_view
from madoguchi.views.models import SavedView
from madoguchi.views.orders import names_with

pytestmark = pytest.mark.django_db
EVERYTHING = {"version": 1, "all": []}


@pytest.fixture
def three(world: World) -> list[Case]:
    """By newest contact they stand 2, 1, 0; the first waits longest, the last is urgent, the middle one due."""
    made = [make_case(world.ours.entry_point, subject=f"用件{n}") for n in range(3)]
    now = clock.now()
    for n, case in enumerate(made):
        wait = {"waiting_since": now - timedelta(days=3 - n), "touched_at": now - timedelta(hours=3 - n)}
        with world.ours.scope():
            Case.objects.filter(pk=case.pk).update(
                **wait,
                priority=4 if n == 2 else 2,
                due_at=now if n == 1 else None,
                due_for="first_reply",
            )
    return made


def shown(client: Client, address: str) -> list[str]:
    """The numbers in the subjects of a list, from above."""
    return list(dict.fromkeys(re.findall(r"用件(\d)", client.get(address).content.decode())))


@pytest.mark.parametrize(
    ("order", "subjects"),
    [("newest", "210"), ("waiting", "012"), ("priority", "210"), ("due", "120"), ("nonsense", "210")],
)
def test_a_list_stands_in_the_order_that_its_address_asks_for(
    agent: Client, three: list[Case], order: str, subjects: str
) -> None:
    assert "".join(shown(agent, f"/cases/?view=all&order={order}")) == subjects


def test_what_was_chosen_holds_for_this_list_and_no_other(agent: Client, three: list[Case]) -> None:
    assert shown(agent, "/cases/?view=all&order=waiting") == ["0", "1", "2"]

    again = agent.get("/cases/?view=all").content.decode()
    assert re.findall(r'aria-current="true" data-command="並び順: ([^"]+)"', again) == ["お待たせの長い順"]
    assert 'data-url="/cases/?view=all&amp;order=waiting"' in again
    assert shown(agent, "/cases/?view=all") == ["0", "1", "2"]
    assert shown(agent, "/cases/?view=active") == ["2", "1", "0"]
    assert shown(agent, "/cases/?view=all&order=newest") == ["2", "1", "0"]
    assert shown(agent, "/cases/?view=all") == ["2", "1", "0"]


def test_a_page_that_is_there_already_keeps_its_order(agent: Client, three: list[Case]) -> None:
    """Another tab has chosen another order meanwhile: parts that a page asks for are in its own."""
    agent.get("/cases/?view=all&order=waiting")

    part = agent.get("/cases/?view=all", headers=HTMX).content.decode()
    theirs = agent.get("/cases/?view=all&order=due", headers=HTMX).content.decode()

    assert list(dict.fromkeys(re.findall(r"用件(\d)", part))) == ["2", "1", "0"]
    assert list(dict.fromkeys(re.findall(r"用件(\d)", theirs))) == ["1", "2", "0"]
    assert shown(agent, "/cases/?view=all") == ["0", "1", "2"]


def test_what_follows_goes_on_where_the_page_ended(agent: Client, world: World) -> None:
    now = clock.now()
    made = [make_case(world.ours.entry_point) for _n in range(53)]
    with world.ours.scope():
        for n, case in enumerate(made):
            Case.objects.filter(pk=case.pk).update(waiting_since=now - timedelta(days=n % 2))

    first = agent.get("/cases/?view=all&order=waiting").content.decode()
    [more] = set(
        re.findall(r'<a class="button" href="(/cases/\?view=all&amp;order=waiting&amp;before=[^"]+)"', first)
    )
    rest = agent.get(more.replace("&amp;", "&")).content.decode()

    prefix = world.ours.company.prefix
    numbers = [re.findall(rf'href="/cases/({prefix}-\d+)/', page) for page in (first, rest)]
    assert [len(dict.fromkeys(one)) for one in numbers] == [50, 3]
    wanted = sorted(made, key=lambda case: (1 - made.index(case) % 2, case.pk))
    assert list(dict.fromkeys(numbers[0] + numbers[1])) == [case.spoken_number(prefix) for case in wanted]


def test_a_view_has_an_order_of_its_own(agent: Client, world: World, three: list[Case]) -> None:
    asked = {"r.join": "all", "r.count": "0", "name": "待ち", "do": "save", "order": "waiting"}
    agent.post("/views/new/", asked)
    [view] = everything(SavedView)

    assert view.order == "waiting"
    assert shown(agent, f"/cases/?saved={view.pk}") == ["0", "1", "2"]
    assert f'data-url="/cases/?saved={view.pk}"' in agent.get(f"/cases/?saved={view.pk}").content.decode()
    assert shown(agent, f"/cases/?saved={view.pk}&order=newest") == ["2", "1", "0"]
    assert shown(agent, f"/cases/?saved={view.pk}") == ["2", "1", "0"]
    assert '<option value="waiting" selected>' in agent.get(f"/views/{view.pk}/").content.decode()
    assert agent.post(f"/views/{view.pk}/", asked | {"order": "oldest"}).status_code == 422
    assert [one.order for one in everything(SavedView)] == ["waiting"]


def test_a_view_stands_by_a_field_that_it_shows(world: World, three: list[Case]) -> None:
    amount = make_field(world.ours.desk, "number", label="返金額")
    phone = make_field(world.ours.desk, label="電話", holds="phone")
    with world.ours.scope():
        for case, value in zip(three, (9, 100, None), strict=True):
            Case.objects.filter(pk=case.pk).update(filled={amount.key: value} if value else {})
        view = add_view(
            world.ours.company,
            audience=SavedView.Audience.OWNER,
            name="返金",
            filter=EVERYTHING,
            columns=[amount.pk, phone.pk],
            by=actor_of(world.ours.agent),
        )
    agent = signed_in(world.ours.agent)
    page = agent.get(f"/cases/?saved={view.pk}").content.decode()

    assert "返金額の大きい順" in page
    day, kind = (
        make_field(world.ours.desk, "date", label="ご購入日"),
        make_field(world.ours.desk, "choice", label="種類", choices=["甲", "乙"]),
    )
    with override("ja"):
        named = names_with([day, kind, amount])
    assert (named[f"up:{day.pk}"], named[f"down:{day.pk}"]) == ("ご購入日の古い順", "ご購入日の新しい順")
    assert (named[f"up:{amount.pk}"], named[f"down:{kind.pk}"]) == ("返金額の小さい順", "種類の降順")
    assert "電話の" not in page
    assert shown(agent, f"/cases/?saved={view.pk}&order=down:{amount.pk}") == ["1", "0", "2"]
    assert shown(agent, f"/cases/?saved={view.pk}&order=up:{amount.pk}") == ["0", "1", "2"]
    assert shown(agent, f"/cases/?saved={view.pk}&order=up:{phone.pk}") == ["2", "1", "0"]


def test_what_waits_for_an_answer_and_what_is_found_is_not_sorted(agent: Client, three: list[Case]) -> None:
    for address in ("/cases/?view=mentions&order=due", "/cases/?q=用件&order=due"):
        assert 'id="sorting"' not in agent.get(address).content.decode()


@pytest.mark.parametrize(
    "before", ["0~x~1", "9~2026-08-05~1", "0~2026-08-05 00:00:00+00~99999999999999999999", "~"]
)
def test_an_address_that_makes_no_sense_is_the_beginning(
    agent: Client, three: list[Case], before: str
) -> None:
    assert shown(agent, f"/cases/?view=all&order=waiting&before={before}") == ["0", "1", "2"]
