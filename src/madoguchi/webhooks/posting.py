"""Sending words to an endpoint, signed; whatever it says, or why it said nothing."""

from django.conf import settings

from madoguchi.infra import outgoing, web
from madoguchi.infra.web import Bounds, NoAnswer
from madoguchi.kernel import clock
from madoguchi.webhooks.models import Endpoint
from madoguchi.webhooks.signing import signatures

SECONDS = 10


def post(endpoint: Endpoint, *, name: str, body: str) -> tuple[int | None, str]:
    """The status and the words of the other side; no status where none came, and then why. `name` is told apart by."""
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
        return None, str(error)
    return answer.status, answer.body[:2000].decode(errors="replace")


def is_taken(status: int | None) -> bool:
    """Whether the other side has it."""
    return status is not None and 200 <= status < 300


def _bounds() -> Bounds:
    """Nothing in a network of somebody's own may be reached through us, unless whoever runs the machine wants it."""
    if settings.WEBHOOKS_PRIVATE:
        return Bounds(most=65_536, seconds=SECONDS, allowed=outgoing.not_hidden)
    return Bounds(most=65_536, seconds=SECONDS, schemes=frozenset({"https"}))
