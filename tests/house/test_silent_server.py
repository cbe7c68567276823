"""One company's mail server that takes connections and never says a word holds up nobody else."""

import socket
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from django.conf import LazySettings
from django.db import connection

from madoguchi.cases.factories import make_case
from madoguchi.channels.email.models import Security, SmtpServer
from madoguchi.delivery.actions import Reply, reply
from madoguchi.delivery.models import Outgoing
from madoguchi.infra import scope
from madoguchi.infra.tests.workers import eventually, worker
from madoguchi.people.factories import Side, World
from madoguchi.people.queries import actor_of
from tests.servers.ground import free_ports

pytestmark = [pytest.mark.long, pytest.mark.django_db(transaction=True)]


class Taking:
    """Takes everything."""

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        return "250 taken"


@pytest.fixture
def silent() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0), backlog=64) as listening:
        yield listening


@pytest.fixture
def taking() -> Iterator[int]:
    [port] = free_ports(1)
    server = Controller(Taking(), hostname="127.0.0.1", port=port)
    server.start()
    yield port
    server.stop()


def write(side: Side, port: int, *, mails: int) -> list[Outgoing]:
    """Answers that leave through this port."""
    agent = actor_of(side.agent)
    case = make_case(side.entry_point)
    with side.scope():
        SmtpServer.objects.create(
            company=side.company,
            entry_point=side.entry_point,
            host="127.0.0.1",
            port=port,
            security=Security.NONE,
        )
    with scope.acting_for(agent.companies):
        return [reply(case, Reply(text=f"はい。{n}"), by=agent) for n in range(mails)]


def state(outgoing: Outgoing) -> str:
    with scope.acting_for([outgoing.company_id]):
        return str(Outgoing.objects.get(pk=outgoing.pk).state)


def connections(server: socket.socket) -> int:
    """How many were opened to it, by now."""
    server.setblocking(False)
    found = 0
    with suppress(BlockingIOError):
        while True:
            server.accept()[0].close()
            found += 1
    return found


def upkeep_done() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT 1 FROM procrastinate_jobs WHERE task_name = 'intake.left_over' AND status = 'succeeded'"
        )
        return bool(cursor.fetchone())


def test_another_companys_mail_and_upkeep_go_on(
    world: World,
    settings: LazySettings,
    silent: socket.socket,
    taking: int,
    database_url: str,
    tmp_path: Path,
) -> None:
    settings.UNDO_SECONDS = 0
    stuck = write(world.ours, silent.getsockname()[1], mails=12)
    [theirs] = write(world.theirs, taking, mails=1)
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO procrastinate_jobs (queue_name, task_name, args) VALUES"
            " ('default', 'intake.left_over', '{\"timestamp\": 0}')"
        )

    with worker(database_url, tmp_path):
        eventually(lambda: state(theirs) == "sent" and upkeep_done())
        states = [state(one) for one in stuck]

    assert 1 <= connections(silent) <= 2
    assert set(states) <= {"queued", "sending"}
