"""Signing in, the second step, being kept out, and where one is signed in."""

import re
import time
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from allauth.usersessions.models import UserSession
from django.conf import LazySettings
from django.contrib.sessions.models import Session
from django.core import mail
from django.test import Client

from madoguchi.people.factories import World, make_person
from madoguchi.people.models import User
from madoguchi.project import settings as product

pytestmark = pytest.mark.django_db
PASSWORD = "asahi-no-kirei-na-machi"
LOGIN, LOGOUT, SESSIONS = "/account/login/", "/account/logout/", "/account/sessions/"
TOTP, CODES = "/account/mfa/totp/activate/", "/account/mfa/recovery-codes/generate/"
SECOND_STEP, PROOF = "/account/mfa/authenticate/", "/account/reauthenticate/"


@pytest.fixture
def person(db: None) -> User:
    return make_person(name="青木 翔", email="aoki@staff.example", password=PASSWORD)


def sign_in(
    *, email: str = "aoki@staff.example", password: str = PASSWORD, client: Client | None = None, **more: Any
) -> tuple[Client, Any]:
    client = client or Client()
    return client, client.post(LOGIN, {"login": email, "password": password}, **more)


def is_in(client: Client) -> bool:
    return bool(client.get(SESSIONS).status_code == 200)


def code_of(secret: str, *, steps: int = 0) -> str:
    """The code that an authenticator app shows for this secret."""
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30 + steps))


def with_second_step(client: Client) -> str:
    """Prove who one is once more and set up the authenticator app; returns its secret."""
    client.post(PROOF, {"password": PASSWORD})
    secret = str(client.get(TOTP).context["form"].secret)
    assert client.post(TOTP, {"code": code_of(secret)}).status_code == 302
    return secret


def codes_of(client: Client) -> list[str]:
    client.post(CODES)
    return list(client.get("/account/mfa/recovery-codes/").context["unused_codes"])


class TestPassword:
    @pytest.mark.parametrize("email", ["aoki@staff.example", "AOKI@Staff.Example", " aoki@staff.example "])
    def test_the_address_however_it_is_written(self, person: User, email: str) -> None:
        client, response = sign_in(email=email)

        assert (response.status_code, response.url) == (302, "/")
        assert is_in(client)
        assert UserSession.objects.get().user == person

    @pytest.mark.parametrize(
        ("email", "password"),
        [
            ("aoki@staff.example", PASSWORD + " "),
            ("aoki@staff.example", PASSWORD.upper()),
            ("aoki@staff.example", ""),
            ("nobody@staff.example", PASSWORD),
            ("", PASSWORD),
            ("' OR 1=1 --", PASSWORD),
        ],
    )
    def test_anything_else_leads_nowhere(self, person: User, email: str, password: str) -> None:
        client, response = sign_in(email=email, password=password)

        assert response.status_code == 200
        assert not is_in(client)
        assert UserSession.objects.count() == 0

    def test_the_answer_does_not_say_who_has_an_account(self, person: User) -> None:
        wrong = sign_in(password="wrong-password-1")[1].context["form"].non_field_errors()
        nobody = sign_in(email="no@staff.example", password="wrong-password-1")[1].context["form"]

        assert wrong == nobody.non_field_errors()
        assert len(wrong) == 1

    def test_who_was_never_given_a_password_cannot_sign_in(self, world: World) -> None:
        for password in ("", "None", "!"):
            client, _response = sign_in(email=world.ours.agent.email, password=password)
            assert not is_in(client)

    def test_who_is_locked_out_stays_out(self, person: User) -> None:
        User.objects.filter(pk=person.pk).update(is_active=False)
        client, _response = sign_in()

        assert not is_in(client)
        assert UserSession.objects.count() == 0

    def test_it_leads_where_one_wanted_to_go_but_never_to_another_site(self, person: User) -> None:
        wanted = Client().get("/cases/?view=all")
        assert wanted.url == "/account/login/?next=/cases/%3Fview%3Dall"
        assert sign_in(query_params={"next": "/cases/?view=all"})[1].url == "/cases/?view=all"
        for elsewhere in ("https://evil.example/", "//evil.example/", "javascript:alert(1)"):
            assert sign_in(query_params={"next": elsewhere})[1].url == "/"

    def test_it_needs_the_token_of_its_own_page(self, person: User) -> None:
        strict = Client(enforce_csrf_checks=True)
        assert sign_in(client=strict)[1].status_code == 403
        page = strict.get(LOGIN)
        token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page.content.decode())
        assert token is not None
        asked = {"login": person.email, "password": PASSWORD, "csrfmiddlewaretoken": token[1]}
        assert strict.post(LOGIN, asked).status_code == 302

    def test_a_new_session_begins(self, person: User) -> None:
        client = Client()
        client.get(LOGIN)
        planted = client.session
        planted["x"] = 1
        planted.save()
        client.cookies["madoguchi_session"] = planted.session_key

        sign_in(client=client)

        assert client.cookies["madoguchi_session"].value != planted.session_key

    def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(self, person: User) -> None:
        cookie = sign_in()[0].cookies["madoguchi_session"]

        assert (cookie["httponly"], cookie["samesite"], cookie["path"]) == (True, "Lax", "/")

    def test_nobody_signs_themselves_up(self, db: None) -> None:
        before = User.objects.count()
        asked = {"email": "new@staff.example", "password1": PASSWORD, "password2": PASSWORD}
        shown, sent = Client().get("/account/signup/"), Client().post("/account/signup/", asked)

        assert (shown.status_code, sent.status_code) == (200, 200)
        assert b'name="password1"' not in shown.content
        assert User.objects.count() == before

    def test_signing_out_ends_the_session(self, person: User) -> None:
        client, _response = sign_in()
        key = client.session.session_key
        assert client.get(LOGOUT).status_code == 200
        assert is_in(client)

        client.post(LOGOUT)

        assert not is_in(client)
        assert not Session.objects.filter(session_key=key).exists()


