"""Whoever tries codes one by one is let no further; each wrong one counts, whatever else it undoes."""

from datetime import date
from threading import Barrier

import pytest
from tests.house.at_once import LONGEST, at_once

from madoguchi.cases.factories import make_case
from madoguchi.cases.models import Case
from madoguchi.commerce import guesses
from madoguchi.commerce.campaigning import quote_at
from madoguchi.commerce.campaigns import SaidOfCampaign, keep_campaign
from madoguchi.commerce.factories import make_variant
from madoguchi.commerce.guesses import WrongCoupon
from madoguchi.commerce.models import Variant
from madoguchi.kernel.actor import system
from madoguchi.kernel.errors import Refused
from madoguchi.people.factories import World
from madoguchi.people.models import User
from madoguchi.people.queries import actor_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("held_clock")]


@pytest.fixture
def case(world: World) -> Case:
    said = SaidOfCampaign(
        name="割引", words="千円引き", kind="yen", amount=1_000, begins=date(2020, 1, 1), code="SEN"
    )
    with world.ours.scope():
        keep_campaign(world.ours.company, said, by=system("test"))
    make_variant(world.ours.company, code="NB-1", price=13_200)
    return make_case(world.ours.entry_point)


def named(case: Case, code: str, person: User) -> int:
    """What an order comes to with this coupon."""
    variant = Variant.objects.get(company=case.company_id, code="NB-1").pk
    return quote_at(
        ((variant, 1),),
        customer=case.customer,
        desk=case.desk,
        entry_point=case.entry_point_id,
        coupon=code,
        address="京都市中京区",
        postcode="",
        by=actor_of(person),
    ).totals.total


def test_after_so_many_wrong_ones_of_a_person_not_even_the_right_one_is_looked_at(
    world: World, case: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(guesses, "MOST_OF_PERSON", 2)
    with world.ours.scope():
        for code in ("A", "B"):
            with pytest.raises(WrongCoupon):
                named(case, code, world.ours.agent)

        with pytest.raises(Refused, match="分") as refused:
            named(case, "SEN", world.ours.agent)

        assert (refused.value.field, isinstance(refused.value, WrongCoupon)) == ("coupon", False)
        assert named(case, "", world.ours.agent) == 13_200
        assert named(case, "SEN", world.ours.supervisor) == 12_200


def test_and_so_many_of_a_company(world: World, case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guesses, "MOST_OF_COMPANY", 2)
    with world.ours.scope():
        for person in (world.ours.agent, world.ours.supervisor):
            with pytest.raises(WrongCoupon):
                named(case, "A", person)
        with pytest.raises(Refused):
            named(case, "SEN", world.ours.manager)


@pytest.mark.django_db(transaction=True)
def test_of_many_at_once_no_more_are_looked_at(
    world: World, case: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(guesses, "MOST_OF_PERSON", 2)
    all_wait = Barrier(5, timeout=LONGEST)

    def one() -> str:
        try:
            with world.ours.scope():
                all_wait.wait()
                named(case, "A", world.ours.agent)
        except Refused as refused:
            return type(refused).__name__
        return "found"

    assert sorted(at_once(*[one] * 5)) == ["Refused"] * 3 + ["WrongCoupon"] * 2


def test_right_ones_cost_nothing(world: World, case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guesses, "MOST_OF_PERSON", 1)
    with world.ours.scope():
        assert [named(case, "sen", world.ours.agent) for _time in range(3)] == [12_200] * 3
