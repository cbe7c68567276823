"""Asking a real web server, which does what it should not."""

import threading
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler

import pytest

from madoguchi.infra.outgoing import not_hidden
from madoguchi.infra.tests.webserver import Site, website
from madoguchi.infra.web import Answer, Bounds, NoAnswer, get, post

NEAR = Bounds(most=1000, seconds=20, redirects=2, allowed=not_hidden)


@pytest.fixture
def site() -> Iterator[Site]:
    with website() as running:
        yield running


def test_what_is_there_is_fetched_and_nothing_of_ours_goes_along(site: Site) -> None:
    address = site.serve("/a.png", b"picture")

    assert get(f"{address}?a=1&b=%E3%81%82#part", headers={"Accept": "image/*"}, bounds=NEAR) == Answer(
        200, b"picture"
    )

    [(method, path, headers, body)] = site.asked
    assert (method, path, body) == ("GET", "/a.png?a=1&b=%E3%81%82", b"")
    assert headers == {
        "Host": f"127.0.0.1:{site.port}",
        "Accept-Encoding": "identity",
        "Connection": "close",
        "Accept": "image/*",
    }


def test_this_machine_is_not_asked(site: Site) -> None:
    with pytest.raises(NoAnswer, match="kept from such connections"):
        get(site.serve("/"), headers={}, bounds=Bounds())
    assert site.asked == []


def test_every_hop_is_checked(site: Site) -> None:
    start = site.serve("/start", status=302, Location="http://169.254.169.254/latest/meta-data/")

    with pytest.raises(NoAnswer, match=r"169\.254\.169\.254, which is kept"):
        get(start, headers={}, bounds=NEAR)


@pytest.mark.parametrize("onward", ["file:///etc/passwd", "ftp://x.example/", "gopher://x/", "javascript:1"])
def test_a_hop_off_the_web_is_not_followed(site: Site, onward: str) -> None:
    with pytest.raises(NoAnswer, match="not an address on the web"):
        get(site.serve("/start", status=302, Location=onward), headers={}, bounds=NEAR)


def test_hops_are_followed_so_far(site: Site) -> None:
    site.serve("/1", status=301, Location="/2")
    site.serve("/2", status=302, Location=site.address("/3"))
    site.serve("/3", b"there")
    site.serve("/round", status=302, Location="/round")

    assert get(site.address("/1"), headers={}, bounds=NEAR) == Answer(200, b"there")
    with pytest.raises(NoAnswer, match="again and again"):
        get(site.address("/round"), headers={}, bounds=NEAR)
    assert site.paths() == ["/1", "/2", "/3", "/round", "/round", "/round"]


def test_what_is_sent_goes_nowhere_else(site: Site) -> None:
    start = site.serve("/token", status=307, Location="/elsewhere")

    assert post(start, body=b"secret=1", headers={}, bounds=NEAR).status == 307
    assert site.paths() == ["/token"]


def test_more_than_is_taken_is_left(site: Site) -> None:
    assert len(get(site.serve("/fits", bytes(1000)), headers={}, bounds=NEAR).body) == 1000
    with pytest.raises(NoAnswer, match="more than 1000 bytes"):
        get(site.serve("/large", bytes(1001)), headers={}, bounds=NEAR)


def test_an_answer_that_was_cut_off_is_none(site: Site) -> None:
    def cut(handler: BaseHTTPRequestHandler) -> None:
        handler.wfile.write(b"HTTP/1.0 200 OK\r\nContent-Length: 100\r\n\r\nhalf")

    site.pages["/cut"] = cut

    with pytest.raises(NoAnswer):
        get(site.address("/cut"), headers={}, bounds=NEAR)


def test_a_server_that_never_ends_is_left_when_time_is_up(site: Site) -> None:
    done = threading.Event()

    def drip(handler: BaseHTTPRequestHandler) -> None:
        handler.wfile.write(b"HTTP/1.0 200 OK\r\n")
        while not done.wait(0.01):
            try:
                handler.wfile.write(b"x")
            except OSError:
                return

    site.pages["/drip"] = drip

    with pytest.raises(NoAnswer, match=r"within 0\.2 seconds"):
        get(site.address("/drip"), headers={}, bounds=replace(NEAR, seconds=0.2))
    done.set()


@pytest.mark.parametrize(
    "address", ["", "x", "http://", "http:///x", "http://[::1", "http://a.example:99999/", "ws://a/"]
)
def test_what_is_no_address_is_not_asked(address: str) -> None:
    with pytest.raises(NoAnswer):
        get(address, headers={}, bounds=NEAR)
