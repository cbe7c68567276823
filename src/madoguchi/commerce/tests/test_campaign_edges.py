"""Campaigns at their edges: first and last days, desks and entry points, quotas, roles, changes while orders come."""

from contextlib import nullcontext
from dataclasses import replace
from datetime import date, datetime
from typing import Any

import pytest
from tests.house.at_once import at_once

from madoguchi.cases.factories import make_case
from madoguchi.cases.models import Case
from madoguchi.commerce.actions import move_order, place_order, set_up_shop
from madoguchi.commerce.campaigning import MOST_OFFERED, offered_at
from madoguchi.commerce.campaigns import campaigns_of, keep_campaign
from madoguchi.commerce.documents.tax import Rounding
from madoguchi.commerce.factories import make_campaign, wanted
from madoguchi.commerce.models import Campaign, CampaignUse, Order, Stock, Variant
from madoguchi.commerce.queries import in_order
from madoguchi.commerce.tests.test_campaigns import SAID, SHELL, case, kettle, offer, taken, tea
from madoguchi.companies.models import Desk
from madoguchi.infra.models import Event
from madoguchi.kernel import clock
from madoguchi.kernel.errors import Conflict, NotAllowed, Refused
from madoguchi.people.factories import World
from madoguchi.people.queries import actor_of

__all__ = ["case", "kettle", "tea"]
pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("moment", "total"),
    [
        # By the days of Japan: from midnight of the first to midnight after the last.
        ("2027-03-31T14:59:59+00:00", 13_200),
        ("2027-03-31T15:00:00+00:00", 11_880),
        ("2027-04-30T14:59:59+00:00", 11_880),
        ("2027-04-30T15:00:00+00:00", 13_200),
    ],
)
def test_it_holds_from_the_first_day_to_the_last(
    world: World, case: Case, kettle: Variant, moment: str, total: int
) -> None:
    offer(world, begins=date(2027, 4, 1), ends=date(2027, 4, 30))
    with clock.held_at(datetime.fromisoformat(moment)):
        assert taken(world, case, (kettle, 1)).total == total


@pytest.mark.parametrize(
    ("moment", "why"),
    [
        ("2027-03-31T14:59:59+00:00", "^クーポン「APRIL」はここでは"),
        ("2027-04-30T15:00:00+00:00", "もう使えません"),
    ],
)
def test_a_coupon_of_another_day_is_refused_at_midnight(
    world: World, case: Case, kettle: Variant, moment: str, why: str
) -> None:
    offer(world, begins=date(2027, 4, 1), ends=date(2027, 4, 30), code="APRIL")
    with clock.held_at(datetime.fromisoformat(moment)), pytest.raises(Refused, match=why) as refused:
        taken(world, case, (kettle, 1), coupon="april")

    assert refused.value.field == "coupon"
    with world.ours.scope():
        assert (Order.objects.count(), Campaign.objects.get().used) == (0, 0)


def test_a_coupon_holds_however_many_campaigns_there_are(world: World, case: Case, kettle: Variant) -> None:
    with world.ours.scope():
        one = {"company": world.ours.company, "words": "割引", "kind": "percent", "amount": 5}
        Campaign.objects.bulk_create(
            Campaign(**one, name=f"券{n}", code=f"A{n:03}", begins=date(2020, 1, 1), ends=date(2900, 1, 1))
            for n in range(MOST_OFFERED)
        )
    offer(world, code="Z999")
    everybody = offer(world, amount=5)
    with world.ours.scope():
        listed = offered_at(case.desk, entry_point=case.entry_point_id)

    assert (len(listed), listed[0]) == (MOST_OFFERED, everybody)
    assert taken(world, case, (kettle, 1), coupon="z999").total == 11_880
    assert taken(world, case, (kettle, 1)).total == 12_540


@pytest.mark.parametrize(
    ("desks", "points", "at", "offered"),
    [
        ([], [], "here", True),
        (["here"], [], "here", True),
        (["other"], [], "here", False),
        (["here", "other"], [], "here", True),
        ([], ["point"], "here", True),
        ([], ["point"], "none", False),
        (["here"], ["point"], "here", True),
        (["other"], ["point"], "here", False),
        (["here"], [], "none", True),
    ],
)
def test_where_it_was_advertised(
    world: World, case: Case, desks: list[str], points: list[str], at: str, offered: bool
) -> None:
    assert case.entry_point_id is not None
    with world.ours.scope():
        other = Desk.objects.create(company=world.ours.company, name="別の窓口")
        known = {"here": case.desk_id, "other": other.pk, "point": case.entry_point_id}
    made = offer(
        world, desks=[known[one] for one in desks], entry_points=[known[one] for one in points], code="HERE"
    )
    point = case.entry_point_id if at == "here" else None
    with world.ours.scope():
        assert offered_at(case.desk, entry_point=point) == ([made] if offered else [])


