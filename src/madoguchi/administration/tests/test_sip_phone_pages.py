"""A SIP telephone on a person's page: given by the employer, its secret shown once, taken away again."""

import re

import pytest
from django.urls import reverse

from madoguchi.desk.tests.conftest import signed_in
from madoguchi.infra.models import Event
from madoguchi.people.factories import World
from madoguchi.voice.models import SipPhone
from madoguchi.voice.sip_phones import Claim, _md5

pytestmark = pytest.mark.django_db


def test_the_secret_is_shown_once_kept_as_a_digest_and_replaced(world: World) -> None:
    browser, person = signed_in(world.ours.manager), world.ours.agent
    shown = browser.post(reverse("administration:sip_phone", args=[person.pk]), follow=True).content.decode()
    phone = SipPhone.objects.get()
    found = re.search(r'id="shown-once" readonly value="([\w-]{32})"', shown)
    assert found is not None
    secret = found[1]

    assert phone.ha1 == _md5(f"{phone.name}:madoguchi:{secret}")
    assert phone.name in shown
    assert shown.count("電話機のパスワード") == 2
    again = browser.get(reverse("administration:person", args=[person.pk])).content.decode()
    assert secret not in again
    assert "未登録" in again
    raw = SipPhone.objects.filter(ha1=phone.ha1)  # encrypted: it is not found by what it is
    assert not raw.exists()
    browser.post(reverse("administration:sip_phone", args=[person.pk]))
    assert (SipPhone.objects.get().name, SipPhone.objects.get().ha1 == phone.ha1) == (phone.name, False)
    browser.post(reverse("administration:sip_phone_remove", args=[person.pk]))
    assert not SipPhone.objects.exists()
    with world.ours.scope():
        told = [one.data for one in Event.objects.filter(kind="person.sip_phone_set").order_by("id")]
    assert [one["there"] for one in told] == [True, True, False]
    assert secret not in str(told)


@pytest.mark.parametrize("who", ["agent", "supervisor", "company_manager"])
def test_nobody_else_gives_one(world: World, who: str) -> None:
    browser = signed_in(getattr(world.ours, who))
    answer = browser.post(reverse("administration:sip_phone", args=[world.ours.agent.pk]))
    assert answer.status_code in (403, 404)
    assert not SipPhone.objects.exists()


def test_a_digest_fits_as_the_rfc_has_it() -> None:
    claim = Claim(
        name="Mufasa",
        method="GET",
        uri="/dir/index.html",
        nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093",
        count="00000001",
        own_nonce="0a4f113b",
        response="6629fae49393a05397450978507c4ef1",
    )
    ha1 = _md5("Mufasa:testrealm@host.com:Circle Of Life")  # RFC 2617 3.5
    assert claim.fits(ha1)
    assert not claim.fits(_md5("Mufasa:testrealm@host.com:circle of life"))
    assert not claim.fits("")
