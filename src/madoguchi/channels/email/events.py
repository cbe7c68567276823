"""What can happen to mail servers. Passwords are never told; `secret` says that one was set."""

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
