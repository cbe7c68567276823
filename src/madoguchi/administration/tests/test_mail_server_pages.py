"""Mail servers in a browser, with real servers on the other side."""

import socket
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from django.conf import LazySettings
from django.test import Client
from django.urls import reverse
from tests.servers.dovecot import Dovecot
from tests.servers.ground import free_ports

from madoguchi.channels.email.models import Mailbox, OAuthAccount, Security, SmtpServer
from madoguchi.companies.factories import make_entry_point
from madoguchi.infra import scope
from madoguchi.kernel.channel import Channel
from madoguchi.people.factories import World
from madoguchi.people.models import User

Browser = Callable[[User], Client]
Facts = Callable[[], list[tuple[str, dict[str, Any]]]]
MAILBOX = {
    "host": "imap.shop.example",
    "port": "993",
    "security": "tls",
    "username": "support",
    "folder": "INBOX",
}
SMTP_FORM = {
    "host": "smtp.shop.example",
    "port": "587",
    "security": "starttls",
    "username": "support",
    "per_minute": "0",
    "at_once": "0",
}


def url(name: str, *args: int) -> str:
    return reverse(f"administration:{name}", args=args)


class Peer:
    """A mail server that refuses one receiver and takes the others' mail."""

    def __init__(self) -> None:
        self.taken: list[tuple[str, list[str]]] = []

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if address.startswith("nobody"):
            return "550 5.1.1 <nobody>: Recipient address rejected: User unknown"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 Ok"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        self.taken.append((str(envelope.mail_from), list(envelope.rcpt_tos)))
        return "250 2.0.0 Ok: queued as 4F2A91"


@pytest.fixture
def peer(world: World) -> Iterator[Peer]:
    handler, (port,) = Peer(), free_ports(1)
    server = Controller(handler, hostname="127.0.0.1", port=port)
    server.start()
    with world.ours.scope():
        SmtpServer.objects.create(
            company=world.ours.company,
            entry_point=world.ours.entry_point,
            host="127.0.0.1",
            port=port,
            security=Security.NONE,
        )
    yield handler
    server.stop()


def test_a_mailbox_is_set_up_and_its_password_never_shown(
    world: World, signed_in: Browser, facts: Facts
) -> None:
    browser, pk = signed_in(world.ours.company_manager), world.ours.entry_point.pk
    answer = browser.post(url("mailbox", pk), {**MAILBOX, "password": " himitsu ", "active": "on"})
    assert (answer.status_code, answer["Location"]) == (302, url("mailbox", pk))
    with world.ours.scope():
        kept = Mailbox.objects.get()
    assert (kept.host, kept.security, kept.password, kept.active) == (
        "imap.shop.example",
        "tls",
        " himitsu ",
        True,
    )
    assert "himitsu" not in browser.get(url("mailbox", pk)).content.decode()
    refused = browser.post(url("mailbox", pk), {**MAILBOX, "host": "", "password": "himitsu2"})
    assert (refused.status_code, list(refused.context["form"].errors)) == (422, ["host"])
    assert "himitsu" not in refused.content.decode()
    assert "himitsu" not in str(facts())


def test_an_empty_password_keeps_the_stored_one(world: World, signed_in: Browser) -> None:
    browser, pk = signed_in(world.ours.company_manager), world.ours.entry_point.pk
    browser.post(url("smtp_server", pk), {**SMTP_FORM, "password": "himitsu", "active": "on"})
    browser.post(url("smtp_server", pk), {**SMTP_FORM, "port": "465", "security": "tls", "password": ""})
    with world.ours.scope():
        kept = SmtpServer.objects.get()
    assert (kept.password, kept.port, kept.active) == ("himitsu", 465, False)


def test_another_server_asks_for_the_password_again(world: World, signed_in: Browser) -> None:
    browser, pk = signed_in(world.ours.company_manager), world.ours.entry_point.pk
    browser.post(url("smtp_server", pk), {**SMTP_FORM, "password": "himitsu"})
    page = browser.post(url("smtp_server", pk), {**SMTP_FORM, "host": "evil.example", "password": ""})
    assert (page.status_code, list(page.context["form"].errors)) == (422, ["password"])
    with world.ours.scope():
        assert SmtpServer.objects.get().host == "smtp.shop.example"


def test_a_test_shows_the_servers_own_words(world: World, signed_in: Browser, peer: Peer) -> None:
    browser, point = signed_in(world.ours.company_manager), world.ours.entry_point
    page = browser.post(url("smtp_test", point.pk), {"to": "me@home.example"})
    assert page.context["trial"].worked
    assert "queued as 4F2A91" in page.content.decode()
    assert peer.taken == [(point.address, ["me@home.example"])]


