"""Campaigns set up by pages: what is refused stands beside its field, and how many are left is shown."""

from collections.abc import Callable

import pytest
from django.test import Client

from madoguchi.cases.factories import make_case
from madoguchi.commerce.factories import make_variant, order_of
from madoguchi.commerce.models import Campaign
from madoguchi.commerce.products import Said, keep_products
from madoguchi.kernel.actor import system
from madoguchi.people.factories import World
from madoguchi.people.models import User

pytestmark = pytest.mark.django_db
SAID = {
    "name": "春の割引",
    "words": "全品1割引",
    "kind": "percent",
    "amount": "10",
    "begins": "2020-01-01",
    "active": "on",
}


@pytest.fixture
def keeper(world: World, signed_in: Callable[[User], Client]) -> Client:
    return signed_in(world.ours.company_manager)


def test_a_campaign_is_set_up_changed_and_counted(keeper: Client, world: World) -> None:
    at = f"/administration/shops/{world.ours.company.pk}/campaigns/"
    kettle = make_variant(world.ours.company, code="NB-1", price=13_200)
    empty = keeper.get(at).content.decode()
    wrong = keeper.post(f"{at}new/", SAID | {"amount": "", "products": "NB-1"})
    unknown = keeper.post(f"{at}new/", SAID | {"products": "NB-1\nNB-9"})
    with world.ours.scope():
        assert not Campaign.objects.exists()
    made = keeper.post(
        f"{at}new/",
        SAID | {"products": "NB-1\n", "quota": "3", "code": "ｈａｒｕ", "desks": [str(world.ours.desk.pk)]},
    )

    assert "キャンペーンはまだありません" in empty
    assert (wrong.status_code, unknown.status_code, made.status_code) == (422, 422, 302)
    assert "NB-9" in unknown.content.decode()
    with world.ours.scope():
        campaign = Campaign.objects.get()
        assert (campaign.products, campaign.desks, campaign.code) == (["NB-1"], [world.ours.desk.pk], "HARU")
    # Without a coupon whoever orders has it, and one fewer is left.
    changed = keeper.post(
        f"{at}{campaign.pk}/", SAID | {"quota": "3", "budget": "2000", "ends": "2999-12-31"}
    )
    case = make_case(world.ours.entry_point)
    order = order_of(case.customer_id, case.desk_id, (kettle, 1))
    shown = keeper.get(at).content.decode()

    assert (changed.status_code, order.total) == (302, 11_880)
    assert (">2</td>" in shown, "1,320 / 2,000" in shown) == (True, True)
    assert "2,000円のうち残り 680円" in keeper.get(f"{at}{campaign.pk}/").content.decode()
    too_low = keeper.post(f"{at}{campaign.pk}/", SAID | {"budget": "1319"})
    assert (too_low.status_code, "1,320円" in too_low.content.decode()) == (422, True)
    assert keeper.get(f"{at}{campaign.pk}/").status_code == 200
    assert keeper.get(f"{at}{campaign.pk + 1}/").status_code == 404


def test_products_stand_there_by_the_codes_that_were_typed(keeper: Client, world: World) -> None:
    at = f"/administration/shops/{world.ours.company.pk}/campaigns/"
    teas = [
        Said(code=code, product="T:煎茶", name="煎茶", variant=code, price=1_080)
        for code in ("TEA-L", "TEA-S")
    ]
    with world.ours.scope():
        keep_products(world.ours.company, teas, by=system("test"))
    keeper.post(f"{at}new/", SAID | {"products": "TEA-L"})
    with world.ours.scope():
        campaign = Campaign.objects.get()
    page = keeper.get(f"{at}{campaign.pk}/").content.decode()

    assert campaign.products == ["T:煎茶"]
    assert ("TEA-L</textarea>" in page, "T:煎茶" in page) == (True, False)
    keeper.post(f"{at}{campaign.pk}/", SAID | {"products": "TEA-L"})
    with world.ours.scope():
        assert Campaign.objects.get().products == ["T:煎茶"]
