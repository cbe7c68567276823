"""Postal addresses of customers beside the record's own: kept, shared, masked, joined and given back."""

from dataclasses import replace
from itertools import combinations

import pytest

from madoguchi.customers import likeness
from madoguchi.customers.actions import (
    change_customer,
    join_customers,
    know_place,
    part_customers,
    set_places,
)
from madoguchi.customers.apart import together
from madoguchi.customers.blots import blotter_for
from madoguchi.customers.factories import make_customer
from madoguchi.customers.likeness import Described, Sign, score_of, signs_of
from madoguchi.customers.models import Customer, PostalAddress
from madoguchi.customers.places import known_at, places_of, places_shown
from madoguchi.infra.models import Event, EventWords
from madoguchi.kernel.actor import DataScope, system
from madoguchi.kernel.errors import Refused
from madoguchi.kernel.places import house_of, place_in_parts
from madoguchi.people.factories import World
from madoguchi.people.queries import actor_of

pytestmark = pytest.mark.django_db
SHELL = system("test")
How = PostalAddress.How
HOME, SAME, AWAY = (
    "〒106-0032 東京都港区六本木1-2-3",
    "東京都港区六本木１丁目２番３号",
    "横浜市西区4-5-6 青葉荘201",
)


def written(customer: Customer) -> list[tuple[str, str]]:
    return [(one.written, one.how) for one in places_of([customer.pk])[customer.pk]]


def test_goods_went_there_is_known_once_and_better_when_they_arrived(world: World) -> None:
    one = make_customer(world.ours.company)
    with world.ours.scope():
        assert know_place(one.pk, written=HOME, how=How.SENT, by=SHELL)
        assert not know_place(one.pk, written=SAME, how=How.SENT, by=SHELL)
        assert know_place(one.pk, written=SAME, how=How.ARRIVED, by=SHELL)
        assert not know_place(one.pk, written=SAME, how=How.SENT, by=SHELL)
        assert not know_place(one.pk, written="東京都港区", how=How.SENT, by=SHELL)

        assert written(one) == [(HOME, "arrived")]
        told = Event.objects.filter(kind="customer.changed").get()
        assert told.data["fields"] == ["places"]
        assert EventWords.objects.get(event_id=told.pk).changes == {"places": [[], [HOME]]}


def test_what_the_record_says_is_not_kept_twice(world: World) -> None:
    by, one = actor_of(world.ours.agent), make_customer(world.ours.company)
    with world.ours.scope():
        change_customer(one, address=HOME, by=by)

        assert not know_place(one.pk, written=SAME, how=How.ARRIVED, by=SHELL)
        assert written(one) == []


def test_a_household_shares_one_and_two_companies_never(world: World) -> None:
    one, other = make_customer(world.ours.company), make_customer(world.ours.company, name="別の 人")
    theirs = make_customer(world.theirs.company)
    with world.theirs.scope():
        know_place(theirs.pk, written=HOME, how=How.SENT, by=SHELL)
    with world.ours.scope():
        for each in (one, other):
            know_place(each.pk, written=HOME, how=How.SENT, by=SHELL)

        assert known_at([house_of(SAME)], company=world.ours.company.pk) == [other.pk, one.pk]
        assert together([one.pk, other.pk]) == {one.pk: one.pk, other.pk: one.pk}


def test_a_person_says_which_there_are(world: World) -> None:
    by, one = actor_of(world.ours.agent), make_customer(world.ours.company)
    with world.ours.scope():
        know_place(one.pk, written=HOME, how=How.ARRIVED, by=SHELL)
        set_places(one, written=[HOME, AWAY, AWAY], by=by)
        assert written(one) == [(HOME, "arrived"), (AWAY, "told")]

        for wrong in (["横浜市西区"], [f"横浜市西区{n}-1" for n in range(21)]):
            with pytest.raises(Refused) as refused:
                set_places(one, written=wrong, by=by)
            assert (refused.value.field, written(one)) == ("places", [(HOME, "arrived"), (AWAY, "told")])
        set_places(one, written=[AWAY], by=by)
        assert written(one) == [(AWAY, "told")]


