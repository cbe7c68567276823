"""Mail accounts entered by OAuth 2: a provider over HTTP, and Dovecot and Postfix that ask it about tokens."""

import base64
import threading
from collections.abc import Iterator
from datetime import timedelta
from itertools import count
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session, auth_mechanism
from django.conf import LazySettings
from django.db import connection
from django.utils import translation
from imapclient.exceptions import LoginError
from tests.servers.dovecot import Dovecot
from tests.servers.dovecot import dovecot as a_dovecot
from tests.servers.ground import free_ports
from tests.servers.provider import CLIENT, SECRET, Provider
from tests.servers.provider import provider as a_provider

from madoguchi.channels.email import actions, authorization, imap, oauth, transport
from madoguchi.channels.email.models import Mailbox, OAuthAccount, Security, SignIn, SmtpServer
from madoguchi.channels.email.oauth import OAuthProblem, Tokens, Trouble
from madoguchi.channels.email.tests.mails import mail
from madoguchi.infra import scope
from madoguchi.infra.models import Event
from madoguchi.intake.models import Arrival
from madoguchi.kernel import clock
from madoguchi.kernel.actor import system
from madoguchi.kernel.channel import TemporaryFailure
from madoguchi.kernel.errors import NotAllowed, Refused
from madoguchi.people.factories import World
from madoguchi.people.queries import actor_of

pytestmark = [pytest.mark.django_db(transaction=True)]
BY = system("test")
_users = (f"oauth{number}" for number in count(1))


@pytest.fixture(scope="module")
def whole_run() -> Iterator[Provider]:
    with a_provider() as running:
        yield running


@pytest.fixture
def provider(whole_run: Provider) -> Provider:
    """As it was at first."""
    whole_run.user = next(_users)
    whole_run.refresh, whole_run.access, whole_run.asked, whole_run.codes = set(), {}, [], {}
    whole_run.broken, whole_run.seconds, whole_run.consented = "", 3600, False
    return whole_run


@pytest.fixture(scope="module")
def asking(whole_run: Provider) -> Iterator[Dovecot]:
    """A Dovecot that asks the provider about tokens."""
    with a_dovecot(introspection=f"{whole_run.base}/introspect") as server:
        yield server


def smtp_server(world: World, port: int, user: str, **more: Any) -> SmtpServer:
    values = {"host": "127.0.0.1", "port": port, "security": Security.NONE, "sign_in": SignIn.OAUTH}
    with world.ours.scope():
        return SmtpServer.objects.create(
            company=world.ours.company,
            entry_point=world.ours.entry_point,
            username=user,
            **{**values, **more},
        )


def mailbox(world: World, port: int, user: str, **more: Any) -> Mailbox:
    values = {"host": "127.0.0.1", "port": port, "security": Security.NONE, "sign_in": SignIn.OAUTH}
    with world.ours.scope():
        return Mailbox.objects.create(
            company=world.ours.company,
            entry_point=world.ours.entry_point,
            username=user,
            **{**values, **more},
        )


def client_of(provider: Provider, **more: str) -> actions.OAuthSettings:
    return actions.OAuthSettings(
        provider=oauth.Provider.OTHER, client_id=CLIENT, endpoints={**provider.endpoints(), **more}
    )


def consented(world: World, provider: Provider, *, seconds: int = 0) -> None:
    """Somebody has consented; the access token lasts so many seconds."""
    tokens = Tokens("stale", provider.consent(), seconds)
    with world.ours.scope():
        actions.set_oauth_client(world.ours.entry_point, settings=client_of(provider), secret=SECRET, by=BY)
        actions.keep_consent(world.ours.entry_point, tokens=tokens, by=BY)


def account(world: World) -> OAuthAccount:
    with world.ours.scope():
        return OAuthAccount.objects.get()


def change(world: World, **values: Any) -> None:
    with world.ours.scope():
        OAuthAccount.objects.update(**values)


def facts() -> list[tuple[str, dict[str, Any]]]:
    with scope.everywhere(reason="a test looks at what was recorded"):
        return [(e.kind, e.data) for e in Event.objects.filter(kind__startswith="mail.oauth").order_by("id")]


def test_a_provider_in_a_private_network_is_told_nothing(
    world: World, provider: Provider, settings: LazySettings
) -> None:
    server = smtp_server(world, 25, "shop")
    consented(world, provider)
    settings.PRIVATE_MAIL_NETWORKS = ()

    with pytest.raises(OAuthProblem) as problem:
        authorization.access_token(server)

    assert (problem.value.trouble, provider.asked) == ("unreachable", [])
    assert "MADOGUCHI_PRIVATE_MAIL_NETWORKS" in str(problem.value)
    assert account(world).access_token == "stale"


