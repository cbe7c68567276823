"""Mail leaving through a real Postfix, and through servers that misbehave."""

import asyncio
import re
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import count
from typing import Any

import dkim
import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from tests.servers.cutting import Cutter
from tests.servers.dovecot import Dovecot
from tests.servers.ground import free_ports, until
from tests.servers.postfix import Postfix

from madoguchi.channels.email import transport
from madoguchi.channels.email.actions import make_dkim_key, sign_with
from madoguchi.channels.email.channel import EmailChannel
from madoguchi.channels.email.models import Security, SentMail, SmtpServer
from madoguchi.channels.email.parse import parse
from madoguchi.kernel import clock
from madoguchi.kernel.actor import system
from madoguchi.kernel.channel import HeldBack, Outbound, Party, PermanentFailure, Receipt, TemporaryFailure
from madoguchi.people.factories import World

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.server]
_numbers = count(1)
PATIENCE = 10
_customers = (f"customer{number}@home.example" for number in range(1, 50))
_greylisted = (f"greylisted{number}@home.example" for number in range(1, 50))


@pytest.fixture
def customer() -> str:
    """An address that no other test writes to."""
    return next(_customers)


@pytest.fixture
def by_postfix(world: World, postfix: Postfix) -> SmtpServer:
    """Our mail leaves through Postfix, which trusts this machine."""
    return set_up(world, postfix.smtp)


def set_up(world: World, port: int, **more: Any) -> SmtpServer:
    values = {"host": "localhost", "port": port, "security": Security.NONE, "return_addresses": True}
    with world.ours.scope():
        return SmtpServer.objects.create(
            company=world.ours.company, entry_point=world.ours.entry_point, **{**values, **more}
        )


def send(world: World, *to: str, text: str = "交換いたします。", **more: Any) -> Receipt:
    return EmailChannel().send(message(world, *to, text=text, **more))


def message(world: World, *to: str, text: str = "交換いたします。", **more: Any) -> Outbound:
    return Outbound(
        external_id=f"c.token123.{next(_numbers)}@shop.example",
        company=world.ours.company.pk,
        entry_point=world.ours.entry_point.pk,
        sender=Party(world.ours.entry_point.address, "ひなた衣料 お客様窓口"),
        to=tuple(Party(address, "髙橋 美咲") for address in to),
        subject="Re: 炊飯器について [A-1]",
        text=text,
        created_at=datetime(2026, 11, 22, 9, 30, tzinfo=UTC),
        **more,
    )


def arrived(dovecot: Dovecot, user: str, *, mails: int = 1) -> list[bytes]:
    """What is in the customer's mailbox, once there is so much."""
    found: list[bytes] = []

    def all_there() -> bool:
        with dovecot.signed_in(user) as client:
            found[:] = [m[b"BODY[]"] for m in client.fetch(client.search(), ["BODY.PEEK[]"]).values()]
        return len(found) >= mails

    until(all_there, what=f"{mails} mails for {user}")
    return found


def empty(dovecot: Dovecot, user: str) -> bool:
    with dovecot.signed_in(user) as client:
        return client.search() == []


