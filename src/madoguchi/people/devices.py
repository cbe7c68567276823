"""How often a password may be tried, and by whom: a stranger who guesses must not keep out whom they guess at.

Tries are counted by where they come from. A browser in which a person has signed in to the end is known by a cookie and
has tries of its own, which nobody else can use up; whatever comes from elsewhere is counted by login and network, and
all of that together by login.
"""

import json

from allauth.core.internal import ratelimit
from allauth.core.internal.ratelimit import RateLimitUsage
from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import get_random_string, salted_hmac

from madoguchi.kernel.identity import IdentityKind, canonical

COOKIE, PATH = "madoguchi_device", "/account/"
KEPT_SECONDS = 180 * 24 * 3600
# Of people who share a machine, as seats do.
MOST_PEOPLE = 10
_SALT = "madoguchi.people.devices"
_KNOWN, _NETWORK, _LOGIN = "known", "network", "login"
# A person who mistypes needs no more; a hundred an hour from everywhere lead to no password that may be chosen here.
_RATES = {_KNOWN: "5/5m/key,20/h/key", _NETWORK: "10/m/ip,5/5m/key,20/h/key", _LOGIN: "100/h/key"}


def use_try(request: HttpRequest, written: str) -> RateLimitUsage | None:
    """Count a try at a login before it is made; None where there was one too many. What comes back undoes it, for a try
    that was no guess.
    """
    used = []
    for action, key in _counted(request, written):
        usage = ratelimit.consume(request, app="madoguchi", action=action, config=_RATES, key=key)
        if usage is None:
            return None
        used += usage.usage
    return RateLimitUsage(usage=used)


def forget_tries(request: HttpRequest, written: str) -> None:
    """Count anew, for whoever has chosen another password by the letter that only they receive."""
    for action, key in (*_counted(request, written), *_by_place(request, _login(written))):
        ratelimit.clear(request, app="madoguchi", action=action, config=_RATES, key=key)


def know_device(request: HttpRequest, response: HttpResponse, written: str) -> None:
    """Let this browser be known as one in which this person signed in to the end."""
    device, people = _device_of(request) or (get_random_string(32), [])
    person = _person(_login(written))
    kept = [person, *(one for one in people if one != person)][:MOST_PEOPLE]
    response.set_cookie(
        COOKIE,
        signing.dumps([device, kept], salt=_SALT),
        max_age=KEPT_SECONDS,
        path=PATH,
        httponly=True,
        secure=settings.SESSION_COOKIE_SECURE,
        samesite="Lax",
    )


def _counted(request: HttpRequest, written: str) -> list[tuple[str, str]]:
    """By what a try is counted: by the browser of who has signed in there, else by its network and by the login."""
    login, known = _login(written), _device_of(request)
    if known and _person(login) in known[1]:
        return [(_KNOWN, _key(login, known[0]))]
    return _by_place(request, login)


def _by_place(request: HttpRequest, login: str) -> list[tuple[str, str]]:
    return [(_NETWORK, _key(login, ratelimit.get_ip(request))), (_LOGIN, _key(login))]


def _device_of(request: HttpRequest) -> tuple[str, list[str]] | None:
    """The browser, and who is known in it; None for one that we never gave a name, or too long ago."""
    try:
        device, people = signing.loads(request.COOKIES.get(COOKIE, ""), salt=_SALT, max_age=KEPT_SECONDS)
    except signing.BadSignature:
        return None
    return device, people


def _login(written: str) -> str:
    return canonical(IdentityKind.EMAIL, written)


def _person(login: str) -> str:
    """Of whom the cookie speaks, without saying it."""
    return salted_hmac(_SALT, login).hexdigest()[:32]


def _key(*parts: str) -> str:
    return json.dumps(parts)
