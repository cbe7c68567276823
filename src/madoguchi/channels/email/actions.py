"""Setting up the servers by which an entry point's mail comes and goes."""

import re
from dataclasses import asdict, dataclass, field
from itertools import count
from typing import Any, TypeVar

from django.db import transaction
from django.utils.translation import gettext as _

from madoguchi.channels.email import policies
from madoguchi.channels.email.authorization import place_of, tokens_kept
from madoguchi.channels.email.events import (
    DkimKeyInUse,
    DkimKeyMade,
    DkimKeyRemoved,
    MailboxRemoved,
    MailboxSet,
    OAuthClientSet,
    OAuthConsented,
    OAuthRemoved,
    SmtpServerRemoved,
    SmtpServerSet,
)
from madoguchi.channels.email.models import DkimKey, Mailbox, OAuthAccount, Security, SignIn, SmtpServer
from madoguchi.channels.email.oauth import Provider, Tokens, is_endpoint
from madoguchi.channels.email.signing import new_key_pair
from madoguchi.companies.models import EntryPoint
from madoguchi.infra.event_log import record
from madoguchi.infra.writing import Changes, difference
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor, Permission
from madoguchi.kernel.channel import Channel
from madoguchi.kernel.errors import NotAllowed, Refused
from madoguchi.kernel.text import one_line

_TENANT = re.compile(r"[A-Za-z0-9.-]*")
Server = TypeVar("Server", Mailbox, SmtpServer)


@dataclass(frozen=True, slots=True, kw_only=True)
class MailboxSettings:
    """Where a mailbox is and how it is read."""

    host: str
    port: int
    security: Security
    username: str
    sign_in: SignIn = SignIn.PASSWORD
    folder: str = "INBOX"
    active: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class SmtpSettings:
    """Where mail is handed over and how."""

    host: str
    port: int
    security: Security
    username: str = ""
    sign_in: SignIn = SignIn.PASSWORD
    return_addresses: bool = False
    active: bool = True
    per_minute: int = 0
    at_once: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class OAuthSettings:
    """Who asks a provider for tokens; `endpoints` only for a provider that is not known here."""

    provider: Provider
    client_id: str
    tenant: str = ""
    endpoints: dict[str, str] = field(default_factory=dict)


@transaction.atomic
def set_mailbox(point: EntryPoint, *, settings: MailboxSettings, password: str | None, by: Actor) -> Mailbox:
    """Say where an entry point's mail is read; a password of None keeps the one that is stored.

    Another server, user or folder is read like a new one. Raises NotAllowed, or Refused without a server, or
    when a stored password would be sent to another server than the one it was entered for.
    """
    _require(by, point)
    mailbox = Mailbox.objects.defer("password").filter(entry_point=point).first()
    mailbox = mailbox or Mailbox(entry_point=point, company_id=point.company_id)
    if _elsewhere(mailbox, settings, "host", "username", "folder"):
        mailbox.uid_validity, mailbox.last_uid, mailbox.checked_at = 0, 0, None
    mailbox.problem, mailbox.lease_holder, mailbox.leased_until = "", "", None
    told, changes = _write(mailbox, settings, password)
    fact = MailboxSet(**_where(point), settings=told, secret=password is not None)
    record(fact, by=by, words=changes)
    return mailbox


@transaction.atomic
def set_smtp_server(
    point: EntryPoint, *, settings: SmtpSettings, password: str | None, by: Actor
) -> SmtpServer:
    """Say by which server an entry point's mail leaves; a password of None keeps the one that is stored.

    Raises NotAllowed or Refused like `set_mailbox`.
    """
    _require(by, point)
    server = SmtpServer.objects.defer("password").filter(entry_point=point).first()
    server = server or SmtpServer(entry_point=point, company_id=point.company_id)
    server.turn_at, server.resting_until, server.rests = None, None, 0
    server.allowance, server.counted_at = settings.per_minute, clock.now()
    told, changes = _write(server, settings, password)
    fact = SmtpServerSet(**_where(point), settings=told, secret=password is not None)
    record(fact, by=by, words=changes)
    return server


