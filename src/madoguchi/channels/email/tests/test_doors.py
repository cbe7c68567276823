"""All doors of one process, opened and closed together."""

import os
import signal
import smtplib
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from tests.servers.cutting import Cutter
from tests.servers.dovecot import Dovecot
from tests.servers.ground import answers, free_ports, until

from madoguchi.cases.models import Message
from madoguchi.channels.email import doors, imap
from madoguchi.channels.email.models import Mailbox, Security
from madoguchi.channels.email.smtp_door import SmtpDoor
from madoguchi.channels.email.tests.mails import mail
from madoguchi.infra import scope
from madoguchi.intake.models import Arrival
from madoguchi.people.factories import Side, World
from madoguchi.project import conf

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.server]
SOURCE = Path(conf.__file__).parents[2]
_numbers = count(1)


def letter(subject: str = "") -> bytes:
    number = next(_numbers)
    return mail(f"Subject: {subject or f'question {number}'}", f"X-Number: {number}", body=b"yes\r\n")


def set_up(side: Side, port: int, *, user: str, password: str) -> Mailbox:
    with side.scope():
        return Mailbox.objects.create(
            company=side.company,
            entry_point=side.entry_point,
            host="127.0.0.1",
            port=port,
            security=Security.NONE,
            username=user,
            password=password,
        )


def again(mailbox: Mailbox) -> Mailbox:
    with scope.acting_for([mailbox.company_id]):
        return Mailbox.objects.get(pk=mailbox.pk)


def arrived(side: Side) -> int:
    with side.scope():
        return Arrival.objects.filter(state=Arrival.State.HANDLED).count()


def subjects(side: Side) -> list[str]:
    with side.scope():
        return list(Message.objects.values_list("subject", flat=True))


@contextmanager
def open_doors() -> Iterator[int]:
    """The doors of one process; the port of the SMTP door comes out."""
    stop, [port] = threading.Event(), free_ports(1)
    door = SmtpDoor(host="127.0.0.1", port=port, size_limit=1_000_000)
    running = threading.Thread(target=doors.run, args=(door,), kwargs={"stop": stop})
    running.start()
    try:
        until(lambda: answers(port), what="the SMTP door")
        yield port
    finally:
        stop.set()
        running.join(timeout=20)
        assert not running.is_alive()


@pytest.fixture
def user() -> str:
    return f"desk{next(_numbers)}"


@pytest.fixture(autouse=True)
def looking_often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doors, "LOOK_FOR_MAILBOXES", 0.1)


def test_mail_comes_in_by_all_doors_at_once(world: World, dovecot: Dovecot, user: str) -> None:
    set_up(world.theirs, dovecot.plain, user=user, password=dovecot.password)
    dovecot.deliver(user, letter("by IMAP"))

    with open_doors() as port:
        with smtplib.SMTP("127.0.0.1", port) as client:
            client.sendmail("taro@example.com", [world.ours.entry_point.address], letter("by SMTP"))
        until(lambda: (arrived(world.ours), arrived(world.theirs)) == (1, 1), what="both mails")

    assert (subjects(world.ours), subjects(world.theirs)) == (["by SMTP"], ["by IMAP"])


def test_a_mailbox_set_up_while_the_doors_are_open_is_read_soon(
    world: World, dovecot: Dovecot, user: str
) -> None:
    dovecot.deliver(user, letter("by IMAP"))
    with open_doors():
        set_up(world.ours, dovecot.plain, user=user, password=dovecot.password)
        until(lambda: arrived(world.ours) == 1, what="its mail")

    assert (subjects(world.ours), subjects(world.theirs)) == (["by IMAP"], [])


def test_one_mailbox_in_trouble_leaves_the_others_alone(world: World, dovecot: Dovecot, user: str) -> None:
    troubled = set_up(world.ours, dovecot.plain, user=user, password="wrong")
    set_up(world.theirs, dovecot.plain, user=f"{user}-other", password=dovecot.password)
    dovecot.deliver(f"{user}-other", letter())

    with open_doors():
        until(lambda: arrived(world.theirs) == 1, what="the mail of the other")
        until(lambda: again(troubled).problem, what="the problem")

    assert again(troubled).problem == "[AUTHENTICATIONFAILED] Authentication failed."


def test_what_nobody_foresaw_is_shown_too_and_tried_again(
    world: World, dovecot: Dovecot, user: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    mailbox = set_up(world.ours, dovecot.plain, user=user, password=dovecot.password)

    def surprising(*_: object, **__: object) -> None:
        raise ZeroDivisionError("by nothing")

    monkeypatch.setattr(imap, "_read", surprising)
    with open_doors():
        until(lambda: again(mailbox).problem, what="the problem")

    assert again(mailbox).problem == "ZeroDivisionError: by nothing"
    assert again(mailbox).leased_until is not None


def test_closing_gives_every_mailbox_back(world: World, dovecot: Dovecot, user: str) -> None:
    mailbox = set_up(world.ours, dovecot.plain, user=user, password=dovecot.password)

    with open_doors():
        until(lambda: again(mailbox).lease_holder.endswith(imap.WAITING), what="the reader")

    assert (again(mailbox).lease_holder, again(mailbox).leased_until) == ("", None)


def test_a_silent_server_does_not_keep_the_doors_from_closing(
    world: World, dovecot: Dovecot, user: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(doors, "CLOSING_SECONDS", 0.1)
    with Cutter(dovecot.plain) as between:
        mailbox = set_up(world.ours, between.port, user=user, password=dovecot.password)
        with open_doors():
            until(lambda: again(mailbox).lease_holder.endswith(imap.WAITING), what="the reader")
            between.stall()

        assert (again(mailbox).lease_holder, again(mailbox).leased_until) == ("", None)


@pytest.fixture
def environ(database_url: str, tmp_path: Path, settings: Any) -> dict[str, str]:
    mine = {name: value for name, value in os.environ.items() if not name.startswith("MADOGUCHI_")}
    return {
        **mine,
        "PYTHONPATH": str(SOURCE),
        "MADOGUCHI_DATABASE_URL": database_url,
        "MADOGUCHI_DATA": str(tmp_path),
        "MADOGUCHI_PRIVATE_MAIL_NETWORKS": "127.0.0.0/8",
        "MADOGUCHI_SECRET_KEY": settings.SECRET_KEY,
        "MADOGUCHI_SMTP_PORT": str(free_ports(1)[0]),
    }


def test_a_process_killed_while_it_reads_loses_nothing_and_takes_nothing_twice(
    world: World, dovecot: Dovecot, user: str, environ: dict[str, str]
) -> None:
    mailbox = set_up(world.ours, dovecot.plain, user=user, password=dovecot.password)
    dovecot.deliver(user, *(letter() for _ in range(300)))
    command = [sys.executable, "-P", "-m", "madoguchi.project.cli", "mail", "doors"]
    process = subprocess.Popen(command, env=environ)
    try:
        until(lambda: arrived(world.ours) > 20, what="some of the mail", seconds=60)
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()
    before = arrived(world.ours)
    with scope.acting_for([mailbox.company_id]):
        Mailbox.objects.update(leased_until=None)

    imap.fetch(mailbox)

    assert before < 300
    with world.ours.scope():
        assert Arrival.objects.count() == 300
