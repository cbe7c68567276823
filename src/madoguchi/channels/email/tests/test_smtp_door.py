"""The SMTP and LMTP door, spoken to by a real client."""

import smtplib
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from typing import Any

import pytest
from tests.servers.ground import free_ports, until

from madoguchi.cases.models import Case, Message
from madoguchi.channels.email import smtp_door
from madoguchi.channels.email.smtp_door import SmtpDoor
from madoguchi.channels.email.smtp_session import LONGEST_COMMAND, LONGEST_LINE, Connections, SmtpSession
from madoguchi.channels.email.tests.mails import mail
from madoguchi.companies.models import EntryPoint
from madoguchi.infra import scope
from madoguchi.intake.models import Arrival, RawArrival
from madoguchi.people.factories import World

pytestmark = pytest.mark.django_db(transaction=True)
_numbers = count(1)
CUSTOMER = "taro@example.com"


def letter(text: str = "まだ届きません。") -> bytes:
    number = next(_numbers)
    return mail(f"Subject: question {number}", f"X-Number: {number}", body=f"{text} {number}\r\n".encode())


@contextmanager
def opened(**more: Any) -> Iterator[SmtpDoor]:
    """A door that is open while inside; at the end all that was taken is handled."""
    [port] = free_ports(1)
    door = SmtpDoor(host="127.0.0.1", port=port, **{"size_limit": 1_000_000, **more})
    door.start()
    try:
        yield door
    finally:
        door.close()


def client(door: SmtpDoor) -> smtplib.SMTP:
    return (smtplib.LMTP if door.lmtp else smtplib.SMTP)("127.0.0.1", door.port, timeout=20)


def arrivals(point: EntryPoint) -> list[Arrival]:
    with scope.acting_for([point.company_id]):
        return list(Arrival.objects.order_by("id"))


@pytest.mark.parametrize("lmtp", [False, True], ids=["smtp", "lmtp"])
def test_a_mail_is_stored_as_it_came_and_becomes_a_case(world: World, lmtp: bool) -> None:
    raw = letter()
    with opened(lmtp=lmtp) as door, client(door) as server:
        assert server.sendmail(CUSTOMER, [world.ours.entry_point.address], raw) == {}
        assert len(arrivals(world.ours.entry_point)) == 1

    [arrival] = arrivals(world.ours.entry_point)
    assert (arrival.state, arrival.source) == ("handled", "smtp 127.0.0.1")
    with world.ours.scope():
        assert bytes(RawArrival.objects.get().content) == raw
        assert Case.objects.get().subject.startswith("question")


def test_lmtp_takes_one_recipient_at_a_time_and_loses_none(world: World) -> None:
    both = [world.ours.entry_point.address, world.theirs.entry_point.address]
    raw = letter()

    with opened(lmtp=True) as door, client(door) as server:
        later = server.sendmail(CUSTOMER, both, raw)
        assert {address: code for address, (code, _) in later.items()} == {both[1]: 452}
        server.sendmail(CUSTOMER, list(later), raw)

    assert [len(arrivals(side.entry_point)) for side in (world.ours, world.theirs)] == [1, 1]


def test_only_our_own_addresses_are_taken(world: World) -> None:
    with opened() as door, client(door) as server:
        with pytest.raises(smtplib.SMTPRecipientsRefused) as refused:
            server.sendmail(CUSTOMER, ["stranger@shop.example"], letter())
        assert refused.value.recipients["stranger@shop.example"] == (550, b"5.1.1 No such address here")

    assert arrivals(world.ours.entry_point) == []


def test_a_closed_entry_point_takes_nothing(world: World) -> None:
    with world.ours.scope():
        EntryPoint.objects.filter(pk=world.ours.entry_point.pk).update(active=False)

    with opened() as door, client(door) as server, pytest.raises(smtplib.SMTPRecipientsRefused):
        server.sendmail(CUSTOMER, [world.ours.entry_point.address], letter())