@transaction.atomic
def remove_mailbox(point: EntryPoint, *, by: Actor) -> None:
    """Forget the mailbox and its password; what was read stays. Raises NotAllowed."""
    _require(by, point)
    deleted, _rows = Mailbox.objects.filter(entry_point=point).delete()
    if deleted:
        record(MailboxRemoved(**_where(point)), by=by)


@transaction.atomic
def remove_smtp_server(point: EntryPoint, *, by: Actor) -> None:
    """Forget the server and its password; mail then leaves as the installation says. Raises NotAllowed."""
    _require(by, point)
    deleted, _rows = SmtpServer.objects.filter(entry_point=point).delete()
    if deleted:
        record(SmtpServerRemoved(**_where(point)), by=by)


@transaction.atomic
def set_oauth_client(
    point: EntryPoint, *, settings: OAuthSettings, secret: str | None, by: Actor
) -> OAuthAccount:
    """Say who asks for tokens to an address's mail account; a secret of None keeps the one of the same client.

    What was consented to before is void, for another asks now or the provider knows the client anew. Raises
    NotAllowed, or Refused for what cannot be a client, or for endpoints that are not reached over TLS.
    """
    _require(by, point)
    _check_client(settings)
    account = OAuthAccount.objects.defer("client_secret").filter(entry_point=point).first()
    same = account is not None and all(getattr(account, k) == v for k, v in asdict(settings).items())
    fresh = OAuthAccount(entry_point=point, company_id=point.company_id, **asdict(settings))
    fresh.pk = account.pk if account else None
    fresh.client_secret = secret if secret is not None else account.client_secret if account and same else ""
    fresh.save()
    told = {name: value for name, value in asdict(settings).items() if value}
    before = {name: getattr(account, name) for name in asdict(settings)} if account else None
    fact = OAuthClientSet(**_where(point), settings=told, secret=bool(fresh.client_secret))
    record(fact, by=by, words=difference(before, asdict(settings)))
    return fresh


@transaction.atomic
def keep_consent(point: EntryPoint, *, tokens: Tokens, by: Actor) -> None:
    """Keep what a provider gave after somebody consented. The tokens go to the servers that are set up now with
    OAuth 2, and to no others. Raises NotAllowed, or Refused when there is no such server or nothing that lasts.
    """
    _require(by, point)
    account = OAuthAccount.objects.select_for_update().get(entry_point=point)
    if not tokens.refresh:
        raise Refused(_("The provider gave no refresh token: without one the consent ends within the hour."))
    account.places = oauth_places(point)
    if not account.places:
        raise Refused(_("Set the sign-in of the mail servers to OAuth 2 first."))
    tokens_kept(account, tokens)
    account.authorized_at = clock.now()
    account.save()
    Mailbox.objects.filter(entry_point=point, sign_in=SignIn.OAUTH, lease_holder="").update(
        problem="", leased_until=None
    )
    record(OAuthConsented(**_where(point), places=account.places), by=by)


@transaction.atomic
def remove_oauth(point: EntryPoint, *, by: Actor) -> None:
    """Forget the client, its secret and all tokens. The provider's own list of consents is not touched. Raises
    NotAllowed.
    """
    _require(by, point)
    deleted, _rows = OAuthAccount.objects.filter(entry_point=point).delete()
    if deleted:
        record(OAuthRemoved(**_where(point)), by=by)


def oauth_places(point: EntryPoint) -> list[str]:
    """The servers of an address that are signed in to by OAuth 2."""
    kinds: tuple[type[Mailbox] | type[SmtpServer], ...] = (Mailbox, SmtpServer)
    servers = [
        server
        for kind in kinds
        for server in kind.objects.defer("password").filter(entry_point=point, sign_in=SignIn.OAUTH)
    ]
    return sorted({place_of(server) for server in servers})


@transaction.atomic
def make_dkim_key(point: EntryPoint, *, by: Actor) -> DkimKey:
    """Make a key for the domain of a mail address. It signs nothing until `sign_with`: its record must be published
    first, or receivers would find no key to a signature. Raises NotAllowed.
    """
    _require(by, point)
    domain = point.address.rpartition("@")[2].lower()
    private, public = new_key_pair()
    key = DkimKey.objects.create(
        company_id=point.company_id,
        domain=domain,
        selector=_new_selector(point.company_id, domain),
        private_key=private,
        public_key=public,
        made_at=clock.now(),
    )
    record(DkimKeyMade(company=point.company_id, domain=domain, selector=key.selector), by=by)
    return key


