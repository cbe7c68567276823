"""Answering, taking back, failing and trying again: with a real mail server on the other side."""

import socket
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from django.conf import LazySettings

from madoguchi.cases.actions import save_draft
from madoguchi.cases.factories import make_case, say_again
from madoguchi.cases.models import Case, Draft, Message, Status
from madoguchi.channels.email.models import Security, SentMail, SmtpServer
from madoguchi.channels.email.parse import parse
from madoguchi.delivery.actions import Reply, reply, send, take_back, try_again
from madoguchi.delivery.models import Outgoing
from madoguchi.delivery.tests.leaving import sweep
from madoguchi.infra import scope
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor
from madoguchi.kernel.channel import File, Party
from madoguchi.kernel.errors import Conflict, NotAllowed, Refused
from madoguchi.people.factories import World
from madoguchi.people.queries import actor_of

pytestmark = pytest.mark.django_db(transaction=True)


@dataclass
class Peer:
    """A mail server that says what it is told to say."""

    answers: list[str] = field(default_factory=list)
    taken: list[bytes] = field(default_factory=list)

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        answer = self.answers.pop(0) if self.answers else "250 2.0.0 taken"
        if answer.startswith("2"):
            self.taken.append(bytes(envelope.content or b""))
        return answer


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


@pytest.fixture
def peer(world: World) -> Iterator[Peer]:
    handler = Peer()
    port = free_port()
    server = Controller(handler, hostname="127.0.0.1", port=port)
    server.start()
    with scope.acting_for([world.ours.company.pk]):
        SmtpServer.objects.create(
            company=world.ours.company,
            entry_point=world.ours.entry_point,
            host="127.0.0.1",
            port=port,
            security=Security.NONE,
        )
    yield handler
    server.stop()


@pytest.fixture
def case(world: World) -> Case:
    return make_case(world.ours.entry_point, sender=Party("misaki@home.example", "髙橋 美咲"))


@pytest.fixture
def agent(world: World, settings: LazySettings) -> Actor:
    settings.UNDO_SECONDS = 10
    settings.MAIL_TRANSPORT = "outbox"
    return actor_of(world.ours.agent)


def later(outgoing: Outgoing, **ago: int) -> Outgoing:
    """Let the time pass and the job run."""
    with clock.held_at(clock.now() + timedelta(**ago)):
        send(outgoing.pk, company=outgoing.company_id)
    with scope.acting_for([outgoing.company_id]):
        return Outgoing.objects.get(pk=outgoing.pk)


def test_an_answer_waits_for_the_undo_time_and_then_leaves(case: Case, agent: Actor, peer: Peer) -> None:
    with scope.acting_for(agent.companies):
        save_draft(case, kind="reply", text="交換", by=agent)
        written = Reply(text="交換いたします。", files=(File("手順.txt", "text/plain", "はい".encode()),))
        outgoing = reply(case, written, by=agent)
        assert Draft.objects.count() == 0

    assert later(outgoing, seconds=5).state == Outgoing.State.QUEUED
    assert peer.taken == []
    sent = later(outgoing, seconds=11)

    assert (sent.state, sent.tries, sent.response) == (Outgoing.State.SENT, 1, "250 2.0.0 taken")
    [raw] = peer.taken
    mail = parse(raw)
    assert mail.message_id == outgoing.external_id
    assert [a.address for a in mail.to] == ["misaki@home.example"]
    assert mail.text.strip() == "交換いたします。"
    assert [(a.filename, a.content.decode()) for a in mail.attachments] == [("手順.txt", "はい")]
    with scope.acting_for(agent.companies):
        now = Case.objects.get(pk=case.pk)
        assert (now.status, now.waiting_since) == (Status.WAITING_CUSTOMER, None)
        assert Message.objects.get(pk=outgoing.message_id).sent_at is not None


def test_an_answer_can_be_taken_back_by_who_wrote_it_while_it_waits(
    case: Case, agent: Actor, world: World, peer: Peer
) -> None:
    with scope.acting_for(agent.companies):
        outgoing = reply(case, Reply(text="まちがい"), by=agent)
        with pytest.raises(NotAllowed):
            take_back(outgoing.pk, by=actor_of(world.ours.supervisor))

        take_back(outgoing.pk, by=agent)

    assert later(outgoing, minutes=1).state == Outgoing.State.CANCELLED
    assert peer.taken == []
    with scope.acting_for(agent.companies):
        now = Case.objects.get(pk=case.pk)
        assert (now.status, now.waiting_since) == (Status.NEW, case.opened_at)
        with pytest.raises(Conflict):
            take_back(outgoing.pk, by=agent)


