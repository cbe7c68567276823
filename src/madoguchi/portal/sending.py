"""The hidden token that lets one form count once, and tells a person from a program by the time they took."""

import secrets
from dataclasses import dataclass

from django.core import signing

from madoguchi.kernel import clock

_SALT = "madoguchi.portal.sending"
LEAST_SECONDS = 2


class Unusable(Exception):
    """The token is missing, was not made here, or was made for another form."""


@dataclass(frozen=True, slots=True)
class Sending:
    """One showing of a form, and so everything that is sent from it. `token` names it."""

    token: str
    shown_at: int

    @property
    def hasty(self) -> bool:
        """Whether it was sent back faster than anybody can write."""
        return clock.now().timestamp() - self.shown_at < LEAST_SECONDS


def new_sending(*, purpose: str) -> str:
    """A signed token for a form that is about to be shown; `purpose` names the form."""
    content = [secrets.token_urlsafe(16), int(clock.now().timestamp()), purpose]
    return signing.dumps(content, salt=_SALT)


def read_sending(signed: str, *, purpose: str) -> Sending:
    """What the token says; raises `Unusable`. It does not expire: a form may lie open for days."""
    try:
        token, shown_at, made_for = signing.loads(signed, salt=_SALT)
    except (signing.BadSignature, ValueError) as error:
        raise Unusable from error
    if made_for != purpose:
        raise Unusable
    return Sending(token, shown_at)