class TestTooOften:
    def test_after_five_wrong_passwords_even_the_right_one_must_wait(self, person: User) -> None:
        for _ in range(5):
            sign_in(password="wrong-password-1")
        client, response = sign_in()

        assert response.status_code == 200
        assert not is_in(client)
        assert (
            sign_in(email="other@staff.example")[1].context["form"].errors != response.context["form"].errors
        )

    def test_a_colleague_is_not_kept_out_by_it(self, person: User) -> None:
        make_person(email="mori@staff.example", password=PASSWORD)
        for _ in range(6):
            sign_in(password="wrong-password-1")

        assert is_in(sign_in(email="mori@staff.example")[0])

    def test_the_count_does_not_care_how_the_address_is_written(self, person: User) -> None:
        for written in ("aoki@staff.example", "AOKI@staff.example", "Aoki@Staff.Example") * 2:
            sign_in(email=written, password="wrong-password-1")

        assert not is_in(sign_in()[0])

    def test_one_place_that_tries_many_names_is_stopped(self, person: User) -> None:
        for n in range(11):
            sign_in(email=f"n{n}@staff.example", password="wrong-password-1")

        assert not is_in(sign_in()[0])


class TestSecondStep:
    def test_it_is_set_up_with_a_code_of_the_app(self, person: User) -> None:
        client, _response = sign_in()
        client.post(PROOF, {"password": PASSWORD})
        secret = client.get(TOTP).context["form"].secret
        wrong = client.post(TOTP, {"code": "000000" if code_of(secret) != "000000" else "111111"})

        assert wrong.status_code == 200
        assert Authenticator.objects.count() == 0
        client.post(TOTP, {"code": code_of(secret)})
        kinds = Authenticator.objects.filter(user=person).values_list("type", flat=True)
        assert sorted(kinds) == ["recovery_codes", "totp"]

    def test_then_a_password_alone_is_not_enough(self, person: User) -> None:
        secret = with_second_step(sign_in()[0])
        client, response = sign_in()

        assert (response.status_code, response.url) == (302, SECOND_STEP)
        assert not is_in(client)
        wrong = client.post(SECOND_STEP, {"code": code_of(secret, steps=-20)})
        assert wrong.status_code == 200
        assert not is_in(client)
        client.post(SECOND_STEP, {"code": code_of(secret, steps=1)})
        assert is_in(client) or client.post(SECOND_STEP, {"code": code_of(secret)}).status_code == 302
        assert is_in(client)

    def test_a_code_serves_once(self, person: User) -> None:
        secret = with_second_step(sign_in()[0])
        code = code_of(secret)
        first, second = sign_in()[0], sign_in()[0]
        first.post(SECOND_STEP, {"code": code})
        second.post(SECOND_STEP, {"code": code})

        assert [is_in(first), is_in(second)].count(True) <= 1

    def test_a_recovery_code_serves_once(self, person: User) -> None:
        client, _response = sign_in()
        with_second_step(client)
        codes = codes_of(client)
        assert len(codes) == len(set(codes)) == 10

        first, second = sign_in()[0], sign_in()[0]
        assert first.post(SECOND_STEP, {"code": codes[0]}).status_code == 302
        assert second.post(SECOND_STEP, {"code": codes[0]}).status_code == 200
        assert (is_in(first), is_in(second)) == (True, False)
        assert second.post(SECOND_STEP, {"code": codes[1]}).status_code == 302
        assert is_in(second)

    def test_new_recovery_codes_end_the_old_ones(self, person: User) -> None:
        client, _response = sign_in()
        with_second_step(client)
        old, new = codes_of(client), codes_of(client)

        assert set(old).isdisjoint(new)
        assert sign_in()[0].post(SECOND_STEP, {"code": old[0]}).status_code == 200

    def test_without_the_first_step_there_is_no_second(self, person: User) -> None:
        secret = with_second_step(sign_in()[0])
        client = Client()

        assert client.get(SECOND_STEP).url == LOGIN
        assert client.post(SECOND_STEP, {"code": code_of(secret)}).url == LOGIN
        assert not is_in(client)

    def test_codes_cannot_be_tried_for_ever(self, person: User) -> None:
        client, _response = sign_in()
        with_second_step(client)
        codes = codes_of(client)
        guesser, _response = sign_in()
        for n in range(12):
            guesser.post(SECOND_STEP, {"code": f"{n:06}"})

        assert guesser.post(SECOND_STEP, {"code": codes[0]}).status_code != 302
        assert not is_in(guesser)

    def test_the_secret_is_not_kept_in_the_open_of_a_page_once_set_up(self, person: User) -> None:
        client, _response = sign_in()
        secret = with_second_step(client)

        assert secret not in client.get("/account/mfa/").content.decode()
        assert client.get(TOTP).status_code == 302

    def test_only_who_proves_who_they_are_once_more_changes_it(self, person: User) -> None:
        client, _response = sign_in()
        for address in (TOTP, CODES, "/account/mfa/webauthn/add/"):
            response = client.get(address)
            assert response.status_code == 302, address
            assert response.url.startswith(PROOF), address
        client.post(PROOF, {"password": "wrong-password-1"})
        assert client.get(TOTP).status_code == 302
        client.post(PROOF, {"password": PASSWORD})
        assert client.get(TOTP).status_code == 200

    def test_an_address_that_allauth_never_verified_does_not_stand_in_its_way(self, person: User) -> None:
        client, _response = sign_in()
        EmailAddress.objects.create(user=person, email=person.email, verified=False)
        with_second_step(client)

        assert Authenticator.objects.filter(type=Authenticator.Type.TOTP).count() == 1


