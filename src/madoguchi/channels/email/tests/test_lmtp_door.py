"""The door as a mail server's neighbour: LMTP, one recipient at a time."""

import smtplib
import socket
from collections.abc import Iterator

import pytest

from madoguchi.channels.email.smtp_door import SmtpDoor
from madoguchi.companies.factories import make_desk, make_entry_point
from madoguchi.infra import scope
from madoguchi.intake.models import Arrival
from madoguchi.people.factories import World

pytestmark = pytest.mark.django_db(transaction=True)
MAIL = b"From: misaki@home.example\r\nSubject: =?UTF-8?B?6Z20?=\r\nMessage-ID: <a@home.example>\r\n\r\n=\r\n"


@pytest.fixture
def door(world: World) -> Iterator[SmtpDoor]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    door = SmtpDoor(host="127.0.0.1", port=port, size_limit=10_000, lmtp=True)
    door.start()
    yield door
    door.close()


def test_a_mail_server_delivers_by_lmtp(world: World, door: SmtpDoor) -> None:
    with smtplib.LMTP("127.0.0.1", door.port) as client:
        client.sendmail("misaki@home.example", [world.ours.entry_point.address], MAIL)
    door.close()

    with scope.acting_for([world.ours.company.pk]):
        [arrival] = Arrival.objects.all()
        assert (arrival.state, arrival.summary) == (Arrival.State.HANDLED, "misaki@home.example 靴")


def test_a_second_recipient_is_asked_to_come_in_a_mail_of_its_own(world: World, door: SmtpDoor) -> None:
    other = make_entry_point(make_desk(world.ours.company))
    with smtplib.LMTP("127.0.0.1", door.port) as client:
        client.docmd("LHLO", "mail.example")
        client.mail("misaki@home.example")
        assert client.rcpt(world.ours.entry_point.address)[0] == 250
        assert client.rcpt(other.address)[0] == 452
        assert client.rcpt("nobody@shop.example")[0] == 452


def test_an_address_that_is_not_ours_is_refused_for_good(world: World, door: SmtpDoor) -> None:
    with smtplib.LMTP("127.0.0.1", door.port) as client:
        client.docmd("LHLO", "mail.example")
        client.mail("misaki@home.example")
        assert client.rcpt("nobody@shop.example") == (550, b"5.1.1 No such address here")
