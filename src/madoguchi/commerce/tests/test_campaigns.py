"""Campaigns: what they take off which rate, to whom and where they are given, and a quota that is exact."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.house.at_once import at_once

from madoguchi.cases.factories import make_case
from madoguchi.cases.models import Case
from madoguchi.commerce.actions import move_order, place_order, set_up_shop, write_shipping_rule
from madoguchi.commerce.campaigning import coupon_of, offered_at, spread, with_campaign
from madoguchi.commerce.campaigns import SaidOfCampaign, codes_as_known, keep_campaign
from madoguchi.commerce.documents.kinds import Kind
from madoguchi.commerce.documents.tax import Rounding
from madoguchi.commerce.factories import make_variant, wanted
from madoguchi.commerce.issuing import paper_of
from madoguchi.commerce.models import Campaign, CampaignUse, Order, Product, ShippingRule, Stock, Variant
from madoguchi.commerce.paying import mark_paid
from madoguchi.commerce.products import Said, keep_products
from madoguchi.commerce.queries import in_order
from madoguchi.commerce.quoting import MOST_YEN, Basket, Terms, total_with
from madoguchi.commerce.returning import ask_return, inspect, refund
from madoguchi.infra.models import Event
from madoguchi.kernel import clock
from madoguchi.kernel.actor import system
from madoguchi.kernel.errors import Conflict, NotAllowed, Refused
from madoguchi.people.factories import World
from madoguchi.people.queries import actor_of

AT_ANY_SPEED = settings(deadline=None, max_examples=30, suppress_health_check=[HealthCheck.too_slow])
SHELL = system("test")
UNKNOWN = "^クーポン「HARU10」はここではご利用いただけません。もう一度、1文字ずつご確認ください。$"
SAID = SaidOfCampaign(
    name="春の割引", words="4月末まで 全品1割引", kind="percent", amount=10, begins=date(2020, 1, 1)
)


@pytest.fixture
def case(world: World) -> Case:
    return make_case(world.ours.entry_point)


@pytest.fixture
def kettle(world: World) -> Variant:
    return make_variant(world.ours.company, code="NB-1", price=13_200, stock=5, place="本店")


@pytest.fixture
def tea(world: World) -> Variant:
    return make_variant(world.ours.company, code="TEA", name="煎茶", price=1_080, tax_rate=8)


def offer(world: World, **said: Any) -> Campaign:
    with world.ours.scope():
        return keep_campaign(world.ours.company, replace(SAID, **said), by=SHELL)


def taken(world: World, case: Case, *pieces: tuple[Variant, int], **said: Any) -> Order:
    with world.ours.scope():
        return place_order(
            case.customer,
            wanted(*pieces, **said),
            desk=case.desk,
            entry_point=case.entry_point_id,
            case=case.pk,
            by=SHELL,
        )


def made_up(*goods: tuple[int, int, int, bool]) -> Basket:
    """A basket by price, count, rate and whether the price holds the tax."""
    return [
        (
            Variant(
                product=Product(name="品", code=str(n), tax_rate=rate, tax_included=inside), unit_price=price
            ),
            count,
        )
        for n, (price, count, rate, inside) in enumerate(goods)
    ]


GOODS = st.lists(
    st.tuples(st.integers(0, 30_000), st.integers(1, 9), st.sampled_from([10, 8, 0]), st.booleans()),
    min_size=1,
    max_size=6,
)
KINDS = st.one_of(
    st.tuples(st.just("percent"), st.integers(1, 100)), st.tuples(st.just("yen"), st.integers(1, 50_000))
)


@AT_ANY_SPEED
@given(GOODS, KINDS, st.sampled_from(list(Rounding)), st.sampled_from([None, 0, 5_000]))
def test_what_is_off_is_exact_by_line_and_by_rate(
    goods: list[tuple[int, int, int, bool]], kind: tuple[str, int], rounding: Rounding, free: int | None
) -> None:
    found = made_up(*goods)
    terms = Terms(rule=ShippingRule(fee=0, free_from=free, regions={}), rounding=rounding)
    now = with_campaign(found, terms, Campaign(kind=kind[0], amount=kind[1]))
    written = [price * count for price, count, _rate, _inside in goods]
    off = now.off
    charged = [sum(part.count * part.price for part in parts) for parts in now.priced]
    counted = [sum(part.count for part in parts) for parts in now.priced]

    # Each line comes to its price less what is off it, in whole yen a piece, and never to less than nothing.
    assert charged == [amount - less for amount, less in zip(written, off, strict=True)]
    assert (counted, min(charged) >= 0) == ([count for _p, count, _r, _i in goods], True)
    if kind[0] == "yen":
        whole = sum(written)
        assert sum(off) == min(kind[1], whole)
        for amount, less in zip(written, off, strict=True):
            assert abs(less * whole - sum(off) * amount) < max(whole, 1)
    # Of one rate at which all prices hold the tax, what is paid is exactly what is left; the tax is that of the sum.
    for one in now.totals.by_rate:
        same = [n for n, (_p, _c, rate, _i) in enumerate(goods) if rate == one.rate]
        if all(goods[n][3] for n in same):
            assert one.total == sum(charged[n] for n in same)
    assert now.saved == total_with(found, terms).totals.total - now.totals.total >= 0
    assert now.totals.total <= MOST_YEN


@AT_ANY_SPEED
@given(st.integers(0, 10_000), st.lists(st.integers(0, 10_000), max_size=9))
def test_whole_yen_are_divided_without_one_lost(yen: int, amounts: list[int]) -> None:
    shares = spread(min(yen, sum(amounts)), amounts)

    assert sum(shares) == min(yen, sum(amounts))
    assert all(0 <= share <= amount for share, amount in zip(shares, amounts, strict=True))


@pytest.mark.parametrize("written", ["haru10", "ＨＡＲＵ１０", " haru 10 ", "Haru10"])
def test_a_coupon_is_the_same_however_it_is_read_out(written: str) -> None:
    assert coupon_of(written) == "HARU10"


@pytest.mark.django_db
def test_yen_off_all_go_by_rate_and_come_back_to_the_yen(
    world: World, case: Case, kettle: Variant, tea: Variant
) -> None:
    offer(world, kind="yen", amount=1_000)
    order = taken(world, case, (kettle, 1), (tea, 3))

    with world.ours.scope():
        lines = [(one.quantity, one.unit_price, one.list_price) for one in in_order(order)]
        # 13,200 : 3,240 of 16,440 yen are 803 and 197 of 1,000.
        assert lines == [(1, 12_397, 13_200), (2, 1_014, 1_080), (1, 1_015, 1_080)]
        sums = [(one.rate, one.net, one.tax) for one in paper_of(order, Kind.INVOICE).totals.by_rate]
        assert (order.total, sums) == (15_440, [(10, 11_270, 1_127), (8, 2_818, 225)])
        assert paper_of(order, Kind.INVOICE).notes == "「春の割引」により 1,000円 値引き済みの金額です。"
        for state in ("shipped", "delivered"):
            move_order(order, state, by=SHELL)
        order = Order.objects.get()
        back = ask_return(order, {one.pk: one.quantity for one in in_order(order)}, reason="defect", by=SHELL)
        inspect(back, {}, by=SHELL)
        refund(back, by=SHELL)
        assert back.total == 15_440


@pytest.mark.django_db
def test_the_best_for_the_customer_is_given_and_its_words_are_kept(
    world: World, case: Case, kettle: Variant
) -> None:
    small, best = offer(world, kind="yen", amount=500), offer(world, quota=3)
    offer(world, kind="percent", amount=90, least=100_000)
    order = taken(world, case, (kettle, 1))
    with world.ours.scope():
        changed = replace(SAID, words="次の回の言葉", amount=20, quota=3)
        keep_campaign(world.ours.company, changed, campaign=best, by=SHELL)
        use = CampaignUse.objects.get()

        assert (order.total, use.campaign_id, use.saved, use.words) == (11_880, best.pk, 1_320, SAID.words)
        counts = {one.pk: (one.used, one.left) for one in Campaign.objects.all()}
        assert (counts[small.pk], counts[best.pk]) == ((0, None), (1, 2))
        fact = Event.objects.get(kind="campaign.used").data
        assert (fact["order"], fact["campaign"], fact["saved"]) == (order.pk, best.pk, 1_320)
        told = Event.objects.filter(kind="campaign.changed").order_by("id").last()
        assert told is not None
        assert told.data["changes"]["amount"] == [10, 20]


@pytest.mark.django_db
def test_sending_is_free_where_it_costs_something(world: World, case: Case, tea: Variant) -> None:
    with world.ours.scope():
        write_shipping_rule(world.ours.company, fee=660, free_from=5_000, regions={}, by=SHELL)
    offer(world, kind="shipping", code="FREE")

    order = taken(world, case, (tea, 1), coupon="free")
    assert (order.net + order.tax, order.shipping_rule is not None) == (1_080, True)
    with pytest.raises(Refused, match="別の機会"):
        taken(world, case, (tea, 5), coupon="free")
    with world.ours.scope():
        assert CampaignUse.objects.get().saved == 660


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("said", "why"),
    [
        ({"ends": date(2021, 1, 1)}, "もう使えません"),
        ({"active": False}, "もう使えません"),
        ({"begins": date(2999, 1, 1)}, UNKNOWN),
        ({"least": 20_000}, "20,000"),
        ({"products": ["OTHER"]}, "対象ではありません"),
        ({"desks": "theirs"}, UNKNOWN),
        ({"entry_points": "another"}, UNKNOWN),
    ],
)
def test_a_coupon_that_does_not_hold_says_why_and_changes_nothing(
    world: World, case: Case, kettle: Variant, said: dict[str, Any], why: str
) -> None:
    make_variant(world.ours.company, code="OTHER")
    campaign = offer(world, code="HARU10")
    changes = dict(said)
    if "desks" in said or "entry_points" in said:
        changes = {next(iter(said)): [1]}
    with world.ours.scope():
        Campaign.objects.filter(pk=campaign.pk).update(**changes)
    with pytest.raises(Refused, match=why):
        taken(world, case, (kettle, 1), coupon="HARU10")
    with pytest.raises(Refused, match="クーポン「X」"):
        taken(world, case, (kettle, 1), coupon="x")

    with world.ours.scope():
        assert (Order.objects.count(), Stock.objects.get(variant=kettle).quantity) == (0, 5)


@pytest.mark.django_db
def test_nobody_pays_more_for_having_named_a_coupon(world: World, case: Case, kettle: Variant) -> None:
    offer(world, name="全員", amount=20)
    for name, amount in (("less", 5), ("same", 20), ("more", 30)):
        offer(world, name=name, amount=amount, code=name)
    for name in ("less", "same"):
        with pytest.raises(Refused, match=f"「{name}」.*「全員」") as refused:
            taken(world, case, (kettle, 1), coupon=name)
        assert refused.value.field == "coupon"
    with world.ours.scope():
        assert (Order.objects.count(), CampaignUse.objects.count()) == (0, 0)

    totals = [taken(world, case, (kettle, 1), coupon=named).total for named in ("", "more")]
    assert totals == [10_560, 9_240]


@pytest.mark.django_db
def test_it_is_offered_only_where_it_was_advertised(world: World, case: Case, kettle: Variant) -> None:
    point = case.entry_point_id
    assert point is not None
    here = offer(world, entry_points=[point])
    with world.ours.scope():
        desk = case.desk
        assert offered_at(desk, entry_point=point) == [here]
        assert offered_at(desk, entry_point=None) == []
        order = place_order(case.customer, wanted((kettle, 1)), desk=desk, entry_point=None, by=SHELL)
        assert (order.total, CampaignUse.objects.count()) == (13_200, 0)


@pytest.mark.django_db
def test_a_cancelled_order_gives_its_place_back_once(world: World, case: Case, kettle: Variant) -> None:
    campaign = offer(world, code="ONE", quota=1, per_customer=1)
    order = taken(world, case, (kettle, 3), coupon="one")
    with pytest.raises(Refused, match="なくなりました"):
        taken(world, case, (kettle, 1), coupon="one")
    with world.ours.scope():
        move_order(order, "cancelled", by=SHELL)
        campaign.refresh_from_db()
        use = CampaignUse.objects.get()
        assert (campaign.used, use.returned_at is not None, Stock.objects.get().quantity) == (0, True, 5)
        assert Event.objects.filter(kind="campaign.returned").count() == 1

    again = taken(world, case, (kettle, 1), coupon="one")
    assert again.total == 11_880


@pytest.mark.django_db
def test_a_customer_has_it_so_many_times_and_then_pays_in_full(
    world: World, case: Case, kettle: Variant
) -> None:
    offer(world, per_customer=1)
    totals = [taken(world, case, (kettle, 1)).total for _time in range(2)]

    assert totals == [11_880, 13_200]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"name": " "}, "name"),
        ({"words": " "}, "words"),
        ({"amount": 0}, "amount"),
        ({"amount": 101}, "amount"),
        ({"kind": "yen", "amount": 1_000_001}, "amount"),
        ({"ends": date(2019, 12, 31)}, "ends"),
        ({"quota": 0}, "quota"),
        ({"per_customer": -1}, "per_customer"),
        ({"products": ["NONE"]}, "products"),
        ({"desks": [1]}, "desks"),
        ({"entry_points": [1]}, "entry_points"),
        ({"code": "haru10"}, "code"),
    ],
)
def test_what_makes_no_sense_is_refused(world: World, said: dict[str, Any], field: str) -> None:
    offer(world, code="HARU10")
    with pytest.raises(Refused) as refused:
        offer(world, **said)

    assert refused.value.field == field
    with world.ours.scope():
        assert Campaign.objects.count() == 1


@pytest.mark.django_db
def test_the_code_of_a_variant_means_its_product(world: World, case: Case, tea: Variant) -> None:
    with world.ours.scope():
        said = [
            Said(
                code=f"KT-{colour}",
                product="電気ケトル ほか",
                name="電気ケトル",
                variant=colour,
                price=11_000,
            )
            for colour in ("白", "黒")
        ]
        # Of two one has a variant that is called as the other; of the tea no variant is left under its own code.
        said += [Said(code="電気ケトル ほか", product="別", name="別の品", price=500)]
        said += [Said(code="TEA", product="茶葉", name="茶葉", price=1_080)]
        keep_products(world.ours.company, said, by=SHELL)
        black = Variant.objects.get(code="KT-黒")
    campaign = offer(world, products=["KT-白", "TEA", "KT-黒", "電気ケトル ほか"])

    assert campaign.products == ["電気ケトル ほか", "茶葉"]
    assert taken(world, case, (black, 1)).total == 9_900
    # What is kept is taken as it is, and is shown by codes that lead back to it.
    with world.ours.scope():
        shown = codes_as_known(world.ours.company.pk, campaign.products)
        assert (shown[0][:3], shown[1]) == ("KT-", "茶葉")
        again = keep_campaign(world.ours.company, replace(SAID, products=shown), campaign=campaign, by=SHELL)
        assert again.products == campaign.products
        kept = keep_campaign(
            world.ours.company, replace(SAID, products=campaign.products), campaign=campaign, by=SHELL
        )
    assert kept.products == ["電気ケトル ほか", "茶葉"]
    with pytest.raises(Refused, match="「KT-赤、X」") as refused:
        offer(world, products=["KT-赤", "KT-白", "X"])
    assert refused.value.field == "products"
    with world.ours.scope():
        assert [one.products for one in Campaign.objects.all()] == [["電気ケトル ほか", "茶葉"]]


@pytest.mark.django_db
def test_a_quota_is_not_lowered_below_what_is_used_and_no_agent_keeps_one(
    world: World, case: Case, kettle: Variant
) -> None:
    campaign = offer(world, quota=5)
    for _time in range(2):
        taken(world, case, (kettle, 1))
    with world.ours.scope():
        with pytest.raises(Refused, match="2"):
            keep_campaign(world.ours.company, replace(SAID, quota=1), campaign=campaign, by=SHELL)
        with pytest.raises(NotAllowed):
            keep_campaign(world.ours.company, SAID, by=actor_of(world.ours.agent))
        assert [(one.quota, one.used) for one in Campaign.objects.all()] == [(5, 2)]


@pytest.mark.django_db(transaction=True)
def test_many_at_once_use_up_a_quota_exactly(world: World, case: Case, kettle: Variant) -> None:
    offer(world, code="RACE", quota=3, ends=clock.today() + timedelta(days=1))

    def place() -> str:
        try:
            return str(taken(world, case, (kettle, 1), coupon="race").total)
        except (Refused, Conflict) as error:
            return type(error).__name__

    done = at_once(*[place] * 8)

    assert sorted(one for one in done if one.isdecimal()) == ["11880"] * 3
    with world.ours.scope():
        campaign = Campaign.objects.get()
        assert (campaign.used, campaign.left, CampaignUse.objects.count()) == (3, 0, 3)
        assert sorted(order.number for order in Order.objects.all()) == [1001, 1002, 1003]


@pytest.mark.django_db(transaction=True)
def test_many_at_once_never_give_more_than_the_budget(world: World, case: Case, kettle: Variant) -> None:
    """Each would save 1,320 yen: three of them fit into 4,000, and the 40 yen beyond are given to nobody."""
    offer(world, code="RACE", budget=4_000)

    def place() -> str:
        try:
            return str(taken(world, case, (kettle, 1), coupon="race").total)
        except (Refused, Conflict) as error:
            return type(error).__name__

    done = at_once(*[place] * 8)

    assert sorted(one for one in done if one.isdecimal()) == ["11880"] * 3
    with world.ours.scope():
        campaign = Campaign.objects.get()
        assert (campaign.used, campaign.spent, campaign.yen_left) == (3, 3_960, 40)
        assert sum(use.saved for use in CampaignUse.objects.all()) == 3_960
        assert Order.objects.count() == 3


@pytest.mark.django_db
def test_a_budget_is_given_whole_or_not_and_comes_back(world: World, case: Case, kettle: Variant) -> None:
    campaign = offer(world, budget=1_500)
    first = taken(world, case, (kettle, 1))
    # 180 yen are left: less than a tenth of another one, but a tenth of something small.
    second = taken(world, case, (kettle, 1))
    small = taken(world, case, (make_variant(world.ours.company, price=1_500), 1))

    assert (first.total, second.total, small.total) == (11_880, 13_200, 1_350)
    with world.ours.scope():
        with pytest.raises(Refused, match="1,470") as refused:
            keep_campaign(world.ours.company, replace(SAID, budget=1_469), campaign=campaign, by=SHELL)
        assert refused.value.field == "budget"
        for wrong in (0, 1_000_000_001):
            with pytest.raises(Refused, match="1,000,000,000"):
                keep_campaign(world.ours.company, replace(SAID, budget=wrong), campaign=campaign, by=SHELL)
        move_order(first, "cancelled", by=SHELL)
        assert [(one.used, one.spent, one.budget) for one in Campaign.objects.all()] == [(1, 150, 1_500)]
    assert taken(world, case, (kettle, 1)).total == 11_880


@pytest.mark.django_db
def test_a_coupon_whose_budget_is_used_up_is_refused(world: World, case: Case, kettle: Variant) -> None:
    offer(world, code="HARU10", budget=1_319)
    with pytest.raises(Refused, match="予算") as refused:
        taken(world, case, (kettle, 1), coupon="haru10")

    assert refused.value.field == "coupon"
    with world.ours.scope():
        assert (Order.objects.count(), Campaign.objects.get().spent) == (0, 0)


@pytest.mark.django_db
def test_what_was_read_back_must_still_hold(world: World, case: Case, kettle: Variant) -> None:
    campaign = offer(world, quota=1)
    with world.ours.scope():
        Campaign.objects.filter(pk=campaign.pk).update(used=1)
    with pytest.raises(Conflict):
        taken(world, case, (kettle, 1), total=11_880)
    with world.ours.scope():
        set_up_shop(world.ours.company, by=SHELL, name="花もと")
        assert (Order.objects.count(), Campaign.objects.get().used) == (0, 1)
        mark = taken(world, case, (kettle, 1))
        mark_paid(mark, by=SHELL)
        assert paper_of(mark, Kind.RECEIPT).notes == ""
