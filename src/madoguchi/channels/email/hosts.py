"""Which hosts a company's own mail servers may be on, and clients that connect to just where was looked.

A name is resolved once: between a check and a second look it could be made to lead elsewhere.
"""

import ipaddress
import smtplib
import socket
import ssl
from contextlib import suppress

from imapclient import IMAPClient, imap4, tls

# Where clouds answer a machine's questions about itself, credentials included. The IPv4 one is link-local.
_METADATA = frozenset(
    ipaddress.ip_address(a) for a in ("fd00:ec2::254", "100.100.100.200", "168.63.129.16", "192.0.0.192")
)


class HostRefused(OSError):
    """The name leads to an address that no mail server of anybody has."""


def connected(host: str, port: int, timeout: float | None) -> socket.socket:
    """A connection to a server of this name, at one of the addresses that were looked at.

    Raises HostRefused when the name leads to a link-local or cloud metadata address: whoever sets up a mailbox
    may make us connect anywhere they like, and private networks are fine, for there the shop's own server
    stands. Raises OSError when the name leads nowhere or nobody answers.
    """
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    for *_, address in found:
        _refuse_hidden(host, str(address[0]))
    problem: OSError = OSError(f"{host} leads nowhere")
    for family, kind, protocol, _name, address in found:
        connection = socket.socket(family, kind, protocol)
        try:
            connection.settimeout(timeout)
            connection.connect(address)
            return connection
        except OSError as error:
            problem = error
            with suppress(OSError):
                connection.close()
    raise problem


def _refuse_hidden(host: str, address: str) -> None:
    found = ipaddress.ip_address(address.partition("%")[0])
    mapped = getattr(found, "ipv4_mapped", None) or found
    if mapped.is_link_local or mapped in _METADATA:
        raise HostRefused(f"{host} leads to {mapped}, which is kept from mail servers")


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
