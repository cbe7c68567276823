"""What is known of somebody who has not signed in (where they come from, which language they read), and what every page
tells them.
"""

import ipaddress
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils import translation
from django.utils.cache import add_never_cache_headers, patch_vary_headers
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from madoguchi.companies.models import Company
from madoguchi.infra.limits import TooOften
from madoguchi.kernel.errors import MadoguchiError

Page = Callable[..., HttpResponseBase]
LANGUAGE_COOKIE_SECONDS = 365 * 24 * 3600
ACCENTS = 12


def visitor_key(request: HttpRequest) -> str:
    """A name for the visitor under which uses are counted; the address itself is not kept."""
    place = counted_as(request.META.get("REMOTE_ADDR", ""))
    return salted_hmac("madoguchi.portal.visitor", place).hexdigest()[:32]


def counted_as(address: str) -> str:
    """The address as which one counts: an IPv6 visitor has a whole /64 to come from, so that counts as one."""
    parsed = _parsed(address)
    if isinstance(parsed, ipaddress.IPv6Address):
        parsed = ipaddress.ip_network((parsed, 64), strict=False).network_address
    return str(parsed)


def in_visitors_language(page: Page) -> Page:
    """Answer in the language chosen on the page (`?language=`), else by cookie, else as the browser asks."""

    @wraps(page)
    def answered(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        chosen = request.GET.get("language", "")
        chosen = chosen if chosen in dict(settings.LANGUAGES) else ""
        language = chosen or translation.get_language_from_request(request)
        # Not undone here, so that the page for an error speaks it too; ChosenLanguage restores what was.
        translation.activate(language)
        request.LANGUAGE_CODE = language
        response = page(request, *args, **kwargs)
        response.headers["Content-Language"] = language
        patch_vary_headers(response, ("Accept-Language", "Cookie"))
        return _remember(response, chosen)

    return answered


def discreet(page: Page) -> Page:
    """For pages whose address is a secret: never indexed, never cached, never named to another site."""

    @wraps(page)
    def answered(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        response = page(request, *args, **kwargs)
        response.headers["Referrer-Policy"] = "no-referrer"
        response.headers["X-Robots-Tag"] = "noindex, nofollow, noarchive"
        add_never_cache_headers(response)
        return response

    return answered


def company_head(company: Company, *, hue: int | None = None) -> dict[str, Any]:
    """What every page says of the company, in its colour unless another is named, and in which languages it reads."""
    return {
        "company_name": company.name,
        "company_accent": round((company.accent_hue if hue is None else hue) * ACCENTS / 360) % ACCENTS,
        "languages": settings.LANGUAGES,
    }


def refusal_words(error: MadoguchiError) -> str:
    """Why what was sent was not taken, beside what was typed, which stays."""
    if isinstance(error, TooOften):
        return _("That was very often. Try again in a few minutes; what you wrote is still here.")
    return str(error)


def _remember(response: HttpResponseBase, chosen: str) -> HttpResponseBase:
    if chosen:
        response.set_cookie(
            settings.LANGUAGE_COOKIE_NAME,
            chosen,
            max_age=LANGUAGE_COOKIE_SECONDS,
            secure=settings.SESSION_COOKIE_SECURE,
            samesite="Lax",
        )
    return response


def _parsed(address: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return None
    return getattr(parsed, "ipv4_mapped", None) or parsed