class TestTokens:
    def test_are_kept_until_shortly_before_they_end(self, world: World, provider: Provider) -> None:
        server = smtp_server(world, 25, "shop")
        consented(world, provider, seconds=3600)

        assert authorization.access_token(server) == "stale"
        with clock.held_at(clock.now() + timedelta(minutes=54)):
            assert authorization.access_token(server) == "stale"
        assert provider.asked == []
        with clock.held_at(clock.now() + timedelta(minutes=56)):
            fresh = authorization.access_token(server)

        assert (fresh, provider.access) == (account(world).access_token, {fresh: provider.user})
        (asked,) = provider.asked
        assert asked["grant_type"] == "refresh_token"
        assert {account(world).refresh_token} == provider.refresh

    def test_are_made_anew_by_one_of_many(self, world: World, provider: Provider) -> None:
        server = smtp_server(world, 25, "shop")
        consented(world, provider)
        together, got = threading.Barrier(6), []

        def ask() -> None:
            together.wait()
            got.append(authorization.access_token(server))

        threads = [threading.Thread(target=ask) for _ in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        assert got == [account(world).access_token] * 6
        assert len(provider.asked) == 1
        assert account(world).problem == ""

    def test_stay_when_the_callers_transaction_does_not(self, world: World, provider: Provider) -> None:
        server = smtp_server(world, 25, "shop")
        consented(world, provider)

        with pytest.raises(RuntimeError), world.ours.scope():
            token = authorization.access_token(server)
            raise RuntimeError("whoever asked fails afterwards")

        assert account(world).access_token == token
        assert {account(world).refresh_token} == provider.refresh

    def test_of_a_provider_that_gives_no_new_refresh_token_go_on_with_the_old(
        self, world: World, provider: Provider
    ) -> None:
        server = smtp_server(world, 25, "shop")
        consented(world, provider)
        provider.broken = '{"access_token": "a", "expires_in": 3600}'

        assert authorization.access_token(server) == "a"
        assert {account(world).refresh_token} == provider.refresh

    def test_are_encrypted_where_they_are_stored(self, world: World, provider: Provider) -> None:
        smtp_server(world, 25, "shop")
        consented(world, provider)
        kept = account(world)

        with world.ours.scope(), connection.cursor() as cursor:
            cursor.execute("SELECT client_secret, refresh_token, access_token FROM email_oauthaccount")
            row = cursor.fetchone()
        for secret, stored in zip((SECRET, kept.refresh_token, "stale"), row, strict=True):
            assert secret not in stored
            assert stored.startswith("gAAAA")
        assert SECRET not in str(facts())
        assert "refresh-" not in str(facts())


class TestWhatGoesWrong:
    def test_a_consent_that_is_gone_says_what_to_do_and_is_not_asked_for_again(
        self, world: World, provider: Provider
    ) -> None:
        server = smtp_server(world, 25, "shop")
        consented(world, provider)
        provider.refresh.clear()

        for _ in range(2):
            with pytest.raises(OAuthProblem) as refused:
                authorization.access_token(server)
            assert refused.value.trouble == Trouble.CONSENT

        assert len(provider.asked) == 1
        assert account(world).problem == "consent"
        address = world.ours.entry_point.address
        with translation.override("en"):
            assert str(refused.value) == (
                "The consent for this mail account has expired or was withdrawn."
                f" Run on the server: madoguchi mail authorize {address}"
            )
        with translation.override("ja"):
            assert str(refused.value).endswith(f"madoguchi mail authorize {address}")
            assert "同意" in str(refused.value)

    def test_a_new_consent_puts_it_right(self, world: World, provider: Provider) -> None:
        server = smtp_server(world, 25, "shop")
        consented(world, provider)
        change(world, problem="consent")

        consented(world, provider)

        assert authorization.access_token(server) == account(world).access_token

    @pytest.mark.parametrize(
        "said", ["no json", "[]", '{"expires_in": 5}', '{"error": "temporarily_unavailable"}']
    )
    def test_nonsense_is_tried_again_later(self, world: World, provider: Provider, said: str) -> None:
        server = smtp_server(world, 25, "shop")
        consented(world, provider)
        provider.broken = said

        with pytest.raises(OAuthProblem) as refused:
            authorization.access_token(server)
        assert (refused.value.trouble, account(world).problem) == (Trouble.UNREACHABLE, "")
        provider.broken = ""
        assert authorization.access_token(server) == account(world).access_token

    def test_a_wrong_client_is_told_from_a_lost_consent(self, world: World, provider: Provider) -> None:
        server = smtp_server(world, 25, "shop")
        consented(world, provider)
        change(world, client_id="of somebody else")

        with pytest.raises(OAuthProblem) as refused:
            authorization.access_token(server)
        assert (refused.value.trouble, account(world).problem) == (Trouble.CLIENT, "client")
        assert len(provider.refresh) == 1

    @pytest.mark.parametrize(
        "elsewhere", [{"host": "evil.example"}, {"host": "mail.example", "security": Security.NONE}]
    )
    def test_tokens_go_to_no_server_that_nobody_consented_to(
        self, world: World, provider: Provider, elsewhere: dict[str, Any]
    ) -> None:
        server = smtp_server(world, 25, "shop", host="mail.example", security=Security.TLS)
        consented(world, provider, seconds=3600)
        assert authorization.access_token(server) == "stale"
        for name, value in elsewhere.items():
            setattr(server, name, value)

        with pytest.raises(OAuthProblem) as refused:
            authorization.access_token(server)
        assert refused.value.trouble == Trouble.ELSEWHERE
        assert provider.asked == []

    def test_without_a_consent_there_is_none(self, world: World, provider: Provider) -> None:
        server = smtp_server(world, 25, "shop")

        with pytest.raises(OAuthProblem) as refused:
            authorization.access_token(server)
        assert refused.value.trouble == Trouble.MISSING
        assert provider.asked == []


@pytest.mark.server
class TestMailboxes:
    def test_are_read_with_a_token(self, world: World, provider: Provider, asking: Dovecot) -> None:
        box = mailbox(world, asking.plain, provider.user)
        consented(world, provider)
        asking.deliver(provider.user, mail("Subject: question", body=b"still not here\r\n"))

        assert imap.fetch(box).stored == 1
        assert imap.fetch(box).stored == 0

        with world.ours.scope():
            assert [a.state for a in Arrival.objects.all()] == ["handled"]
        assert len(provider.asked) == 1

    def test_a_token_that_the_server_refuses_is_not_used_twice(
        self, world: World, provider: Provider, asking: Dovecot
    ) -> None:
        box = mailbox(world, asking.plain, provider.user)
        consented(world, provider, seconds=3600)

        with pytest.raises(LoginError):
            imap.fetch(box)
        assert provider.asked == []

        assert imap.fetch(box).stored == 0
        assert len(provider.asked) == 1

    def test_say_that_the_consent_is_gone(self, world: World, provider: Provider, asking: Dovecot) -> None:
        box = mailbox(world, asking.plain, provider.user)
        consented(world, provider)
        provider.refresh.clear()

        with translation.override("en"), pytest.raises(LoginError):
            imap.fetch(box)

        with world.ours.scope():
            assert "madoguchi mail authorize" in Mailbox.objects.get().problem


class _Door:
    """An SMTP server that takes the tokens of a provider."""

    def __init__(self, provider: Provider) -> None:
        self.provider, self.mails = provider, []  # type: tuple[Provider, list[bytes]]

    @auth_mechanism("XOAUTH2")
    async def auth_XOAUTH2(self, server: SMTP, args: list[str]) -> AuthResult:  # noqa: N802 - aiosmtpd's name
        """One answer, and to a refusal an empty one."""
        said = base64.b64decode(args[1]).decode()
        user, token = said.removesuffix("\1\1").split("\1auth=Bearer ")
        if self.provider.access.get(token) == user.removeprefix("user="):
            return AuthResult(success=True)
        more = await server.challenge_auth('{"status":"401"}')
        assert more == b""
        return AuthResult(success=False, handled=False)

    async def handle_DATA(self, _server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        """Keep it, of those who have signed in."""
        if not session.authenticated:
            return "530 sign in first"
        self.mails.append(bytes(envelope.original_content or b""))
        return "250 taken"


@pytest.fixture
def door(provider: Provider) -> Iterator[tuple[_Door, int]]:
    handler, (port,) = _Door(provider), free_ports(1)
    running = Controller(handler, hostname="127.0.0.1", port=port, auth_require_tls=False)
    running.start()
    try:
        yield handler, port
    finally:
        running.stop()


class TestSending:
    def test_signs_in_with_a_token(self, world: World, provider: Provider, door: tuple[_Door, int]) -> None:
        server = smtp_server(world, door[1], provider.user)
        consented(world, provider)

        assert transport.send_test(server, "misaki@home.example") == "250 taken"
        assert len(door[0].mails) == 1

    def test_a_refused_token_is_about_the_settings_and_another_is_had(
        self, world: World, provider: Provider, door: tuple[_Door, int]
    ) -> None:
        server = smtp_server(world, door[1], provider.user)
        consented(world, provider, seconds=3600)

        with pytest.raises(TemporaryFailure, match=r"^535 "):
            transport.send_test(server, "misaki@home.example")
        assert door[0].mails == []
        assert transport.send_test(server, "misaki@home.example") == "250 taken"

    def test_a_lost_consent_waits_and_says_what_to_do(
        self, world: World, provider: Provider, door: tuple[_Door, int]
    ) -> None:
        server = smtp_server(world, door[1], provider.user)
        consented(world, provider)
        provider.refresh.clear()

        with pytest.raises(TemporaryFailure, match="madoguchi mail authorize"):
            transport.send_test(server, "misaki@home.example")
        assert door[0].mails == []


class TestSettingItUp:
    def test_is_recorded_without_secrets(self, world: World, provider: Provider) -> None:
        smtp_server(world, 587, "shop", host="smtp.example", security=Security.STARTTLS)
        by, point = actor_of(world.ours.company_manager), world.ours.entry_point
        google = actions.OAuthSettings(provider=oauth.Provider.GOOGLE, client_id="ours")
        with world.ours.scope():
            actions.set_oauth_client(point, settings=google, secret=SECRET, by=by)
            actions.keep_consent(point, tokens=Tokens("a", "r", 60), by=by)
            actions.remove_oauth(point, by=by)
            actions.remove_oauth(point, by=by)

        assert [(kind, {k: v for k, v in data.items() if k != "entry_point"}) for kind, data in facts()] == [
            ("mail.oauth_set", {"settings": {"provider": "google", "client_id": "ours"}, "secret": True}),
            ("mail.oauth_consented", {"places": ["smtp.example"]}),
            ("mail.oauth_removed", {}),
        ]

    @pytest.mark.parametrize(
        ("values", "field"),
        [
            ({"client_id": " "}, "client_id"),
            ({"tenant": "evil.example/x?"}, "tenant"),
            ({"provider": oauth.Provider.OTHER}, "provider"),
            ({"provider": oauth.Provider.OTHER, "endpoints": {"token": "http://evil.example/"}}, "provider"),
        ],
    )
    def test_what_makes_no_sense_is_refused(self, world: World, values: dict[str, Any], field: str) -> None:
        given = {"provider": oauth.Provider.MICROSOFT, "client_id": "ours", **values}

        with world.ours.scope(), pytest.raises(Refused) as refused:
            actions.set_oauth_client(
                world.ours.entry_point, settings=actions.OAuthSettings(**given), secret=None, by=BY
            )
        assert refused.value.field == field
        with world.ours.scope():
            assert not OAuthAccount.objects.exists()

    def test_of_an_operator_is_refused(self, world: World, provider: Provider) -> None:
        by = actor_of(world.ours.supervisor)

        with world.ours.scope(), pytest.raises(NotAllowed):
            actions.set_oauth_client(
                world.ours.entry_point, settings=client_of(provider), secret=SECRET, by=by
            )
        assert facts() == []

    def test_another_client_gets_neither_secret_nor_tokens(self, world: World, provider: Provider) -> None:
        smtp_server(world, 25, "shop")
        consented(world, provider, seconds=3600)

        with world.ours.scope():
            actions.set_oauth_client(
                world.ours.entry_point,
                settings=actions.OAuthSettings(provider=oauth.Provider.GOOGLE, client_id="ours"),
                secret=None,
                by=BY,
            )
        kept = account(world)
        assert (kept.client_secret, kept.refresh_token, kept.access_token, kept.places) == ("", "", "", [])

    def test_a_stored_password_is_forgotten_with_oauth(self, world: World) -> None:
        given = {"host": "imap.gmail.com", "port": 993, "security": Security.TLS, "username": "shop"}
        with world.ours.scope():
            point = world.ours.entry_point
            actions.set_mailbox(point, settings=actions.MailboxSettings(**given), password="himitsu", by=BY)
            by_token = actions.MailboxSettings(**given, sign_in=SignIn.OAUTH)
            actions.set_mailbox(point, settings=by_token, password=None, by=BY)
            kept = Mailbox.objects.get()
        assert (kept.sign_in, kept.password) == ("oauth", "")

    def test_known_providers_are_asked_where_they_say(self) -> None:
        google = oauth.endpoints_of("google", tenant="", own={})
        microsoft = oauth.endpoints_of(
            "microsoft", tenant="shop.example", own={"token": "https://evil.example"}
        )

        assert google.token == "https://oauth2.googleapis.com/token"
        assert microsoft.token == "https://login.microsoftonline.com/shop.example/oauth2/v2.0/token"
        assert microsoft.device.endswith("/shop.example/oauth2/v2.0/devicecode")
        assert microsoft.scope.endswith(" offline_access")