def test_a_refused_test_shows_why(world: World, signed_in: Browser, peer: Peer) -> None:
    browser, pk = signed_in(world.ours.company_manager), world.ours.entry_point.pk
    page = browser.post(url("smtp_test", pk), {"to": "nobody@home.example"})
    assert not page.context["trial"].worked
    assert "550 5.1.1 &lt;nobody&gt;: Recipient address rejected" in page.content.decode()
    assert peer.taken == []


def test_a_test_to_nowhere_is_not_sent(world: World, signed_in: Browser, peer: Peer) -> None:
    browser, pk = signed_in(world.ours.company_manager), world.ours.entry_point.pk
    page = browser.post(url("smtp_test", pk), {"to": "no address"})
    assert (page.status_code, page.context["trial"], peer.taken) == (422, None, [])


@pytest.mark.parametrize("name", ["mailbox_check", "mailbox_fetch", "smtp_test"])
def test_what_is_not_set_up_cannot_be_tried(world: World, signed_in: Browser, name: str) -> None:
    browser, pk = signed_in(world.ours.company_manager), world.ours.entry_point.pk
    assert browser.post(url(name, pk), {"to": "me@home.example"}).status_code == 404


def test_a_server_that_does_not_answer_is_told_in_words(world: World, signed_in: Browser) -> None:
    browser, pk = signed_in(world.ours.company_manager), world.ours.entry_point.pk
    (nobody_there,) = free_ports(1)
    here = {"host": "127.0.0.1", "port": str(nobody_there), "security": "none", "username": "support"}
    browser.post(url("mailbox", pk), {**here, "folder": "INBOX", "password": "x", "active": "on"})
    page = browser.post(url("mailbox_check", pk))
    assert (page.status_code, page.context["trial"].worked) == (200, False)
    assert "refused" in page.context["trial"].answer.lower()


@pytest.mark.parametrize("language", ["ja", "en"])
def test_a_server_in_a_private_network_is_not_connected_to_and_both_ways_say_so(
    world: World, signed_in: Browser, settings: LazySettings, language: str
) -> None:
    settings.PRIVATE_MAIL_NETWORKS = ()
    browser, pk = signed_in(world.ours.company_manager), world.ours.entry_point.pk
    browser.cookies["madoguchi_language"] = language
    with socket.create_server(("127.0.0.1", 0)) as listener:
        here = {
            "host": "127.0.0.1",
            "port": str(listener.getsockname()[1]),
            "security": "none",
            "active": "on",
        }
        browser.post(url("mailbox", pk), {**here, "username": "u", "folder": "INBOX", "password": "x"})
        browser.post(url("smtp_server", pk), {**here, "per_minute": "0", "at_once": "0"})
        reading = browser.post(url("mailbox_check", pk)).context["trial"]
        sending = browser.post(url("smtp_test", pk), {"to": "me@home.example"}).context["trial"]
        listener.setblocking(False)
        with pytest.raises(BlockingIOError):
            listener.accept()

    said = {
        "ja": "127.0.0.1 は、内部ネットワークか",
        "en": "127.0.0.1 is in a private network, or this machine.",
    }
    for trial in (reading, sending):
        assert not trial.worked
        assert trial.answer.startswith(said[language])
        assert "MADOGUCHI_PRIVATE_MAIL_NETWORKS" in trial.answer


@pytest.mark.server
def test_a_mailbox_is_checked_at_the_real_server(world: World, signed_in: Browser, dovecot: Dovecot) -> None:
    browser, pk = signed_in(world.ours.company_manager), world.ours.entry_point.pk
    dovecot.deliver("checked", b"Subject: one\r\n\r\ntext\r\n")
    here = {"host": "127.0.0.1", "port": str(dovecot.plain), "security": "none", "username": "checked"}
    sent = {**here, "folder": "INBOX", "active": "on"}
    browser.post(url("mailbox", pk), {**sent, "password": dovecot.password})
    good = browser.post(url("mailbox_check", pk)).context["trial"]
    assert good.worked
    assert "1 messages" in good.answer
    browser.post(url("mailbox", pk), {**sent, "password": "wrong"})
    bad = browser.post(url("mailbox_check", pk)).context["trial"]
    assert not bad.worked
    assert "Authentication failed" in bad.answer


