"""`madoguchi mail authorize`: a person consents that a mail account is entered by OAuth 2."""

import http.server
import sys
import time
from typing import Any
from urllib.parse import parse_qs, urlsplit

import click

from madoguchi.channels.email.actions import OAuthSettings, keep_consent, oauth_places, set_oauth_client
from madoguchi.channels.email.models import OAuthAccount
from madoguchi.channels.email.oauth import (
    Client,
    OAuthProblem,
    Provider,
    Tokens,
    authorization_address,
    by_code,
    by_device,
    device_code,
    in_words,
    new_secret,
)
from madoguchi.companies.models import EntryPoint
from madoguchi.companies.queries import entry_point_by_address
from madoguchi.infra import scope
from madoguchi.kernel.actor import system
from madoguchi.kernel.channel import Channel
from madoguchi.kernel.errors import Refused

_COMMAND_LINE = system("command line")
_OWN = ("token", "device", "authorize", "scope")


@click.command()
@click.argument("address")
@click.option("--provider", type=click.Choice(Provider.values), help="Whose account it is.")
@click.option("--client-id", help="What the provider calls your app registration.")
@click.option("--tenant", default="", help="Microsoft: the directory's ID or domain; else any work account.")
@click.option("--with-secret", is_flag=True, help="Ask for the client secret, which Google needs.")
@click.option("--token-endpoint", "token", help="Of another provider: where tokens are given.")
@click.option("--device-endpoint", "device", help="Of another provider: where device codes are given.")
@click.option("--authorize-endpoint", "authorize_", help="Of another provider: where people consent.")
@click.option("--scope", "scope_", help="Of another provider: what is asked for.")
@click.option(
    "--paste", is_flag=True, help="The browser runs on another machine: paste the address it ends at."
)
def authorize(address: str, *, paste: bool, with_secret: bool, **given: str | None) -> None:
    """Let a mail account be entered by OAuth 2: you consent with a browser, once.

    The client's settings are needed the first time, or when they change; afterwards ADDRESS is enough. Set the
    sign-in of the mail servers to OAuth 2 before.
    """
    point = _point(address)
    with scope.acting_for([point.company_id]):
        if not oauth_places(point):
            raise click.ClickException("Set the sign-in of the mail servers to OAuth 2 first.")
    try:
        client, user = _client(point, with_secret=with_secret, **given)
        tokens = _by_device(client) if client.endpoints.device else _by_browser(client, user, paste=paste)
        with scope.acting_for([point.company_id]):
            keep_consent(point, tokens=tokens, by=_COMMAND_LINE)
            places = ", ".join(oauth_places(point))
    except OAuthProblem as problem:
        said = in_words(problem.trouble, address=address, detail=problem.detail)
        raise click.ClickException(f"{said} ({problem.detail})") from problem
    except Refused as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"Done. {address} signs in by OAuth 2 at: {places}")


def _point(address: str) -> EntryPoint:
    point = entry_point_by_address(Channel.EMAIL, address)
    if point is None:
        raise click.BadParameter(f"No entry point has the address {address}.", param_hint="ADDRESS")
    return point


def _client(point: EntryPoint, *, with_secret: bool, **given: str | None) -> tuple[Client, str]:
    """The client as it stands, or as it is given now; and whose account it is."""
    with scope.acting_for([point.company_id]):
        if given["provider"] or given["client_id"] or with_secret:
            _set(point, with_secret=with_secret, **given)
        account = OAuthAccount.objects.filter(entry_point=point).first()
        if account is None:
            raise click.UsageError("Name --provider and --client-id the first time.")
        return account.client(), point.address


def _set(point: EntryPoint, *, with_secret: bool, **given: str | None) -> None:
    if not (given["provider"] and given["client_id"]):
        raise click.UsageError("Name both --provider and --client-id.")
    own = {name.rstrip("_"): value for name, value in given.items() if value}
    settings = OAuthSettings(
        provider=Provider(given["provider"]),
        client_id=given["client_id"],
        tenant=given["tenant"] or "",
        endpoints={name: own[name] for name in _OWN if name in own},
    )
    secret = click.prompt("Client secret", hide_input=True) if with_secret else None
    set_oauth_client(point, settings=settings, secret=secret, by=_COMMAND_LINE)


def _by_device(client: Client) -> Tokens:
    """The person types a code in at the provider, with any browser anywhere; we ask until they have."""
    code = device_code(client)
    click.echo(f"Open {code.address} and enter the code: {code.user_code}")
    deadline = time.monotonic() + code.seconds
    while (tokens := by_device(client, code)) is None:
        if time.monotonic() > deadline:
            raise Refused("The code has run out. Run the command again.")
        time.sleep(code.interval)
    return tokens


def _by_browser(client: Client, user: str, *, paste: bool) -> Tokens:
    """The person consents with a browser, which comes back to this machine with a code."""
    state, verifier = new_secret(), new_secret()
    with http.server.HTTPServer(("127.0.0.1", 0), _Return) as door:
        redirect = f"http://127.0.0.1:{door.server_port}"
        address = authorization_address(client, redirect=redirect, state=state, verifier=verifier, user=user)
        click.echo("Open this address in a browser and consent:" + f"\n\n{address}\n")
        if paste:
            back = click.prompt("The address that the browser ended at", err=not sys.stdin.isatty())
        else:
            back = _awaited(door)
    return by_code(client, code=_code(back, state), verifier=verifier, redirect=redirect)


class _Return(http.server.BaseHTTPRequestHandler):
    """Takes the browser that comes back, once."""

    def do_GET(self) -> None:
        """Remember where it came, and tell the person to go on."""
        self.server.came_back = self.path  # type: ignore[attr-defined]
        self.send_response(200)
        self.send_header("Content-Type", "text/plain; charset=utf-8")
        self.end_headers()
        self.wfile.write(b"You can close this window.")

    def log_message(self, *_args: Any) -> None:
        """The code stands in the address: it is not for logs."""


def _awaited(door: http.server.HTTPServer) -> str:
    """A browser may ask for other things first, such as an icon."""
    while True:
        door.handle_request()
        path = str(getattr(door, "came_back", ""))
        if {"code", "error"} & parse_qs(urlsplit(path).query).keys():
            return path


def _code(back: str, state: str) -> str:
    said = parse_qs(urlsplit(back.strip()).query)
    if said.get("state") != [state]:
        raise Refused("That is not the answer to this question. Run the command again.")
    if "code" not in said:
        raise Refused(f"The provider said: {said.get('error', ['?'])[0]}")
    return said["code"][0]