def test_a_place_in_other_words_is_known_as_well_as_before(world: World) -> None:
    by = actor_of(world.ours.agent)
    one, other = make_customer(world.ours.company), make_customer(world.ours.company)
    with world.ours.scope():
        know_place(one.pk, written=HOME, how=How.ARRIVED, by=SHELL)
        know_place(other.pk, written=SAME, how=How.SENT, by=SHELL)
        join = join_customers(other, into=one, by=by)
        told = Event.objects.filter(kind="customer.changed").count()

        set_places(one, written=[HOME], by=by)
        assert Event.objects.filter(kind="customer.changed").count() == told
        set_places(one, written=[SAME], by=by)
        assert written(one) == [(SAME, "arrived")]

        part_customers(join, by=by)
        assert (written(one), written(other)) == ([(SAME, "arrived")], [(SAME, "sent")])


def test_they_are_kept_from_whom_addresses_are(world: World) -> None:
    one = make_customer(world.ours.company)
    by = actor_of(world.ours.agent)
    grants = tuple(replace(g, data_scope=DataScope(masked=frozenset({"address"}))) for g in by.grants)
    kept_from = replace(by, grants=grants)
    with world.ours.scope():
        know_place(one.pk, written=AWAY, how=How.SENT, by=SHELL)

        assert [seen for _one, seen in places_shown(one, actor=by)] == [AWAY]
        assert AWAY not in [seen for _one, seen in places_shown(one, actor=kept_from)]
        assert "青葉荘" not in blotter_for(one, actor=kept_from)(f"お届け先は{AWAY}です。")
        with pytest.raises(Refused) as refused:
            set_places(one, written=[], by=kept_from)
        assert (refused.value.field, written(one)) == ("places", [(AWAY, "sent")])


def test_joined_they_have_each_once_and_parted_each_its_own(world: World) -> None:
    by = actor_of(world.ours.agent)
    one, other = make_customer(world.ours.company), make_customer(world.ours.company)
    with world.ours.scope():
        know_place(one.pk, written=HOME, how=How.ARRIVED, by=SHELL)
        for each in (SAME, AWAY):
            know_place(other.pk, written=each, how=How.SENT, by=SHELL)
        join = join_customers(other, into=one, by=by)
        assert (written(one), written(other)) == ([(HOME, "arrived"), (AWAY, "sent")], [])
        know_place(other.pk, written="大阪市北区7-8-9", how=How.SENT, by=SHELL)
        assert written(one)[-1] == ("大阪市北区7-8-9", "sent")

        part_customers(join, by=by)

        assert written(one) == [(HOME, "arrived"), ("大阪市北区7-8-9", "sent")]
        assert written(other) == [(SAME, "sent"), (AWAY, "sent")]


@pytest.mark.parametrize(
    ("one", "other", "signs", "score"),
    [
        (Described("", "", HOME), Described("", "", "", places=(SAME,)), (Sign.HOUSE,), 30),
        (
            Described("", "さとう", "", places=(SAME,)),
            Described("", "サトウ", HOME),
            (Sign.HOUSE, Sign.KANA),
            50,
        ),
        (
            Described("", "", HOME, places=(AWAY,)),
            Described("", "", SAME, places=(AWAY,)),
            (Sign.ADDRESS,),
            40,
        ),
        (Described("", "", AWAY), Described("", "", "横浜市西区4-5-6 青葉荘202"), (), 0),
    ],
)
def test_a_house_in_common_speaks_for_one_person_a_little(
    one: Described, other: Described, signs: tuple[Sign, ...], score: int
) -> None:
    assert (signs_of(one, other), score_of(signs_of(one, other))) == (signs, score)


def test_addresses_are_read_once_however_many_records_are_compared(monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[str] = []
    monkeypatch.setattr(
        likeness, "place_in_parts", lambda written: read.append(written) or place_in_parts(written)
    )
    every = [Described("", "", f"横浜市西区{n}-1", places=(AWAY, f"港区{n}-2")) for n in range(5)]

    assert {signs_of(one, other) for one, other in combinations(every, 2)} == {(Sign.HOUSE,)}
    assert len(read) == 15
