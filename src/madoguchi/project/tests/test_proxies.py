"""What is believed of a reverse proxy, and of whoever pretends to be one."""

import pytest
from django.conf import LazySettings
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory

from madoguchi.project.proxies import BehindProxy


def seen(remote: str, headers: dict[str, str]) -> HttpRequest:
    """The request as the pages see it."""
    passed: list[HttpRequest] = []

    def page(request: HttpRequest) -> HttpResponse:
        passed.append(request)
        return HttpResponse()

    given = {name: value for name, value in headers.items() if value}
    BehindProxy(page)(RequestFactory().get("/", REMOTE_ADDR=remote, headers=given))
    return passed[0]


@pytest.mark.parametrize(
    ("trusted", "remote", "forwarded", "address"),
    [
        ((), "192.0.2.7", "", "192.0.2.7"),
        ((), "192.0.2.7", "203.0.113.9", "192.0.2.7"),
        (("10.0.0.0/8",), "192.0.2.7", "203.0.113.9", "192.0.2.7"),
        (("10.0.0.0/8",), "10.0.0.1", "203.0.113.9", "203.0.113.9"),
        (("10.0.0.0/8",), "10.0.0.1", "1.1.1.1, 203.0.113.9", "203.0.113.9"),
        (("10.0.0.0/8",), "10.0.0.1", "203.0.113.9, 10.0.0.2", "203.0.113.9"),
        (("10.0.0.0/8",), "10.0.0.1", "", "10.0.0.1"),
        (("10.0.0.0/8",), "10.0.0.1", "unknown", "unknown"),
        (("10.0.0.0/8",), "::ffff:10.0.0.1", "203.0.113.9", "203.0.113.9"),
        (("10.0.0.0/8",), "", "203.0.113.9", ""),
    ],
)
def test_the_address_is_what_our_own_proxies_saw(
    settings: LazySettings, trusted: tuple[str, ...], remote: str, forwarded: str, address: str
) -> None:
    settings.TRUSTED_PROXIES = trusted

    assert seen(remote, {"X-Forwarded-For": forwarded}).META["REMOTE_ADDR"] == address


def test_only_our_proxy_is_believed_that_the_visitor_came_by_tls(settings: LazySettings) -> None:
    settings.TRUSTED_PROXIES = ("10.0.0.0/8",)
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

    assert seen("10.0.0.1", {"X-Forwarded-Proto": "https"}).is_secure() is True
    assert seen("192.0.2.7", {"X-Forwarded-Proto": "https"}).is_secure() is False
