"""Reading the token that a program shows, and who looks after which."""

import hashlib
import hmac

from django.db.models import Case, Q, QuerySet, When

from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor, Permission
from madoguchi.kernel.errors import NotFound
from madoguchi.people.models import AccessToken, User
from madoguchi.people.policies import may_look_after_account
from madoguchi.people.queries import actor_of, people_to_look_after, standings_of

SIGN = "mdg"
# What the API asks for, in the order in which a person would give it.
OF_USE = (
    Permission.CASE_READ,
    Permission.CASE_OPEN,
    Permission.CASE_UPDATE,
    Permission.CASE_NOTE,
    Permission.CASE_REPLY,
    Permission.CUSTOMER_READ,
    Permission.CUSTOMER_EDIT,
    Permission.ORDER_TAKE,
    Permission.ARTICLES_READ,
    Permission.RIGHTS,
)
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
    return actor_of(token.user).narrowed(only, company=token.company_id, desks=token.desks)


def tokens_in_sight(actor: Actor) -> QuerySet[AccessToken]:
    """The actor's own tokens, and those of people whose accounts the actor looks after; those that have ended last."""
    people = people_to_look_after(actor) if actor.may_anywhere(Permission.PEOPLE) else User.objects.none()
    standings = standings_of(people.filter(access_tokens__isnull=False).distinct())
    owners = [person for person, standing in standings.items() if may_look_after_account(actor, standing)]
    ended = Q(revoked_at__isnull=False) | Q(expires_at__lte=clock.now())
    rows = AccessToken.objects.filter(Q(user=actor.id) | Q(user__in=owners)).select_related("user", "company")
    return rows.annotate(ended=Case(When(ended, then=True), default=False)).order_by("ended", "-pk")


def token_in_sight(actor: Actor, pk: int) -> AccessToken:
    """One of those. Raises NotFound for any other."""
    found = tokens_in_sight(actor).filter(pk=pk).first()
    if found is None:
        raise NotFound
    return found
