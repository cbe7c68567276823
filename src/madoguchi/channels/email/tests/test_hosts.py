"""Connections to mail servers go where was looked, whatever a name leads to a moment later."""

import smtplib
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import pytest
from django.conf import LazySettings
from django.utils import translation

from madoguchi.channels.email.hosts import (
    HostRefused,
    ImapClient,
    SmtpClient,
    SmtpTlsClient,
    connected,
    refused_in_words,
)

NAME = "rebound.example"
Answers = Callable[..., list[str]]


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    """A server on loopback that greets everybody and says what else it hears."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            while True:
                try:
                    peer, _ = server.accept()
                except OSError:
                    return
                with peer, suppress(ConnectionError):
                    peer.sendall(b"220 here * OK here\r\n")
                    peer.recv(1000)

        threading.Thread(target=serve, daemon=True).start()
        yield server


@pytest.fixture
def leads_to(monkeypatch: pytest.MonkeyPatch) -> Answers:
    """A name whose every look-up answers the next address; what comes out is what was asked."""
    asked: list[str] = []
    real = socket.getaddrinfo

    def leads_to(*answers: str) -> list[str]:
        rest = list(answers)

        def lookup(host: str, port: int, *args: Any, **more: Any) -> Any:
            if host != NAME:
                return real(host, port, *args, **more)
            asked.append(host)
            return real(rest.pop(0), port, *args, **more)

        monkeypatch.setattr(socket, "getaddrinfo", lookup)
        return asked

    return leads_to


def test_a_name_is_looked_up_once(listener: socket.socket, leads_to: Answers) -> None:
    asked = leads_to("127.0.0.1", "169.254.169.254")

    with SmtpClient(NAME, listener.getsockname()[1], timeout=10) as client:
        assert client.sock is not None
        assert client.sock.getpeername() == listener.getsockname()

    assert asked == [NAME]


def test_a_name_that_leads_inside_is_refused_before_anything_is_sent(leads_to: Answers) -> None:
    leads_to("169.254.169.254")

    with pytest.raises(
        HostRefused, match=r"leads to 169\.254\.169\.254, which is kept from such connections"
    ):
        connected(NAME, 25, 10)


@pytest.mark.parametrize("client", [SmtpClient, ImapClient])
def test_a_private_network_that_the_installation_has_not_named_hears_nothing(
    listener: socket.socket, leads_to: Answers, settings: LazySettings, client: Any
) -> None:
    settings.PRIVATE_MAIL_NETWORKS = ()
    asked = leads_to("127.0.0.1", "93.184.216.34")
    more = {"ssl": False} if client is ImapClient else {}

    with pytest.raises(HostRefused) as refused:
        client(NAME, port=listener.getsockname()[1], timeout=10, **more)

    assert asked == [NAME]
    with translation.override("en"):
        assert refused_in_words(refused.value) == (
            "rebound.example is in a private network, or this machine. Whoever runs the installation can allow it by"
            " MADOGUCHI_PRIVATE_MAIL_NETWORKS."
        )
    with translation.override("ja"):
        assert refused_in_words(refused.value).startswith("rebound.example は、内部ネットワークか")
    assert "127.0.0.1" not in refused_in_words(refused.value), (
        "where a name leads inside is the installation's own"
    )


def test_where_no_server_can_be_no_setting_is_named(leads_to: Answers) -> None:
    leads_to("169.254.169.254")

    with pytest.raises(HostRefused) as refused:
        connected(NAME, 25, 10)

    with translation.override("en"):
        words = refused_in_words(refused.value)
    assert words == "rebound.example is at an address where no mail server can be."


@pytest.mark.parametrize("client", ["smtp", "imap"])
def test_tls_asks_for_a_certificate_of_the_name(
    listener: socket.socket, leads_to: Answers, monkeypatch: pytest.MonkeyPatch, client: str
) -> None:
    asked = leads_to("127.0.0.1")
    wanted: list[Any] = []

    def note(self: ssl.SSLContext, *_: Any, server_hostname: str | None = None, **__: Any) -> ssl.SSLSocket:
        wanted.append((server_hostname, self.check_hostname))
        raise ssl.SSLError("enough")

    monkeypatch.setattr(ssl.SSLContext, "wrap_socket", note)
    port = listener.getsockname()[1]
    with pytest.raises(ssl.SSLError, match="enough"):
        if client == "smtp":
            SmtpTlsClient(NAME, port, timeout=10, context=ssl.create_default_context())
        else:
            ImapClient(NAME, port=port, ssl=True, timeout=10)

    assert wanted == [(NAME, True)]
    assert asked == [NAME]


def test_one_address_that_is_silent_does_not_hide_the_next(
    listener: socket.socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    port = listener.getsockname()[1]
    dead, alive = ("127.0.0.2", port), ("127.0.0.1", port)
    found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", address) for address in (dead, alive)]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found)

    with connected(NAME, port, 10) as connection:
        assert connection.getpeername() == alive


def test_smtplib_still_asks_for_its_connections_where_we_answer() -> None:
    assert {"_get_socket"} <= set(vars(smtplib.SMTP)) & set(vars(smtplib.SMTP_SSL))
