"""Saying where a company's events go."""

import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlsplit

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from madoguchi.infra import limits
from madoguchi.infra.event_log import record
from madoguchi.infra.writing import one_at_a_time, set_changed
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor
from madoguchi.kernel.errors import Refused
from madoguchi.kernel.identity import ascii_domain
from madoguchi.kernel.text import clean
from madoguchi.webhooks.events import (
    EndpointAdded,
    EndpointChanged,
    EndpointRemoved,
    EndpointSwitched,
    SecretRotated,
)
from madoguchi.webhooks.models import BY_HAND, Endpoint
from madoguchi.webhooks.policies import require_webhooks
from madoguchi.webhooks.posting import is_taken, post
from madoguchi.webhooks.public import COMPANY_KINDS
from madoguchi.webhooks.signing import fingerprint_of, host_of, new_secret

MOST_ENDPOINTS = 20
BOTH_SECRETS = timedelta(days=1)


TEST_TYPE = "webhook.test"


@dataclass(frozen=True, slots=True)
class Tried:
    """What an endpoint said to a test; no status where no answer came, and then why in `words`."""

    taken: bool
    status: int | None
    words: str


@transaction.atomic
def add_endpoint(company: int, *, url: str, kinds: Sequence[str] = (), by: Actor) -> Endpoint:
    """Send a company's events to an address from now on. Its secret is to be shown once.

    Raises NotAllowed; Refused for an address that is none or not for this, an event that is not told, or too many.
    """
    require_webhooks(by, company=company)
    one_at_a_time(f"endpoints of {company}")
    if Endpoint.objects.filter(company=company, removed_at=None).count() >= MOST_ENDPOINTS:
        raise Refused(_("A company has 20 endpoints at most."), field="url")
    endpoint = Endpoint.objects.create(
        company_id=company, url=_checked(url), kinds=_known(kinds), secret=new_secret(), made_at=clock.now()
    )
    fact = EndpointAdded(
        company=company,
        endpoint=endpoint.pk,
        host=host_of(endpoint.url),
        fingerprint=fingerprint_of(endpoint.url),
        kinds=endpoint.kinds,
    )
    record(fact, by=by)
    return endpoint


@transaction.atomic
def change_endpoint(endpoint: Endpoint, *, url: str, kinds: Sequence[str], by: Actor) -> None:
    """Set the address and the events. Raises as `add_endpoint` does."""
    require_webhooks(by, company=endpoint.company_id)
    changes = set_changed(endpoint, url=_checked(url), kinds=_known(kinds))
    if "url" in changes:
        changes["address"] = [f"{host_of(url)} {fingerprint_of(url)}" for url in changes.pop("url")]
    if changes:
        fact = EndpointChanged(company=endpoint.company_id, endpoint=endpoint.pk, changes=changes)
        record(fact, by=by)


@transaction.atomic
def switch(endpoint: Endpoint, *, on: bool, by: Actor, why: str = BY_HAND) -> None:
    """Switch an endpoint off, with the reason, or on again: then what comes next is sent. Raises NotAllowed."""
    require_webhooks(by, company=endpoint.company_id)
    changed = set_changed(endpoint, off_why="" if on else why, failing_since=None, paused_until=None)
    if "off_why" in changed:
        fact = EndpointSwitched(company=endpoint.company_id, endpoint=endpoint.pk, why=endpoint.off_why)
        record(fact, by=by)


@transaction.atomic
def rotate_secret(endpoint: Endpoint, *, by: Actor) -> None:
    """Give an endpoint a new secret, to be shown once; for a day the old one signs too. Raises NotAllowed."""
    require_webhooks(by, company=endpoint.company_id)
    endpoint.old_secret, endpoint.old_until = endpoint.secret, clock.now() + BOTH_SECRETS
    endpoint.secret = new_secret()
    endpoint.save(update_fields=["secret", "old_secret", "old_until"])
    record(SecretRotated(company=endpoint.company_id, endpoint=endpoint.pk), by=by)


@transaction.atomic
def remove_endpoint(endpoint: Endpoint, *, by: Actor) -> None:
    """Tell an endpoint nothing any more; its log stays. Raises NotAllowed; twice is as once."""
    require_webhooks(by, company=endpoint.company_id)
    if Endpoint.objects.filter(pk=endpoint.pk, removed_at=None).update(removed_at=clock.now()):
        record(EndpointRemoved(company=endpoint.company_id, endpoint=endpoint.pk), by=by)


def try_out(endpoint: Endpoint, *, by: Actor) -> Tried:
    """Send something that is no event to an endpoint at once, signed as events are, also to one that is off.

    Raises NotAllowed, and TooOften beyond ten times a minute. Nothing of it is kept.
    """
    require_webhooks(by, company=endpoint.company_id)
    limits.count(f"webhook test {endpoint.pk}", most=10, seconds=60)
    name, at = f"test_{secrets.token_hex(8)}", clock.now().isoformat()
    body = {"type": TEST_TYPE, "timestamp": at, "data": {"company": endpoint.company.slug}}
    status, words = post(endpoint, name=name, body=json.dumps(body, ensure_ascii=False))
    return Tried(taken=is_taken(status), status=status, words=clean(words)[:2000])


def _checked(url: str) -> str:
    """Where it leads is looked at with every delivery, for a name may lead elsewhere tomorrow."""
    written = url.strip()
    try:
        parts = urlsplit(written)
        is_host = bool(ascii_domain(parts.hostname or "")) and " " not in parts.netloc
        # Of what is not to be seen some is left out by whoever reads the address: it would lead elsewhere than it says.
        usable = is_host and written.isprintable() and not parts.username and parts.port != 0
    except ValueError:
        usable = False
    schemes = ("https", "http") if settings.WEBHOOKS_PRIVATE else ("https",)
    if not usable or parts.scheme not in schemes or len(url) > 500:
        raise Refused(_("Give an address that begins with https://."), field="url")
    return written


def _known(kinds: Sequence[str]) -> list[str]:
    unknown = [kind for kind in kinds if kind not in COMPANY_KINDS]
    if unknown:
        raise Refused(_("No such event is told: %s.") % unknown[0], field="kinds")
    return sorted(set(kinds))