@pytest.mark.parametrize("lmtp", [False, True], ids=["smtp", "lmtp"])
def test_what_was_accepted_is_stored_although_the_address_goes_out_of_use_meanwhile(
    world: World, lmtp: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(smtp_door, "BELIEVED", -1.0)  # each look-up is a new one
    with opened(lmtp=lmtp) as door, client(door) as server:
        server.ehlo_or_helo_if_needed()
        server.mail(CUSTOMER)
        assert server.rcpt(world.ours.entry_point.address)[0] == 250
        with world.ours.scope():
            EntryPoint.objects.filter(pk=world.ours.entry_point.pk).update(active=False)

        assert server.data(letter())[0] == 250
        assert server.rcpt(world.ours.entry_point.address)[0] == 503

    assert [a.entry_point_id for a in arrivals(world.ours.entry_point)] == [world.ours.entry_point.pk]


def test_each_company_that_was_accepted_gets_its_copy_although_one_address_goes_out_of_use(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(smtp_door, "BELIEVED", -1.0)
    with opened() as door, client(door) as server:
        server.ehlo()
        server.mail(CUSTOMER)
        for side in (world.ours, world.theirs):
            assert server.rcpt(side.entry_point.address)[0] == 250
        with world.theirs.scope():
            EntryPoint.objects.filter(pk=world.theirs.entry_point.pk).update(active=False)

        assert server.data(letter())[0] == 250

    assert [len(arrivals(side.entry_point)) for side in (world.ours, world.theirs)] == [1, 1]


def test_recipients_of_a_mail_that_was_begun_anew_get_nothing_of_the_next(world: World) -> None:
    with opened() as door, client(door) as server:
        server.ehlo()
        server.mail(CUSTOMER)
        assert server.rcpt(world.theirs.entry_point.address)[0] == 250
        server.rset()
        server.sendmail(CUSTOMER, [world.ours.entry_point.address], letter())

    assert [len(arrivals(side.entry_point)) for side in (world.ours, world.theirs)] == [1, 0]


@pytest.mark.parametrize("written", ["{local}+c.abc123@{domain}", "{local}@{upper}"])
def test_plus_addresses_and_capitals_reach_the_same_desk(world: World, written: str) -> None:
    local, _, domain = world.ours.entry_point.address.partition("@")
    address = written.format(local=local, domain=domain, upper=domain.upper())

    with opened() as door, client(door) as server:
        server.sendmail(CUSTOMER, [address], letter())

    assert [a.state for a in arrivals(world.ours.entry_point)] == ["handled"]


def test_a_mail_to_two_companies_reaches_each_and_neither_sees_the_other(world: World) -> None:
    both = [world.ours.entry_point.address, world.theirs.entry_point.address]

    with opened() as door, client(door) as server:
        server.sendmail(CUSTOMER, both, letter())

    for side in (world.ours, world.theirs):
        assert [a.entry_point_id for a in arrivals(side.entry_point)] == [side.entry_point.pk]
        with side.scope():
            assert Case.objects.count() == 1


def test_the_same_bytes_sent_again_are_taken_and_make_nothing_new(world: World) -> None:
    raw = letter()
    with opened() as door, client(door) as server:
        for _ in range(2):
            assert server.sendmail(CUSTOMER, [world.ours.entry_point.address], raw) == {}

    assert len(arrivals(world.ours.entry_point)) == 1
    with world.ours.scope():
        assert Message.objects.count() == 1


def test_a_mail_over_the_limit_is_refused_before_it_is_sent(world: World) -> None:
    with opened(size_limit=10_000) as door, client(door) as server:
        with pytest.raises(smtplib.SMTPException) as refused:
            server.sendmail(CUSTOMER, [world.ours.entry_point.address], letter("x" * 20_000))
        assert getattr(refused.value, "smtp_code", None) == 552

    assert arrivals(world.ours.entry_point) == []


def test_a_mail_that_cannot_be_stored_is_left_with_the_sender(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(**_: object) -> None:
        raise OSError("no space left on device")

    raw = letter()
    with opened() as door, client(door) as server:
        with monkeypatch.context() as patch:
            patch.setattr(smtp_door, "receive", full)
            with pytest.raises(smtplib.SMTPDataError) as refused:
                server.sendmail(CUSTOMER, [world.ours.entry_point.address], raw)
        assert (refused.value.smtp_code, refused.value.smtp_error) == (451, b"4.3.0 Try again later")
        server.sendmail(CUSTOMER, [world.ours.entry_point.address], raw)

    assert len(arrivals(world.ours.entry_point)) == 1


def test_one_mail_that_nobody_can_read_does_not_hold_up_the_others(world: World) -> None:
    with opened() as door, client(door) as server:
        for raw in (letter(), b"Subject: nobody sent this\r\n\r\nx\r\n", letter()):
            server.sendmail(CUSTOMER, [world.ours.entry_point.address], raw)

    assert [a.state for a in arrivals(world.ours.entry_point)] == ["handled", "quarantined", "handled"]


def test_an_address_of_a_foreign_alphabet_is_answered_politely(world: World) -> None:
    with opened() as door, client(door) as server:
        server.ehlo()
        assert server.has_extn("smtputf8")
        server.mail("田中@例え.example", ["SMTPUTF8"])
        assert server.rcpt(world.ours.entry_point.address)[0] == 250


def test_many_senders_at_once_lose_nothing(world: World) -> None:
    mails = [letter() for _ in range(24)]

    def send(some: list[bytes], door: SmtpDoor) -> None:
        with client(door) as server:
            for raw in some:
                server.sendmail(CUSTOMER, [world.ours.entry_point.address], raw)

    with opened() as door:
        senders = [threading.Thread(target=send, args=(mails[start::4], door)) for start in range(4)]
        for sender in senders:
            sender.start()
        for sender in senders:
            sender.join()

    with world.ours.scope():
        assert sorted(bytes(r.content) for r in RawArrival.objects.all()) == sorted(mails)
        assert Message.objects.count() == len(mails)


@pytest.mark.parametrize("lmtp", [False, True], ids=["smtp", "lmtp"])
def test_a_line_may_be_as_long_as_a_mail_and_no_longer(world: World, lmtp: bool) -> None:
    long, too_long = letter("長" * 200_000), letter("長" * 400_000)

    with opened(lmtp=lmtp) as door, client(door) as server:
        server.sendmail(CUSTOMER, [world.ours.entry_point.address], long)
        with pytest.raises(smtplib.SMTPException):
            server.sendmail(CUSTOMER, [world.ours.entry_point.address], too_long)

    with world.ours.scope():
        assert [bytes(kept.content) for kept in RawArrival.objects.all()] == [long]
        assert Message.objects.get().text.startswith("長" * 200_000)


@pytest.mark.parametrize("lmtp", [False, True], ids=["smtp", "lmtp"])
def test_a_mail_from_nobody_is_kept_as_one(world: World, lmtp: bool) -> None:
    raw = mail("Subject: x", body=b"gone\r\n", sender="postmaster@mx.example").partition(b"\r\n")[2]

    with opened(lmtp=lmtp) as door, client(door) as server:
        server.sendmail("", [world.ours.entry_point.address], raw)

    with world.ours.scope():
        assert bytes(RawArrival.objects.get().content) == b"Return-Path: <>\r\n" + raw
        assert Message.objects.get().automatic == "bounce"


def test_a_sender_who_hangs_up_in_the_middle_leaves_nothing_behind(world: World) -> None:
    with opened() as door:
        server = client(door)
        server.ehlo()
        server.mail(CUSTOMER)
        server.rcpt(world.ours.entry_point.address)
        server.docmd("DATA")
        server.send(b"Subject: half a mail\r\n\r\nI wanted to s")
        server.close()
        with client(door) as other:
            other.sendmail(CUSTOMER, [world.ours.entry_point.address], letter())
        until(lambda: len(arrivals(world.ours.entry_point)) == 1, what="the other mail")

    assert len(arrivals(world.ours.entry_point)) == 1


@pytest.mark.parametrize("lmtp", [False, True], ids=["smtp", "lmtp"])
def test_a_line_that_is_too_long_is_refused_whole_and_the_session_goes_on(world: World, lmtp: bool) -> None:
    good = letter()
    with opened(lmtp=lmtp, size_limit=25_000_000) as door, client(door) as server:
        with pytest.raises(smtplib.SMTPDataError) as refused:
            server.sendmail(CUSTOMER, [world.ours.entry_point.address], letter("x" * 2 * LONGEST_LINE))
        server.sendmail(CUSTOMER, [world.ours.entry_point.address], good)

    assert refused.value.smtp_code == 500
    with world.ours.scope():
        assert [bytes(kept.content) for kept in RawArrival.objects.all()] == [good]


def test_only_a_mail_for_somebody_may_have_long_lines(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    sessions: list[SmtpSession] = []
    made = SmtpSession.connection_made
    monkeypatch.setattr(SmtpSession, "connection_made", lambda s, t: (sessions.append(s), made(s, t))[1])

    def room() -> int:
        return sessions[-1]._stream_reader._limit  # type: ignore[attr-defined,no-any-return]

    with opened(size_limit=25_000_000) as door, client(door) as server:
        assert server.docmd("x" * 3 * LONGEST_LINE) == (500, b"Command line too long")
        server.ehlo()
        server.mail(CUSTOMER)
        assert (server.docmd("DATA")[0], room()) == (503, LONGEST_COMMAND)
        server.rcpt(world.ours.entry_point.address)
        assert (server.docmd("DATA")[0], room()) == (354, LONGEST_LINE)
        server.send(letter() + b"\r\n.\r\n")
        assert server.getreply()[0] == 250
        assert (server.noop()[0], room()) == (250, LONGEST_COMMAND)


def test_nobody_holds_more_connections_than_their_share(world: World) -> None:
    connections = Connections(most=3, most_of_one=2)
    with opened(connections=connections) as door:
        first, second = client(door), client(door)
        with pytest.raises(smtplib.SMTPConnectError) as refused:
            client(door)
        other = smtplib.SMTP("127.0.0.1", door.port, timeout=20, source_address=("127.0.0.2", 0))
        with pytest.raises(smtplib.SMTPConnectError):
            smtplib.SMTP("127.0.0.1", door.port, timeout=20, source_address=("127.0.0.3", 0))
        first.quit()
        until(lambda: connections.count == 2, what="the first has gone")

        with client(door) as third:
            assert third.sendmail(CUSTOMER, [world.ours.entry_point.address], letter()) == {}
        second.quit()
        other.quit()

    assert refused.value.args == (421, b"4.7.0 Too many connections, try again later")
    assert len(arrivals(world.ours.entry_point)) == 1
