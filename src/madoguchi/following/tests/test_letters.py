"""What people of staff are told by mail, when, once, and never what they have read."""

import email
import email.policy
import json
import socket
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from email.message import EmailMessage
from uuid import UUID

import psycopg
import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from django.conf import LazySettings
from django.db import connection

from madoguchi.cases.actions import add_note, assign
from madoguchi.cases.factories import make_case
from madoguchi.cases.models import Case
from madoguchi.following.actions import Told, mark_all_read, mark_read, wish
from madoguchi.following.jobs import deliver
from madoguchi.following.letters import resume_left_over, send_letter, write_letters
from madoguchi.following.models import Letter, Notification, Way
from madoguchi.infra import scope
from madoguchi.infra.listen import connection_parameters
from madoguchi.infra.reactions import catch_up, enrol
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor
from madoguchi.kernel.channel import Party
from madoguchi.people.factories import World
from madoguchi.people.models import OperatorMember, Seat
from madoguchi.tasks.actions import Wanted, add_task, tell_due

pytestmark = pytest.mark.django_db(transaction=True)
MORNING = datetime.fromisoformat("2026-12-01T09:30:00+09:00")
MISAKI = Party("misaki@home.example", "髙橋 美咲")
SOON = timedelta(minutes=2)


@dataclass
class Server:
    """The installation's server for staff mail, which answers as planned and else takes everything."""

    answers: list[str] = field(default_factory=list)
    taken: list[EmailMessage] = field(default_factory=list)

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        answer = self.answers.pop(0) if self.answers else "250 2.0.0 taken"
        if answer.startswith("2"):
            content = bytes(envelope.content or b"")
            self.taken.append(email.message_from_bytes(content, policy=email.policy.default))
        return answer


@pytest.fixture
def server(settings: LazySettings) -> Iterator[Server]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = int(listener.getsockname()[1])
    handler = Server()
    running = Controller(handler, hostname="127.0.0.1", port=port)
    running.start()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_USE_TLS = "127.0.0.1", port, False
    settings.DEFAULT_FROM_EMAIL = "madoguchi@vendor.example"
    settings.BASE_URL = "https://madoguchi.example"
    yield handler
    running.stop()


@pytest.fixture
def case(world: World) -> Case:
    with clock.held_at(MORNING - timedelta(hours=1)):
        made = make_case(world.ours.entry_point, sender=MISAKI, subject="炊飯器の返品について")
    enrol()
    return made


def wishes(agent: Actor, **told: Way | bool | time) -> None:
    with scope.acting_for(agent.companies):
        wish(by=agent, follows_own=False, in_browser=False, told=Told(**told))  # type: ignore[arg-type]


def name_the_agent(world: World, case: Case, supervisor: Actor) -> None:
    with world.ours.scope():
        add_note(case, text="@青木さん、髙橋様の返品をお願いします", by=supervisor)
    catch_up("following.notify")


def minute(at: datetime) -> int:
    """The minute's look and the jobs that it makes; says how many letters were written."""
    with clock.held_at(at):
        written = write_letters()
        resume_left_over()
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE procrastinate_jobs SET status = 'succeeded' WHERE queueing_lock LIKE 'letter-%%'"
                " AND status = 'todo' AND (scheduled_at IS NULL OR scheduled_at <= %s) RETURNING args",
                [at],
            )
            waiting = cursor.fetchall()
        for (arguments,) in waiting:
            deliver(**json.loads(arguments))
    return written


def said(mail: EmailMessage) -> str:
    return str(mail.get_content()).replace("\r\n", "\n")


def letters() -> list[tuple[str, int]]:
    return [(one.state, one.tries) for one in Letter.objects.order_by("created_at")]


