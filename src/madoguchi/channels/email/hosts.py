"""Which hosts a company's own mail servers may be on, and clients that connect to just where was looked.

A name is resolved once: between a check and a second look it could be made to lead elsewhere.
"""

import smtplib
import socket
import ssl

from imapclient import IMAPClient, imap4, tls

from madoguchi.infra import outgoing
from madoguchi.infra.outgoing import HostRefused

__all__ = ["HostRefused", "ImapClient", "SmtpClient", "SmtpTlsClient", "connected"]


def connected(host: str, port: int, timeout: float | None) -> socket.socket:
    """A connection to a server of this name, at one of the addresses that were looked at.

    Raises HostRefused when the name leads to a link-local or cloud metadata address: whoever sets up a mailbox
    may make us connect anywhere they like, and private networks are fine, for there the shop's own server
    stands. Raises OSError when the name leads nowhere or nobody answers.
    """
    return outgoing.connect(host, port, allowed=outgoing.not_hidden, timeout=timeout)


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
