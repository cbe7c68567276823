"""Which column is what is offered again for the next table with the same headings, of the same company alone."""

from typing import Any

import pytest

from madoguchi.commerce.models import Order
from madoguchi.companies.factories import make_desk, make_entry_point
from madoguchi.imports import as_before
from madoguchi.imports.actions.uploading import look_again, start, throw_away, upload
from madoguchi.imports.as_before import shape_of
from madoguchi.imports.models import Upload
from madoguchi.imports.tests.test_uploads import a_file, do, go, uploaded
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor, ActorKind, Grant, Role
from madoguchi.people.factories import World
from madoguchi.people.queries import actor_of

pytestmark = pytest.mark.django_db
HEAD = "伝票,いつ,誰,どこへ,品,数,円\r\n"
SAID: Any = {
    "columns": {
        "order": "伝票",
        "ordered": "いつ",
        "name": "誰",
        "address": "",
        "goes_to": "どこへ",
        "product": "品",
        "quantity": "数",
        "price": "円",
    }
}


def table(*rows: str, head: str = HEAD) -> Any:
    return a_file(head + "".join(f"{row}\r\n" for row in rows), letters="utf-8", name="orders.csv")


@pytest.fixture
def first(world: World) -> Upload:
    """A table of orders that nobody could guess, read as was said, brought in."""
    found = go(uploaded(world, table("A1,2024/05/01,髙橋 美咲,京都市中京区,煎茶,2,1080")))
    assert (found.state, found.found.get("as_before")) == ("failed", None)
    go(do(look_again, found, world, said=SAID))
    done = go(do(start, found, world))
    assert (done.state, done.found["counts"]["order"]["created"]) == ("done", 1)
    return done


def test_the_next_table_with_the_same_headings_is_read_so(world: World, first: Upload) -> None:
    do(throw_away, first, world)
    found = go(uploaded(world, table("A2,2024/06/01,佐藤 花,大阪市北区,急須,1,4400")))

    assert (found.state, found.asked["columns"]) == ("looked", SAID["columns"])
    assert first.started_at is not None
    assert found.found["as_before"] == f"{first.started_at.astimezone(clock.TOKYO):%Y-%m-%d}"
    done = go(do(start, found, world))
    assert done.found["counts"]["order"]["created"] == 1
    with world.ours.scope():
        assert [order.total for order in Order.objects.order_by("placed_at")] == [2_160, 4_400]


def test_what_is_said_of_a_table_itself_counts(world: World, first: Upload) -> None:
    found = go(uploaded(world, table("A2,2024/06/01,佐藤 花,大阪市北区,急須,1,4400")))
    other = {"columns": SAID["columns"] | {"quantity": "円", "price": "数"}}
    again = go(do(look_again, found, world, said=other))

    assert again.asked["columns"] == other["columns"]
    assert "as_before" not in again.found


@pytest.mark.parametrize("head", ["伝票,いつ,誰,どこへ,品,円,数\r\n", "伝票,いつ,誰,どこへ,品,数\r\n"])
def test_other_headings_are_another_table(world: World, first: Upload, head: str) -> None:
    found = go(uploaded(world, table("A2,2024/06/01,佐藤 花,大阪市北区,急須,4400,1", head=head)))

    assert (found.asked["columns"], found.found.get("as_before")) == ({}, None)


def test_another_company_and_a_table_that_never_came_in_offer_nothing(world: World) -> None:
    looked = go(uploaded(world, table("A1,2024/05/01,髙橋 美咲,京都市中京区,煎茶,2,1080")))
    assert go(do(look_again, looked, world, said=SAID)).state == "looked"
    second = go(uploaded(world, table("A2,2024/06/01,佐藤 花,大阪市北区,急須,1,4400")))
    assert second.asked["columns"] == {}

    with world.ours.scope():
        start(looked, by=actor_of(world.ours.company_manager))
    go(looked)
    theirs = World(ours=world.theirs, theirs=world.ours, administrator=world.administrator)
    third = go(uploaded(theirs, table("A3,2024/06/02,鈴木 一,神戸市,急須,1,4400")))
    assert (third.state, third.asked["columns"]) == ("failed", {})


@pytest.mark.parametrize(("elsewhere", "offered"), [(False, True), (True, False)])
def test_whoever_imports_to_one_desk_is_told_nothing_of_others(
    world: World, first: Upload, elsewhere: bool, offered: bool
) -> None:
    with world.ours.scope():
        other = make_desk(world.ours.company)
        make_entry_point(other)
        desk = other if elsewhere else world.ours.desk
        grant = Grant(world.ours.company.pk, Role.COMPANY_MANAGER, desk.pk)
        alone = Actor(ActorKind.PERSON, "森", world.ours.agent.pk, (grant,))
        here = upload([table()], desk=desk, system="csv", said={}, by=alone)
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(as_before, "actor_of", lambda _person: alone)
            said = as_before.said_before(here, first.found["shape"])

    assert said.get("columns") == (SAID["columns"] if offered else None)


def test_the_shape_tells_headings_apart_and_names_none() -> None:
    shapes = {shape_of(one) for one in (["a", "b"], ["b", "a"], ["a"], ["a", "b", ""], [])}

    assert len(shapes) == 5
    assert {len(shape) for shape in shapes} == {64}
