"""Sending words to an endpoint, signed; whatever it says, or why it said nothing."""

import socket
import ssl

import structlog
from django.conf import settings

from madoguchi.infra import outgoing, web
from madoguchi.infra.outgoing import HostRefused
from madoguchi.infra.web import Bounds, NoAnswer
from madoguchi.kernel import clock
from madoguchi.webhooks.models import NO_TRUST, NOTHING, NOWHERE, Endpoint
from madoguchi.webhooks.signing import signatures

SECONDS = 10
logger = structlog.get_logger()


def post(endpoint: Endpoint, *, name: str, body: str) -> tuple[int | None, str]:
    """The status and the words of the other side; no status where none came, and then why. `name` is told apart by.

    What exactly went wrong names addresses of the installation's own network: that is for its log.
    """
    now = clock.now()
    timestamp = int(now.timestamp())
    both = endpoint.old_until is not None and endpoint.old_until > now
    secrets = (endpoint.secret, endpoint.old_secret) if both else (endpoint.secret,)
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "Madoguchi-Webhooks",
        "webhook-id": name,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": signatures(id_=name, timestamp=timestamp, body=body, by=secrets),
    }
    try:
        answer = web.post(endpoint.url, body=body.encode(), headers=headers, bounds=_bounds())
    except NoAnswer as error:
        logger.info("webhook_not_answered", endpoint=endpoint.pk, why=str(error))
        return None, _why(error.__cause__)
    return answer.status, answer.body[:2000].decode(errors="replace")


def is_taken(status: int | None) -> bool:
    """Whether the other side has it."""
    return status is not None and 200 <= status < 300


def _why(cause: BaseException | None) -> str:
    """A name that is unknown and one that leads where nothing may go are one, or names of inner servers could be
    told apart from others by trying (docs/decisions/0044).
    """
    if isinstance(cause, HostRefused | socket.gaierror | UnicodeError):
        return NOWHERE
    return NO_TRUST if isinstance(cause, ssl.SSLCertVerificationError) else NOTHING


def _bounds() -> Bounds:
    """Nothing in a network of somebody's own may be reached through us, unless whoever runs the machine wants it."""
    if settings.WEBHOOKS_PRIVATE:
        return Bounds(most=65_536, seconds=SECONDS, allowed=outgoing.not_hidden)
    return Bounds(most=65_536, seconds=SECONDS, schemes=frozenset({"https"}))