class TestAtOnce:
    def test_what_falls_due_has_a_wish_of_its_own(
        self, world: World, case: Case, agent: Actor, supervisor: Actor, server: Server
    ) -> None:
        wishes(agent, task=Way.BELL, due=Way.MAIL)
        with clock.held_at(MORNING), world.ours.scope():
            add_task(case, Wanted(title="電話", owner=agent.id, due_at=MORNING + SOON), by=supervisor)
        with clock.held_at(MORNING + SOON):
            tell_due()
        catch_up("following.notify")

        assert minute(MORNING + SOON) == 1

        [mail] = server.taken
        assert "  期限 1件\n" in said(mail)
        assert "タスク" not in said(mail)

    def test_a_mail_says_the_number_how_much_and_where_and_nothing_of_the_customer(
        self, world: World, case: Case, agent: Actor, supervisor: Actor, server: Server
    ) -> None:
        wishes(agent, mentioned=Way.MAIL)
        with clock.held_at(MORNING):
            name_the_agent(world, case, supervisor)

        assert minute(MORNING) == 1

        number = case.spoken_number(world.ours.company.prefix)
        [mail] = server.taken
        assert (mail["To"], mail["From"]) == (world.ours.agent.email, "madoguchi@vendor.example")
        assert mail["Subject"] == "【窓口】未読のお知らせ 1 件"
        assert mail["Auto-Submitted"] == "auto-generated"
        assert said(mail) == (
            "青木 翔 様\n\n"
            "窓口に、まだ読んでいないお知らせがあります。\n\n"
            f"{number}  メモで呼ばれた 1 件\nhttps://madoguchi.example/cases/{number}/\n\n"
            "お知らせの一覧: https://madoguchi.example/notifications/\n\n"
            "メールの設定: https://madoguchi.example/notifications/wishes/\n"
        )
        assert letters() == [("sent", 1)]

    def test_it_is_told_once_however_often_one_looks(
        self, world: World, case: Case, agent: Actor, supervisor: Actor, server: Server
    ) -> None:
        wishes(agent, mentioned=Way.MAIL)
        with clock.held_at(MORNING):
            name_the_agent(world, case, supervisor)

        assert [minute(MORNING + SOON * times) for times in range(3)] == [1, 0, 0]

        [letter] = Letter.objects.all()
        with clock.held_at(MORNING + SOON):
            send_letter(letter.pk)
        assert len(server.taken) == 1

    def test_what_was_read_meanwhile_is_not_told(
        self, world: World, case: Case, agent: Actor, supervisor: Actor, server: Server
    ) -> None:
        wishes(agent, mentioned=Way.MAIL)
        with clock.held_at(MORNING):
            name_the_agent(world, case, supervisor)
            with world.ours.scope():
                mark_all_read(by=agent)
        assert minute(MORNING) == 0

        with clock.held_at(MORNING + SOON):
            name_the_agent(world, case, supervisor)
            assert write_letters() == 1
            with world.ours.scope():
                mark_read(Notification.objects.filter(read_at=None), by=agent)
        minute(MORNING + SOON)

        assert server.taken == []
        assert letters() == [("needless", 1)]

    def test_who_works_there_no_more_is_told_nothing(
        self, world: World, case: Case, agent: Actor, supervisor: Actor, server: Server
    ) -> None:
        wishes(agent, mentioned=Way.MAIL)
        with clock.held_at(MORNING):
            name_the_agent(world, case, supervisor)
            assert write_letters() == 1
        with world.ours.scope():
            Seat.objects.filter(member__user=world.ours.agent).delete()
            OperatorMember.objects.filter(user=world.ours.agent).delete()
        minute(MORNING)

        assert server.taken == []
        assert letters() == [("needless", 1)]

    def test_only_what_is_wished_by_mail_is(
        self, world: World, case: Case, agent: Actor, supervisor: Actor, server: Server
    ) -> None:
        wishes(agent, assigned=Way.MAIL, mentioned=Way.NONE)
        with clock.held_at(MORNING):
            name_the_agent(world, case, supervisor)
            with world.ours.scope():
                assign(case, to=agent.id, by=supervisor)
            catch_up("following.notify")
        minute(MORNING)

        [mail] = server.taken
        assert "担当になった 1 件" in said(mail)
        with world.ours.scope():
            assert [one.kind for one in Notification.objects.all()] == ["case.assigned"]

    def test_old_news_is_not_mailed(
        self, world: World, case: Case, agent: Actor, supervisor: Actor, server: Server
    ) -> None:
        wishes(agent, mentioned=Way.MAIL)
        with clock.held_at(MORNING):
            name_the_agent(world, case, supervisor)

        assert minute(MORNING + timedelta(days=5)) == 0