def test_of_two_the_better_one_is_given_by_what_the_customer_pays(
    world: World, case: Case, kettle: Variant, tea: Variant
) -> None:
    """A tenth of 13,200 and of 1,080 against 1,300 yen off all."""
    offer(world)
    offer(world, name="千三百円引き", kind="yen", amount=1_300)

    assert taken(world, case, (tea, 1)).total == 0
    assert taken(world, case, (kettle, 1)).total == 11_880
    with world.ours.scope():
        uses = list(CampaignUse.objects.order_by("pk").values_list("name", "saved"))
    assert uses == [("千三百円引き", 1_080), ("春の割引", 1_320)]


def test_a_named_coupon_counts_alone_and_is_not_added(world: World, case: Case, kettle: Variant) -> None:
    offer(world, amount=5)
    offer(world, name="千円券", kind="yen", amount=1_000, code="SEN")

    assert taken(world, case, (kettle, 1), coupon="sen").total == 12_200
    with world.ours.scope():
        assert list(CampaignUse.objects.values_list("name", flat=True)) == ["千円券"]


@pytest.mark.parametrize(
    ("rounding", "percent", "lines", "net", "tax"),
    [
        # 13,200 - 1,980 and 2,160 - 324 with tax: 11,220 × 10/110 = 1,020; 1,836 × 8/108 = 136.
        (Rounding.FLOOR, 15, [(11_220, 1, 10), (918, 2, 8)], 11_900, 1_156),
        # 13,200 - 924 and 2,160 - 151: 12,276 → 1,116; 2,009 → 148.81….
        (Rounding.FLOOR, 7, [(12_276, 1, 10), (1_004, 1, 8), (1_005, 1, 8)], 13_021, 1_264),
        (Rounding.CEIL, 7, [(12_276, 1, 10), (1_004, 1, 8), (1_005, 1, 8)], 13_020, 1_265),
        (Rounding.HALF_UP, 7, [(12_276, 1, 10), (1_004, 1, 8), (1_005, 1, 8)], 13_020, 1_265),
    ],
)
def test_an_order_keeps_lines_sums_and_tax_to_the_yen(
    world: World,
    case: Case,
    kettle: Variant,
    tea: Variant,
    rounding: Rounding,
    percent: int,
    lines: list[tuple[int, int, int]],
    net: int,
    tax: int,
) -> None:
    with world.ours.scope():
        set_up_shop(world.ours.company, rounding=rounding.value, by=SHELL)
    offer(world, amount=percent)
    order = taken(world, case, (kettle, 1), (tea, 2))
    with world.ours.scope():
        kept = [(one.unit_price, one.quantity, one.tax_rate) for one in in_order(order)]

    assert (kept, order.net, order.tax) == (lines, net, tax)


def test_what_is_changed_later_leaves_orders_and_places_alone(
    world: World, case: Case, kettle: Variant
) -> None:
    campaign = offer(world, quota=2)
    first = taken(world, case, (kettle, 1))
    offer_now = replace(SAID, name="夏の割引", amount=50, quota=2)
    with world.ours.scope():
        keep_campaign(world.ours.company, offer_now, campaign=campaign, by=SHELL)
    second = taken(world, case, (kettle, 1))
    third = taken(world, case, (kettle, 1))

    assert [one.total for one in (first, second, third)] == [11_880, 6_600, 13_200]
    with world.ours.scope():
        uses = list(CampaignUse.objects.order_by("pk").values_list("name", "saved"))
        move_order(first, "cancelled", by=SHELL)
        campaign.refresh_from_db()
        assert (campaign.used, campaign.left) == (1, 1)
    assert uses == [("春の割引", 1_320), ("夏の割引", 6_600)]
    assert taken(world, case, (kettle, 1)).total == 6_600


def test_one_that_is_switched_off_still_takes_its_place_back(
    world: World, case: Case, kettle: Variant
) -> None:
    campaign = offer(world, quota=1)
    order = taken(world, case, (kettle, 1))
    with world.ours.scope():
        keep_campaign(world.ours.company, replace(SAID, quota=1, active=False), campaign=campaign, by=SHELL)
        move_order(order, "cancelled", by=SHELL)
        with pytest.raises(Refused):
            move_order(order, "cancelled", by=SHELL)
        campaign.refresh_from_db()
        assert (campaign.used, Event.objects.filter(kind="campaign.returned").count()) == (0, 1)

    assert taken(world, case, (kettle, 1)).total == 13_200


def test_a_cancelled_order_counts_no_more_for_its_customer(world: World, case: Case, kettle: Variant) -> None:
    offer(world, per_customer=1)
    first = taken(world, case, (kettle, 1))
    other = make_case(world.ours.entry_point)
    with world.ours.scope():
        move_order(first, "cancelled", by=SHELL)

    totals = [taken(world, one, (kettle, 1)).total for one in (case, case, other)]
    assert totals == [11_880, 13_200, 11_880]


def test_a_shipped_order_keeps_its_place(world: World, case: Case, kettle: Variant) -> None:
    campaign = offer(world, quota=1)
    order = taken(world, case, (kettle, 1))
    with world.ours.scope():
        move_order(order, "shipped", by=SHELL)
        with pytest.raises(Refused):
            move_order(order, "cancelled", by=SHELL)
        campaign.refresh_from_db()
        assert (campaign.used, CampaignUse.objects.get().returned_at) == (1, None)


