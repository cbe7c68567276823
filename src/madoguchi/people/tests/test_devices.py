"""Who guesses at a password is stopped, and keeps nobody out who signs in where they did before."""

import time
from types import SimpleNamespace
from typing import Any

import pytest
from allauth.core.internal import ratelimit
from django.core import signing
from django.test import Client, RequestFactory

from madoguchi.people import devices
from madoguchi.people.devices import COOKIE, KEPT_SECONDS, forget_tries, use_try
from madoguchi.people.factories import make_person
from madoguchi.people.models import User
from madoguchi.people.tests.test_sign_in import (
    PASSWORD,
    SECOND_STEP,
    codes_of,
    is_in,
    person,
    sign_in,
    with_second_step,
)

pytestmark = pytest.mark.django_db
__all__ = ["person"]
AOKI, MORI = "aoki@staff.example", "mori@staff.example"
MINUTE, HOUR = 60, 3600


class Clock:
    """The moment that tries are counted at."""

    def __init__(self) -> None:
        self.now = time.time()

    def passes(self, seconds: float) -> None:
        self.now += seconds


@pytest.fixture(autouse=True)
def passing(monkeypatch: pytest.MonkeyPatch, held_clock: None) -> Clock:
    """Time stands still, but for what a test lets pass."""
    clock = Clock()
    stub = SimpleNamespace(time=lambda: clock.now, monotonic=time.monotonic, sleep=time.sleep)
    monkeypatch.setattr(ratelimit, "time", stub)
    return clock


def tries(most: int, login: str = AOKI, *, network: str = "192.0.2.1", cookie: str = "") -> int:
    """How many of so many tries in a row were let through."""
    request = RequestFactory().post("/account/login/", REMOTE_ADDR=network)
    request.COOKIES = {COOKIE: cookie} if cookie else {}
    return sum(use_try(request, login) is not None for _ in range(most))


def known(client: Client) -> str:
    return client.cookies[COOKIE].value if COOKIE in client.cookies else ""


class TestLimits:
    def test_five_from_one_network_in_five_minutes_and_twenty_in_an_hour(self, passing: Clock) -> None:
        assert tries(6) == 5
        passing.passes(5 * MINUTE - 1)
        assert tries(1) == 0
        passing.passes(1)
        assert tries(6) == 5
        for _ in range(2):
            passing.passes(5 * MINUTE)
            assert tries(6) == 5
        passing.passes(5 * MINUTE)
        assert tries(1) == 0
        passing.passes(40 * MINUTE)
        assert tries(6) == 5

    def test_a_hundred_from_everywhere_in_an_hour(self, passing: Clock) -> None:
        let_in = [tries(5, network=f"192.0.2.{n}") for n in range(1, 22)]

        assert let_in == [*[5] * 20, 0]
        # How the address is written is no other login.
        assert tries(1, " AOKI@Staff.example", network="198.51.100.1") == 0
        assert tries(1, MORI, network="198.51.100.1") == 1
        passing.passes(HOUR)
        assert tries(1, network="198.51.100.1") == 1

    def test_a_network_of_the_sixth_version_is_one_however_many_addresses_it_has(self) -> None:
        assert sum(tries(1, network=f"2001:db8:0:1::{n}") for n in range(8)) == 5
        assert tries(1, network="2001:db8:0:2::1") == 1

    def test_ten_from_one_address_in_a_minute_whomever_they_are_at(self) -> None:
        assert sum(tries(1, f"n{n}@staff.example") for n in range(12)) == 10

    def test_the_right_password_uses_up_nothing(self, person: User) -> None:
        for _ in range(6):
            client, response = sign_in(client=Client())
            assert response.status_code == 302
        assert is_in(client)


