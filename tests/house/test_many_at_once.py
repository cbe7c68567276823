"""Written for many identical processes: the same work done by two in the same moment is done once."""

import threading
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.conf import LazySettings
from django.db import IntegrityError

from madoguchi.cases.actions import assign, change_status, claim_reply, release_reply
from madoguchi.cases.factories import make_case, say_again
from madoguchi.cases.models import Case, Message, ReplyLock, Status
from madoguchi.channels.email.channel import EmailChannel
from madoguchi.channels.email.models import SentMail
from madoguchi.customers.models import Customer, Identity
from madoguchi.delivery import channels as outbound
from madoguchi.delivery.actions import Reply, acknowledge, reply, send, take_back
from madoguchi.delivery.models import Outgoing
from madoguchi.infra import limits, scope
from madoguchi.infra.event_log import seal, verify
from madoguchi.infra.models import Event, RateCount, Seal
from madoguchi.intake.actions import handle, handle_left_over, handle_many, receive
from madoguchi.intake.healing import join_parted
from madoguchi.intake.jobs import parted as parted_again
from madoguchi.intake.models import Arrival
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor
from madoguchi.kernel.channel import Channel, Outbound, Receipt
from madoguchi.kernel.errors import Conflict, Refused
from madoguchi.knowledge.actions import Said, Settings, translate_article
from madoguchi.knowledge.factories import approved
from madoguchi.knowledge.models import Article
from madoguchi.people.actions import dismiss_administrator
from madoguchi.people.factories import World, make_person
from madoguchi.people.models import User
from madoguchi.people.queries import actor_of
from tests.house.at_once import LONGEST, Somebody, at_once, unfinished, until_waiting

pytestmark = pytest.mark.django_db(transaction=True)


def mail(n: int, sender: str) -> bytes:
    return f"From: {sender}\r\nSubject: s{n}\r\nMessage-ID: <m{n}@home.example>\r\n\r\nwords {n}\r\n".encode()


def store(world: World, raw: bytes) -> int:
    kept = receive(raw=raw, entry_point=world.ours.entry_point, source="test")
    assert kept is not None
    return kept


def everything(model: Any, **wanted: Any) -> list[Any]:
    with scope.everywhere(reason="a test looks at everything"):
        return list(model.objects.filter(**wanted).order_by("pk"))


