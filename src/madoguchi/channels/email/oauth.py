"""OAuth 2 with a provider of mail: which endpoints, what is asked there, and what the answers mean (RFC 6749, 8628)."""

import base64
import hashlib
import json
import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any
from urllib.parse import urlencode, urlsplit

from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from madoguchi.channels.email.hosts import HostRefused, allowed, refused_in_words
from madoguchi.infra import web
from madoguchi.kernel.errors import MadoguchiError

_HEADERS = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}
_DEVICE_GRANT = "urn:ietf:params:oauth:grant-type:device_code"
_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
_SECONDS = 8
_MOST = 200_000
# What a provider says when it is over, and when it does not know who asks.
_CONSENT_GONE = frozenset({"invalid_grant", "interaction_required", "consent_required", "login_required"})
_CLIENT_WRONG = frozenset({"invalid_client", "unauthorized_client", "invalid_scope"})


class Provider(models.TextChoices):
    """Whose sign-in it is."""

    GOOGLE = "google", gettext_lazy("Google (Gmail, Workspace)")
    MICROSOFT = "microsoft", gettext_lazy("Microsoft 365")
    OTHER = "other", gettext_lazy("another, set up on the command line")


class Trouble(models.TextChoices):
    """Why there is no token; all but the last need a person."""

    MISSING = "missing"
    CONSENT = "consent"
    CLIENT = "client"
    ELSEWHERE = "elsewhere"
    UNREACHABLE = "unreachable"


class OAuthProblem(MadoguchiError):
    """There is no token for a mail account; the text says what to do, in the language of whoever reads it."""

    def __init__(self, trouble: Trouble, *, address: str = "", detail: str = "") -> None:
        super().__init__(trouble, address, detail)
        self.trouble, self.address, self.detail = trouble, address, detail

    def __str__(self) -> str:
        return in_words(self.trouble, address=self.address, detail=self.detail)


@dataclass(frozen=True, slots=True)
class Endpoints:
    """Where a provider is asked, and for what."""

    token: str
    device: str = ""
    authorize: str = ""
    scope: str = ""


_GOOGLE = Endpoints(
    "https://oauth2.googleapis.com/token",
    "",
    "https://accounts.google.com/o/oauth2/v2/auth",
    "https://mail.google.com/",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """Who asks: what the provider calls this installation."""

    endpoints: Endpoints
    client_id: str
    secret: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Tokens:
    """What a provider gave; `refresh` is empty where the one before goes on."""

    access: str = field(repr=False)
    refresh: str = field(repr=False)
    seconds: int


@dataclass(frozen=True, slots=True)
class DeviceCode:
    """What a person types in at the provider, and how we ask whether they have."""

    code: str = field(repr=False)
    user_code: str
    address: str
    seconds: int
    interval: int


def in_words(trouble: Trouble, *, address: str, detail: str = "") -> str:
    """What is wrong and what to do about it."""
    command = {"command": f"madoguchi mail authorize {address}", "detail": detail}
    said = {
        Trouble.MISSING: _("Nobody has consented for this mail account yet. Run on the server: %(command)s"),
        Trouble.CONSENT: _(
            "The consent for this mail account has expired or was withdrawn. Run on the server: %(command)s"
        ),
        Trouble.CLIENT: _(
            "The provider does not accept the client ID or its secret. Put them right, then run on the server:"
            " %(command)s"
        ),
        Trouble.ELSEWHERE: _(
            "The consent was not given for the server %(detail)s. If it is the right one, run on the server:"
            " %(command)s"
        ),
        Trouble.UNREACHABLE: _(
            "The provider's sign-in gives no answer that can be used (%(detail)s). It is tried again by itself."
        ),
    }
    return said[trouble] % command


def endpoints_of(provider: str, *, tenant: str, own: Mapping[str, str]) -> Endpoints:
    """The endpoints of a known provider, or those that were given for another one."""
    if provider == Provider.GOOGLE:
        return _GOOGLE
    if provider == Provider.MICROSOFT:
        base = f"https://login.microsoftonline.com/{tenant or 'organizations'}/oauth2/v2.0"
        outlook = "https://outlook.office.com"
        scope = f"{outlook}/IMAP.AccessAsUser.All {outlook}/SMTP.Send offline_access"
        return Endpoints(f"{base}/token", device=f"{base}/devicecode", scope=scope)
    return Endpoints(**{**asdict(Endpoints(token="")), **own})


def is_endpoint(address: str) -> bool:
    """Whether secrets may be sent there: over TLS, or inside this machine."""
    parts = urlsplit(address)
    return bool(parts.hostname) and (
        parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOOPBACK)
    )


