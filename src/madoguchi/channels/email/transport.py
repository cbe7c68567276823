"""How mail leaves: through the entry point's SMTP server, or into the built-in outbox."""

import smtplib
import ssl

from django.conf import settings

from madoguchi.channels.email.models import Security, SentMail, SmtpServer
from madoguchi.infra import scope
from madoguchi.kernel import clock
from madoguchi.kernel.channel import Outbound, PermanentFailure, Receipt, TemporaryFailure
from madoguchi.kernel.text import one_line

TIMEOUT = 30
KEPT_IN_OUTBOX = "250 kept in the built-in outbox"


def deliver(message: Outbound, *, raw: bytes) -> Receipt:
    """Send composed mail. An entry point with a server of its own uses it; without one the installation's
    transport decides. Raises TemporaryFailure or PermanentFailure.
    """
    with scope.acting_for([message.company]):
        server = SmtpServer.objects.filter(entry_point=message.entry_point, active=True).first()
    if server is not None:
        return Receipt(_send(server, message.sender.address, _addresses(message), raw))
    if settings.MAIL_TRANSPORT == "outbox":
        return _keep(message, raw)
    raise TemporaryFailure("no mail server is set up for this address: add one in the settings")


def send_test(server: SmtpServer, to: str) -> str:
    """Send a short mail through a server and return its own answer. Raises the two failures."""
    sender = server.entry_point.address
    raw = f"From: {sender}\r\nTo: {to}\r\nSubject: Madoguchi test\r\n\r\nThis is a test.\r\n".encode()
    return _send(server, sender, [to], raw)


def _addresses(message: Outbound) -> list[str]:
    return [p.address for p in (*message.to, *message.cc)]


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


def _send(server: SmtpServer, sender: str, to: list[str], raw: bytes) -> str:
    try:
        with _connected(server) as client:
            return _transmit(client, sender, to, raw)
    except smtplib.SMTPResponseException as error:
        raise _failure(error.smtp_code, _text(error.smtp_error)) from error
    except smtplib.SMTPRecipientsRefused as error:
        code, answer = next(iter(error.recipients.values()))
        raise _failure(code, _text(answer)) from error
    except (smtplib.SMTPException, OSError) as error:
        raise TemporaryFailure(f"{type(error).__name__}: {error}") from error


def _connected(server: SmtpServer) -> smtplib.SMTP:
    context = ssl.create_default_context()
    if server.security == Security.TLS:
        client: smtplib.SMTP = smtplib.SMTP_SSL(server.host, server.port, timeout=TIMEOUT, context=context)
    else:
        client = smtplib.SMTP(server.host, server.port, timeout=TIMEOUT)
    if server.security == Security.STARTTLS:
        client.starttls(context=context)
    if server.username:
        client.login(server.username, server.password)
    return client


def _transmit(client: smtplib.SMTP, sender: str, to: list[str], raw: bytes) -> str:
    """One transaction. A recipient refused for good fails the whole mail, so that nobody is left out unseen."""
    client.ehlo_or_helo_if_needed()
    _expect(client.mail(sender, ["BODY=8BITMIME"] if client.has_extn("8bitmime") else []))
    for address in to:
        _expect(client.rcpt(address))
    code, answer = client.data(raw)
    _expect((code, answer))
    return f"{code} {_text(answer)}"


def _expect(answer: tuple[int, bytes]) -> None:
    code, text = answer
    if code >= 300:
        raise smtplib.SMTPResponseException(code, text)


def _text(answer: bytes | str) -> str:
    return answer.decode("utf-8", "replace") if isinstance(answer, bytes) else answer


def _failure(code: int, answer: str) -> TemporaryFailure | PermanentFailure:
    kind = PermanentFailure if 500 <= code < 600 and code not in (530, 535, 538) else TemporaryFailure
    return kind(f"{code} {answer}")