@pytest.mark.django_db(transaction=True)
def test_one_customer_at_many_windows_has_it_once(world: World, case: Case, kettle: Variant) -> None:
    offer(world, code="ONCE", per_customer=1)

    def place() -> str:
        try:
            return str(taken(world, case, (kettle, 1), coupon="once").total)
        except (Refused, Conflict) as error:
            return type(error).__name__

    done = at_once(*[place] * 4)

    assert (done.count("11880"), len(done)) == (1, 4)
    with world.ours.scope():
        assert (Campaign.objects.get().used, CampaignUse.objects.count()) == (1, 1)
        assert (Order.objects.count(), Stock.objects.get(variant=kettle).quantity) == (1, 4)


def test_nothing_is_used_up_by_an_order_that_fails(world: World, case: Case, kettle: Variant) -> None:
    offer(world, quota=1)
    with pytest.raises(Conflict):
        taken(world, case, (kettle, 6), missing=0)
    with pytest.raises(Refused):
        taken(world, case, (kettle, 1), recipient=" ")

    with world.ours.scope():
        assert (Campaign.objects.get().used, CampaignUse.objects.count(), Order.objects.count()) == (0, 0, 0)


def test_a_second_press_uses_up_nothing_more(world: World, case: Case, kettle: Variant) -> None:
    offer(world, quota=5)
    asked = wanted((kettle, 1))
    with world.ours.scope():
        orders = {
            place_order(
                case.customer,
                asked,
                desk=case.desk,
                entry_point=case.entry_point_id,
                case=case.pk,
                by=SHELL,
            ).pk
            for _time in range(2)
        }
        assert (len(orders), Campaign.objects.get().used, CampaignUse.objects.count()) == (1, 1, 1)


@pytest.mark.parametrize(
    ("role", "may"),
    [
        ("agent", False),
        ("supervisor", False),
        ("manager", False),
        ("company_staff", False),
        ("company_manager", True),
    ],
)
def test_the_company_alone_keeps_campaigns(world: World, role: str, may: bool) -> None:
    who = actor_of(getattr(world.ours, role))
    with world.ours.scope():
        with nullcontext() if may else pytest.raises(NotAllowed):
            keep_campaign(world.ours.company, SAID, by=who)
        assert Campaign.objects.count() == may
        assert Event.objects.filter(kind="campaign.changed").count() == may


def test_another_company_neither_sees_nor_changes_nor_lends_it(
    world: World, case: Case, kettle: Variant
) -> None:
    theirs = make_campaign(world.theirs.company, code="THEIRS")
    with pytest.raises(Refused, match="クーポン「THEIRS」"):
        taken(world, case, (kettle, 1), coupon="theirs")
    with world.ours.scope():
        with pytest.raises(NotAllowed):
            keep_campaign(world.ours.company, SAID, by=actor_of(world.theirs.company_manager))
        with pytest.raises(Campaign.DoesNotExist):
            keep_campaign(world.ours.company, SAID, campaign=theirs, by=SHELL)
        assert (list(campaigns_of(world.ours.company.pk)), Order.objects.count()) == ([], 0)
    # The same code is anybody's.
    assert offer(world, code="theirs").code == "THEIRS"


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"least": -1}, "least"),
        ({"least": 1_000_000_001}, "least"),
        ({"quota": 1_000_000_001}, "quota"),
        ({"per_customer": 0}, "per_customer"),
        ({"kind": "gift"}, "kind"),
        ({"kind": "yen", "amount": -5}, "amount"),
        ({"entry_points": "theirs"}, "entry_points"),
        ({"desks": "theirs"}, "desks"),
    ],
)
def test_what_cannot_be_kept_is_refused_before_it_is(world: World, said: dict[str, Any], field: str) -> None:
    values = {
        name: {"desks": [world.theirs.desk.pk], "entry_points": [world.theirs.entry_point.pk]}[name]
        if value == "theirs"
        else value
        for name, value in said.items()
    }
    with pytest.raises(Refused) as refused:
        offer(world, **values)

    assert refused.value.field == field
    with world.ours.scope():
        assert not Campaign.objects.exists()


def test_saving_it_as_it_was_tells_nothing(world: World) -> None:
    campaign = offer(world, code="haru")
    with world.ours.scope():
        keep_campaign(world.ours.company, replace(SAID, code="ＨＡＲＵ"), campaign=campaign, by=SHELL)
        assert Event.objects.filter(kind="campaign.changed").count() == 1


def test_free_shipping_keeps_no_amount(world: World) -> None:
    assert offer(world, kind="shipping", amount=50).amount == 0


def test_a_quota_can_be_what_is_used_and_then_nothing_is_left(
    world: World, case: Case, kettle: Variant
) -> None:
    campaign = offer(world)
    taken(world, case, (kettle, 1))
    with world.ours.scope():
        kept = keep_campaign(world.ours.company, replace(SAID, quota=1), campaign=campaign, by=SHELL)
        assert (kept.used, kept.left) == (1, 0)

    assert taken(world, case, (kettle, 1)).total == 13_200
