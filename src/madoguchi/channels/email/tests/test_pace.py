"""How fast mail leaves through one server: by many workers together, held back without failing."""

import threading
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection

from madoguchi.channels.email.models import Security, SmtpServer
from madoguchi.channels.email.pace import in_turn, is_too_fast
from madoguchi.kernel import clock
from madoguchi.kernel.channel import HeldBack, PermanentFailure, TemporaryFailure
from madoguchi.people.factories import World

NOON = datetime.fromisoformat("2026-08-03T12:00:00+09:00")


@pytest.fixture
def noon() -> Iterator[None]:
    with clock.held_at(NOON):
        yield


def server_of(world: World, **more: object) -> SmtpServer:
    with world.ours.scope():
        row = SmtpServer.objects.create(
            company=world.ours.company,
            entry_point=world.ours.entry_point,
            host="mail.example",
            port=25,
            security=Security.NONE,
            counted_at=NOON - timedelta(hours=1),
            **more,
        )
    return again(world, row)


def again(world: World, server: SmtpServer) -> SmtpServer:
    with world.ours.scope():
        return SmtpServer.objects.get(pk=server.pk)


def let_through(server: SmtpServer) -> bool:
    try:
        with in_turn(server):
            return True
    except HeldBack:
        return False


@pytest.mark.django_db
@pytest.mark.usefixtures("noon")
class TestRate:
    def test_without_a_limit_everything_leaves(self, world: World) -> None:
        server = server_of(world)

        assert all(let_through(server) for _ in range(100))

    def test_a_tenth_at_once_and_then_evenly(self, world: World) -> None:
        server = server_of(world, per_minute=60)

        assert [let_through(server) for _ in range(8)] == [True] * 6 + [False] * 2
        with clock.held_at(NOON + timedelta(seconds=1)):
            assert [let_through(server) for _ in range(2)] == [True, False]
        with clock.held_at(NOON + timedelta(hours=1)):
            assert [let_through(server) for _ in range(7)] == [True] * 6 + [False]

    def test_a_slow_rate_lets_one_through_at_a_time(self, world: World) -> None:
        server = server_of(world, per_minute=2)

        assert [let_through(server) for _ in range(2)] == [True, False]
        with clock.held_at(NOON + timedelta(seconds=29)):
            assert not let_through(server)
        with clock.held_at(NOON + timedelta(seconds=30)):
            assert let_through(server)

    def test_who_waits_gets_a_turn_each_as_far_apart_as_the_rate_asks(self, world: World) -> None:
        server = server_of(world, per_minute=6)
        assert let_through(server)
        turns = []
        for _ in range(3):
            with pytest.raises(HeldBack) as held, in_turn(server):
                pass
            turns.append(held.value.until)

        assert turns == [NOON + timedelta(seconds=10 * n) for n in (1, 2, 3)]
        assert held.value.response == "held back for mail.example: 6 mails a minute leave through it"

    def test_a_clock_that_runs_behind_gives_nothing_away(self, world: World) -> None:
        server = server_of(world, per_minute=1)
        assert let_through(server)

        with clock.held_at(NOON - timedelta(minutes=5)):
            assert not let_through(server)


