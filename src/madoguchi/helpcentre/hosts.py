"""Addresses of a company's own under which its help centre stands, and the record in the DNS that proves them."""

import re
from collections.abc import Callable
from urllib.parse import urlsplit

from django.conf import settings
from django.http.request import validate_host
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from madoguchi.companies.models import Company
from madoguchi.kernel.errors import Refused

MOST_HOST = 253
_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
# The last part of a name is never a number: that would be an address of IPv4.
_HOST = re.compile(rf"(?:{_LABEL}\.)+(?!\d+$){_LABEL}")
_SECONDS = 5.0
Ask = Callable[[str], list[str]]


def tidied_host(text: str) -> str:
    """A host name as it is kept: small letters, what is not ASCII as the DNS writes it; empty for none. Raises Refused
    for what is no name of a host, and for the names of this installation itself.
    """
    host = text.strip().lower().removeprefix("https://").removeprefix("http://").strip("/").rstrip(".")
    if not host:
        return ""
    try:
        host = host if host.isascii() else host.encode("idna").decode("ascii")
    except UnicodeError:
        host = ""
    if len(host) > MOST_HOST or not _HOST.fullmatch(host):
        raise Refused(_("Write a host name, such as help.example.co.jp."), field="host")
    if is_ours(host):
        words = _("This is an address of the installation itself. Choose a name of the company's own.")
        raise Refused(words, field="host")
    return host


def is_ours(host: str) -> bool:
    """Whether the installation itself answers under a name. A `*` among its hosts names none."""
    named = [name for name in settings.ALLOWED_HOSTS if name != "*"]
    bases = [urlsplit(one).hostname or "" for one in (settings.BASE_URL, settings.FILES_ORIGIN)]
    return validate_host(host, [*named, *filter(None, bases)])


def record_of(company: Company, host: str) -> tuple[str, str]:
    """The name and the text of the record that proves that a host is the company's. Another company's differs."""
    proof = salted_hmac("madoguchi.helpcentre.host", f"{company.pk}:{host}").hexdigest()[:32]
    return f"_madoguchi.{host}", f"madoguchi-site={proof}"


def texts_at(name: str) -> list[str]:
    """The texts that the DNS has under a name; none where it has nothing, or does not answer in time."""
    from dns import resolver
    from dns.exception import DNSException

    try:
        found = resolver.resolve(name, "TXT", lifetime=_SECONDS)
    except DNSException:
        return []
    return [b"".join(row.strings).decode("utf-8", "replace") for row in found]
