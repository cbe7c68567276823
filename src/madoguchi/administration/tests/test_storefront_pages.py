"""The pages of connected shops: a secret that is shown once, and what could not be taken in."""

import pytest
from django.http import HttpResponse
from django.test import Client

from madoguchi.people.factories import World
from madoguchi.storefronts.actions.taking import Item, hand_in
from madoguchi.storefronts.factories import make_storefront
from madoguchi.storefronts.models import Handed, Storefront
from madoguchi.storefronts.queries import storefront_behind

pytestmark = pytest.mark.django_db


@pytest.fixture
def browser(client: Client, world: World) -> Client:
    """The company's manager at a browser."""
    client.force_login(world.ours.company_manager)
    return client


def page_of(world: World, rest: str = "") -> str:
    return f"/administration/shops/{world.ours.company.pk}/connected/{rest}"


def words(answer: HttpResponse) -> str:
    return answer.content.decode()


def the_shop(world: World) -> Storefront:
    with world.ours.scope():
        return Storefront.objects.get()


def test_a_shop_is_connected_and_its_secret_shown_once(browser: Client, world: World) -> None:
    assert "つないだ店舗はまだありません" in words(browser.get(page_of(world)))
    said = {"kind": "own", "name": "本店", "desk": world.ours.desk.pk}

    answer = browser.post(page_of(world), said, follow=True)

    shop = the_shop(world)
    assert shop.secret in words(answer)
    assert f"/shop/{shop.key}/" in words(answer)
    again = words(browser.get(page_of(world, f"{shop.pk}/")))
    assert shop.secret not in again
    assert shop.key in again
    assert "本店" in words(browser.get(page_of(world)))


def test_what_is_missing_is_said_at_its_field(browser: Client, world: World) -> None:
    said = {"kind": "shopify", "name": "本店", "desk": world.ours.desk.pk, "domain": "hana.myshopify.com"}

    answer = browser.post(page_of(world), said)

    assert answer.status_code == 422
    assert "Webhookの署名に使うシークレットを入力してください" in words(answer)
    assert browser.post(page_of(world), said | {"desk": world.theirs.desk.pk}).status_code == 422
    with world.ours.scope():
        assert not Storefront.objects.exists()


def test_a_secret_of_shopify_is_kept_where_none_is_entered(browser: Client, world: World) -> None:
    secret = "shpss_0123456789abcdef"
    said = {"kind": "shopify", "name": "本店", "desk": world.ours.desk.pk, "secret": secret}
    no_domain = browser.post(page_of(world), said)
    assert (no_domain.status_code, "hanamoto.myshopify.com のように" in words(no_domain)) == (422, True)
    said |= {"domain": "https://Hana.myshopify.com/admin"}
    shown = words(browser.post(page_of(world), said, follow=True))
    shop = the_shop(world)
    assert secret not in shown

    changed = {"name": "支店", "desk": world.ours.desk.pk, "active": "on", "secret": ""}
    changed |= {"domain": shop.domain}
    browser.post(page_of(world, f"{shop.pk}/"), changed)

    now = the_shop(world)
    assert (now.name, now.secret, now.active) == ("支店", secret, True)
    assert now.domain == "hana.myshopify.com"
    assert browser.post(page_of(world, f"{shop.pk}/secret/")).status_code == 404

    browser.post(page_of(world, f"{shop.pk}/"), changed | {"active": ""})

    assert storefront_behind(shop.key) is None
    assert the_shop(world).active is False


def test_another_secret_is_made(browser: Client, world: World) -> None:
    shop, _handed = make_storefront(world.ours.desk)

    answer = browser.post(page_of(world, f"{shop.pk}/secret/"), follow=True)

    now = the_shop(world)
    assert now.secret != shop.secret
    assert now.secret in words(answer)
    assert shop.secret not in words(answer)


def test_what_could_not_be_taken_in_is_tried_again_and_put_aside(browser: Client, world: World) -> None:
    shop, handed = make_storefront(world.ours.desk)
    url = page_of(world, f"{shop.pk}/")
    assert "「wish」という種類はありません" in words(browser.get(url))

    browser.post(f"{url}{handed.pk}/aside/")

    shown = words(browser.get(url))
    with world.ours.scope():
        assert Handed.objects.get().state == "aside"
    assert f"{handed.pk}/again/" in shown
    assert f"{handed.pk}/aside/" not in shown

    browser.post(f"{url}{handed.pk}/again/")

    with world.ours.scope():
        assert Handed.objects.get().state == "wrong"


def test_many_that_are_wrong_are_shown_in_pages(browser: Client, world: World) -> None:
    shop, _handed = make_storefront(world.ours.desk)
    hand_in(shop, [Item(f"n{n}", "wish", {"id": f"w{n:03}"}) for n in range(60)])
    url = page_of(world, f"{shop.pk}/")

    first, second = words(browser.get(url)), words(browser.get(f"{url}?page=2"))

    assert "w059" in first
    assert "w000" not in first
    assert "w000" in second


def test_what_a_shop_says_runs_nowhere(browser: Client, world: World) -> None:
    shop, _handed = make_storefront(world.ours.desk)
    hand_in(shop, [Item("bad", "wish", {"id": "<script>alert(1)</script>", "note": "<img src=x>"})])

    shown = words(browser.get(page_of(world, f"{shop.pk}/")))

    assert "<script>alert" not in shown
    assert "<img src=x>" not in shown
    assert "&lt;img src=x&gt;" in shown