class TestArriving:
    def test_who_finds_an_arrival_in_hand_leaves_it_alone(self, world: World) -> None:
        company, kept = world.ours.company.pk, store(world, mail(1, "a@home.example"))
        with unfinished(company, lambda: handle(kept, company=company)) as commit:
            assert handle(kept, company=company) is None
            assert handle_left_over() == 0
            first = commit()

        assert first.state == "handled"
        assert [m.external_id for m in everything(Message)] == ["m1@home.example"]

    def test_several_at_the_same_heap_take_each_arrival_once(self, world: World) -> None:
        company = world.ours.company.pk
        kept = [store(world, mail(n, f"c{n % 3}@home.example")) for n in range(12)]

        at_once(*[lambda: handle_many(kept, company=company)] * 3)
        handle_left_over()

        assert {a.state for a in everything(Arrival)} == {"handled"}
        assert sorted(m.subject for m in everything(Message)) == sorted(f"s{n}" for n in range(12))
        assert len(everything(Customer)) == 3

    def test_two_mails_of_somebody_new_make_one_customer(self, world: World) -> None:
        company = world.ours.company.pk
        one, two = (store(world, mail(n, "new@home.example")) for n in (1, 2))
        with unfinished(company, lambda: handle(one, company=company)) as commit:
            second = Somebody(lambda: handle(two, company=company))
            until_waiting(second)
            commit()

        assert second.done().state == "handled"
        [customer], [identity] = everything(Customer), everything(Identity)
        assert identity.customer_id == customer.pk
        assert [c.customer_id for c in everything(Case)] == [customer.pk] * 2
        assert [e.kind for e in everything(Event)].count("customer.created") == 1

    @pytest.mark.parametrize("known", [True, False])
    def test_two_copies_by_two_doors_are_one_message(self, world: World, known: bool) -> None:
        company = world.ours.company.pk
        if known:
            handle(store(world, mail(9, "a@home.example")), company=company)
        before = len(everything(Message))
        one = store(world, mail(1, "a@home.example"))
        two = store(world, b"Received: from elsewhere\r\n" + mail(1, "a@home.example"))
        with unfinished(company, lambda: handle(one, company=company)) as commit:
            second = Somebody(lambda: handle(two, company=company))
            until_waiting(second)
            first = commit()

        copy = second.done()
        assert (first.state, copy.state, copy.case_id) == ("handled", "repeated", first.case_id)
        assert len(everything(Message)) == before + 1
        assert everything(Arrival, state="quarantined") == []

    def test_two_who_stand_in_each_others_way_lose_nothing(self, world: World) -> None:
        company = world.ours.company.pk
        x, y, y_again = (
            store(world, mail(n, sender))
            for n, sender in enumerate(("x@home.example", "y@home.example", "y@home.example"))
        )
        first_is_in, second_waits = threading.Event(), threading.Event()

        def one() -> None:
            with scope.acting_for([company]):
                handle(x, company=company)  # holds the company's counter
                first_is_in.set()
                second_waits.wait(LONGEST)
                handle(y_again, company=company)  # needs the customer that the other is making

        def other() -> None:
            first_is_in.wait(LONGEST)
            handle(y, company=company)

        works = [Somebody(one), Somebody(other)]
        first_is_in.wait(LONGEST)
        until_waiting(works[1])
        second_waits.set()
        for somebody in works:
            somebody.done()
        handle_left_over()

        assert [a.state for a in everything(Arrival)] == ["handled"] * 3
        assert sorted(i.value for i in everything(Identity)) == ["x@home.example", "y@home.example"]
        assert len(everything(Message)) == 3

    def test_the_same_bytes_at_two_doors_are_kept_once(self, world: World) -> None:
        raw = mail(1, "a@home.example")
        point = world.ours.entry_point

        kept = at_once(*[lambda: receive(raw=raw, entry_point=point, source="door")] * 4)

        assert [k is None for k in kept].count(False) == 1
        assert len(everything(Arrival)) == 1


def answering(n: int, to: int, sender: str) -> bytes:
    head = f"From: {sender}\r\nSubject: Re: s{to}\r\nMessage-ID: <m{n}@home.example>\r\n"
    return f"{head}In-Reply-To: <m{to}@home.example>\r\n\r\nwords {n}\r\n".encode()


class TestParted:
    """An answer and the mail that it answers, handled in one instant by two that do not see one another."""

    @pytest.fixture
    def parted(self, world: World) -> list[Case]:
        company = world.ours.company.pk
        handle(store(world, mail(0, "a@home.example")), company=company)  # the customer is known already
        first, answer = (
            store(world, mail(1, "a@home.example")),
            store(world, answering(2, 1, "a@home.example")),
        )
        with unfinished(company, lambda: handle(answer, company=company)) as commit:
            second = Somebody(lambda: handle(first, company=company))
            until_waiting(second)  # for the next number, when it has looked for its case in vain
            commit()
            second.done()
        return everything(Case, subject__in=["Re: s1", "s1"])

    def test_go_on_in_one_within_a_minute(self, world: World, parted: list[Case]) -> None:
        assert [c.continued_in_id for c in parted] == [None, None]

        at_once(*[lambda: parted_again(0)] * 2)

        older, younger = everything(Case, pk__in=[c.pk for c in parted])
        assert (older.continued_in_id, younger.continued_in_id) == (None, older.pk)
        assert {m.external_id for m in everything(Message, case=older)} == {
            "m1@home.example",
            "m2@home.example",
        }
        assert (older.message_count, younger.message_count) == (2, 0)
        assert [e.kind for e in everything(Event)].count("case.continued") == 1
        assert join_parted() == 0

    def test_stay_as_they_are_where_people_work_on_both(self, world: World, parted: list[Case]) -> None:
        with world.ours.scope():
            Case.objects.filter(pk__in=[c.pk for c in parted]).update(status=Status.OPEN)

        assert join_parted() == 0
        assert [c.continued_in_id for c in everything(Case)] == [None] * 3

    def test_the_one_that_nobody_has_touched_goes_on_in_the_other(
        self, world: World, parted: list[Case]
    ) -> None:
        older, younger = parted
        with world.ours.scope():
            Case.objects.filter(pk=older.pk).update(status=Status.WAITING_THIRD)
            assert join_parted() == 1

        [untouched] = everything(Case, pk=younger.pk)
        assert untouched.continued_in_id == older.pk

    def test_what_was_seen_in_time_is_let_be(self, world: World) -> None:
        company = world.ours.company.pk
        for raw in (answering(2, 1, "a@home.example"), mail(1, "a@home.example"), mail(3, "b@home.example")):
            handle(store(world, raw), company=company)
        before = everything(Case)

        assert join_parted() == 0
        assert [c.version for c in everything(Case)] == [c.version for c in before]


