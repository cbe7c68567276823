"""Which hosts a company's own mail servers may be on, and clients that connect to just where was looked.

A name is resolved once: between a check and a second look it could be made to lead elsewhere.
"""

import smtplib
import socket
import ssl

from django.conf import settings
from django.utils.translation import gettext as _
from imapclient import IMAPClient, imap4, tls

from madoguchi.infra import outgoing
from madoguchi.infra.outgoing import HostRefused

__all__ = [
    "HostRefused",
    "ImapClient",
    "SmtpClient",
    "SmtpTlsClient",
    "allowed",
    "connected",
    "refused_in_words",
]


def allowed() -> outgoing.Rule:
    """Where servers may be that a company names: on the internet, and in private networks that the installation names.

    Whoever sets up a mailbox may make us connect anywhere they like, and reads what comes back.
    """
    return outgoing.public_or_in(settings.PRIVATE_MAIL_NETWORKS)


def connected(host: str, port: int, timeout: float | None) -> socket.socket:
    """A connection to a server of this name, at one of the addresses that were looked at.

    Raises HostRefused when the name leads where no such server may be, OSError when it leads nowhere or nobody answers.
    """
    return outgoing.connect(host, port, allowed=allowed(), timeout=timeout)


def refused_in_words(refused: HostRefused) -> str:
    """Why a server is not connected to, and who can change that; not where it is, which is the installation's own."""
    if not outgoing.not_hidden(refused.address):
        return _("%(host)s is at an address where no mail server can be.") % {"host": refused.host}
    words = _(
        "%(host)s is in a private network, or this machine. Whoever runs the installation can allow it by"
        " MADOGUCHI_PRIVATE_MAIL_NETWORKS."
    )
    return words % {"host": refused.host}


class SmtpClient(smtplib.SMTP):
    """smtplib's, connected as above. STARTTLS asks for a certificate of the name."""

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        return connected(host, port, timeout)


class SmtpTlsClient(smtplib.SMTP_SSL):
    """smtplib's, connected as above; the certificate is the name's."""

    def _get_socket(self, host: str, port: int, timeout: float) -> ssl.SSLSocket:
        return self.context.wrap_socket(connected(host, port, timeout), server_hostname=host)  # type: ignore[attr-defined, no-any-return]


class ImapClient(IMAPClient):  # type: ignore[misc]
    """imapclient's, connected as above."""

    def _create_IMAP4(self) -> imap4.IMAP4WithTimeout | tls.IMAP4_TLS:  # noqa: N802 - imapclient's name
        timeout = getattr(self._timeout, "connect", None)
        if self.ssl:
            return _ImapTls(self.host, self.port, self.ssl_context, timeout)
        return _Imap(self.host, self.port, timeout)


class _Imap(imap4.IMAP4WithTimeout):  # type: ignore[misc]
    def _create_socket(self, timeout: float | None = None) -> socket.socket:
        return connected(self.host, self.port, timeout if timeout is not None else self._timeout)


class _ImapTls(tls.IMAP4_TLS):  # type: ignore[misc]
    def _create_socket(self, timeout: float | None = None) -> ssl.SSLSocket:
        plain = connected(self.host, self.port, timeout if timeout is not None else self._timeout)
        return tls.wrap_socket(plain, self.ssl_context, self.host)