class TestThroughPostfix:
    def test_a_mail_arrives_as_it_was_written(
        self, world: World, by_postfix: SmtpServer, dovecot: Dovecot, customer: str
    ) -> None:
        receipt = send(world, customer)

        assert receipt.response.startswith("250 2.0.0 Ok: queued as ")
        [raw] = arrived(dovecot, customer)
        mail = parse(raw)
        assert mail.subject == "Re: 炊飯器について [A-1]"
        assert mail.text.strip() == "交換いたします。"
        assert (mail.sender.name, mail.sender.address) == (
            "ひなた衣料 お客様窓口",
            world.ours.entry_point.address,
        )
        # It was ours to take, and says on its way back which mail it was.
        local = world.ours.entry_point.address.partition("@")[0]
        token = mail.message_id.partition("@")[0].removeprefix("c.")
        assert f"Return-Path: <{local}+b.{token}@shop.example>".encode() in raw

    def test_without_return_addresses_it_comes_from_the_plain_one(
        self, world: World, by_postfix: SmtpServer, dovecot: Dovecot, customer: str
    ) -> None:
        with world.ours.scope():
            SmtpServer.objects.update(return_addresses=False)

        send(world, customer)

        [raw] = arrived(dovecot, customer)
        assert f"Return-Path: <{world.ours.entry_point.address}>".encode() in raw

    def test_what_a_machine_wrote_comes_then_from_nobody(
        self, world: World, by_postfix: SmtpServer, dovecot: Dovecot, customer: str
    ) -> None:
        with world.ours.scope():
            SmtpServer.objects.update(return_addresses=False)

        send(world, customer, automatic=True)

        [raw] = arrived(dovecot, customer)
        assert b"Return-Path: <>" in raw

    @pytest.mark.parametrize(("security", "port"), [("starttls", "submission"), ("tls", "smtps")])
    def test_it_signs_in_over_tls_that_somebody_vouches_for(
        self,
        world: World,
        postfix: Postfix,
        dovecot: Dovecot,
        customer: str,
        security: str,
        port: str,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        signing_in = {"security": security, "username": "shop", "password": dovecot.password}
        set_up(world, getattr(postfix, port), **signing_in)
        with pytest.raises(TemporaryFailure) as untrusted:
            send(world, customer)
        assert untrusted.value.response == (
            "the server's certificate is not trusted: self-signed certificate"
        )
        monkeypatch.setenv("SSL_CERT_FILE", str(dovecot.certificate.certificate))

        send(world, customer)

        assert len(arrived(dovecot, customer)) == 1

    def test_a_wrong_password_is_about_the_settings_and_not_about_the_mail(
        self,
        world: World,
        postfix: Postfix,
        dovecot: Dovecot,
        customer: str,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        monkeypatch.setenv("SSL_CERT_FILE", str(dovecot.certificate.certificate))
        set_up(world, postfix.smtps, security=Security.TLS, username="shop", password="wrong")

        with pytest.raises(TemporaryFailure, match=r"^535 5\.7\.8 "):
            send(world, customer)

    def test_a_server_that_wants_tls_or_a_sign_in_first_is_about_the_settings(
        self, world: World, postfix: Postfix, customer: str
    ) -> None:
        set_up(world, postfix.submission)

        with pytest.raises(TemporaryFailure, match=r"^530 5\.7\.0 Must issue a STARTTLS"):
            send(world, customer)

    def test_greylisting_is_temporary_and_the_next_try_arrives_once(
        self, world: World, by_postfix: SmtpServer, dovecot: Dovecot
    ) -> None:
        shy = next(_greylisted)
        sent = message(world, shy)
        with pytest.raises(TemporaryFailure, match=r"^450 4\.7\.1 .*greylisted") as failure:
            EmailChannel().send(sent)
        assert shy in failure.value.response

        EmailChannel().send(sent)

        [raw] = arrived(dovecot, shy)
        assert parse(raw).message_id == sent.external_id

    def test_nobody_there_is_for_good_and_says_who(self, world: World, by_postfix: SmtpServer) -> None:
        with pytest.raises(PermanentFailure) as failure:
            send(world, "stranger@home.example")

        assert failure.value.response.startswith("550 5.1.1 ")
        assert failure.value.response.endswith("(stranger@home.example)")
        assert failure.value.recipient == "stranger@home.example"

    def test_one_refused_recipient_keeps_it_from_all(
        self, world: World, by_postfix: SmtpServer, dovecot: Dovecot, customer: str
    ) -> None:
        with pytest.raises(PermanentFailure, match=r"\(stranger@home\.example\)$"):
            send(world, next(_greylisted), customer, "stranger@home.example")

        assert empty(dovecot, customer)

    def test_a_mail_the_server_finds_too_big_is_for_good(
        self, world: World, by_postfix: SmtpServer, customer: str
    ) -> None:
        with pytest.raises(PermanentFailure) as failure:
            send(world, customer, text="長い" * 700_000)

        assert failure.value.response == (
            "552 5.3.4 too large: the mail has 5.7 MB, the mail server takes 2.0 MB"
        )

    def test_a_line_that_breaks_within_the_mail_costs_a_try_and_it_arrives_once(
        self, world: World, postfix: Postfix, dovecot: Dovecot, customer: str
    ) -> None:
        sent = message(world, customer, text="長い" * 50_000)
        with Cutter(postfix.smtp) as between:
            set_up(world, between.port)
            between.cut_after(100_000)
            with pytest.raises(TemporaryFailure):
                EmailChannel().send(sent)
            between.cut_after(None)

            EmailChannel().send(sent)

        [raw] = arrived(dovecot, customer)
        assert parse(raw).message_id == sent.external_id

    def test_the_test_mail_brings_the_servers_own_answer(
        self, world: World, by_postfix: SmtpServer, dovecot: Dovecot, customer: str
    ) -> None:
        with world.ours.scope():
            answer = transport.send_test(by_postfix, customer)

        assert answer.startswith("250 2.0.0 Ok: queued as ")
        assert b"Subject: Madoguchi test" in arrived(dovecot, customer)[0]

    def test_a_mail_in_old_letters_arrives_as_seven_bit_jis(
        self, world: World, by_postfix: SmtpServer, dovecot: Dovecot, customer: str
    ) -> None:
        send(world, customer, text="㈱窓口より①です。", old_letters=True)

        [raw] = arrived(dovecot, customer)
        assert b'Content-Type: text/plain; charset="ISO-2022-JP"\r\n' in raw
        assert b"Content-Transfer-Encoding: 7bit\r\n" in raw
        assert raw.isascii()
        assert raw.rstrip().endswith("(株)窓口より(1)です。".encode("iso2022_jp"))

    @pytest.mark.parametrize("old_letters", [False, True])
    def test_what_arrives_still_bears_our_signature(
        self, world: World, by_postfix: SmtpServer, dovecot: Dovecot, customer: str, old_letters: bool
    ) -> None:
        with world.ours.scope():
            key = make_dkim_key(world.ours.entry_point, by=system("test"))
            sign_with(key, world.ours.entry_point, by=system("test"))
        html = "" if old_letters else "<p>交換いたします。</p>"
        send(world, customer, text="交換いたします。\n.\n.. \n", html=html, old_letters=old_letters)

        [raw] = arrived(dovecot, customer)
        records = {f"{key.record_name}.".encode(): key.record.encode()}
        assert dkim.verify(raw, dnsfunc=lambda name, timeout=5: records.get(name))

    def test_a_server_at_its_rate_gets_the_mail_at_its_turn(
        self, world: World, postfix: Postfix, dovecot: Dovecot, customer: str
    ) -> None:
        set_up(world, postfix.smtp, per_minute=1, allowance=1)
        now = clock.now()
        with clock.held_at(now):
            send(world, customer)
            with pytest.raises(HeldBack) as held:
                send(world, customer, text="二通目です。")
        with clock.held_at(held.value.until):
            send(world, customer, text="二通目です。")

        assert len(arrived(dovecot, customer, mails=2)) == 2

    def test_who_is_in_blind_copy_receives_it_and_nobody_reads_of_them(
        self, world: World, by_postfix: SmtpServer, dovecot: Dovecot, customer: str
    ) -> None:
        unseen = next(_customers)
        send(world, customer, bcc=(Party(unseen, "上司"),))

        [theirs], [unseens] = arrived(dovecot, customer), arrived(dovecot, unseen)
        for raw in (theirs, unseens):
            headers = raw.partition(b"\r\n\r\n")[0].partition(b"Received: ")[2]
            own = headers[headers.index(b"\r\nFrom: ") :]
            assert unseen.encode() not in own
            assert b"bcc" not in own.lower()

    def test_an_automatic_mail_asks_machines_to_keep_quiet(
        self, world: World, by_postfix: SmtpServer, dovecot: Dovecot, customer: str
    ) -> None:
        send(world, customer, automatic=True)
        send(world, customer)

        automatic, personal = sorted(arrived(dovecot, customer, mails=2), key=lambda m: b"Auto" not in m)
        for line in (
            b"Auto-Submitted: auto-replied\r\n",
            b"X-Madoguchi-Loop: 1\r\n",
            b"X-Auto-Response-Suppress: OOF, AutoReply\r\n",
            b"Precedence: bulk\r\n",
        ):
            assert line in automatic
            assert line not in personal


class Odd:
    """A server that says what a test wants, and remembers what it was told. `BEFORE` is its answer to the command
    DATA, `DATA` that to the content; an empty `QUIT` is none.
    """

    def __init__(self, **answers: str) -> None:
        self.answers = answers
        self.hung_up_on = False
        self.envelopes: list[Envelope] = []
        self.options: list[list[str]] = []

    async def handle_MAIL(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        self.options.append(options)
        envelope.mail_from = address
        return self.answers.get("MAIL", "250 ok")

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        self.envelopes.append(envelope)
        return self.answers.get("DATA", "250 taken")

    async def handle_QUIT(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        answer = self.answers.get("QUIT", "221 bye")
        if not answer:
            try:
                await asyncio.sleep(PATIENCE)
            except asyncio.CancelledError:  # so the library says that the client has gone
                self.hung_up_on = True
                raise
        return answer or "221 bye"


class OddSmtp(SMTP):
    """The protocol, in which a server may have its say before the content."""

    async def smtp_DATA(self, arg: str) -> None:  # noqa: N802
        """Ask for the content, or do not."""
        before = self.event_handler.answers.get("BEFORE", "")
        await (self.push(before) if before else super().smtp_DATA(arg))


class OddController(Controller):
    """Listens for it."""

    def factory(self) -> SMTP:
        """One session."""
        return OddSmtp(self.handler, **self.SMTP_kwargs)


@contextmanager
def odd_server(world: World, **answers: str) -> Iterator[Odd]:
    handler, [port] = Odd(**answers), free_ports(1)
    server = OddController(handler, hostname="127.0.0.1", port=port)
    server.start()
    set_up(world, port, host="127.0.0.1")
    try:
        yield handler
    finally:
        server.stop()


class TestOddServers:
    def test_what_is_said_after_the_mail_was_taken_changes_nothing(self, world: World) -> None:
        with odd_server(world, QUIT="500 I do not let you go") as server:
            assert send(world, "misaki@home.example").response == "250 taken"

        assert len(server.envelopes) == 1

    def test_a_good_bye_that_nobody_answers_is_not_waited_for(self, world: World) -> None:
        with odd_server(world, QUIT="") as server:
            assert send(world, "misaki@home.example").response == "250 taken"
            until(lambda: server.hung_up_on, what="our hanging up", seconds=1)

        assert len(server.envelopes) == 1

    @pytest.mark.parametrize("when", ["BEFORE", "DATA"])
    @pytest.mark.parametrize(
        ("answer", "kind"),
        [
            ("421 4.3.2 shutting down", TemporaryFailure),
            ("451 4.3.0 try later", TemporaryFailure),
            ("452 4.2.2 mailbox full", TemporaryFailure),
            ("550 5.7.1 spam", PermanentFailure),
            ("554 5.6.0 refused", PermanentFailure),
        ],
    )
    def test_the_first_digit_says_whether_it_is_for_good(
        self, world: World, when: str, answer: str, kind: type[Exception]
    ) -> None:
        with odd_server(world, **{when: answer}) as server, pytest.raises(kind) as failure:
            send(world, "misaki@home.example")

        assert type(failure.value) is kind
        assert str(failure.value) == answer
        assert len(server.envelopes) == (when == "DATA")

    def test_what_was_taken_before_there_was_any_content_has_not_left(self, world: World) -> None:
        with odd_server(world, BEFORE="250 fine"), pytest.raises(TemporaryFailure) as failure:
            send(world, "misaki@home.example")

        assert type(failure.value) is TemporaryFailure
        assert failure.value.response == "250 fine"

    def test_many_lines_of_an_answer_become_one(self, world: World) -> None:
        with odd_server(world, MAIL="550-go\r\n550 away"), pytest.raises(PermanentFailure) as failure:
            send(world, "misaki@home.example")

        assert failure.value.response == "550 go away"

    def test_international_domains_travel_in_ascii(self, world: World) -> None:
        with odd_server(world) as server:
            send(world, "misaki@日本語.example")

        assert server.envelopes[0].rcpt_tos == ["misaki@xn--wgv71a119e.example"]

    def test_each_recipient_is_named_once(self, world: World) -> None:
        with odd_server(world) as server:
            send(world, "misaki@home.example", cc=(Party("misaki@home.example"), Party("ken@home.example")))

        assert server.envelopes[0].rcpt_tos == ["misaki@home.example", "ken@home.example"]

    def test_eight_bit_mail_is_announced_and_seven_bit_mail_is_not(self, world: World) -> None:
        with odd_server(world) as server:
            sent = message(world, "misaki@home.example")
            transport.deliver(sent, raw="Subject: 8\r\n\r\nはい\r\n".encode())
            transport.deliver(sent, raw=b"Subject: 7\r\n\r\nyes\r\n")

        assert ["BODY=8BITMIME" in options for options in server.options] == [True, False]

    @pytest.mark.parametrize(
        "address", ["美咲@home.example", "misaki", "a b@home.example", "<x>@home.example"]
    )
    def test_what_is_no_address_is_refused_before_anything_is_sent(self, world: World, address: str) -> None:
        with odd_server(world) as server, pytest.raises(PermanentFailure):
            send(world, address)

        assert server.envelopes == []

    def test_nobody_listening_is_temporary(self, world: World) -> None:
        set_up(world, free_ports(1)[0])

        with pytest.raises(TemporaryFailure, match="Connection refused"):
            send(world, "misaki@home.example")

    def test_a_silent_server_is_not_waited_for_without_end(
        self, world: World, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(transport, "TIMEOUT", 0.2)
        with socket.create_server(("127.0.0.1", 0)) as silent:
            set_up(world, silent.getsockname()[1], host="127.0.0.1")
            with pytest.raises(TemporaryFailure, match="timed out"):
                send(world, "misaki@home.example")

    @pytest.mark.parametrize("host", ["169.254.169.254", "fe80::1", "100.100.100.200"])
    def test_the_inside_of_a_cloud_is_out_of_reach(self, world: World, host: str) -> None:
        set_up(world, 25, host=host)

        with pytest.raises(
            TemporaryFailure, match=f"{re.escape(host)} のアドレスには、メールサーバーを置くことができません"
        ):
            send(world, "misaki@home.example")

    def test_a_password_of_another_key_is_said(self, world: World, settings: Any) -> None:
        with odd_server(world) as server:
            with world.ours.scope():
                row = SmtpServer.objects.get()
                row.username, row.password = "shop", "secret"
                row.save()
            settings.SECRET_KEY = "another"
            with pytest.raises(TemporaryFailure, match="enter it again"):
                send(world, "misaki@home.example")

        assert server.envelopes == []


class TestWithoutAServer:
    def test_mail_is_kept_in_the_outbox_once(self, world: World, settings: Any) -> None:
        settings.MAIL_TRANSPORT = "outbox"
        sent = message(world, "misaki@home.example")

        answers = [EmailChannel().send(sent).response for _ in range(2)]

        assert answers == ["250 kept in the built-in outbox"] * 2
        with world.ours.scope():
            [kept] = SentMail.objects.all()
        assert kept.external_id == sent.external_id
        assert parse(bytes(kept.raw)).text.strip() == "交換いたします。"

    def test_where_mail_must_leave_it_waits_for_a_server(self, world: World, settings: Any) -> None:
        settings.MAIL_TRANSPORT = "smtp"

        with pytest.raises(TemporaryFailure, match="no mail server is set up"):
            send(world, "misaki@home.example")

        with world.ours.scope():
            assert SentMail.objects.count() == 0

    def test_a_server_that_is_switched_off_is_none(self, world: World, settings: Any) -> None:
        settings.MAIL_TRANSPORT = "outbox"
        set_up(world, free_ports(1)[0], active=False)

        assert send(world, "misaki@home.example").response == transport.KEPT_IN_OUTBOX