class TestOwnAddress:
    def test_nobody_changes_the_address_they_are_known_by(self, person: User) -> None:
        client, _response = sign_in()
        client.post(PROOF, {"password": PASSWORD})

        for asked in ({}, {"action_add": "", "email": "private@evil.example"}):
            response = client.post("/account/email/", asked) if asked else client.get("/account/email/")
            assert (response.status_code, response.url) == (302, SESSIONS)

        assert User.objects.get().email == "aoki@staff.example"
        assert not EmailAddress.objects.filter(email="private@evil.example").exists()


class TestSessions:
    def test_each_browser_is_listed_and_the_others_can_be_signed_out(self, person: User) -> None:
        here, _r = sign_in(headers={"User-Agent": "Firefox"})
        there, _r = sign_in(headers={"User-Agent": "Safari"}, REMOTE_ADDR="192.0.2.7")
        page = here.get(SESSIONS).content.decode()
        assert "Safari" in page
        assert "Firefox" in page
        assert "192.0.2.7" in page

        here.post(SESSIONS)

        assert (is_in(here), is_in(there)) == (True, False)
        assert [s.user_agent for s in UserSession.objects.all()] == ["Firefox"]

    def test_nobody_sees_or_ends_anothers(self, person: User) -> None:
        other = make_person(email="mori@staff.example", password=PASSWORD)
        theirs, _r = sign_in(email=other.email, headers={"User-Agent": "TheirBrowser"})
        ours, _r = sign_in()

        assert "TheirBrowser" not in ours.get(SESSIONS).content.decode()
        ours.post(SESSIONS)
        assert is_in(theirs)

    def test_they_are_for_those_who_are_signed_in(self, db: None) -> None:
        assert Client().get(SESSIONS).url.startswith(LOGIN)