class TestNumbers:
    def test_no_number_is_given_twice_and_none_left_out(self, world: World) -> None:
        def open_some() -> list[int]:
            return [make_case(world.ours.entry_point).number for _ in range(5)]

        given = at_once(*[open_some] * 4)

        assert sorted(n for numbers in given for n in numbers) == list(range(1001, 1021))
        assert all(numbers == sorted(numbers) for numbers in given)

    def test_what_was_said_at_once_is_all_there_and_counted(self, world: World) -> None:
        case = make_case(world.ours.entry_point)

        at_once(*[lambda: say_again(case)] * 4)

        [stands] = everything(Case)
        assert (stands.message_count, stands.version) == (5, 5)
        assert len(everything(Message)) == 5


class TestAnswering:
    def test_of_two_who_answer_the_same_words_one_is_told_to_look_again(self, world: World) -> None:
        case = make_case(world.ours.entry_point)
        agent, supervisor = actor_of(world.ours.agent), actor_of(world.ours.supervisor)

        def answer(by: Any, text: str) -> Any:
            with scope.acting_for(by.companies):
                return reply(case, Reply(text=text, expected_version=case.version), by=by)

        with unfinished(case.company_id, lambda: answer(agent, "交換します。")) as commit:
            second = Somebody(lambda: answer(supervisor, "返金します。"))
            until_waiting(second)
            commit()

        assert isinstance(second.done(), Conflict)
        assert [m.text for m in everything(Message, author="staff")] == ["交換します。"]
        [outgoing] = everything(Outgoing)
        [stands] = everything(Case)
        assert (outgoing.state, stands.assignee_id, stands.version) == ("queued", agent.id, 2)

    def test_of_many_who_begin_to_write_one_holds_the_answer(self, world: World) -> None:
        case, company = make_case(world.ours.entry_point), world.ours.company.pk
        people = [actor_of(p) for p in (world.ours.agent, world.ours.supervisor, world.ours.manager)]

        def begin(actor: Actor) -> int | None:
            with scope.acting_for([company]):
                claim_reply(case, by=actor)
            return actor.id

        for _ in range(8):
            outcomes = at_once(*[partial(begin, actor) for actor in people])
            [holder] = [outcome for outcome in outcomes if isinstance(outcome, int)]
            assert [type(o) for o in outcomes if o != holder] == [Conflict, Conflict]
            assert [lock.user_id for lock in everything(ReplyLock)] == [holder]
            with world.ours.scope():
                release_reply(case, by=next(actor for actor in people if actor.id == holder))

    def test_of_two_who_send_at_once_one_is_told(self, world: World) -> None:
        case, company = make_case(world.ours.entry_point), world.ours.company.pk

        def send_it(person: User) -> Outgoing:
            with scope.acting_for([company]):
                words = Reply(text=f"{person.name}です。", expected_version=case.version)
                return reply(case, words, by=actor_of(person))

        first, second = (partial(send_it, person) for person in (world.ours.agent, world.ours.supervisor))
        outcomes = at_once(first, second)

        assert sorted(type(o).__name__ for o in outcomes) == ["Conflict", "Outgoing"]
        assert len(everything(Message, author=Message.Author.STAFF)) == 1
        assert everything(ReplyLock) == []

    def test_who_begins_to_write_while_another_sends_waits_and_then_holds_it(self, world: World) -> None:
        case, company = make_case(world.ours.entry_point), world.ours.company.pk
        sending = partial(reply, case, Reply(text="はい。"), by=actor_of(world.ours.agent))

        def begin() -> None:
            with scope.acting_for([company]):
                claim_reply(case, by=actor_of(world.ours.supervisor))

        with unfinished(company, sending) as commit:
            waiting = Somebody(begin)
            commit()
            assert waiting.done() is None

        assert [lock.user_id for lock in everything(ReplyLock)] == [world.ours.supervisor.pk]

    def test_an_acknowledgement_leaves_once_for_one_event(self, world: World) -> None:
        case = make_case(world.ours.entry_point)
        [opened] = everything(Event, kind="case.opened")

        def tell() -> Any:
            with scope.acting_for([case.company_id]):
                return acknowledge(case.pk, cause=opened.pk)

        with unfinished(case.company_id, tell) as commit:
            second = Somebody(tell)
            until_waiting(second)
            commit()

        assert isinstance(second.done(), IntegrityError)
        assert tell() is None
        assert [o.cause for o in everything(Outgoing)] == [opened.pk]
        assert len(everything(Message, automatic="acknowledgement")) == 1