def refreshed(client: Client, refresh_token: str) -> Tokens:
    """New tokens for a refresh token, which many providers take only once. Raises OAuthProblem."""
    return _tokens(client, grant_type="refresh_token", refresh_token=refresh_token)


def by_code(client: Client, *, code: str, verifier: str, redirect: str) -> Tokens:
    """Tokens for the code that a browser came back with. Raises OAuthProblem."""
    return _tokens(
        client, grant_type="authorization_code", code=code, code_verifier=verifier, redirect_uri=redirect
    )


def device_code(client: Client) -> DeviceCode:
    """A code for a person to type in at the provider. Raises OAuthProblem."""
    said = _posted(client.endpoints.device, {"client_id": client.client_id, "scope": client.endpoints.scope})
    if problem := _problem(said):
        raise problem
    try:
        return DeviceCode(
            code=str(said["device_code"]),
            user_code=str(said["user_code"]),
            address=str(said.get("verification_uri") or said["verification_url"]),
            seconds=int(said.get("expires_in", 900)),
            interval=int(said.get("interval", 5)),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise OAuthProblem(Trouble.UNREACHABLE, detail=f"no device code: {error}") from error


def by_device(client: Client, code: DeviceCode) -> Tokens | None:
    """Tokens once the person has consented; None while they have not. Raises OAuthProblem."""
    said = _asked(client, grant_type=_DEVICE_GRANT, device_code=code.code)
    if said.get("error") in ("authorization_pending", "slow_down"):
        return None
    return _read(said)


def authorization_address(client: Client, *, redirect: str, state: str, verifier: str, user: str) -> str:
    """Where a person consents with a browser (PKCE, RFC 7636)."""
    challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    asked = {
        "client_id": client.client_id,
        "response_type": "code",
        "redirect_uri": redirect,
        "scope": client.endpoints.scope,
        "state": state,
        "code_challenge": challenge,
        "code_challenge_method": "S256",
        "access_type": "offline",
        "prompt": "consent",
        "login_hint": user,
    }
    return f"{client.endpoints.authorize}?{urlencode(asked)}"


def new_secret() -> str:
    """A state or a verifier that nobody guesses."""
    return secrets.token_urlsafe(48)


def sasl(user: str, token: str) -> str:
    """The first and only words of XOAUTH2."""
    return f"user={user}\1auth=Bearer {token}\1\1"


def _tokens(client: Client, **asked: str) -> Tokens:
    return _read(_asked(client, **asked))


def _asked(client: Client, **asked: str) -> dict[str, Any]:
    who = {"client_id": client.client_id} | ({"client_secret": client.secret} if client.secret else {})
    return _posted(client.endpoints.token, {**who, **asked})


def _read(said: dict[str, Any]) -> Tokens:
    if problem := _problem(said):
        raise problem
    try:
        access, seconds = said["access_token"], int(said.get("expires_in", 3600))
    except (KeyError, TypeError, ValueError) as error:
        raise OAuthProblem(Trouble.UNREACHABLE, detail=f"no token: {error}") from error
    return Tokens(str(access), str(said.get("refresh_token") or ""), seconds)


def _problem(said: dict[str, Any]) -> OAuthProblem | None:
    error = str(said.get("error") or "")
    if not error:
        return None
    if error in _CONSENT_GONE or error in ("access_denied", "expired_token"):
        return OAuthProblem(Trouble.CONSENT, detail=error)
    kind = Trouble.CLIENT if error in _CLIENT_WRONG else Trouble.UNREACHABLE
    return OAuthProblem(kind, detail=error[:100])


def _posted(address: str, form: dict[str, str]) -> dict[str, Any]:
    if not is_endpoint(address):
        raise OAuthProblem(Trouble.CLIENT, detail="no endpoint")
    bounds = web.Bounds(most=_MOST, seconds=_SECONDS, allowed=allowed())
    try:
        answer = web.post(address, body=urlencode(form).encode(), headers=_HEADERS, bounds=bounds)
        said = json.loads(answer.body)
    except (web.NoAnswer, ValueError) as error:
        raise OAuthProblem(Trouble.UNREACHABLE, detail=_why_unreachable(error)) from error
    if not isinstance(said, dict) or (answer.status >= 400 and not said.get("error")):
        raise OAuthProblem(Trouble.UNREACHABLE, detail=f"HTTP {answer.status}")
    return said


def _why_unreachable(error: Exception) -> str:
    if isinstance(error.__cause__, HostRefused):
        return refused_in_words(error.__cause__)
    return f"{type(error).__name__}: {error}"[:200]
