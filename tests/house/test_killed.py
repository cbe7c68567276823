"""Nothing is lost: processes are killed with -9 at the worst moment, and others take up what they left."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.conf import LazySettings
from django.core import mail
from django.db import connection

from madoguchi.cases.factories import make_case
from madoguchi.cases.models import Attachment, Case, Message
from madoguchi.channels.email.channel import EmailChannel
from madoguchi.channels.email.models import SentMail
from madoguchi.customers.models import Customer
from madoguchi.delivery import channels as outbound
from madoguchi.delivery.actions import Reply, reply, send
from madoguchi.delivery.models import Outgoing
from madoguchi.delivery.tests.leaving import sweep
from madoguchi.following.actions import Told, make_responsible, wish
from madoguchi.following.letters import send_letter, write_letters
from madoguchi.following.models import Letter, Way
from madoguchi.infra import files, scope
from madoguchi.infra.listen import connection_parameters
from madoguchi.infra.models import Event
from madoguchi.intake.actions import handle_left_over
from madoguchi.intake.models import Arrival, RawArrival
from madoguchi.kernel import clock
from madoguchi.kernel.channel import Channel, File, Outbound, Receipt
from madoguchi.people.factories import World
from madoguchi.people.queries import actor_of
from tests.house.dying import killed

pytestmark = pytest.mark.django_db(transaction=True)

MAIL = b"From: misaki@home.example\r\nSubject: rice\r\nMessage-ID: <m1@home.example>\r\n\r\nIt does not cook.\r\n"


def everything(model: Any) -> list[Any]:
    with scope.everywhere(reason="a test looks at everything"):
        return list(model.objects.order_by("pk"))


@pytest.mark.parametrize(
    "moment",
    [
        "actions.handle = die",  # stored, and nothing made of it
        "handling._place = die",  # read, and nothing written
        "handling.finish = die",  # customer, case, message and events written, nothing committed
    ],
)
def test_a_mail_whose_door_is_killed_is_handled_once_by_another(
    world: World, database_url: str, tmp_path: Path, moment: str
) -> None:
    point, company = world.ours.entry_point.pk, world.ours.company.pk
    code = f"""
{moment}
kept = actions.receive(raw={MAIL!r}, entry_point=entry_point({point}), source="door")
actions.handle(kept, company={company})
"""
    killed(code, url=database_url, data=tmp_path)

    [left] = everything(Arrival)
    assert (left.state, left.tries) == ("stored", 0)
    assert [bytes(raw.content) for raw in everything(RawArrival)] == [MAIL]
    assert everything(Case) == everything(Customer) == everything(Event) == []

    assert handle_left_over() == 1
    assert handle_left_over() == 0

    [arrival], [case], [message] = everything(Arrival), everything(Case), everything(Message)
    assert (arrival.state, arrival.case_id, arrival.message_id) == ("handled", case.pk, message.pk)
    assert (case.number, message.text.strip()) == (1001, "It does not cook.")
    assert [e.kind for e in everything(Event)] == ["customer.created", "case.opened"]


def test_an_arrival_that_kills_whoever_reads_it_ends_in_quarantine(
    world: World, database_url: str, tmp_path: Path
) -> None:
    point = world.ours.entry_point.pk
    deadly, harmless = MAIL.replace(b"rice", b"deadly"), MAIL.replace(b"m1@", b"m2@")
    store = f"""
for raw in ({deadly!r}, {harmless!r}):
    actions.receive(raw=raw, entry_point=entry_point({point}), source="door")
die()
"""
    killed(store, url=database_url, data=tmp_path)
    reading = """
place = handling._place
handling._place = lambda arrival, inbound, *more: (
    die() if inbound.subject == "deadly" else place(arrival, inbound, *more)
)
actions.handle_left_over()
"""

    # It takes down all that are handled with it, then itself alone; the others get through.
    killed(reading, url=database_url, data=tmp_path)
    assert [(a.state, a.tries) for a in everything(Arrival)] == [("stored", 1), ("stored", 1)]
    killed(reading, url=database_url, data=tmp_path)
    killed(reading, url=database_url, data=tmp_path)
    first, second = everything(Arrival)
    assert (first.state, first.tries) == ("stored", 3)
    assert (second.state, second.tries) == ("handled", 2)

    assert handle_left_over() == 1
    assert handle_left_over() == 0
    quarantined = everything(Arrival)[0]
    assert (quarantined.state, quarantined.tries) == ("quarantined", 3)
    assert quarantined.reason == "読み取ろうとするたびにプログラムが終了しました（3 回続けて）。"
    assert [bytes(raw.content) for raw in everything(RawArrival)] == [deadly, harmless]
    assert [e.kind for e in everything(Event)] == ["customer.created", "case.opened", "arrival.quarantined"]


def test_a_mail_that_was_not_yet_stored_was_never_taken(
    world: World, database_url: str, tmp_path: Path
) -> None:
    code = f"""
