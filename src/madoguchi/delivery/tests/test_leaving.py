"""Everything that leaves: what is said, how often it is tried, and what the log tells of it."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from madoguchi.cases.actions import save_draft
from madoguchi.cases.factories import make_case, say_again
from madoguchi.cases.models import Attachment, Case, Draft, Message, Status
from madoguchi.companies.factories import make_entry_point
from madoguchi.companies.models import EntryPoint
from madoguchi.customers.models import Identity
from madoguchi.delivery import jobs as jobs_of_delivery
from madoguchi.delivery import queue
from madoguchi.delivery.actions import ANYTHING, Reply, reply, resume_left_over, send, take_back, try_again
from madoguchi.delivery.actions.reply import customer_parties
from madoguchi.delivery.actions.send import PAUSES
from madoguchi.delivery.jobs import deliver
from madoguchi.delivery.models import Outgoing
from madoguchi.delivery.tests.leaving import (
    MISAKI,
    MORNING,
    SOON,
    Answering,
    everything,
    jobs,
    message_of,
    now,
    sweep,
    told,
    work,
)
from madoguchi.infra import scope
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor
from madoguchi.kernel.channel import (
    Channel,
    File,
    HeldBack,
    Party,
    PermanentFailure,
    TemporaryFailure,
)
from madoguchi.kernel.errors import Conflict, NotAllowed, NotFound, Refused
from madoguchi.people.factories import World
from madoguchi.people.queries import actor_of

pytestmark = pytest.mark.django_db


class TestReply:
    def test_it_is_a_row_and_a_job_before_it_is_a_connection(
        self, case: Case, say: Callable[..., Outgoing], peer: Answering
    ) -> None:
        outgoing = say()

        assert peer.taken == []
        due = MORNING + SOON
        assert (outgoing.state, outgoing.due_at, outgoing.tries, outgoing.created_at) == (
            "queued",
            due,
            0,
            MORNING,
        )
        [(task, arguments, at)] = jobs()
        assert task == "delivery.deliver"
        assert arguments == {"outgoing_id": outgoing.pk, "company": case.company_id}
        assert at == due
        queued = {"message": outgoing.message_id, "due": due.isoformat()}
        assert told("message.queued") == [("message.queued", queued)]

    def test_it_goes_to_the_customer_from_the_address_they_wrote_to(
        self, world: World, case: Case, say: Callable[..., Outgoing], peer: Answering
    ) -> None:
        outgoing = say("交換いたします。", cc=(Party("a@x.example"), Party("A@x.example")))
        work(outgoing, after=SOON)

        [sent] = peer.taken
        number = case.spoken_number(world.ours.company.prefix)
        assert sent.sender == Party(world.ours.entry_point.address, world.ours.desk.public_name)
        assert (sent.to, sent.cc) == ((MISAKI,), (Party("a@x.example"),))
        assert sent.subject == f"Re: 炊飯器について [{number}]"
        assert (sent.text, sent.automatic) == ("交換いたします。", False)
        assert sent.external_id == outgoing.external_id == message_of(outgoing).external_id
        first = everything(Message)[0].external_id
        assert (sent.in_reply_to, sent.references) == (first, (first,))
        assert case.reply_token in sent.external_id

    def test_files_go_with_it(self, say: Callable[..., Outgoing], peer: Answering) -> None:
        say_files = (File("手順.txt", "text/plain", b"1"), File("図.png", "image/png", b"2"))
        work(say(files=say_files), after=SOON)

        assert [(f.filename, f.content) for f in peer.taken[0].files] == [
            ("手順.txt", b"1"),
            ("図.png", b"2"),
        ]
        assert [a.filename for a in everything(Attachment)] == ["手順.txt", "図.png"]

    def test_it_goes_to_the_address_of_theirs_that_the_customer_wrote_from_last(
        self, case: Case, say: Callable[..., Outgoing]
    ) -> None:
        with scope.acting_for([case.company_id]):
            said = say_again(case)
            Message.objects.filter(pk=said.pk).update(sender_address="new@home.example", sender_name="夫")
            assert customer_parties(case) == (Party("new@home.example", "夫"),)
            Message.objects.filter(case=case).update(sender_address="")
            assert customer_parties(case) == (Party("misaki@home.example", "髙橋 美咲"),)
            Identity.objects.all().delete()
            assert customer_parties(case) == ()
        with pytest.raises(Refused) as refused:
            say()

        assert refused.value.field == "to"
        assert everything(Outgoing) == []

    def test_fifty_addresses_and_no_more(self, say: Callable[..., Outgoing]) -> None:
        many = tuple(Party(f"n{n}@x.example") for n in range(51))
        with pytest.raises(Refused) as refused:
            say(to=many[:1], cc=many[1:])

        assert refused.value.field == "to"
        assert everything(Outgoing) == everything(Message, author="staff") == []
        assert len(say(to=many[:1], cc=many[1:50], confirmed=ANYTHING).message.cc) == 49

    def test_the_subject_bears_the_number_once(self, world: World, case: Case) -> None:
        number = f"[{case.spoken_number(world.ours.company.prefix)}]"
        with world.ours.scope():
            found = Case.objects.select_related("company").get(pk=case.pk)
        for subject, answer in (
            ("返品", f"Re: 返品 {number}"),
            ("Re: 返品", f"Re: 返品 {number}"),
            ("RE: 返品", f"Re: 返品 {number}"),
            ("Re: RE：Re[2]: 返品", f"Re: 返品 {number}"),
            ("返信: 返品", f"Re: 返品 {number}"),
            ("Request: 返品", f"Re: Request: 返品 {number}"),
            ("", f"Re: {number}"),
            ("長" * 500, f"Re: {'長' * 460} {number}"),
            (f"Re: 返品 {number}", f"Re: 返品 {number}"),
            (f"Re: 返品 [{world.ours.company.prefix}-77]", f"Re: 返品 {number}"),
            (f"返品 {number} [XYZ-77]", f"Re: 返品 {number} [XYZ-77]"),
        ):
            found.subject = subject
            assert queue.subject_of(found) == answer

    def test_of_a_long_conversation_the_first_and_the_newest_are_named(
        self, case: Case, say: Callable[..., Outgoing]
    ) -> None:
        ids = [everything(Message)[0].external_id, *(say_again(case).external_id for _ in range(30))]
        references = say().references.split("\n")

        assert references == [ids[0], *ids[-19:]]

    def test_it_answers_the_customers_last_mail_and_not_our_own(
        self, case: Case, say: Callable[..., Outgoing], peer: Answering
    ) -> None:
        asked = everything(Message)[0].external_id
        first = say()
        work(first, after=SOON)
        second = say()
        again = say_again(case).external_id
        third = say()

        assert (first.in_reply_to, first.references) == (asked, asked)
        assert (second.in_reply_to, second.references) == (asked, asked)
        # The second has not left yet: the customer's mail program does not know it.
        assert third.in_reply_to == again
        assert third.references.split("\n") == [asked, first.external_id, again]

    def test_who_never_wrote_by_mail_finds_it_under_our_last_one(
        self, case: Case, say: Callable[..., Outgoing], peer: Answering
    ) -> None:
        with scope.acting_for([case.company_id]):
            Message.objects.filter(author="customer").update(channel=Channel.FORM)
        first = say()
        work(first, after=SOON)
        second = say()

        assert (first.in_reply_to, first.references) == ("", "")
        assert (second.in_reply_to, second.references) == (first.external_id, first.external_id)

    def test_a_desk_without_an_address_cannot_answer(
        self, world: World, case: Case, say: Callable[..., Outgoing]
    ) -> None:
        with world.ours.scope():
            EntryPoint.objects.update(active=False)
        with pytest.raises(Refused):
            say()
        other = make_entry_point(world.ours.desk, address="second@shop.example")

        assert say().entry_point_id == other.pk

    def test_a_form_is_answered_from_the_desks_first_address(self, world: World, agent: Actor) -> None:
        form = make_entry_point(world.ours.desk, kind=Channel.FORM)
        case = make_case(form)
        with scope.acting_for(agent.companies):
            assert reply(case, Reply(text="はい。"), by=agent).entry_point_id == world.ours.entry_point.pk

    def test_the_answers_draft_is_gone_and_notes_are_not(
        self, world: World, case: Case, agent: Actor, say: Callable[..., Outgoing]
    ) -> None:
        with world.ours.scope():
            save_draft(case, kind="reply", text="書きかけ", by=agent)
            for person in (world.ours.agent, world.ours.supervisor):
                save_draft(case, kind="note", text="メモ", by=actor_of(person))
        say()

        left = [(d.user_id, d.kind) for d in everything(Draft)]
        assert left == [(world.ours.agent.pk, "note"), (world.ours.supervisor.pk, "note")]


class TestAnAddressThatIsGone:
    """A server that refuses a recipient for good says the same as a bounce would."""

    def marked(self) -> list[tuple[str, str]]:
        rows = everything(Identity, undeliverable_at__isnull=False)
        return [(row.value, row.undeliverable_why) for row in rows]

    @pytest.mark.parametrize("code", ["5.1.1", "5.1.2", "5.1.10", "5.2.1"])
    def test_is_marked_when_the_server_refuses_it(
        self, say: Callable[..., Outgoing], peer: Answering, code: str
    ) -> None:
        words = f"550 {code} unknown ({MISAKI.address})"
        peer.planned = [PermanentFailure(words, recipient=MISAKI.address)]
        outgoing = work(say(), after=SOON)

        assert outgoing.state == "failed"
        assert self.marked() == [(MISAKI.address, words)]
        [(_kind, data)] = told("customer.undeliverable")
        assert data["status"] == code

    @pytest.mark.parametrize(
        "refusal",
        [
            PermanentFailure("550 5.7.1 not from you", recipient=MISAKI.address),
            PermanentFailure("550 no", recipient=MISAKI.address),
            PermanentFailure("550 5.1.1 of whom is not said"),
            PermanentFailure("552 5.3.4 too large"),
            TemporaryFailure("450 5.1.1 greylisted"),
            PermanentFailure("550 5.1.1 unknown", recipient="other@home.example"),
        ],
    )
    def test_nothing_else_is_held_against_an_address(
        self, say: Callable[..., Outgoing], peer: Answering, refusal: Exception
    ) -> None:
        peer.planned = [refusal]
        work(say(), after=SOON)

        assert self.marked() == []
        assert told("customer.undeliverable") == []

    def test_a_mail_that_is_taken_later_clears_nothing_but_their_own_does(
        self, case: Case, say: Callable[..., Outgoing], peer: Answering
    ) -> None:
        peer.planned = [PermanentFailure("550 5.1.1 unknown", recipient=MISAKI.address)]
        work(say(), after=SOON)
        assert work(say(), after=SOON).state == "sent"
        assert len(self.marked()) == 1

        say_again(case)

        assert self.marked() == []


class TestTakingBack:
    def test_all_is_as_it_was_but_the_words_stay_in_the_record(
        self, world: World, case: Case, agent: Actor, say: Callable[..., Outgoing], peer: Answering
    ) -> None:
        outgoing = say(status=Status.SOLVED)
        with scope.acting_for(agent.companies), clock.held_at(MORNING + timedelta(seconds=5)):
            taken = take_back(outgoing.pk, by=agent)

        assert (taken.state, taken.finished_at) == ("cancelled", MORNING + timedelta(seconds=5))
        stands = now(case)
        assert (stands.status, stands.waiting_since, stands.solved_at) == ("new", MORNING, None)
        assert stands.first_replied_at is None
        assert told("message.taken_back") == [("message.taken_back", {"message": outgoing.message_id})]
        work(outgoing, after=timedelta(hours=1))
        assert peer.taken == []
        assert message_of(outgoing).sent_at is None

    def test_not_by_others_not_twice_and_not_what_has_left(
        self, world: World, agent: Actor, say: Callable[..., Outgoing]
    ) -> None:
        outgoing = say()
        supervisor, stranger = actor_of(world.ours.supervisor), actor_of(world.theirs.agent)
        with scope.acting_for(supervisor.companies), pytest.raises(NotAllowed):
            take_back(outgoing.pk, by=supervisor)
        with scope.acting_for(stranger.companies), pytest.raises(NotFound):
            take_back(outgoing.pk, by=stranger)
        work(outgoing, after=SOON)
        with scope.acting_for(agent.companies), pytest.raises(Conflict):
            take_back(outgoing.pk, by=agent)

        assert now(outgoing).state == "sent"
        assert told("message.taken_back") == []

    def test_what_was_tried_once_may_be_there_already(
        self, agent: Actor, say: Callable[..., Outgoing], peer: Answering
    ) -> None:
        peer.planned = [TemporaryFailure("451 greylisted")]
        outgoing = work(say(), after=SOON)
        with scope.acting_for(agent.companies), pytest.raises(Conflict):
            take_back(outgoing.pk, by=agent)

        assert now(outgoing).state == "queued"


class TestTrying:
    def test_after_growing_pauses_for_two_days_and_then_no_more(
        self, case: Case, say: Callable[..., Outgoing], peer: Answering
    ) -> None:
        peer.planned = [TemporaryFailure(f"451 try {n}") for n in range(20)]
        outgoing, after = say(), SOON
        for n, minutes in enumerate(PAUSES):
            outgoing = work(outgoing, after=after)
            due = MORNING + after + timedelta(minutes=minutes)
            assert (outgoing.state, outgoing.tries, outgoing.due_at) == ("queued", n + 1, due)
            assert outgoing.response == f"451 try {n}"
            assert work(outgoing, after=after + timedelta(seconds=59)).tries == n + 1
            after += timedelta(minutes=minutes)
        outgoing = work(outgoing, after=after)

        assert (outgoing.state, outgoing.tries) == ("failed", len(PAUSES) + 1)
        assert timedelta(days=2) < after < timedelta(days=2, hours=6)
        assert [at for _task, _arguments, at in jobs()][-1] == MORNING + after
        assert [kind for kind, _ in told("message.delayed", "message.failed", "message.sent")] == [
            *["message.delayed"] * len(PAUSES),
            "message.failed",
        ]
        stands = now(case)
        assert (stands.status, stands.waiting_since) == ("open", MORNING + after)

    def test_a_delay_says_when_and_why(self, say: Callable[..., Outgoing], peer: Answering) -> None:
        peer.planned = [TemporaryFailure("451 greylisted")]
        outgoing = work(say(), after=SOON)

        assert told("message.delayed") == [
            (
                "message.delayed",
                {
                    "message": outgoing.message_id,
                    "response": "451 greylisted",
                    "next_try": (MORNING + SOON + timedelta(minutes=1)).isoformat(),
                },
            )
        ]

    def test_a_refusal_for_good_is_final(
        self, case: Case, say: Callable[..., Outgoing], peer: Answering
    ) -> None:
        peer.planned = [PermanentFailure("550 unknown")]
        outgoing = work(say(), after=SOON)

        assert (outgoing.state, outgoing.response, outgoing.tries) == ("failed", "550 unknown", 1)
        assert outgoing.finished_at == MORNING + SOON
        assert work(outgoing, after=timedelta(days=1)).tries == 1
        assert peer.taken == []
        failed = {"message": outgoing.message_id, "response": "550 unknown"}
        assert told("message.failed") == [("message.failed", failed)]
        assert now(case).status == "open"

    def test_what_failed_is_sent_again_by_who_may_answer(
        self, world: World, agent: Actor, say: Callable[..., Outgoing], peer: Answering
    ) -> None:
        peer.planned = [PermanentFailure("550 unknown")]
        outgoing = work(say(), after=SOON)
        staff, stranger = actor_of(world.ours.company_staff), actor_of(world.theirs.agent)
        with scope.acting_for(staff.companies), pytest.raises(NotAllowed):
            try_again(outgoing.pk, by=staff)
        with scope.acting_for(stranger.companies), pytest.raises(NotFound):
            try_again(outgoing.pk, by=stranger)
        assert now(outgoing).state == "failed"

        with scope.acting_for(agent.companies), clock.held_at(MORNING + timedelta(hours=1)):
            again = try_again(outgoing.pk, by=agent)
            assert (again.state, again.tries) == ("queued", 0)
            with pytest.raises(Conflict):
                try_again(outgoing.pk, by=agent)
        sent = work(outgoing, after=timedelta(hours=1))

        assert (sent.state, sent.tries) == ("sent", 1)
        assert [m.external_id for m in peer.taken] == [outgoing.external_id]

    def test_what_left_is_told_and_dated(self, say: Callable[..., Outgoing]) -> None:
        outgoing = work(say(), after=SOON)

        assert (outgoing.state, outgoing.response, outgoing.finished_at) == ("sent", "250 OK", MORNING + SOON)
        assert message_of(outgoing).sent_at == MORNING + SOON
        sent = {"message": outgoing.message_id, "response": "250 OK"}
        assert told("message.sent") == [("message.sent", sent)]

    def test_an_error_nobody_planned_is_a_delay_that_people_see(
        self, say: Callable[..., Outgoing], peer: Answering
    ) -> None:
        peer.planned = [RuntimeError("a\x00 bug")]
        outgoing = work(say(), after=SOON)

        assert (outgoing.state, outgoing.tries) == ("queued", 1)
        assert outgoing.response == "RuntimeError: a bug"
        assert outgoing.due_at == MORNING + SOON + timedelta(minutes=1)
        assert [kind for kind, _ in told("message.delayed")] == ["message.delayed"]

    def test_one_whose_file_is_gone_keeps_no_other_from_leaving(
        self, case: Case, say: Callable[..., Outgoing], peer: Answering
    ) -> None:
        lame, whole = say(files=(File("手順.txt", "text/plain", b"1"),)), say()
        with scope.acting_for([case.company_id]):
            Attachment.objects.update(sha256="0" * 64)
        with clock.held_at(MORNING + timedelta(minutes=5)):
            assert sweep() == 2

        assert [m.external_id for m in peer.taken] == [whole.external_id]
        assert now(whole).state == "sent"
        assert (now(lame).state, now(lame).tries) == ("queued", 1)
        assert now(lame).response.startswith("FileNotFoundError: ")

    def test_what_is_left_gets_one_job_however_often_one_looks(self, say: Callable[..., Outgoing]) -> None:
        outgoing = say()
        with clock.held_at(MORNING + timedelta(minutes=5)):
            assert [resume_left_over() for _ in range(3)] == [1, 0, 0]

        arguments = {"outgoing_id": outgoing.pk, "company": outgoing.company_id}
        assert jobs()[-1] == ("delivery.deliver", arguments, None)
        assert (now(outgoing).state, now(outgoing).tries) == ("queued", 0)

    def test_one_that_cannot_be_scheduled_keeps_no_other_from_it(
        self, say: Callable[..., Outgoing], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        first, second = say(), say()
        usual = jobs_of_delivery.schedule_left_over

        def lame(outgoing: int, *, company: int) -> None:
            if outgoing == first.pk:
                raise RuntimeError("no job for this one")
            usual(outgoing, company=company)

        monkeypatch.setattr(jobs_of_delivery, "schedule_left_over", lame)
        with clock.held_at(MORNING + timedelta(minutes=5)):
            assert sweep() == 1

        assert (now(first).state, now(second).state) == ("queued", "sent")

    def test_what_is_not_overdue_is_not_taken_up(self, say: Callable[..., Outgoing]) -> None:
        outgoing = say()
        with clock.held_at(MORNING + timedelta(seconds=65)):
            assert sweep() == 0
        with clock.held_at(MORNING + timedelta(seconds=75)):
            assert sweep() == 1
            assert sweep() == 0
        assert now(outgoing).state == "sent"

    def test_another_company_sends_nothing_of_ours(self, world: World, say: Callable[..., Outgoing]) -> None:
        outgoing = say()
        with clock.held_at(MORNING + SOON):
            send(outgoing.pk, company=world.theirs.company.pk)
            assert now(outgoing).state == "queued"
            deliver(outgoing_id=outgoing.pk, company=outgoing.company_id)
        assert now(outgoing).state == "sent"


def test_what_comes_too_early_waits_for_its_turn(say: Callable[..., Outgoing], peer: Answering) -> None:
    outgoing, turn = say("交換いたします。"), MORNING + timedelta(minutes=9)
    peer.planned = [HeldBack("held back", until=turn)] * 2
    work(outgoing, after=SOON)

    waiting = everything(Outgoing)[0]
    assert (waiting.state, waiting.tries, waiting.due_at) == (Outgoing.State.QUEUED, 0, turn)
    assert jobs()[-1][2] == turn
    assert told("message.delayed") == told("message.failed") == []
    work(outgoing, after=timedelta(minutes=9))
    work(outgoing, after=timedelta(minutes=9))
    assert [sent.text for sent in peer.taken] == ["交換いたします。"]
