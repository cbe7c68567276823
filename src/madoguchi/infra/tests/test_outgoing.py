"""Where connections may go, whatever a name says and whenever it says it."""

import ipaddress
import socket
from typing import Any

import pytest

from madoguchi.infra import outgoing
from madoguchi.infra.outgoing import HostRefused, connect, not_hidden, public


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
    ],
)
def test_which_addresses_are_allowed(address: str, anywhere: bool, own_networks: bool) -> None:
    found = ipaddress.ip_address(address)

    assert (public(found), not_hidden(found)) == (anywhere, own_networks)


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
