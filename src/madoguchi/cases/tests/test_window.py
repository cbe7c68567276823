"""The desk that a customer knows, where a technical one works the case behind it."""

import pytest

from madoguchi.cases.actions import move_to_desk, place_at_desk
from madoguchi.cases.factories import make_case
from madoguchi.cases.filling import values_for
from madoguchi.cases.models import Case
from madoguchi.companies.factories import make_desk
from madoguchi.companies.models import Desk
from madoguchi.kernel.actor import system
from madoguchi.people.factories import World
from madoguchi.people.queries import actor_of

pytestmark = pytest.mark.django_db

BY = system("test")


@pytest.fixture
def desks(world: World) -> dict[str, Desk]:
    """The customers' own desk, two technical ones and one for orders."""
    found = {"home": world.ours.desk}
    kinds = {"technical": Desk.Kind.TECHNICAL, "second": Desk.Kind.TECHNICAL, "orders": Desk.Kind.ORDERS}
    with world.ours.scope():
        for name, kind in kinds.items():
            found[name] = make_desk(world.ours.company, name=name)
            found[name].kind = kind
            found[name].save()
    return found


@pytest.mark.parametrize(
    ("way", "seen"),
    [
        (["technical"], "home"),
        (["technical", "second"], "home"),
        (["technical", "home"], "home"),
        (["technical", "orders"], "orders"),
        (["orders"], "orders"),
        (["orders", "technical"], "orders"),
        (["technical", "home", "technical"], "home"),
    ],
)
def test_the_number_and_the_desk_that_is_seen_stay_behind_a_technical_desk(
    world: World, desks: dict[str, Desk], way: list[str], seen: str
) -> None:
    case = make_case(world.ours.entry_point)
    with world.ours.scope():
        for name in way:
            move_to_desk(case, to=desks[name], by=BY)
            case = Case.objects.get(pk=case.pk)

        assert (case.desk_id, case.shown_desk, case.number) == (desks[way[-1]].pk, desks[seen], case.number)
        # Where both are one nothing stands beside it.
        assert case.window_id == (None if seen == way[-1] else desks[seen].pk)


def test_a_case_that_came_to_a_technical_desk_is_seen_there(world: World, desks: dict[str, Desk]) -> None:
    with world.ours.scope():
        Desk.objects.filter(pk=world.ours.desk.pk).update(kind=Desk.Kind.TECHNICAL)
    case = make_case(world.ours.entry_point)
    with world.ours.scope():
        case = Case.objects.get(pk=case.pk)

        move_to_desk(case, to=desks["second"], by=BY)

        assert Case.objects.get(pk=case.pk).window_id is None


def test_rules_that_place_a_case_leave_the_desk_that_is_seen(world: World, desks: dict[str, Desk]) -> None:
    case = make_case(world.ours.entry_point)
    with world.ours.scope():
        assert place_at_desk(case, to=desks["technical"], by=BY)

        assert Case.objects.get(pk=case.pk).window_id == world.ours.desk.pk


def test_texts_speak_in_the_name_of_the_desk_that_is_seen(world: World, desks: dict[str, Desk]) -> None:
    case = make_case(world.ours.entry_point)
    with world.ours.scope():
        Desk.objects.filter(pk=world.ours.desk.pk).update(greeting="お客様窓口でございます。")
        move_to_desk(case, to=desks["technical"], by=BY)

        said = values_for(Case.objects.get(pk=case.pk), actor=actor_of(world.ours.agent))

    assert (said["desk"], said["greeting"]) == (world.ours.desk.public_name, "お客様窓口でございます。")