def test_a_temporary_refusal_is_tried_again_under_the_same_id(case: Case, agent: Actor, peer: Peer) -> None:
    peer.answers = ["451 4.7.1 greylisted"]
    with scope.acting_for(agent.companies):
        outgoing = reply(case, Reply(text="はい。"), by=agent)

    delayed = later(outgoing, seconds=11)
    assert (delayed.state, delayed.tries) == (Outgoing.State.QUEUED, 1)
    assert delayed.response == "451 4.7.1 greylisted"
    sent = later(outgoing, minutes=2)

    assert (sent.state, sent.tries) == (Outgoing.State.SENT, 2)
    assert [parse(raw).message_id for raw in peer.taken] == [outgoing.external_id]


def test_a_refusal_for_good_makes_the_case_ours_again_and_can_be_tried_again(
    case: Case, agent: Actor, peer: Peer
) -> None:
    peer.answers = ["550 5.1.1 no such user"]
    with scope.acting_for(agent.companies):
        outgoing = reply(case, Reply(text="はい。"), by=agent)

    failed = later(outgoing, seconds=11)

    assert (failed.state, failed.response) == (Outgoing.State.FAILED, "550 5.1.1 no such user")
    with scope.acting_for(agent.companies):
        now = Case.objects.get(pk=case.pk)
        assert now.status == Status.OPEN
        assert now.waiting_since is not None
        try_again(outgoing.pk, by=agent)
    assert later(outgoing, seconds=1).state == Outgoing.State.SENT
    assert len(peer.taken) == 1


def test_a_message_whose_worker_was_killed_while_sending_leaves_under_the_same_id(
    case: Case, agent: Actor, peer: Peer
) -> None:
    with scope.acting_for(agent.companies):
        outgoing = reply(case, Reply(text="はい。"), by=agent)
        Outgoing.objects.filter(pk=outgoing.pk).update(state=Outgoing.State.SENDING, started_at=clock.now())

    with clock.held_at(clock.now() + timedelta(minutes=2)):
        assert sweep() == 1
        assert sweep() == 0

    with scope.acting_for(agent.companies):
        assert Outgoing.objects.get(pk=outgoing.pk).response == "250 2.0.0 taken"
    assert [parse(raw).message_id for raw in peer.taken] == [outgoing.external_id]


def test_without_a_server_of_its_own_mail_is_kept_in_the_outbox_once(case: Case, agent: Actor) -> None:
    with scope.acting_for(agent.companies):
        outgoing = reply(case, Reply(text="はい。"), by=agent)

    later(outgoing, seconds=11)
    later(outgoing, seconds=12)

    with scope.acting_for(agent.companies):
        [kept] = SentMail.objects.all()
        assert kept.external_id == outgoing.external_id
        assert kept.recipients == ["misaki@home.example"]


def test_who_read_an_older_state_is_told_so_and_nothing_is_sent(case: Case, agent: Actor) -> None:
    say_again(case)
    with scope.acting_for(agent.companies):
        with pytest.raises(Conflict):
            reply(case, Reply(text="はい。", expected_version=case.version), by=agent)
        assert Outgoing.objects.count() == 0
        assert Message.objects.filter(case=case).count() == 2


@pytest.mark.parametrize("text", ["", "  \n "])
def test_an_empty_answer_is_refused(case: Case, agent: Actor, text: str) -> None:
    with scope.acting_for(agent.companies):
        with pytest.raises(Refused) as refused:
            reply(case, Reply(text=text), by=agent)
        assert refused.value.field == "text"
        assert Outgoing.objects.count() == 0


def test_company_staff_and_strangers_cannot_answer(case: Case, world: World) -> None:
    for person in (world.ours.company_staff, world.ours.company_manager, world.theirs.agent):
        actor = actor_of(person)
        with scope.acting_for({case.company_id, *actor.companies}), pytest.raises(NotAllowed):
            reply(case, Reply(text="はい。"), by=actor)
    with scope.acting_for([case.company_id]):
        assert Outgoing.objects.count() == 0
        assert Message.objects.count() == 1