class Held(EmailChannel):
    """The real channel, which waits with the message in its hand until it may go on."""

    def __init__(self) -> None:
        self.sending, self.may_go = threading.Event(), threading.Event()
        self.sent: list[str] = []

    def send(self, message: Outbound) -> Receipt:
        self.sent.append(message.external_id)
        self.sending.set()
        assert self.may_go.wait(LONGEST)
        return super().send(message)


class TestSending:
    @pytest.fixture
    def held(self, settings: LazySettings, monkeypatch: pytest.MonkeyPatch) -> Held:
        settings.MAIL_TRANSPORT, settings.UNDO_SECONDS = "outbox", 0
        held = Held()
        monkeypatch.setitem(outbound._channels, Channel.EMAIL, held)
        return held

    @pytest.fixture
    def outgoing(self, world: World, held: Held) -> Outgoing:
        agent, case = actor_of(world.ours.agent), make_case(world.ours.entry_point)
        with scope.acting_for(agent.companies):
            return reply(case, Reply(text="はい。"), by=agent)

    def test_two_senders_send_once(self, outgoing: Outgoing, held: Held) -> None:
        company = outgoing.company_id
        first = Somebody(lambda: send(outgoing.pk, company=company))
        assert held.sending.wait(LONGEST)
        send(outgoing.pk, company=company)
        with clock.held_at(clock.now() + timedelta(hours=1)):
            send(outgoing.pk, company=company)
        held.may_go.set()
        first.done()
        send(outgoing.pk, company=company)

        assert held.sent == [outgoing.external_id]
        assert [m.external_id for m in everything(SentMail)] == [outgoing.external_id]
        [stands] = everything(Outgoing)
        assert (stands.state, stands.tries) == ("sent", 1)

    def test_what_is_leaving_cannot_be_taken_back(self, world: World, outgoing: Outgoing, held: Held) -> None:
        first = Somebody(lambda: send(outgoing.pk, company=outgoing.company_id))
        assert held.sending.wait(LONGEST)
        with world.ours.scope(), pytest.raises(Conflict):
            take_back(outgoing.pk, by=actor_of(world.ours.agent))
        held.may_go.set()
        first.done()

        [stands] = everything(Outgoing)
        assert stands.state == "sent"
        assert "message.taken_back" not in [e.kind for e in everything(Event)]

    def test_what_is_being_taken_back_does_not_leave(
        self, world: World, outgoing: Outgoing, held: Held
    ) -> None:
        held.may_go.set()
        agent = actor_of(world.ours.agent)
        with unfinished(outgoing.company_id, lambda: take_back(outgoing.pk, by=agent)) as commit:
            sender = Somebody(lambda: send(outgoing.pk, company=outgoing.company_id))
            until_waiting(sender)
            commit()
        sender.done()

        assert held.sent == []
        [stands] = everything(Outgoing)
        assert (stands.state, stands.tries) == ("cancelled", 0)


