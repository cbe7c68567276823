"""Households and firms by programs: read through the masks, set whole, refused with nothing changed."""

import pytest

from madoguchi.api.tests.conftest import READ, Program, all_of
from madoguchi.customers.actions import set_sort
from madoguchi.customers.factories import make_customer
from madoguchi.customers.models import Belonging, Customer
from madoguchi.kernel.actor import Permission
from madoguchi.people.factories import World
from madoguchi.people.queries import actor_of

pytestmark = pytest.mark.django_db
EDIT = (Permission.CUSTOMER_READ, Permission.CUSTOMER_EDIT)


def address(customer: Customer) -> str:
    return f"/api/v1/customers/{customer.pk}/belongings"


def made(world: World, name: str, sort: str = "") -> Customer:
    row = make_customer(world.ours.company, name=name, email=None)
    with world.ours.scope():
        set_sort(row, sort, by=actor_of(world.ours.agent))
    return row


def test_who_belongs_to_a_firm_is_set_whole_and_read_from_both_sides(world: World, program: Program) -> None:
    person, firm, home = (
        made(world, "髙橋 美咲"),
        made(world, "㈱髙﨑商事", "firm"),
        made(world, "", "household"),
    )
    client = program("agent", *EDIT)
    both = [{"customer": firm.pk, "role": "購買担当"}, {"customer": home.pk}]

    told = client.patch(address(person), {"groups": both}, content_type="application/json")

    assert told.status_code == 200
    assert told.json() == {
        "customer": person.pk,
        "sort": "person",
        "groups": [
            {"customer": firm.pk, "name": "㈱髙﨑商事", "sort": "firm", "role": "購買担当"},
            {"customer": home.pk, "name": "", "sort": "household", "role": ""},
        ],
        "people": [],
    }
    assert client.get(address(firm)).json()["people"] == [
        {"customer": person.pk, "name": "髙橋 美咲", "sort": "person", "role": "購買担当"}
    ]

    client.patch(address(person), {"groups": both[1:]}, content_type="application/json")

    with world.ours.scope():
        assert list(Belonging.objects.values_list("group", flat=True)) == [home.pk]


@pytest.mark.parametrize("wanted", [{}, {"sort": "firm", "groups": [{"customer": 0}]}, {"sort": "club"}])
def test_what_makes_no_sense_changes_nothing(
    world: World, program: Program, wanted: dict[str, object]
) -> None:
    person, other = made(world, "髙橋 美咲"), made(world, "小川 葉子")
    client = program("agent", *EDIT)
    before = all_of(world.ours)["customers.Customer"]
    given = wanted | ({"groups": [{"customer": other.pk}]} if "groups" in wanted else {})

    answer = client.patch(address(person), given, content_type="application/json")

    assert answer.status_code == 422
    assert all_of(world.ours)["customers.Customer"] == before
    with world.ours.scope():
        assert not Belonging.objects.exists()


def test_names_are_masked_and_strangers_find_nobody(world: World, program: Program) -> None:
    person, firm = made(world, "髙橋 美咲"), made(world, "㈱髙﨑商事", "firm")
    program("agent", *EDIT).patch(
        address(person), {"groups": [{"customer": firm.pk}]}, content_type="application/json"
    )
    with world.ours.scope():
        world.ours.engagement.hidden = ["name"]
        world.ours.engagement.save()

    assert [one["name"] for one in program("agent", *READ).get(address(firm)).json()["people"]] == [""]
    theirs = program("agent", *EDIT, side=world.theirs)
    assert theirs.get(address(firm)).status_code == 404
    assert theirs.patch(address(person), {"groups": []}, content_type="application/json").status_code == 404
    hidden = program("agent", *EDIT).patch(address(person), {"groups": []}, content_type="application/json")
    assert hidden.status_code == 403
    with world.ours.scope():
        assert Belonging.objects.count() == 1