class TestChoosingAPassword:
    ADDRESS = "/account/password/change/"

    def change(self, client: Client, new: str, *, old: str = PASSWORD, again: str = "") -> Any:
        asked = {"oldpassword": old, "password1": new, "password2": again or new}
        return client.post(self.ADDRESS, asked)

    @pytest.mark.parametrize(
        "new", ["short-one", "1234567890", "password123", "aoki@staff.example", "qwertyuiop", "青木 翔"]
    )
    def test_one_that_is_easily_guessed_is_refused(self, person: User, new: str) -> None:
        client, _response = sign_in()
        response = self.change(client, new)

        assert response.status_code == 200
        assert "password1" in response.context["form"].errors
        assert User.objects.get().check_password(PASSWORD)

    def test_a_long_one_of_plain_words_is_good(self, person: User) -> None:
        client, _response = sign_in()
        self.change(client, "夏の海はとても青いです")

        assert is_in(client)
        assert is_in(sign_in(password="夏の海はとても青いです")[0])
        assert not is_in(sign_in()[0])

    @pytest.mark.parametrize(("old", "again"), [("wrong-password-1", ""), (PASSWORD, "mistyped-words-here")])
    def test_the_old_one_and_the_new_one_twice_are_needed(self, person: User, old: str, again: str) -> None:
        client, _response = sign_in()
        assert self.change(client, "totemo-nagai-kotoba", old=old, again=again).status_code == 200
        assert User.objects.get().check_password(PASSWORD)

    def test_a_forgotten_one_is_replaced_by_mail(self, person: User, settings: LazySettings) -> None:
        settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
        asked = Client().post("/account/password/reset/", {"email": "AOKI@staff.example"})

        assert asked.status_code == 302
        [sent] = mail.outbox
        assert sent.to == ["aoki@staff.example"]
        link = re.search(r"https?://[^/]+(/account/password/reset/key/\S+)", sent.body)
        assert link is not None
        form = Client().get(link[1], follow=True)
        client = form.client
        new = {"password1": "totemo-nagai-kotoba", "password2": "totemo-nagai-kotoba"}
        client.post(form.redirect_chain[-1][0], new)
        assert is_in(sign_in(password="totemo-nagai-kotoba")[0])

    def test_asking_for_a_stranger_sends_nothing_and_says_the_same(
        self, person: User, settings: LazySettings
    ) -> None:
        settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
        known = Client().post("/account/password/reset/", {"email": person.email})
        unknown = Client().post("/account/password/reset/", {"email": "no@staff.example"})

        assert (known.status_code, known.url) == (unknown.status_code, unknown.url)
        assert [m.to for m in mail.outbox] == [[person.email]]

    def test_it_is_hashed_slowly_outside_of_tests(self) -> None:
        assert product.PASSWORD_HASHERS == ["django.contrib.auth.hashers.ScryptPasswordHasher"]