@pytest.mark.server
@pytest.mark.django_db(transaction=True)
def test_mail_is_fetched_now_and_counted(world: World, signed_in: Browser, dovecot: Dovecot) -> None:
    browser, pk = signed_in(world.ours.company_manager), world.ours.entry_point.pk
    here = {"host": "127.0.0.1", "port": str(dovecot.plain), "security": "none", "username": "fetched"}
    browser.post(
        url("mailbox", pk), {**here, "folder": "INBOX", "active": "on", "password": dovecot.password}
    )
    first = browser.post(url("mailbox_fetch", pk)).context["trial"]
    dovecot.deliver("fetched", b"From: a@home.example\r\nSubject: two\r\n\r\ntext\r\n")
    second = browser.post(url("mailbox_fetch", pk)).context["trial"]
    assert (first.worked, second.worked) == (True, True)
    assert "0" in first.said
    assert "1" in second.said


def test_servers_are_forgotten(world: World, signed_in: Browser, facts: Facts) -> None:
    browser, pk = signed_in(world.ours.company_manager), world.ours.entry_point.pk
    browser.post(url("mailbox", pk), {**MAILBOX, "password": "x"})
    browser.post(url("smtp_server", pk), {**SMTP_FORM, "password": "x"})
    browser.post(url("mailbox_remove", pk))
    browser.post(url("smtp_remove", pk))
    with scope.everywhere(reason="a test looks at all companies"):
        assert (Mailbox.objects.count(), SmtpServer.objects.count()) == (0, 0)
    assert [kind for kind, _ in facts()][2:] == ["mail.mailbox_removed", "mail.smtp_removed"]


def test_a_password_of_another_key_can_be_entered_again(
    world: World, signed_in: Browser, settings: Any
) -> None:
    browser, pk = signed_in(world.ours.company_manager), world.ours.entry_point.pk
    browser.post(url("mailbox", pk), {**MAILBOX, "password": "himitsu"})
    settings.SECRET_KEY = "another key " * 5
    browser = signed_in(world.ours.company_manager)
    assert browser.get(url("mailbox", pk)).status_code == 200
    assert browser.get(url("mail_servers")).status_code == 200
    assert browser.post(url("mailbox", pk), {**MAILBOX, "password": "atarashii"}).status_code == 302
    with world.ours.scope():
        assert Mailbox.objects.get().password == "atarashii"


def test_a_form_has_no_mail_servers(world: World, signed_in: Browser) -> None:
    form = make_entry_point(world.ours.desk, kind=Channel.FORM)
    browser = signed_in(world.ours.company_manager)
    assert browser.get(url("mailbox", form.pk)).status_code == 404
    assert browser.get(url("smtp_server", form.pk)).status_code == 404
    assert [p.pk for p in browser.get(url("mail_servers")).context["page"]] == [world.ours.entry_point.pk]


def test_the_list_asks_no_more_the_longer_it_is(
    world: World, signed_in: Browser, django_assert_max_num_queries: Any
) -> None:
    browser = signed_in(world.ours.company_manager)
    with django_assert_max_num_queries(18) as few:
        browser.get(url("mail_servers"))
    for _ in range(20):
        point = make_entry_point(world.ours.desk)
        with world.ours.scope():
            Mailbox.objects.create(company=world.ours.company, entry_point=point, host="a", username="b")
    with django_assert_max_num_queries(len(few)):
        assert len(browser.get(url("mail_servers")).context["page"].object_list) == 21


def test_oauth_is_set_up_without_showing_the_secret(world: World, signed_in: Browser) -> None:
    browser, pk = signed_in(world.ours.company_manager), world.ours.entry_point.pk
    given = {"provider": "google", "client_id": "ours", "tenant": "", "secret": "himitsu"}

    browser.post(url("mailbox", pk), {**MAILBOX, "sign_in": "oauth", "active": "on"})
    assert browser.post(url("oauth", pk), given)["Location"] == url("oauth", pk)
    page = browser.get(url("oauth", pk)).content.decode()
    refused = browser.post(url("oauth", pk), {**given, "provider": "other"})

    with world.ours.scope():
        account = OAuthAccount.objects.get()
        assert Mailbox.objects.get().sign_in == "oauth"
    assert (account.provider, account.client_id, account.client_secret) == ("google", "ours", "himitsu")
    assert "himitsu" not in page
    assert f"madoguchi mail authorize {world.ours.entry_point.address}" in page
    assert (refused.status_code, list(refused.context["form"].errors)) == (422, ["provider"])
    browser.post(url("oauth_remove", pk))
    with world.ours.scope():
        assert not OAuthAccount.objects.exists()
