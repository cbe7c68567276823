"""Households and firms as business customers: their rank, and who is told of severe trouble there."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from madoguchi.customers.account import Alerted, Part, accounts_of, alerted_of, people_of
from madoguchi.customers.actions import belong, leave, set_account
from madoguchi.customers.actions.account import MOST_ALERTED
from madoguchi.customers.factories import make_customer
from madoguchi.customers.models import Customer
from madoguchi.customers.tests.test_belonging import kept_beside, make_group
from madoguchi.infra.models import Event
from madoguchi.kernel.actor import Actor
from madoguchi.kernel.errors import NotAllowed, Refused
from madoguchi.people.factories import World
from madoguchi.people.queries import actor_of

SALES = Alerted(Part.SALES, "営業 太郎", "sales@maker.example")
DEVELOPER = Alerted(Part.DEVELOPMENT, "開発 花子", "dev@maker.example")


def state(firm: Customer) -> tuple[str, list[Alerted], int]:
    """Its rank, who is told, and how often the log told of a change."""
    now = Customer.objects.get(pk=firm.pk)
    return now.rank, alerted_of(now), Event.objects.filter(kind="customer.changed").count()


@pytest.mark.django_db
def test_rank_and_people_are_kept_in_their_order_and_told_without_addresses(
    world: World, agent: Actor
) -> None:
    firm = make_group(world)
    with world.ours.scope():
        set_account(firm, rank="A", alerted=[DEVELOPER, SALES], by=agent)
        assert state(firm) == ("A", [DEVELOPER, SALES], 1)

        set_account(firm, rank="A", alerted=[DEVELOPER, SALES], by=agent)
        assert state(firm) == ("A", [DEVELOPER, SALES], 1)

        set_account(firm, rank="A", alerted=[SALES], by=agent)
        set_account(firm, rank="", alerted=[], by=agent)
        assert state(firm) == ("", [], 3)
        fields = Event.objects.filter(kind="customer.changed").order_by("id").values_list("data", flat=True)
        assert [one["fields"] for one in fields] == [["alerted", "rank"], ["alerted"], ["alerted", "rank"]]
        beside = [words for _kind, words in kept_beside("customer.changed")]
        assert beside == [{"rank": ["", "A"]}, None, {"rank": ["A", ""]}]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("rank", "people", "field"),
    [
        ("Z", 0, "rank"),
        ("a", 0, "rank"),
        ("A", MOST_ALERTED + 1, "alerted"),
    ],
)
def test_what_makes_no_sense_is_refused(
    world: World, agent: Actor, rank: str, people: int, field: str
) -> None:
    firm = make_group(world)
    many = [Alerted(Part.SALES, f"担当{n}", f"s{n}@maker.example") for n in range(people)]
    with world.ours.scope():
        before = state(firm)
        with pytest.raises(Refused) as error:
            set_account(firm, rank=rank, alerted=many, by=agent)
        assert (error.value.field, state(firm)) == (field, before)


@pytest.mark.django_db
def test_ten_are_not_too_many(world: World, agent: Actor) -> None:
    firm = make_group(world)
    many = [Alerted(Part.SALES, f"担当{n}", f"s{n}@maker.example") for n in range(MOST_ALERTED)]
    with world.ours.scope():
        set_account(firm, rank="C", alerted=many, by=agent)
        assert state(firm) == ("C", many, 1)


@pytest.mark.django_db
def test_others_keep_nothing(world: World) -> None:
    firm = make_group(world)
    with world.ours.scope():
        before = state(firm)
        for other in (world.theirs.manager, world.theirs.agent):
            with pytest.raises(NotAllowed):
                set_account(firm, rank="A", alerted=[SALES], by=actor_of(other))
        assert state(firm) == before


@pytest.mark.django_db
def test_the_accounts_of_somebody_are_those_they_belong_to(world: World, agent: Actor) -> None:
    firm, house = make_group(world), make_group(world, name="髙橋家", sort="household")
    person, alone = make_customer(world.ours.company), make_customer(world.ours.company)
    with world.ours.scope():
        to_firm, _to_house = [belong(person, to=group, by=agent) for group in (firm, house)]

        assert [one.pk for one in accounts_of(person.pk)] == [firm.pk, house.pk]
        assert [one.pk for one in accounts_of(firm.pk)] == [firm.pk]
        assert list(accounts_of(alone.pk)) == []
        assert (people_of(firm.pk), people_of(alone.pk)) == ({firm.pk, person.pk}, {alone.pk})

        leave(to_firm, by=agent)
        assert [one.pk for one in accounts_of(person.pk)] == [house.pk]
        assert people_of(firm.pk) == {firm.pk}


@given(
    st.lists(
        st.builds(Alerted, st.sampled_from(list(Part)), st.text(max_size=20), st.emails()),
        max_size=MOST_ALERTED,
    )
)
def test_who_is_kept_is_who_was_named(people: list[Alerted]) -> None:
    assert alerted_of(Customer(alerted=[one.kept() for one in people])) == people
