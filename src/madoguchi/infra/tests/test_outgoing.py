"""Where connections may go, whatever a name says and whenever it says it."""

import ipaddress
import socket
from typing import Any, ClassVar

import pytest

from madoguchi.infra import outgoing
from madoguchi.infra.outgoing import HostRefused, connect, not_hidden, public, public_or_in, refused_of


@pytest.mark.parametrize(
    ("address", "anywhere", "own_networks"),
    [
        ("93.184.216.34", True, True),
        ("2606:2800:220:1:248:1893:25c8:1946", True, True),
        ("127.0.0.1", False, True),
        ("10.1.2.3", False, True),
        ("192.168.0.5", False, True),
        ("100.64.0.1", False, True),
        ("0.0.0.0", False, True),
        ("224.0.0.1", False, True),
        ("::1", False, True),
        ("fd00::1", False, True),
        ("169.254.169.254", False, False),
        ("fe80::1", False, False),
        ("fd00:ec2::254", False, False),
        ("168.63.129.16", False, False),
        ("fec0::1", False, True),
        ("64:ff9b:1::5db8:d822", False, False),
        ("64:ff9b:1:a9fe:a9:fe00::", False, False),
        ("3fff::1", False, False),
        ("3fff:fff:ffff::1", False, False),
        ("5f00::1", False, False),
    ],
)
def test_which_addresses_are_allowed(address: str, anywhere: bool, own_networks: bool) -> None:
    found = ipaddress.ip_address(address)

    assert (public(found), not_hidden(found)) == (anywhere, own_networks)


def wrapped(inner: str) -> dict[str, str]:
    """The same IPv4 address in everything that may lead to it."""
    number = int(ipaddress.IPv4Address(inner))
    high, low = f"{number >> 16:x}", f"{number & 0xFFFF:x}"
    turned = f"{(number >> 16) ^ 0xFFFF:x}:{(number & 0xFFFF) ^ 0xFFFF:x}"
    return {
        "6to4": f"2002:{high}:{low}::1",
        "Teredo, behind it": f"2001:0:5db8:d822:0:0:{turned}",
        "Teredo, its server": f"2001:0:{high}:{low}:0:0:a247:27dd",
        "NAT64": f"64:ff9b::{high}:{low}",
        "NAT64 of a network": f"64:ff9b:1::{high}:{low}",
        "mapped": f"::ffff:{high}:{low}",
        "translated": f"::ffff:0:{high}:{low}",
        "compatible": f"::{high}:{low}",
    }


@pytest.mark.parametrize("how", wrapped("10.0.0.1"))
@pytest.mark.parametrize(
    "inner", ["127.0.0.1", "10.0.0.1", "172.16.0.1", "192.168.0.1", "100.64.0.1", "0.0.0.9"]
)
def test_a_private_address_is_refused_in_whatever_it_is_wrapped(how: str, inner: str) -> None:
    found = ipaddress.ip_address(wrapped(inner)[how])

    assert not public(found)
    assert not public_or_in(())(found)
    assert not public_or_in([ipaddress.ip_network("198.18.0.0/15")])(found)


@pytest.mark.parametrize("how", wrapped("10.0.0.1"))
def test_metadata_and_what_is_link_local_is_reached_from_nowhere(how: str) -> None:
    for inner in ("169.254.169.254", "168.63.129.16"):
        found = ipaddress.ip_address(wrapped(inner)[how])
        everything = [ipaddress.ip_network("0.0.0.0/0"), ipaddress.ip_network("::/0")]

        assert (public(found), not_hidden(found), public_or_in(everything)(found)) == (False, False, False)


@pytest.mark.parametrize("how", ["6to4", "NAT64", "mapped", "compatible"])
def test_what_is_public_is_reached_as_it_would_be_bare(how: str) -> None:
    assert public(ipaddress.ip_address(wrapped("93.184.216.34")[how]))


@pytest.mark.parametrize("how", ["6to4", "NAT64", "mapped", "translated", "compatible"])
def test_a_private_network_that_is_named_is_so_in_whatever_it_is_wrapped(how: str) -> None:
    named = public_or_in([ipaddress.ip_network("10.1.0.0/16")])

    assert named(ipaddress.ip_address(wrapped("10.1.2.3")[how]))
    assert not named(ipaddress.ip_address(wrapped("10.2.2.3")[how]))


@pytest.mark.parametrize(
    ("address", "with_none", "with_some"),
    [
        ("93.184.216.34", True, True),
        ("10.1.2.3", False, True),
        ("10.2.0.1", False, False),
        ("127.0.0.1", False, False),
        ("fd00::7", False, True),
        ("::1", False, False),
        # Named or not, no server is there.
        ("169.254.169.254", False, False),
        ("fe80::1", False, False),
    ],
)
def test_private_networks_are_reached_where_they_are_named(
    address: str, with_none: bool, with_some: bool
) -> None:
    found = ipaddress.ip_address(address)
    named = ("10.1.0.0/16", "fd00::/64", "169.254.0.0/16", "fe80::/10")

    some = public_or_in(ipaddress.ip_network(network) for network in named)

    assert (public_or_in(())(found), some(found)) == (with_none, with_some)
    assert some(found) == with_some, "a rule holds more than once"