storing.clock.now = die
actions.receive(raw={MAIL!r}, entry_point=entry_point({world.ours.entry_point.pk}), source="door")
"""
    killed(code, url=database_url, data=tmp_path)

    assert everything(Arrival) == everything(RawArrival) == []


@pytest.fixture
def outgoing(world: World, settings: LazySettings) -> Outgoing:
    settings.UNDO_SECONDS, settings.MAIL_TRANSPORT = 0, "outbox"
    agent, case = actor_of(world.ours.agent), make_case(world.ours.entry_point)
    with scope.acting_for(agent.companies):
        return reply(case, Reply(text="交換いたします。"), by=agent)


def later() -> int:
    with clock.held_at(clock.now() + timedelta(minutes=2)):
        return sweep()


# Where it was killed after: the other side has it, but nobody wrote that down, so it goes again.
@pytest.mark.parametrize(("moment", "left_before"), [("sender_of", False), ("_succeed", True)])
def test_an_answer_whose_sender_is_killed_leaves_under_the_same_id(
    outgoing: Outgoing, database_url: str, tmp_path: Path, moment: str, left_before: bool
) -> None:
    code = f"""
import sys
setattr(sys.modules[send.__module__], {moment!r}, die)
send({outgoing.pk}, company={outgoing.company_id})
"""
    killed(code, url=database_url, data=tmp_path)

    [left] = everything(Outgoing)
    assert (left.state, left.tries) == ("sending", 0)
    assert len(everything(SentMail)) == int(left_before)

    assert later() == 1
    assert later() == 0

    [sent] = everything(Outgoing)
    assert (sent.state, sent.external_id) == ("sent", outgoing.external_id)
    assert [mail.external_id for mail in everything(SentMail)] == [outgoing.external_id]
    assert [e.kind for e in everything(Event)].count("message.sent") == 1


@pytest.mark.parametrize(
    ("moment", "left_before"), [("letters.mail_of", False), ("sending.write_down", True)]
)
def test_a_mail_to_staff_whose_sender_is_killed_leaves_under_the_same_id(
    world: World, database_url: str, tmp_path: Path, moment: str, left_before: bool
) -> None:
    agent = actor_of(world.ours.agent)
    case = make_case(world.ours.entry_point)
    with world.ours.scope():
        wish(by=agent, follows_own=False, in_browser=False, told=Told(assigned=Way.MAIL))
        make_responsible(case, event=1, kind="rule.left", people=[world.ours.agent.pk], who="R")
    assert write_letters() == 1
    letter = Letter.objects.get()
    code = f"""
from uuid import UUID
from madoguchi.delivery import letters as sending
from madoguchi.following import letters
{moment} = die
letters.send_letter(UUID("{letter.pk}"))
"""

    killed(code, url=database_url, data=tmp_path)

    kept = sorted((tmp_path / "staff-mail").glob("*")) if left_before else []
    assert len(kept) == left_before
    assert Letter.objects.get().state == Letter.State.SENDING
    send_letter(letter.pk)
    assert mail.outbox == [], "its sender may still be there"
    with clock.held_at(clock.now() + timedelta(minutes=2)):
        send_letter(letter.pk)
        send_letter(letter.pk)

    [again] = mail.outbox
    assert again.message()["Message-ID"].startswith(f"<{letter.pk}@")
    assert all(str(letter.pk).encode() in one.read_bytes() for one in kept)
    assert Letter.objects.get().state == Letter.State.SENT


def send_elsewhere(outgoing: Outgoing) -> None:
    try:
        send(outgoing.pk, company=outgoing.company_id)
    finally:
        connection.close()


def test_an_answer_that_left_while_the_database_restarted_is_not_sent_again(
    outgoing: Outgoing, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken: list[str] = []

    class CutOff(EmailChannel):
        """The other side takes the mail, and in that moment every session of the database ends."""

        def send(self, message: Outbound) -> Receipt:
            taken.append(message.external_id)
            with psycopg.connect(**connection_parameters(), autocommit=True) as other:
                other.execute("SET ROLE NONE")
                other.execute(
                    "SELECT pg_terminate_backend(%s, 5000)", [connection.connection.info.backend_pid]
                )
            with ThreadPoolExecutor(1) as worker:  # who now finds the lock free
                worker.submit(send_elsewhere, outgoing).result()
            return Receipt("250 taken")

    monkeypatch.setitem(outbound._channels, Channel.EMAIL, CutOff())
    send(outgoing.pk, company=outgoing.company_id)

    [sent] = everything(Outgoing)
    assert (sent.state, sent.response, sent.tries) == ("sent", "250 taken", 1)
    assert taken == [outgoing.external_id]
    assert [e.kind for e in everything(Event)].count("message.sent") == 1


def test_files_are_on_disk_before_a_row_names_them(world: World) -> None:
    photo = File("写真.png", "image/png", b"\x89PNG")
    make_case(world.ours.entry_point, files=(photo,))

    [kept] = everything(Attachment)
    assert files.read(kept.sha256, company=world.ours.company.pk) == photo.content
