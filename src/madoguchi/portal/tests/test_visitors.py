"""Where a visitor comes from, and which language they read."""

import pytest
from django.http import HttpResponse
from django.test import RequestFactory
from django.utils import translation

from madoguchi.portal.visitors import discreet, in_visitors_language, visitor_key


def request(remote: str = "192.0.2.7", **extra):
    return RequestFactory().get("/", REMOTE_ADDR=remote, **extra)


def test_the_key_tells_visitors_apart_and_names_none():
    key = visitor_key(request("192.0.2.7"))

    assert key != visitor_key(request("192.0.2.8"))
    assert "192" not in key[:3]
    assert len(key) == 32


def test_a_whole_network_of_one_visitor_has_one_key():
    assert visitor_key(request("2001:db8:1:2::1")) == visitor_key(request("2001:db8:1:2:ffff::9"))
    assert visitor_key(request("2001:db8:1:2::1")) != visitor_key(request("2001:db8:1:3::1"))
    assert visitor_key(request("::ffff:192.0.2.7")) == visitor_key(request("192.0.2.7"))


@in_visitors_language
def page(request):
    return HttpResponse(translation.get_language())


@pytest.mark.parametrize(
    ("accepted", "cookie", "query", "language"),
    [
        ("", "", "", "ja"),
        ("en-US,en;q=0.9", "", "", "en"),
        ("fr,de;q=0.5", "", "", "ja"),
        ("ja,en;q=0.5", "", "", "ja"),
        ("en", "ja", "", "ja"),
        ("ja", "xx", "", "ja"),
        ("ja", "", "en", "en"),
        ("en", "en", "ja", "ja"),
        ("en", "", "xx", "en"),
    ],
)
def test_the_choice_goes_before_the_cookie_and_the_cookie_before_the_browser(
    accepted, cookie, query, language
):
    asked = RequestFactory().get("/", {"language": query}, headers={"Accept-Language": accepted})
    asked.COOKIES["madoguchi_language"] = cookie

    with translation.override("ja"):
        answer = page(asked)

    assert answer.content.decode() == language
    assert answer.headers["Content-Language"] == language
    assert answer.headers["Vary"] == "Accept-Language, Cookie"


def test_only_a_choice_is_remembered():
    with translation.override("ja"):
        chosen = page(RequestFactory().get("/?language=en"))
        other = page(RequestFactory().get("/", headers={"Accept-Language": "en"}))

    assert chosen.cookies["madoguchi_language"].value == "en"
    assert not other.cookies


def test_a_discreet_page_is_kept_by_nobody():
    answer = discreet(lambda request: HttpResponse("x"))(request())

    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert answer.headers["X-Robots-Tag"] == "noindex, nofollow, noarchive"
    assert answer.headers["Cache-Control"] == "max-age=0, no-cache, no-store, must-revalidate, private"
