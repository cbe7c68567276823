"""A robot that does not say it is one answers every acknowledgement of ours, through the real door."""

import smtplib
from email import message_from_bytes

import pytest
from django.conf import LazySettings
from tests.servers.ground import free_ports

from madoguchi.cases.models import Case, Message
from madoguchi.channels.email.models import SentMail
from madoguchi.channels.email.smtp_door import SmtpDoor
from madoguchi.delivery.actions import send
from madoguchi.delivery.models import Outgoing
from madoguchi.infra import reactions
from madoguchi.infra.models import Event
from madoguchi.intake.models import Arrival
from madoguchi.people.factories import World

pytestmark = pytest.mark.django_db(transaction=True)
ROBOT = "helpdesk@robot.example"
TURNS = 20


def robots_words(n: int) -> bytes:
    """Its own ticket number and page each time, and nothing of what it answers."""
    return (
        f"From: Robot Desk <{ROBOT}>\r\nTo: support@shop.example\r\nSubject: [Ticket#{7000 + n}] We got your mail\r\n"
        f"Message-ID: <robot{n}@robot.example>\r\nDate: Mon, 3 Aug 2026 09:{n:02}:00 +0900\r\n\r\n"
        f"Thank you for writing to us. Your ticket is {7000 + n}:\r\nhttps://robot.example/t/{7000 + n}\r\n"
    ).encode()


def arrives(world: World, raw: bytes, *, sender: str = ROBOT) -> None:
    """Through a door that is open for this one mail; when it has closed, all is handled, told and sent."""
    [port] = free_ports(1)
    door = SmtpDoor(host="127.0.0.1", port=port, size_limit=1_000_000)
    door.start()
    try:
        with smtplib.SMTP("127.0.0.1", port, timeout=20) as server:
            server.sendmail(sender, [world.ours.entry_point.address], raw)
    finally:
        door.close()
    reactions.run_all()
    with world.ours.scope():
        waiting = list(Outgoing.objects.filter(state="queued").values_list("pk", flat=True))
    for outgoing in waiting:
        send(outgoing, company=world.ours.company.pk)


def test_twenty_turns_are_three_answers_and_a_person_among_them_is_answered(
    world: World, settings: LazySettings
) -> None:
    settings.MAIL_TRANSPORT, settings.UNDO_SECONDS = "outbox", 0
    reactions.run_all()
    for n in range(TURNS):
        arrives(world, robots_words(n))
    person = robots_words(TURNS).partition(b"\r\n\r\n")[0] + b"\r\n\r\nThis is Ken. Where is my parcel?\r\n"
    arrives(world, person)

    with world.ours.scope():
        *robots, persons = Case.objects.order_by("pk")
        assert (len(robots), Arrival.objects.filter(state="handled").count()) == (TURNS, TURNS + 1)
        assert all(case.waiting_since for case in robots)
        found = Event.objects.filter(kind="message.loop_recognised").order_by("pk")
        assert list(found.values_list("case_id", flat=True)) == [case.pk for case in robots[3:]]
        # Each of the first three was answered, and the person's words are, too.
        told = Message.objects.filter(automatic="acknowledgement").order_by("id")
        assert list(told.values_list("case", flat=True)) == [*(case.pk for case in robots[:3]), persons.pk]
        mails = [message_from_bytes(bytes(mail.raw)) for mail in SentMail.objects.order_by("id")]
        assert [mail["Auto-Submitted"] for mail in mails] == ["auto-replied"] * 4
