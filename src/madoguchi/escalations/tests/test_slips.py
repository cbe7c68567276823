"""Message slips: written, sent by mail through a real server, read and done by whoever has the link."""

import email
import email.policy
import json
import re
import socket
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from email.message import EmailMessage
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from django.conf import LazySettings
from django.db import connection

from madoguchi.cases.models import Case
from madoguchi.escalations import actions, slips
from madoguchi.escalations.actions import Whom
from madoguchi.escalations.due import tell_due
from madoguchi.escalations.jobs import deliver
from madoguchi.escalations.letters import resume_left_over
from madoguchi.escalations.links import open_slip, sign
from madoguchi.escalations.models import Escalation, Slip, SlipLetter
from madoguchi.escalations.queries import addresses_of, slip_by_id, slips_at, slips_of
from madoguchi.escalations.slips import Written, make_slip
from madoguchi.escalations.tests.conftest import HOUR, NINE, Asking, told
from madoguchi.following.models import Notification
from madoguchi.infra import scope
from madoguchi.infra.limits import TooOften
from madoguchi.infra.models import Event
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor
from madoguchi.kernel.errors import Conflict, NotAllowed, NotFound, Refused
from madoguchi.people.factories import World
from madoguchi.people.queries import actor_of

pytestmark = pytest.mark.django_db(transaction=True)
KENJI = "kenji@shop.example"


@dataclass
class Server:
    """The installation's mail server, which answers as planned and else takes everything."""

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


def written(**said: Any) -> Written:
    values = {"to_name": "工場 健司", "to_address": KENJI, "caller": "髙橋 美咲", "call_back": "03-1234-5678"}
    return Written(**(values | {"words": "蓋の部品の在庫", "due_at": NINE + 3 * HOUR} | said))


@pytest.fixture
def slip(world: World, case: Case, agent: Actor) -> Slip:
    with world.ours.scope(), clock.held_at(NINE):
        return make_slip(case, written(), by=agent)


@pytest.mark.parametrize("field", ["to_name", "caller", "call_back"])
def test_no_name_is_cut(world: World, case: Case, agent: Actor, field: str) -> None:
    with world.ours.scope(), clock.held_at(NINE):
        with pytest.raises(Refused, match="101") as refused:
            make_slip(case, written(**{field: "長" * 101}), by=agent)
        assert (refused.value.field.removeprefix("to_"), Slip.objects.count()) == (
            field.removeprefix("to_"),
            0,
        )
        make_slip(case, written(**{field: "長" * 100}), by=agent)


