"""Reading the token that a program shows."""

import hashlib
import hmac

from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor, Permission
from madoguchi.people.models import AccessToken
from madoguchi.people.queries import actor_of

SIGN = "mdg"
_KNOWN = frozenset(permission.value for permission in Permission)


def digest_of(secret: str) -> str:
    """What is kept of a token's secret. It has 256 random bits, so one round of a plain hash is enough."""
    return hashlib.sha256(secret.encode()).hexdigest()


def token_shown(words: str) -> AccessToken | None:
    """The token of these words, if it holds now and its person may sign in; in one query, of no company.

    The secret is compared in a time that tells nothing of it.
    """
    sign, _, rest = words.partition("_")
    selector, _, secret = rest.partition("_")
    if sign != SIGN or "\0" in selector:
        return None
    token = AccessToken.objects.select_related("user").filter(selector=selector).first()
    known = token.digest if token else digest_of("")
    right = hmac.compare_digest(known, digest_of(secret))
    holds = token is not None and token.holds_at(clock.now()) and token.user.is_active
    return token if right and holds else None


def actor_by(token: AccessToken) -> Actor:
    """The token's person with what the token carries of what they hold today. One query."""
    only = frozenset(Permission(name) for name in token.permissions if name in _KNOWN)
    return actor_of(token.user).narrowed(only, company=token.company_id)
