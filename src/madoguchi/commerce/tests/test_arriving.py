"""When something would arrive that is ordered now."""

from datetime import date

import pytest

from madoguchi.commerce.actions import write_shipping_rule
from madoguchi.commerce.arriving import Arrival, arrival_of, prefecture_in
from madoguchi.commerce.models import ShippingRule, Stock, Variant
from madoguchi.infra.models import Event
from madoguchi.kernel.actor import system
from madoguchi.kernel.errors import Refused
from madoguchi.people.factories import World

TODAY = date(2027, 3, 1)
RULE = ShippingRule(fee=660, days=2, region_days={"沖縄県": 5})


def at(place: str, quantity: int, next_on: date | None = None) -> Stock:
    return Stock(place=place, quantity=quantity, next_on=next_on)


@pytest.mark.parametrize(
    ("stock", "lead", "rule", "to", "told"),
    [
        (
            [at("京都", 0), at("大阪", 2)],
            9,
            RULE,
            "東京都",
            Arrival(TODAY, "大阪", "東京都", date(2027, 3, 3)),
        ),
        ([at("京都", 1)], None, RULE, "沖縄県", Arrival(TODAY, "京都", "沖縄県", date(2027, 3, 6))),
        ([at("京都", 1)], None, None, "", Arrival(TODAY, "京都")),
        (
            [at("京都", 0, date(2027, 3, 9)), at("大阪", 0, date(2027, 3, 4))],
            7,
            RULE,
            "",
            Arrival(date(2027, 3, 4), "大阪", "", date(2027, 3, 6)),
        ),
        (
            [at("京都", 0, date(2027, 3, 9))],
            7,
            RULE,
            "",
            Arrival(date(2027, 3, 8), "", "", date(2027, 3, 10)),
        ),
        ([at("京都", 0, date(2027, 2, 28))], None, RULE, "", Arrival()),
        (
            [],
            3,
            ShippingRule(days=None, region_days={"沖縄県": 5}),
            "東京都",
            Arrival(date(2027, 3, 4), "", "東京都"),
        ),
        ([], None, RULE, "", Arrival()),
    ],
)
def test_the_soonest_way_is_told(
    stock: list[Stock], lead: int | None, rule: ShippingRule | None, to: str, told: Arrival
) -> None:
    assert arrival_of(Variant(lead_days=lead), stock, rule, to=to, today=TODAY) == told


@pytest.mark.parametrize(
    ("address", "prefecture"),
    [
        ("〒604-8005 京都府京都市中京区", "京都府"),
        ("９００−０００１ 那覇市", "沖縄県"),
        ("神奈川県横浜市", "神奈川県"),
        ("横浜市西区1-2-3", ""),
        ("", ""),
    ],
)
def test_a_record_says_in_which_prefecture(address: str, prefecture: str) -> None:
    assert prefecture_in(address) == prefecture


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"days": 366}, "days"),
        ({"region_days": {"沖縄県": -1}}, "region_days"),
        ({"region_days": {"沖縄": 4}}, "region_days"),
        ({"fee": None}, "fee"),
        ({"fee": None, "free_from": 5_000, "days": 2}, "fee"),
    ],
)
def test_days_that_nobody_waits_are_refused(world: World, wrong: dict[str, object], field: str) -> None:
    said: dict[str, object] = {"fee": 660, "free_from": None, "regions": {}}
    with world.ours.scope():
        with pytest.raises(Refused) as refused:
            write_shipping_rule(world.ours.company, **(said | wrong), by=system("test"))  # type: ignore[arg-type]

        assert refused.value.field == field
        assert not ShippingRule.objects.exists()
        assert not Event.objects.filter(kind="shop.shipping_written").exists()