@pytest.mark.django_db
@pytest.mark.usefixtures("noon")
class TestServersThatSlowUsDown:
    TOO_FAST = "421 4.7.28 too many messages, slow down"

    def say(self, server: SmtpServer, answer: str = TOO_FAST) -> None:
        with pytest.raises(TemporaryFailure), in_turn(server):
            raise TemporaryFailure(answer)

    def test_it_is_left_alone_for_a_minute_and_then_twice_as_long(self, world: World) -> None:
        server = server_of(world)
        rests, now = [], NOON
        for _ in range(7):
            with clock.held_at(now):
                self.say(again(world, server))
            until = again(world, server).resting_until
            rests.append(int((until - now) / timedelta(minutes=1)))
            now = until
        assert rests == [1, 2, 4, 8, 16, 32, 32]

    def test_meanwhile_others_wait_their_turn_and_do_not_fail(self, world: World) -> None:
        server = server_of(world)
        self.say(server)

        with pytest.raises(HeldBack) as held, in_turn(again(world, server)):
            pass

        assert held.value.until == NOON + timedelta(minutes=1, seconds=1)
        assert held.value.response == "held back for mail.example: it asked us to slow down"
        with clock.held_at(held.value.until):
            assert let_through(again(world, server))

    def test_a_mail_that_was_taken_ends_it(self, world: World) -> None:
        server = server_of(world, rests=4)

        assert let_through(server)

        assert again(world, server).rests == 0

    @pytest.mark.parametrize(
        "answer", ["450 4.7.1 greylisted, try again", "451 4.3.0 try later", "452 4.2.2 mailbox full"]
    )
    def test_what_concerns_one_mail_slows_no_other(self, world: World, answer: str) -> None:
        server = server_of(world)
        self.say(server, answer)

        assert again(world, server).resting_until is None
        assert let_through(again(world, server))

    def test_a_refusal_for_good_is_no_wish_for_slowness(self, world: World) -> None:
        server = server_of(world)
        with pytest.raises(PermanentFailure), in_turn(server):
            raise PermanentFailure("550 5.7.1 too many complaints about you")

        assert again(world, server).resting_until is None

    @pytest.mark.parametrize(
        ("answer", "too_fast"),
        [
            ("421 4.7.0 Too many connections", True),
            ("450 4.7.1 Error: too much mail, rate limited", True),
            ("452 4.3.1 throttled", True),
            ("451 4.3.2 Please try again later", True),
            # Gmail
            ("421-4.7.28 Our system has detected an unusual rate of unsolicited mail", True),
            ("421 4.7.0 Try again later, closing connection.", True),
            ("421 4.4.5 Server busy, try again later.", True),
            ("450-4.2.1 The user you are trying to contact is receiving mail at a rate", False),
            ("452-4.2.2 The email account that you tried to reach is over quota", False),
            ("452 4.2.2 The recipient's inbox is out of storage space: quota exceeded", False),
            ("452 4.5.3 Your message has too many recipients", False),
            # Outlook
            ("451 4.7.500 Server busy. Please try again later from [192.0.2.1]. (S77719)", True),
            ("451 4.7.650 The mail server [192.0.2.1] has been temporarily rate limited", True),
            ("450 4.7.3 Organization queue quota exceeded", True),
            # Yahoo
            ("421 4.7.0 [TSS04] Messages temporarily deferred due to user complaints", True),
            ("451 Resources temporarily not available - Please try again later", False),
            # docomo, SoftBank
            ("550 Unknown user taro@docomo.ne.jp", False),
            ("552 Too much mail data taro@docomo.ne.jp", False),
            ("550 Invalid recipient: <taro@i.softbank.jp>", False),
            # One mail, one recipient
            ("450 4.7.1 greylisting, rate of first mails", False),
            ("451 4.7.0 Graylisted, try again later", False),
            ("450 4.2.1 mailbox busy", False),
            ("450 the user has too many messages", False),
            ("454 4.7.1 Relay access denied", False),
            ("451 4.3.0 we hope to accelerate; the corporate limit may exceed this", False),
            ("451 4.3.0 refused by 4.7.28.1", False),
            ("450 4.3.0 try later (too-many-connections@home.example)", False),
            ("450 4.3.0 <throttled@slow-down.example>: try later (throttled@slow-down.example)", False),
        ],
    )
    def test_how_servers_say_it(self, answer: str, too_fast: bool) -> None:
        assert is_too_fast(answer) is too_fast


@pytest.mark.django_db(transaction=True)
class TestManyWorkers:
    def let_in(self, server: SmtpServer, *, workers: int) -> int:
        """How many are let in of so many that come at once and stay until all have tried."""
        begin, met, inside = threading.Barrier(workers), threading.Barrier(workers), []

        def work() -> None:
            begin.wait(60)
            try:
                with clock.held_at(NOON), in_turn(server):
                    inside.append(server)
                    met.wait(60)
            except HeldBack:
                met.wait(60)
            finally:
                connection.close()

        threads = [threading.Thread(target=work) for _ in range(workers)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(120)
        return len(inside)

    def test_together_they_keep_the_rate(self, world: World, settings: Any) -> None:
        settings.SENDING_PER_SERVER = 6
        assert self.let_in(server_of(world, per_minute=30), workers=6) == 3

    def test_one_server_is_never_given_all_the_slots(self, world: World) -> None:
        assert self.let_in(server_of(world), workers=6) == 2
        with world.ours.scope():
            SmtpServer.objects.update(at_once=60)
            [server] = SmtpServer.objects.all()
        assert self.let_in(server, workers=6) == 2

    def test_who_finds_no_connection_spends_no_turn_and_waits_in_line(self, world: World) -> None:
        server = server_of(world, at_once=1, per_minute=60)
        until = []

        def elsewhere() -> None:
            try:
                for _ in range(3):
                    with pytest.raises(HeldBack) as held, clock.held_at(NOON), in_turn(server):
                        pass
                    assert held.value.response == "held back for mail.example: 1 connections are open"
                    until.append(held.value.until)
            finally:
                connection.close()

        with clock.held_at(NOON), in_turn(server):
            thread = threading.Thread(target=elsewhere)
            thread.start()
            thread.join(120)

            assert again(world, server).allowance == 5
        assert until == [NOON + timedelta(seconds=n) for n in (1, 2, 3)]

    def test_together_they_keep_to_the_connections(self, world: World) -> None:
        server = server_of(world, at_once=2)

        assert self.let_in(server, workers=6) == 2
        assert self.let_in(server, workers=2) == 2