class TestCollected:
    def test_several_cases_come_in_one_mail_at_the_persons_own_time(
        self, world: World, case: Case, agent: Actor, supervisor: Actor, server: Server
    ) -> None:
        wishes(agent, mentioned=Way.DIGEST, assigned=Way.DIGEST, digest_at=time(16))
        with clock.held_at(MORNING):
            other = make_case(world.ours.entry_point, sender=MISAKI)
            name_the_agent(world, case, supervisor)
            name_the_agent(world, case, supervisor)
            with world.ours.scope():
                assign(case, to=agent.id, by=supervisor)
            name_the_agent(world, other, supervisor)

        assert minute(MORNING.replace(hour=15, minute=59)) == 0
        assert minute(MORNING.replace(hour=16, minute=0)) == 1

        first, second = (one.spoken_number(world.ours.company.prefix) for one in (case, other))
        [mail] = server.taken
        assert mail["Subject"] == "【窓口】未読のお知らせ 4 件"
        assert f"{first}  メモで呼ばれた 2 件、担当になった 1 件\n" in said(mail)
        assert f"{second}  メモで呼ばれた 1 件\n" in said(mail)

    def test_a_changed_mind_holds_for_what_waits(
        self, world: World, case: Case, agent: Actor, supervisor: Actor, server: Server
    ) -> None:
        wishes(agent, mentioned=Way.DIGEST)
        with clock.held_at(MORNING):
            name_the_agent(world, case, supervisor)
        wishes(agent, mentioned=Way.BELL)

        assert minute(MORNING + timedelta(days=1)) == 0

        wishes(agent, mentioned=Way.MAIL)
        # What was once for the console alone is not mailed afterwards.
        assert minute(MORNING + timedelta(days=1)) == 0


class TestTrouble:
    @pytest.fixture
    def letter(self, world: World, case: Case, agent: Actor, supervisor: Actor) -> Letter:
        wishes(agent, mentioned=Way.MAIL)
        with clock.held_at(MORNING):
            name_the_agent(world, case, supervisor)
            assert write_letters() == 1
        return Letter.objects.get()

    def test_a_server_that_says_not_now_is_asked_again(self, letter: Letter, server: Server) -> None:
        server.answers = ["451 4.3.0 try later"]

        minute(MORNING)
        assert letters() == [("queued", 1)]
        assert minute(MORNING + timedelta(seconds=59)) == 0
        assert server.taken == []
        minute(MORNING + timedelta(minutes=1))

        assert letters() == [("sent", 2)]
        assert [mail["Message-ID"] for mail in server.taken] == [f"<{letter.pk}@madoguchi.example>"]

    def test_a_server_that_says_never_is_not(self, letter: Letter, server: Server) -> None:
        server.answers = ["550 5.1.1 no such user"]

        minute(MORNING)
        minute(MORNING + timedelta(hours=2))

        assert letters() == [("failed", 1)]
        assert Letter.objects.get().response == "550 5.1.1 no such user"
        assert server.taken == []

    def test_one_that_somebody_else_is_sending_is_left_to_them(self, letter: Letter, server: Server) -> None:
        with psycopg.connect(**connection_parameters()) as other:
            other.execute("SELECT pg_advisory_lock(7432, %s)", [letter.pk.int % 2**31])
            minute(MORNING)
        assert (server.taken, letters()) == ([], [("queued", 0)])

        minute(MORNING + SOON)
        assert letters() == [("sent", 1)]

    def test_one_whose_job_was_lost_gets_another(self, letter: Letter, server: Server) -> None:
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM procrastinate_jobs WHERE queueing_lock LIKE 'letter-%'")
        minute(MORNING)
        assert letters() == [("queued", 0)]

        minute(MORNING + SOON)
        assert letters() == [("sent", 1)]

    def test_one_that_is_not_there_is_nobodys(self, server: Server) -> None:
        send_letter(UUID(int=1))

        assert server.taken == []
