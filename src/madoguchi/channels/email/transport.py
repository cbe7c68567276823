"""How mail leaves: through the entry point's SMTP server, or into the built-in outbox."""

import smtplib
import ssl
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress

from django.conf import settings

from madoguchi.channels.email import authorization
from madoguchi.channels.email.hosts import HostRefused, SmtpClient, SmtpTlsClient, refused_in_words
from madoguchi.channels.email.models import Security, SentMail, SignIn, SmtpServer
from madoguchi.channels.email.oauth import OAuthProblem, sasl
from madoguchi.channels.email.pace import in_turn
from madoguchi.channels.email.reports import return_address
from madoguchi.infra import scope
from madoguchi.infra.secrets import SecretUnreadable
from madoguchi.kernel import clock
from madoguchi.kernel.channel import DeliveryFailure, Outbound, PermanentFailure, Receipt, TemporaryFailure
from madoguchi.kernel.identity import ascii_domain
from madoguchi.kernel.text import one_line

TIMEOUT = 30
_CLOSING = 421
# The last answer may take long, for the server looks through the mail; to leave early is to send twice.
TRANSMISSION_TIMEOUT = 300
GOODBYE_TIMEOUT = 2
NOBODY = ""
KEPT_IN_OUTBOX = "250 kept in the built-in outbox"


def deliver(message: Outbound, *, raw: bytes) -> Receipt:
    """Send composed mail. An entry point with a server of its own uses it; without one the installation's
    transport decides. Raises TemporaryFailure, PermanentFailure, or HeldBack when the server takes no more now.
    """
    with scope.acting_for([message.company]):
        servers = SmtpServer.objects.defer("password").filter(entry_point=message.entry_point, active=True)
        server = servers.first()
    if server is not None:
        with in_turn(server):
            return Receipt(_send(server, _senders(server, message), _addresses(message), raw))
    if settings.MAIL_TRANSPORT == "outbox":
        return _keep(message, raw)
    raise TemporaryFailure("no mail server is set up for this address: add one in the settings")


def send_test(server: SmtpServer, to: str) -> str:
    """Send a short mail through a server and return its own answer. Raises the two failures."""
    sender = server.entry_point.address
    raw = f"From: {sender}\r\nTo: {to}\r\nSubject: Madoguchi test\r\n\r\nThis is a test.\r\n".encode()
    return _send(server, [sender], [to], raw)


def _senders(server: SmtpServer, message: Outbound) -> list[str]:
    """Envelope senders in the order to try: many servers take none but the account's own.

    What a machine wrote comes from a return address or from nobody (RFC 3834), so that no machine answers it.
    """
    plain = message.sender.address
    own = return_address(plain, message.external_id) if server.return_addresses else ""
    return [own or NOBODY, plain] if own or message.automatic else [plain]


def _addresses(message: Outbound) -> list[str]:
    return list(dict.fromkeys(p.address for p in (*message.to, *message.cc, *message.bcc)))


def _keep(message: Outbound, raw: bytes) -> Receipt:
    row = SentMail(
        company_id=message.company,
        external_id=message.external_id,
        recipients=_addresses(message),
        subject=one_line(message.subject),
        raw=raw,
        sent_at=clock.now(),
    )
    with scope.acting_for([message.company]):
        SentMail.objects.bulk_create([row], ignore_conflicts=True)
    return Receipt(KEPT_IN_OUTBOX)


def _send(server: SmtpServer, senders: Sequence[str], to: Sequence[str], raw: bytes) -> str:
    """One transaction, for which nothing is decided after the server's last answer."""
    with _signed_in(server) as client:
        try:
            written = [_on_the_wire(sender) if sender else NOBODY for sender in senders]
            return _transmit(client, written, [_on_the_wire(address) for address in to], raw)
        except (smtplib.SMTPException, OSError) as error:
            raise TemporaryFailure(_in_words(error)) from error


@contextmanager
def _signed_in(server: SmtpServer) -> Iterator[smtplib.SMTP]:
    """A connection ready to send. Whatever goes wrong on the way there is about the server and its settings,
    never about the mail: it is tried again, when they have been put right.
    """
    client = None
    try:
        client = _connected(server)
        _sign_in(client, server)
    except (smtplib.SMTPException, SecretUnreadable, OAuthProblem, OSError, UnicodeError) as error:
        _leave(client)
        raise TemporaryFailure(_in_words(error)) from error
    try:
        yield client
    finally:
        _leave(client)


def _connected(server: SmtpServer) -> smtplib.SMTP:
    if server.security == Security.TLS:
        context = ssl.create_default_context()
        return SmtpTlsClient(server.host, server.port, timeout=TIMEOUT, context=context)
    return SmtpClient(server.host, server.port, timeout=TIMEOUT)