class TestKnownDevices:
    def test_strangers_keep_nobody_out_who_was_there_before(self, person: User) -> None:
        # given a browser in which somebody has signed in, and strangers on their network and everywhere
        client, _response = sign_in()
        client.post("/account/logout/")
        assert sum(tries(5, network=f"192.0.2.{n}") for n in range(1, 22)) == 100
        assert tries(6, network="127.0.0.1") == 0

        # when they come back, there they are let in, and elsewhere not
        assert sign_in(client=client)[1].status_code == 302
        assert is_in(client)
        assert not is_in(sign_in()[0])

    def test_it_has_as_many_tries_as_a_network(self, person: User, passing: Clock) -> None:
        cookie = known(sign_in()[0])

        assert tries(6, cookie=cookie) == 5
        # From wherever it is: a cookie that was stolen leads no further.
        assert tries(1, cookie=cookie, network="198.51.100.1") == 0
        # And what was tried with it is nothing that was tried elsewhere.
        assert tries(6) == 5
        for _ in range(3):
            passing.passes(5 * MINUTE)
            assert tries(6, cookie=cookie) == 5
        passing.passes(5 * MINUTE)
        assert tries(1, cookie=cookie) == 0

    def test_it_is_known_for_whom_it_was_given_alone(self, person: User) -> None:
        make_person(email=MORI, password=PASSWORD)
        cookie = known(sign_in(email=MORI)[0])

        assert tries(6, cookie=cookie) == 5
        assert tries(1) == 0

    def test_people_share_a_machine(self, person: User) -> None:
        make_person(email=MORI, password=PASSWORD)
        client, _response = sign_in()
        first = known(client)
        client.post("/account/logout/")
        sign_in(email=MORI, client=client)
        both = known(client)

        assert signing.loads(first, salt=devices._SALT)[0] == signing.loads(both, salt=devices._SALT)[0]
        assert tries(5) == 5
        assert (tries(1, cookie=both), tries(1, MORI, cookie=both), tries(1)) == (1, 1, 0)

    def test_of_many_the_latest_are_known(self, person: User, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(devices, "MOST_PEOPLE", 1)
        make_person(email=MORI, password=PASSWORD)
        client, _response = sign_in()
        client.post("/account/logout/")
        sign_in(email=MORI, client=client)

        assert tries(5) == 5
        assert (tries(1, cookie=known(client)), tries(1, MORI, cookie=known(client))) == (0, 1)

    @pytest.mark.parametrize("how", ["forged", "cut", "another's", "old", "empty"])
    def test_what_we_did_not_give_is_nothing(
        self, person: User, monkeypatch: pytest.MonkeyPatch, how: str
    ) -> None:
        real = known(sign_in()[0])
        device, people = signing.loads(real, salt=devices._SALT)
        if how == "old":
            monkeypatch.setattr(signing.time, "time", lambda: time.time_ns() / 1e9 + KEPT_SECONDS + 1)
        planted = {
            "forged": signing.dumps([device, people], salt=devices._SALT, key="x" * 50),
            "cut": real[:-1],
            "another's": signing.dumps([device, people], salt="session"),
            "old": real,
            "empty": "",
        }[how]

        assert tries(5) == 5
        assert tries(1, cookie=planted) == 0

    def test_it_is_given_after_the_second_step_and_not_before(self, person: User) -> None:
        before, _response = sign_in()
        with_second_step(before)
        codes = codes_of(before)
        client, response = sign_in()

        assert (response.url, known(client)) == (SECOND_STEP, "")
        assert client.post(SECOND_STEP, {"code": codes[0]}).status_code == 302
        assert known(client)

    def test_a_wrong_password_gives_none(self, person: User) -> None:
        assert known(sign_in(password="wrong-password-1")[0]) == ""

    def test_it_is_out_of_reach_of_scripts_and_names_nobody(self, person: User, settings: Any) -> None:
        settings.SESSION_COOKIE_SECURE = True
        cookie = sign_in()[0].cookies[COOKIE]

        kept = (cookie["httponly"], cookie["secure"], cookie["samesite"], cookie["path"], cookie["max-age"])
        assert kept == (True, True, "Lax", "/account/", KEPT_SECONDS)
        assert "aoki" not in str(signing.loads(cookie.value, salt=devices._SALT))


def test_another_password_counts_anew(person: User) -> None:
    request = RequestFactory().post("/account/login/", REMOTE_ADDR="192.0.2.1")
    assert sum(tries(5, network=f"192.0.2.{n}") for n in range(1, 22)) == 100
    assert tries(1) == 0

    forget_tries(request, AOKI)

    assert tries(6) == 5