class TestChanging:
    def test_changes_of_different_things_at_once_are_both_kept(self, world: World) -> None:
        case = make_case(world.ours.entry_point)
        agent, supervisor = actor_of(world.ours.agent), actor_of(world.ours.supervisor)

        def change(work: Any, by: Any, to: Any) -> None:
            with scope.acting_for(by.companies):
                work(Case.objects.get(pk=case.pk), to=to, by=by)

        at_once(
            lambda: change(change_status, agent, Status.WAITING_THIRD),
            lambda: change(assign, supervisor, world.ours.agent.pk),
        )

        [stands] = everything(Case)
        assert (stands.status, stands.assignee_id, stands.version) == ("waiting_third", agent.id, 3)

    def test_two_administrators_cannot_dismiss_each_other(self, world: World) -> None:
        one, other = world.administrator, make_person(administrator=True)

        def dismiss(person: User, by: Actor) -> None:
            with scope.acting_for(by.companies):
                dismiss_administrator(person, by=by)

        by_one, by_other = actor_of(one), actor_of(other)
        outcomes = at_once(lambda: dismiss(other, by_one), lambda: dismiss(one, by_other))

        assert sorted(type(outcome).__name__ for outcome in outcomes) == ["NoneType", "Refused"]
        assert any(isinstance(outcome, Refused) for outcome in outcomes)
        assert User.objects.filter(is_administrator=True).count() == 1

    def test_a_limit_is_one_for_all(self, world: World) -> None:
        moment = clock.now()

        def use() -> None:
            with clock.held_at(moment):
                limits.count("test", most=3, seconds=3600)

        outcomes = at_once(*[use] * 6)

        assert [type(outcome).__name__ for outcome in outcomes].count("TooOften") == 3
        # A refusal is not kept, but what was counted before it is.
        assert RateCount.objects.get().count in (3, 6)


class TestSealing:
    def test_two_who_seal_make_one_chain(self, world: World) -> None:
        for _ in range(5):
            make_case(world.ours.entry_point)

        def close() -> int:
            with scope.everywhere(reason="the chain runs over all"):
                return seal(most=4)

        closed = at_once(*[close] * 3)

        with scope.everywhere(reason="the chain runs over all"):
            events = Event.objects.count()
            assert list(verify()) == []
            links = list(Seal.objects.order_by("id").values_list("count", flat=True))
        assert sum(closed) == sum(links) == events == 10
        assert len({bytes(s.previous) for s in Seal.objects.all()}) == len(links)


class TestTranslating:
    def test_two_who_begin_the_same_translation_make_one(self, world: World) -> None:
        side, boss = world.ours, actor_of(world.ours.company_manager)
        with side.scope():
            original = approved(side.company, by=boss)

        def begin(words: str) -> Any:
            with side.scope():
                said = Said("Postage", words)
                return translate_article(original, said, Settings(language="en"), by=boss)

        outcomes = at_once(partial(begin, "one"), partial(begin, "two"))

        assert sorted(type(one).__name__ for one in outcomes) == ["Article", "Refused"]
        [made] = everything(Article, original=original)
        assert made in outcomes