def test_it_is_told_for_which_address_a_name_would_be_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    answers(monkeypatch, ["93.184.216.34", "10.0.0.1"])

    assert refused_of("two.example", allowed=public) == ipaddress.ip_address("10.0.0.1")
    assert refused_of("two.example", allowed=not_hidden) is None


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "localhost",
        "::1",
        "::ffff:127.0.0.1",
        "64:ff9b::7f00:1",
        "2002:7f00:1::",
        "64:ff9b:1::7f00:1",
        "2001:0:7f00:1::",
        "2001:0:5db8:d822:0:0:80ff:fffe",
        "::127.0.0.1",
        "::ffff:0:127.0.0.1",
        "0x7f.1",
        "2130706433",
    ],
)
def test_this_machine_is_refused_however_it_is_written(host: str) -> None:
    with pytest.raises(HostRefused, match="kept from such connections"):
        connect(host, 80, allowed=public, timeout=1)


def test_one_hidden_address_among_good_ones_refuses_the_name(monkeypatch: pytest.MonkeyPatch) -> None:
    answers(monkeypatch, ["93.184.216.34", "10.0.0.1"])

    with pytest.raises(HostRefused, match=r"leads to 10\.0\.0\.1"):
        connect("two.example", 80, allowed=public, timeout=1)


def test_a_name_is_asked_once_and_its_answer_connected_to(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        asked = answers(monkeypatch, ["127.0.0.1"], port=port)
        with connect("rebound.example", port, allowed=not_hidden, timeout=5) as connection:
            assert connection.getpeername() == ("127.0.0.1", port)
    assert asked == ["rebound.example"]


def test_the_next_address_is_tried_when_one_is_silent(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        answers(monkeypatch, ["127.0.0.2", "127.0.0.1"], port=port)
        with connect("two.example", port, allowed=not_hidden, timeout=5) as connection:
            assert connection.getpeername()[0] == "127.0.0.1"


class Silent:
    """A socket to an address where nobody answers until its time is up, on a clock that stands otherwise."""

    now = 0.0
    tried: ClassVar[list[tuple[str, float | None]]] = []

    def __init__(self, *_kind: Any) -> None:
        self.patience: float | None = None

    def settimeout(self, seconds: float | None) -> None:
        self.patience = seconds

    def connect(self, address: tuple[str, int]) -> None:
        Silent.tried.append((address[0], self.patience))
        Silent.now += min(self.patience or 3, 3)
        raise TimeoutError("timed out")

    def close(self) -> None:
        pass


@pytest.fixture
def silent(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, float | None]]:
    monkeypatch.setattr(outgoing.socket, "socket", Silent)
    monkeypatch.setattr(outgoing, "monotonic", lambda: Silent.now)
    monkeypatch.setattr(Silent, "now", 0.0)
    monkeypatch.setattr(Silent, "tried", [])
    return Silent.tried


def test_all_addresses_together_have_the_time_of_one(
    monkeypatch: pytest.MonkeyPatch, silent: list[tuple[str, float | None]]
) -> None:
    answers(monkeypatch, [f"93.184.216.{n}" for n in range(1, 5)])

    with pytest.raises(TimeoutError):
        connect("many.example", 80, allowed=public, timeout=8)

    assert silent == [("93.184.216.1", 8), ("93.184.216.2", 5), ("93.184.216.3", 2)]
    assert Silent.now == 8


def test_of_many_addresses_a_few_are_tried(
    monkeypatch: pytest.MonkeyPatch, silent: list[tuple[str, float | None]]
) -> None:
    answers(monkeypatch, [f"93.184.216.{n}" for n in range(1, 201)])

    with pytest.raises(TimeoutError):
        connect("many.example", 80, allowed=public, timeout=None)

    assert [address for address, _patience in silent] == [f"93.184.216.{n}" for n in range(1, 5)]


def answers(monkeypatch: pytest.MonkeyPatch, addresses: list[str], port: int = 80) -> list[str]:
    """A resolver that says this for names; numbers are read as ever. Returns the names it was asked for."""
    asked: list[str] = []
    real = socket.getaddrinfo

    def resolve(host: str, *args: Any, **kwargs: Any) -> Any:
        if not host.endswith(".example"):
            return real(host, *args, **kwargs)
        asked.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in addresses]

    monkeypatch.setattr(outgoing.socket, "getaddrinfo", resolve)
    return asked
