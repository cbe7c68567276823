"""What can happen to mail and its servers. Passwords are never told; `secret` says that one was set."""

from typing import Any, ClassVar

from madoguchi.infra.facts import Fact, fact


@fact
class MailboxSet(Fact):
    """The mailbox of an entry point was set up or changed."""

    kind: ClassVar[str] = "mail.mailbox_set"
    entry_point: int
    settings: dict[str, Any]
    secret: bool


@fact
class MailboxRemoved(Fact):
    """The mailbox of an entry point was removed from the settings."""

    kind: ClassVar[str] = "mail.mailbox_removed"
    entry_point: int


@fact
class SmtpServerSet(Fact):
    """The mail server of an entry point was set up or changed."""

    kind: ClassVar[str] = "mail.smtp_set"
    entry_point: int
    settings: dict[str, Any]
    secret: bool


@fact
class SmtpServerRemoved(Fact):
    """The mail server of an entry point was removed from the settings."""

    kind: ClassVar[str] = "mail.smtp_removed"
    entry_point: int


@fact
class OAuthClientSet(Fact):
    """Who asks a provider for tokens to a mail account was set or changed; a consent given before is void."""

    kind: ClassVar[str] = "mail.oauth_set"
    entry_point: int
    settings: dict[str, Any]
    secret: bool


@fact
class OAuthConsented(Fact):
    """Somebody consented that a mail account is entered by OAuth 2, at these servers."""

    kind: ClassVar[str] = "mail.oauth_consented"
    entry_point: int
    places: list[str]


@fact
class OAuthRemoved(Fact):
    """A mail account's OAuth 2 client and tokens were forgotten."""

    kind: ClassVar[str] = "mail.oauth_removed"
    entry_point: int


@fact
class DkimKeyMade(Fact):
    """A key to sign a domain's mail was made. It signs once it is taken into use."""

    kind: ClassVar[str] = "mail.dkim_made"
    domain: str
    selector: str


@fact
class DkimKeyInUse(Fact):
    """A domain's mail is signed by this key from now on."""

    kind: ClassVar[str] = "mail.dkim_in_use"
    domain: str
    selector: str


@fact
class DkimKeyRemoved(Fact):
    """A key that no longer signed was forgotten."""

    kind: ClassVar[str] = "mail.dkim_removed"
    domain: str
    selector: str


@fact
class ImagesShown(Fact):
    """Somebody had the pictures that a mail shows from elsewhere fetched: so many of so many came."""

    kind: ClassVar[str] = "mail.images_shown"
    message: int
    asked: int
    fetched: int