@transaction.atomic
def sign_with(key: DkimKey, point: EntryPoint, *, by: Actor) -> None:
    """Sign the domain's mail with this key from now on, instead of the one before. Raises NotAllowed."""
    _require(by, point)
    keys = DkimKey.objects.filter(company_id=key.company_id, domain=key.domain)
    keys.exclude(pk=key.pk).update(active=False)
    if keys.filter(pk=key.pk, active=False).update(active=True):
        record(DkimKeyInUse(company=key.company_id, domain=key.domain, selector=key.selector), by=by)


@transaction.atomic
def remove_dkim_key(key: DkimKey, point: EntryPoint, *, by: Actor) -> None:
    """Forget a key. One in use takes its signature from the domain's mail. Raises NotAllowed."""
    _require(by, point)
    gone, _each = DkimKey.objects.filter(pk=key.pk).delete()
    if gone:
        record(DkimKeyRemoved(company=key.company_id, domain=key.domain, selector=key.selector), by=by)


def _check_client(settings: OAuthSettings) -> None:
    if not settings.client_id.strip():
        raise Refused(_("Enter the client ID that the provider gave you."), field="client_id")
    if not _TENANT.fullmatch(settings.tenant):
        raise Refused(_("A tenant is an ID or a domain, such as shop.example."), field="tenant")
    given = [
        settings.endpoints[name] for name in ("token", "device", "authorize") if name in settings.endpoints
    ]
    if settings.provider == Provider.OTHER and not (
        settings.endpoints.get("token") and all(map(is_endpoint, given))
    ):
        raise Refused(_("Name the provider's token endpoint, beginning with https://."), field="provider")


def _new_selector(company: int, domain: str) -> str:
    """The day it was made, numbered where one day sees several."""
    day = f"m{clock.now():%Y%m%d}"
    taken = set(DkimKey.objects.filter(company_id=company, domain=domain).values_list("selector", flat=True))
    return next(name for n in count(1) if (name := day if n == 1 else f"{day}-{n}") not in taken)


def _require(by: Actor, point: EntryPoint) -> None:
    if not policies.may_set_up_servers(by, point):
        raise NotAllowed(Permission.MAIL_SERVERS)
    if point.kind != Channel.EMAIL:
        raise Refused(_("Only a mail address has mail servers."))


def _write(
    server: Server, settings: MailboxSettings | SmtpSettings, password: str | None
) -> tuple[dict[str, Any], Changes]:
    """Save the settings; what they are now, and what differs from before."""
    host = one_line(settings.host, most=200)
    if not host or not 0 < settings.port < 65536:
        raise Refused(_("Name the server and its port."), field="host" if not host else "port")
    if settings.sign_in == SignIn.OAUTH:
        password = ""
        if not settings.username or not settings.username.isascii():
            raise Refused(_("OAuth 2 needs the user name of the mail account."), field="username")
    if password is None and server.password and _would_reach_others(server, settings):
        raise Refused(_("The password belongs to another server or user. Enter it again."), field="password")
    told = {**asdict(settings), "host": host, "security": str(settings.security)}
    told["sign_in"] = str(settings.sign_in)
    before = {name: getattr(server, name) for name in told} if server.pk else None
    for name, value in told.items():
        setattr(server, name, value)
    if password is not None:
        server.password = password
    server.save()
    return told, difference(before, told)


def _would_reach_others(server: Server, settings: MailboxSettings | SmtpSettings) -> bool:
    """Whether the stored password would go to another server or user, or in clear where it did not."""
    in_clear = settings.security == Security.NONE != server.security
    return in_clear or _elsewhere(server, settings, "host", "username")


def _elsewhere(server: Server, settings: MailboxSettings | SmtpSettings, *fields: str) -> bool:
    return any(getattr(server, name) != getattr(settings, name) for name in fields)


def _where(point: EntryPoint) -> dict[str, int]:
    return {"company": point.company_id, "desk": point.desk_id, "entry_point": point.pk}