def leave(world: World) -> None:
    """The jobs of every letter that is due run, and run once more."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE procrastinate_jobs SET status = 'succeeded' WHERE queueing_lock LIKE 'slip-%%'"
            " AND status = 'todo' AND (scheduled_at IS NULL OR scheduled_at <= %s) RETURNING args",
            [clock.now()],
        )
        waiting = [json.loads(arguments) for (arguments,) in cursor.fetchall()]
    for arguments in waiting:
        assert arguments["company"] == world.ours.company.pk
        deliver(**arguments)
        deliver(**arguments)


def events(world: World) -> list[str]:
    with world.ours.scope():
        return list(
            Event.objects.filter(kind__startswith="slip.").order_by("pk").values_list("kind", flat=True)
        )


def opened(signed: str) -> Slip:
    with clock.held_at(NINE + HOUR):
        return open_slip(signed)


class TestTheMail:
    def test_it_leaves_once_with_a_link_and_no_word_of_a_customer(
        self, world: World, slip: Slip, server: Server
    ) -> None:
        with clock.held_at(NINE):
            leave(world)

        [mail] = server.taken
        text = str(mail.get_content())
        assert (mail["To"], mail["Reply-To"]) == (KENJI, world.ours.entry_point.address)
        assert mail["Auto-Submitted"] == "auto-generated"
        for secret in ("髙橋", "03-1234-5678", "蓋の部品", world.ours.agent.name, "炊飯器"):
            assert secret not in text + str(mail["Subject"])
        [link] = re.findall(r"https://madoguchi\.example/slip/(\S+)/", text)
        assert opened(link).pk == slip.pk
        assert events(world) == ["slip.made", "slip.sent"]

    def test_a_refused_one_is_told_to_who_wrote_it(self, world: World, slip: Slip, server: Server) -> None:
        server.answers = ["550 5.1.1 no such user"]

        with clock.held_at(NINE):
            leave(world)

        with world.ours.scope():
            slip.refresh_from_db()
            told_people = _notified(world)
        assert (slip.undelivered, slip.standing) == ("550 5.1.1 no such user", "failed")
        assert told_people == [("slip.failed", world.ours.agent.pk)]

    def test_what_fails_for_a_while_is_tried_again(self, world: World, slip: Slip, server: Server) -> None:
        server.answers = ["451 4.3.0 later"]
        with clock.held_at(NINE):
            leave(world)
        with world.ours.scope():
            assert (SlipLetter.objects.get().state, SlipLetter.objects.get().tries) == ("queued", 1)

        with clock.held_at(NINE + timedelta(minutes=2)):
            leave(world)

        assert len(server.taken) == 1
        assert events(world) == ["slip.made", "slip.sent"]

    def test_what_was_withdrawn_meanwhile_does_not_leave(
        self, world: World, slip: Slip, agent: Actor, server: Server
    ) -> None:
        with world.ours.scope(), clock.held_at(NINE):
            slips.withdraw_slip(slip, by=agent)
        with clock.held_at(NINE):
            leave(world)

        with world.ours.scope():
            assert (server.taken, SlipLetter.objects.get().state) == ([], "needless")

    def test_one_whose_job_was_lost_gets_another(self, world: World, slip: Slip) -> None:
        assert isinstance(slip, Slip)
        with clock.held_at(NINE + timedelta(seconds=30)):
            assert resume_left_over() == 0
        with clock.held_at(NINE + timedelta(minutes=2)):
            # Its own still waits, and it never has two.
            assert resume_left_over() == 0


class TestTheLink:
    def test_reading_and_doing_are_kept_each_once(self, world: World, slip: Slip) -> None:
        found = opened(sign(slip, generation=1))
        with world.ours.scope(), clock.held_at(NINE + HOUR):
            assert (slips.read_by_link(found), slips.read_by_link(found)) == (True, False)
            assert slips.done_by_link(found, words="折り返しました。") is True
            assert slips.done_by_link(found, words="もう一度") is False

        with world.ours.scope():
            slip.refresh_from_db()
        assert (slip.read_at, slip.done_words, slip.standing) == (NINE + HOUR, "折り返しました。", "done")
        assert events(world) == ["slip.made", "slip.read", "slip.done"]
        assert _notified(world) == [("slip.done", world.ours.agent.pk)]

    def test_who_says_that_it_is_done_has_read_it(self, world: World, slip: Slip) -> None:
        found = opened(sign(slip, generation=1))
        with world.ours.scope(), clock.held_at(NINE + HOUR):
            slips.done_by_link(found, words="")

        assert found.read_at == NINE + HOUR

    def test_it_expires_a_fortnight_after_its_time(self, slip: Slip) -> None:
        signed, last = sign(slip, generation=1), NINE + 3 * HOUR + timedelta(days=14)
        with clock.held_at(last - timedelta(seconds=1)):
            assert open_slip(signed).pk == slip.pk
        with clock.held_at(last), pytest.raises(NotFound):
            open_slip(signed)

    def test_no_other_link_opens_anything(self, world: World, slip: Slip) -> None:
        signed = sign(slip, generation=1)
        theirs = f"{world.theirs.company.pk}s{slip.pk}s1"
        for wrong in ("", "x", signed[:-1], signed + "a", signed.replace("s1.", "s2."), theirs):
            with pytest.raises(NotFound):
                opened(wrong)

    def test_sent_again_the_old_link_is_dead(
        self, world: World, slip: Slip, agent: Actor, server: Server
    ) -> None:
        with world.ours.scope(), clock.held_at(NINE):
            slips.send_again(slip, address="Mari@shop.example", by=agent)
        with clock.held_at(NINE):
            leave(world)

        assert [mail["To"] for mail in server.taken] == ["mari@shop.example"]
        with pytest.raises(NotFound):
            opened(sign(slip, generation=1))
        assert opened(sign(slip, generation=2)).pk == slip.pk

    def test_a_withdrawn_one_opens_no_more(self, world: World, slip: Slip, agent: Actor) -> None:
        with world.ours.scope(), clock.held_at(NINE):
            slips.withdraw_slip(slip, by=agent)

        with pytest.raises(NotFound):
            opened(sign(slip, generation=1))


class TestTheDesk:
    @pytest.mark.parametrize(
        ("wrong", "wrong_field"),
        [
            ({"to_name": " "}, "name"),
            ({"to_address": "kenji"}, "address"),
            ({"to_address": "a@b.example, c@d.example"}, "address"),
            ({"to_address": "a@b.example\nBcc: c@d.example"}, "address"),
            ({"words": ""}, "words"),
            ({"due_at": NINE - HOUR}, "due"),
        ],
    )
    def test_what_makes_no_sense_is_refused(
        self, world: World, case: Case, agent: Actor, wrong: dict[str, Any], wrong_field: str
    ) -> None:
        with world.ours.scope(), clock.held_at(NINE), pytest.raises(Refused) as refused:
            make_slip(case, written(**wrong), by=agent)

        assert refused.value.field == wrong_field
        with world.ours.scope():
            assert (Slip.objects.count(), SlipLetter.objects.count(), events(world)) == (0, 0, [])

    def test_only_who_works_the_case_writes_and_settles_one(
        self, world: World, case: Case, slip: Slip, company: Actor
    ) -> None:
        stranger = actor_of(world.theirs.agent)
        for actor in (company, stranger):
            with world.ours.scope(), clock.held_at(NINE):
                with pytest.raises(NotAllowed):
                    make_slip(case, written(), by=actor)
                with pytest.raises(NotAllowed):
                    slips.withdraw_slip(slip, by=actor)
        with world.theirs.scope(), pytest.raises(NotFound):
            slip_by_id(slip.pk, actor=stranger)
        assert events(world) == ["slip.made"]

    def test_it_was_heard_that_it_is_done_and_is_not(self, world: World, slip: Slip, agent: Actor) -> None:
        with world.ours.scope(), clock.held_at(NINE):
            slips.finish_slip(slip, words="電話で聞いた", by=agent)
            with pytest.raises(Conflict):
                slips.finish_slip(slip, words="", by=agent)
            slips.reopen_slip(slip, by=agent)

        assert (slip.done_at, slip.done_words, slip.next_at) == (None, "", slip.due_at)
        assert events(world) == ["slip.made", "slip.done", "slip.reopened"]

    def test_sixty_an_hour_at_most(self, world: World, case: Case, slip: Slip, agent: Actor) -> None:
        with world.ours.scope(), clock.held_at(NINE):
            for _ in range(59):
                slips.send_again(slip, by=agent)
            with pytest.raises(TooOften):
                slips.send_again(slip, by=agent)

    def test_lists_by_state(self, world: World, case: Case, slip: Slip, supervisor: Actor) -> None:
        with world.ours.scope(), clock.held_at(NINE + 4 * HOUR):
            found = {
                name: len(slips_at(supervisor, name)) for name in ("open", "unread", "read", "late", "done")
            }
            assert [one.pk for one in slips_of(case)] == [slip.pk]
            assert addresses_of(case.company_id, actor=supervisor) == [(KENJI, "工場 健司")]
        assert found == {"open": 1, "unread": 1, "read": 0, "late": 1, "done": 0}

    def test_it_is_reminded_of_once_and_told_once_when_late(
        self, world: World, slip: Slip, server: Server
    ) -> None:
        with clock.held_at(NINE):
            leave(world)
        for later in (2.5, 2.6, 3, 30):
            with clock.held_at(NINE + later * HOUR):
                tell_due()
                leave(world)

        assert len(server.taken) == 2
        first, again = (str(mail["Subject"]).strip() for mail in server.taken)
        assert again.endswith(first)
        assert len(again) > len(first)
        assert [kind for kind in events(world) if kind == "slip.overdue"] == ["slip.overdue"]
        assert _notified(world) == [("slip.overdue", world.ours.agent.pk)]


class TestAQuestionToSomebodyOutside:
    @pytest.fixture
    def one(self, asking: Asking) -> Escalation:
        return asking(Whom(to="outside", name="工場 健司", address=KENJI))

    def slip_of(self, world: World, one: Escalation) -> Slip:
        with world.ours.scope():
            return one.slips.get(withdrawn_at=None)

    def test_its_answer_is_that_of_the_question(self, world: World, one: Escalation, server: Server) -> None:
        with clock.held_at(NINE):
            leave(world)
        [mail] = server.taken
        assert "保証" not in str(mail.get_content())
        found = opened(sign(self.slip_of(world, one), generation=1))
        with world.ours.scope(), clock.held_at(NINE + HOUR):
            slips.read_by_link(found)
        with world.ours.scope(), clock.held_at(NINE + 1.5 * HOUR):
            actions.answer_by_slip(found, text="在庫は十個です。")
            slips.done_by_link(found, words="")

        with world.ours.scope():
            one.refresh_from_db()
        assert (one.state, one.answer, one.answered_as) == ("answered", "在庫は十個です。", "工場 健司")
        assert (one.answered_by_id, one.minutes) == (None, 31)
        assert ("escalation.answered", world.ours.agent.pk) in _notified(world)

    def test_no_person_of_the_desk_answers_it(self, world: World, one: Escalation, supervisor: Actor) -> None:
        with world.ours.scope(), clock.held_at(NINE), pytest.raises(NotAllowed):
            actions.answer(one, text="私が答えます", by=supervisor)

    def test_withdrawn_or_passed_on_its_link_opens_no_more(
        self, world: World, one: Escalation, agent: Actor
    ) -> None:
        signed = sign(self.slip_of(world, one), generation=1)
        with world.ours.scope(), clock.held_at(NINE):
            actions.pass_on(one, Whom(to="seniors"), by=agent)

        with pytest.raises(NotFound):
            opened(signed)

    def test_asked_again_it_has_a_new_slip(self, world: World, one: Escalation, agent: Actor) -> None:
        first = self.slip_of(world, one)
        found = opened(sign(first, generation=1))
        with world.ours.scope(), clock.held_at(NINE + HOUR):
            actions.answer_by_slip(found, text="在庫は十個です。")
            slips.done_by_link(found, words="")
            actions.ask_again(one, words="来月は？", due_at=NINE + 8 * HOUR, by=agent)

        with world.ours.scope():
            second = one.slips.get(done_at=None)
            assert (second.to_address, second.to_name) == (KENJI, "工場 健司")
            with pytest.raises(Conflict):
                slips.withdraw_slip(second, by=agent)


def _notified(world: World) -> list[tuple[str, int]]:
    told()
    with scope.everywhere(reason="a test looks at what is there"):
        return list(Notification.objects.order_by("pk").values_list("kind", "user_id"))