def _sign_in(client: smtplib.SMTP, server: SmtpServer) -> None:
    if server.security == Security.STARTTLS:
        client.starttls(context=ssl.create_default_context())
    client.ehlo_or_helo_if_needed()
    if server.sign_in == SignIn.OAUTH:
        _sign_in_by_token(client, server)
    elif server.username:
        with scope.acting_for([server.company_id]):
            password = server.password
        client.login(server.username, password)


def _sign_in_by_token(client: smtplib.SMTP, server: SmtpServer) -> None:
    token = authorization.access_token(server)
    first = iter([sasl(server.username, token)])
    try:
        # A server that refuses says why in a challenge, which wants an empty answer.
        client.auth("XOAUTH2", lambda _challenge=None: next(first, ""))
    except smtplib.SMTPAuthenticationError:
        authorization.distrust(server, token)
        raise


def _leave(client: smtplib.SMTP | None) -> None:
    """Say good-bye. What the server answers to that, and whether it does, changes nothing about the mail it took;
    it is hardly waited for, since the outcome is written down only afterwards.
    """
    if client is not None:
        with suppress(smtplib.SMTPException, OSError):
            if client.sock is not None:
                client.sock.settimeout(GOODBYE_TIMEOUT)
                client.quit()
        client.close()


def _transmit(client: smtplib.SMTP, senders: Sequence[str], to: Sequence[str], raw: bytes) -> str:
    """One refused recipient keeps the mail from all, so that nobody is left out unseen."""
    client.sock.settimeout(TRANSMISSION_TIMEOUT)  # type: ignore[union-attr]
    _check_size(client, raw)
    _begin(client, senders, raw)
    refused = [(address, *client.rcpt(address)) for address in to]
    refused = [(address, code, answer) for address, code, answer in refused if code >= 300 or code < 200]
    if refused:
        # What is refused for good says more than what may work later.
        address, code, answer = max(refused, key=lambda r: r[1])
        raise _failure(code, f"{_text(answer)} ({address})", recipient=address)
    try:
        code, answer = client.data(raw)
    except smtplib.SMTPDataError as refusal:  # of the command itself: there was no content that it could take
        raise _failure(refusal.smtp_code, _text(refusal.smtp_error)) from refusal
    _expect(code, answer)
    return f"{code} {_text(answer)}"


def _begin(client: smtplib.SMTP, senders: Sequence[str], raw: bytes) -> None:
    """Name the first envelope sender that the server takes."""
    for sender in senders:
        code, answer = client.mail(sender, _options(client, raw))
        if 200 <= code < 300 or code == _CLOSING:
            break
        if sender != senders[-1]:
            client.rset()
    _expect(code, answer)


def _check_size(client: smtplib.SMTP, raw: bytes) -> None:
    """A mail larger than the server takes is not begun (RFC 1870), and said to be too large by how much."""
    said = client.esmtp_features.get("size", "").split()
    most = int(said[0]) if said and said[0].isdecimal() else 0
    if 0 < most < len(raw):
        size = f"the mail has {len(raw) / 1e6:.1f} MB, the mail server takes {most / 1e6:.1f} MB"
        raise PermanentFailure(f"552 5.3.4 too large: {size}")


def _options(client: smtplib.SMTP, raw: bytes) -> list[str]:
    options = ["BODY=8BITMIME"] if not raw.isascii() and client.has_extn("8bitmime") else []
    if client.has_extn("size"):
        options.append(f"SIZE={len(raw)}")
    return options


def _on_the_wire(address: str) -> str:
    """The address as every server takes it: an international domain in its ASCII form."""
    local, at, domain = address.rpartition("@")
    try:
        written = f"{local}{at}{ascii_domain(domain)}"
    except UnicodeError:
        written = ""
    if not at or not written.isascii() or any(c.isspace() or c in "<>" for c in written):
        raise PermanentFailure(f"not an address that mail can be sent to: {address}")
    return written


def _expect(code: int, answer: bytes) -> None:
    if not 200 <= code < 300:
        raise _failure(code, _text(answer))


def _failure(code: int, answer: str, *, recipient: str = "") -> DeliveryFailure:
    """Only a refusal of this mail is for good; one for lack of a sign-in or of TLS is about the settings."""
    if 500 <= code < 600 and code not in (530, 535, 538):
        return PermanentFailure(f"{code} {answer}", recipient=recipient)
    return TemporaryFailure(f"{code} {answer}")


def _text(answer: bytes | str) -> str:
    text = answer.decode("utf-8", "replace") if isinstance(answer, bytes) else answer
    return one_line(text, most=1000)


def _in_words(error: Exception) -> str:
    """What went wrong, in the server's own words where it said any."""
    if isinstance(error, smtplib.SMTPResponseException):
        return f"{error.smtp_code} {_text(error.smtp_error)}"
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"the server's certificate is not trusted: {error.verify_message}"
    if isinstance(error, HostRefused):
        return refused_in_words(error)
    if isinstance(error, OAuthProblem):
        return str(error)
    return f"{type(error).__name__}: {error}"
