"""`madoguchi mail authorize`: a person consents, with a code or with a browser, against a provider over HTTP."""

import re
import threading
import urllib.request
from collections.abc import Iterator
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from click.testing import CliRunner, Result
from tests.servers.ground import until
from tests.servers.provider import CLIENT, SECRET, Provider
from tests.servers.provider import provider as a_provider

from madoguchi.channels.email.models import OAuthAccount, Security, SignIn, SmtpServer
from madoguchi.people.factories import World
from madoguchi.project.cli.mail_authorize import authorize

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def provider() -> Iterator[Provider]:
    with a_provider() as running:
        yield running


@pytest.fixture
def server(world: World) -> SmtpServer:
    with world.ours.scope():
        return SmtpServer.objects.create(
            company=world.ours.company,
            entry_point=world.ours.entry_point,
            host="smtp.example",
            security=Security.STARTTLS,
            username="shop",
            sign_in=SignIn.OAUTH,
        )


def run(world: World, *arguments: str, typed: str = "") -> Result:
    return CliRunner().invoke(authorize, [world.ours.entry_point.address, *arguments], input=typed)


def client(provider: Provider, *more: str) -> list[str]:
    own = ["--provider", "other", "--client-id", CLIENT, "--token-endpoint", f"{provider.base}/token"]
    return [*own, "--scope", "mail", *more]


def kept(world: World) -> list[OAuthAccount]:
    with world.ours.scope():
        return list(OAuthAccount.objects.all())


def test_with_a_code_that_is_typed_in_at_the_provider(
    world: World, provider: Provider, server: SmtpServer
) -> None:
    result = run(world, *client(provider, "--device-endpoint", f"{provider.base}/device"))

    assert result.exit_code == 0, result.output
    assert result.output.splitlines() == [
        "Open https://provider.example/device and enter the code: ABCD-EFGH",
        f"Done. {world.ours.entry_point.address} signs in by OAuth 2 at: smtp.example",
    ]
    (account,) = kept(world)
    assert ({account.refresh_token}, account.places) == (provider.refresh, ["smtp.example"])
    assert [asked.get("client_id") for asked in provider.asked] == [CLIENT] * 3


def test_again_without_saying_who_asks(world: World, provider: Provider, server: SmtpServer) -> None:
    run(world, *client(provider, "--device-endpoint", f"{provider.base}/device"))
    before = kept(world)[0].refresh_token

    result = run(world)

    assert result.exit_code == 0, result.output
    assert kept(world)[0].refresh_token != before


def consent_address(output: str) -> str:
    (found,) = re.findall(r"http://127\.0\.0\.1:\d+/authorize\?\S+", output)
    return str(found)


def test_with_a_browser_that_comes_back(
    world: World, provider: Provider, server: SmtpServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[str] = []
    monkeypatch.setattr("click.echo", lambda text="", **_more: said.append(str(text)))

    def browse() -> None:
        until(lambda: any("/authorize?" in line for line in said), what="the address to consent at")
        asked = parse_qs(urlsplit(consent_address("\n".join(said))).query)
        assert (asked["scope"], asked["code_challenge_method"]) == (["mail"], ["S256"])
        provider.codes["the-code"] = asked["code_challenge"][0]
        back = asked["redirect_uri"][0]
        for path in ("/favicon.ico", "/?" + urlencode({"state": asked["state"][0], "code": "the-code"})):
            urllib.request.urlopen(f"{back}{path}", timeout=20).close()

    person = threading.Thread(target=browse)
    person.start()
    endpoint = ("--authorize-endpoint", f"{provider.base}/authorize", "--with-secret")
    result = run(world, *client(provider, *endpoint), typed=f"{SECRET}\n")
    person.join()

    assert result.exit_code == 0, result.output
    (account,) = kept(world)
    assert (account.client_secret, {account.refresh_token}) == (SECRET, provider.refresh)
    assert provider.asked[0]["client_secret"] == SECRET


def test_what_the_browser_did_not_bring_is_refused(
    world: World, provider: Provider, server: SmtpServer
) -> None:
    forged = "http://127.0.0.1:1/?state=forged&code=x\n"
    endpoint = ("--authorize-endpoint", f"{provider.base}/authorize", "--paste")

    result = run(world, *client(provider, *endpoint), typed=forged)

    assert result.exit_code == 1
    assert "not the answer to this question" in result.output
    assert provider.asked == []
    assert kept(world)[0].refresh_token == ""


def test_without_a_server_that_wants_it_nothing_is_asked(world: World, provider: Provider) -> None:
    result = run(world, *client(provider, "--device-endpoint", f"{provider.base}/device"))

    assert result.exit_code == 1
    assert provider.asked == []
    assert kept(world) == []


def test_an_address_of_nobody_is_refused(world: World) -> None:
    result = CliRunner().invoke(authorize, ["nobody@shop.example"])

    assert result.exit_code == 2
    assert "No entry point has the address nobody@shop.example." in result.output


@pytest.mark.parametrize("given", [(), ("--provider", "google"), ("--client-id", CLIENT)])
def test_the_first_time_it_must_be_known_who_asks(
    world: World, server: SmtpServer, given: tuple[str, ...]
) -> None:
    result = run(world, *given)

    assert result.exit_code == 2
    assert kept(world) == []
