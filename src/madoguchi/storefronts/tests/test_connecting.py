"""Connecting shops: who may, what is kept of secrets, and what goes when its time is over."""

from datetime import timedelta

import pytest

from madoguchi.companies.factories import make_desk
from madoguchi.infra.models import Event
from madoguchi.kernel import clock
from madoguchi.kernel.actor import system
from madoguchi.kernel.errors import NotAllowed, NotFound, Refused
from madoguchi.people.factories import World
from madoguchi.people.queries import actor_of
from madoguchi.storefronts.actions.connecting import change, connect, lay_aside, renew_secret, try_again
from madoguchi.storefronts.actions.taking import Item, forget_old, hand_in, resume_left_over
from madoguchi.storefronts.factories import make_storefront
from madoguchi.storefronts.models import Handed, Storefront
from madoguchi.storefronts.queries import handed_by_id, standing_of, storefront_behind, storefront_of
from madoguchi.storefronts.tests.shops import SHOPIFY_DOMAIN, SHOPIFY_SECRET, OwnTeller

pytestmark = pytest.mark.django_db
BY = system("test")


def test_only_who_keeps_the_shop_connects_one(world: World) -> None:
    ours = world.ours
    with ours.scope():
        for person in (ours.agent, ours.manager, ours.company_staff, world.theirs.company_manager):
            with pytest.raises(NotAllowed):
                connect(ours.desk, kind="own", name="本店", by=actor_of(person))
        assert not Storefront.objects.exists()

        made = connect(ours.desk, kind="own", name="本店", by=actor_of(ours.company_manager))

        assert made.secret.startswith("whsec_")
        assert len(made.key) == 32
        event = Event.objects.get(kind="storefront.connected")
        assert event.data == {"storefront": made.pk, "sort": "own"}
        with pytest.raises(NotAllowed):
            renew_secret(made, by=actor_of(ours.agent))
        assert Storefront.objects.get().secret == made.secret


def test_what_is_no_shop_is_refused(world: World) -> None:
    desk = world.ours.desk
    with world.ours.scope():
        for said in (
            {"kind": "other", "name": "a"},
            {"kind": "own", "name": " "},
            {"kind": "shopify", "name": "a", "secret": "x", "domain": SHOPIFY_DOMAIN},
            {"kind": "shopify", "name": "a", "secret": SHOPIFY_SECRET},
            {"kind": "shopify", "name": "a", "secret": SHOPIFY_SECRET, "domain": "hanamoto.example"},
            {"kind": "shopify", "name": "a", "secret": SHOPIFY_SECRET, "domain": "a.b.myshopify.com"},
        ):
            with pytest.raises(Refused):
                connect(desk, by=BY, **said)
        for n in range(20):
            connect(desk, kind="own", name=f"{n}", by=BY)
        with pytest.raises(Refused):
            connect(desk, kind="own", name="21", by=BY)
        assert Storefront.objects.count() == 20


def test_what_is_changed_is_told_and_secrets_are_not(world: World) -> None:
    with world.ours.scope():
        shop = connect(
            world.ours.desk, kind="shopify", name="本店", secret=SHOPIFY_SECRET, domain=SHOPIFY_DOMAIN, by=BY
        )
        other = make_desk(world.ours.company)
        new = "shpss_ffffffffffffffffffffffffffffffff"

        change(shop, name="支店", desk=other, active=False, secret=new, by=BY)
        change(shop, name="支店", desk=other, active=False, by=BY)
        with pytest.raises(Refused):
            change(shop, name="支店", desk=other, active=False, domain="hanamoto.example", by=BY)

        again = Storefront.objects.get()
        assert (again.name, again.desk_id, again.active, again.secret) == ("支店", other.pk, False, new)
        event = Event.objects.get(kind="storefront.changed")
        assert sorted(event.data["changes"]) == ["active", "desk_id", "name", "secret"]
        assert "shpss" not in str(event.data)
        assert storefront_behind(shop.key) is None


def test_a_desk_of_another_company_looks_after_nothing_of_ours(world: World) -> None:
    with world.ours.scope():
        shop = connect(world.ours.desk, kind="own", name="本店", by=BY)
        with pytest.raises(Refused):
            change(shop, name="本店", desk=world.theirs.desk, active=True, by=BY)
        assert Storefront.objects.get().desk_id == world.ours.desk.pk


def test_what_an_old_secret_signs_is_not_taken(own: OwnTeller, world: World) -> None:
    raw = own.written("order", own.order(second=6))
    signed = own.signed("order", raw, "one")
    with world.ours.scope():
        renew_secret(Storefront.objects.get(), by=BY)

    answer = own.client.post(f"/shop/{own.shop.key}/", raw, content_type="application/json", headers=signed)

    assert answer.status_code == 401


def test_a_stranger_finds_neither_shops_nor_what_they_told(world: World) -> None:
    shop, handed = make_storefront(world.ours.desk)
    theirs = actor_of(world.theirs.company_manager)
    with world.theirs.scope(), pytest.raises(NotFound):
        storefront_of(shop.pk, actor=theirs)
    with world.ours.scope():
        assert storefront_of(shop.pk, actor=actor_of(world.ours.company_manager)).pk == shop.pk
        other, _wrong = make_storefront(world.ours.desk)
        with pytest.raises(NotFound):
            handed_by_id(handed.pk, shop=other)
        for act in (try_again, lay_aside):
            with pytest.raises(NotAllowed):
                act(handed, by=actor_of(world.ours.agent))
        handed.refresh_from_db()
        assert handed.state == "wrong"
        assert standing_of(shop) == {"wrong": 1}


def test_what_a_killed_process_left_is_gone_on_with(own: OwnTeller, world: World) -> None:
    body = {"type": "customer", **own.customer(second=1)}
    with world.ours.scope():
        left = Handed.objects.create(
            company=world.ours.company,
            storefront=own.shop,
            name="left",
            topic="customer",
            body=body,
            at=clock.now() - timedelta(minutes=1),
        )
    assert resume_left_over() == 0

    with world.ours.scope():
        Handed.objects.update(at=clock.now() - timedelta(minutes=3))
    assert resume_left_over() == 1

    with world.ours.scope():
        left.refresh_from_db()
        assert (left.state, left.body) == ("taken", None)
    assert resume_left_over() == 0


def test_of_what_shopify_signed_the_hash_stays_for_longer_than_a_year(world: World) -> None:
    with world.ours.scope():
        shop, row = make_storefront(world.ours.desk)
        Storefront.objects.update(kind="shopify")
        left = []
        for days in (31, 399, 401):
            Handed.objects.update(state="taken", body=None, at=clock.now() - timedelta(days=days))
            forget_old()
            left.append(Handed.objects.filter(pk=row.pk, storefront=shop).count())
    assert left == [1, 1, 0]


def test_what_was_taken_in_goes_after_a_month_and_the_rest_after_half_a_year(
    own: OwnTeller, world: World
) -> None:
    [taken, wrong] = hand_in(
        own.shop,
        [Item("a", "customer", own.customer(second=1)), Item("b", "wish", {"id": "1"})],
    )
    assert [taken.state, wrong.state] == ["taken", "wrong"]
    for days, left in ((29, {"taken", "wrong"}), (31, {"wrong"}), (179, {"wrong"}), (181, set())):
        with world.ours.scope():
            Handed.objects.update(at=clock.now() - timedelta(days=days))
        forget_old()
        with world.ours.scope():
            assert set(Handed.objects.values_list("state", flat=True)) == left
