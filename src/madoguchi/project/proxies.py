"""Requests that come through a reverse proxy: where they really came from, and whether it spoke TLS."""

import ipaddress
from collections.abc import Callable, Iterable

from django.conf import settings
from django.http import HttpRequest, HttpResponse

_TOLD_BY_PROXIES = ("HTTP_X_FORWARDED_FOR", "HTTP_X_FORWARDED_PROTO", "HTTP_X_FORWARDED_HOST")


class Proxies:
    """The reverse proxies that are ours, and what is believed of them."""

    def __init__(self, networks: Iterable[str]) -> None:
        self._networks = [ipaddress.ip_network(network) for network in networks]

    def origin(self, peer: str, hops_told: str) -> str:
        """The address a request comes from. Each proxy appends to X-Forwarded-For what it saw, so it is read from the
        end, as long as the speaker is ours.
        """
        address, hops = peer, [hop.strip() for hop in hops_told.split(",") if hop.strip()]
        while hops and self.include(address):
            address = hops.pop()
        return address

    def include(self, address: str) -> bool:
        """Whether an address is one of theirs."""
        try:
            parsed = ipaddress.ip_address(address)
        except ValueError:
            return False
        plain = getattr(parsed, "ipv4_mapped", None) or parsed
        return any(plain in network for network in self._networks)


class BehindProxy:
    """Sets REMOTE_ADDR to the visitor's own address, and believes X-Forwarded headers of our proxies alone.

    Whoever counts by address (sign-in, forms) then needs to know nothing of proxies.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        self.proxies = Proxies(settings.TRUSTED_PROXIES)

    def __call__(self, request: HttpRequest) -> HttpResponse:
        peer = request.META.get("REMOTE_ADDR", "")
        if self.proxies.include(peer):
            told = request.META.get("HTTP_X_FORWARDED_FOR", "")
            request.META["REMOTE_ADDR"] = self.proxies.origin(peer, told)
        else:
            for header in _TOLD_BY_PROXIES:
                request.META.pop(header, None)
        return self.get_response(request)
