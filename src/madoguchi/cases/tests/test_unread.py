"""What somebody has not read: by whom it was said, when they looked last, and what they marked themselves."""

import random
from itertools import count

import pytest
from django.db import connection

from madoguchi.cases import unread
from madoguchi.cases.actions import (
    Answering,
    add_note,
    change_status,
    mark_unread,
    merge,
    see_case,
    unmerge,
    write_answer,
)
from madoguchi.cases.factories import make_case, say_again
from madoguchi.cases.models import Case, Message, Note, Seen, Status
from madoguchi.cases.unread import unread_among
from madoguchi.kernel.actor import Actor, system
from madoguchi.kernel.channel import Party
from madoguchi.kernel.errors import NotAllowed
from madoguchi.people.factories import World
from madoguchi.people.queries import actor_of

pytestmark = pytest.mark.django_db
_numbers = count(1)
MISAKI = Party("misaki@home.example", "髙橋 美咲")


@pytest.fixture
def case(world: World) -> Case:
    return make_case(world.ours.entry_point, sender=MISAKI)


@pytest.fixture
def agent(world: World) -> Actor:
    return actor_of(world.ours.agent)


@pytest.fixture
def lead(world: World) -> Actor:
    return actor_of(world.ours.supervisor)


def answer(case: Case, *, by: Actor) -> None:
    said = Answering(
        text="交換いたします。",
        to=(MISAKI,),
        external_id=f"answer{next(_numbers)}@shop.example",
        subject="Re: 炊飯器",
        sender=Party("support@shop.example", "窓口"),
    )
    write_answer(Case.objects.get(pk=case.pk), said, by=by, status=None)


def is_unread(case: Case, by: Actor) -> bool:
    return case.pk in unread_among([case.pk], person=by.id)


class TestNews:
    def test_a_new_case_is_unread_until_somebody_looks_and_then_for_the_others(
        self, world: World, case: Case, agent: Actor, lead: Actor
    ) -> None:
        with world.ours.scope():
            before = is_unread(case, agent), is_unread(case, lead)
            assert see_case(case, by=agent) is True
            assert (before, is_unread(case, agent), is_unread(case, lead)) == ((True, True), False, True)

    def test_the_customers_next_words_are_news_and_ours_are_none(
        self, world: World, case: Case, agent: Actor
    ) -> None:
        with world.ours.scope():
            see_case(case, by=agent)
            answer(case, by=agent)
            answered = is_unread(case, agent)
            say_again(case)
            assert (answered, is_unread(case, agent)) == (False, True)

    def test_a_colleagues_note_is_news_and_ones_own_is_none(
        self, world: World, case: Case, agent: Actor, lead: Actor
    ) -> None:
        with world.ours.scope():
            see_case(case, by=agent)
            see_case(case, by=lead)
            add_note(case, text="折り返し済み", by=lead)
            assert (is_unread(case, agent), is_unread(case, lead)) == (True, False)

    def test_what_lies_at_rest_is_no_news_to_who_never_looked(
        self, world: World, case: Case, agent: Actor, lead: Actor
    ) -> None:
        with world.ours.scope():
            see_case(case, by=agent)
            change_status(case, to=Status.SOLVED, by=system("test"))
            assert (is_unread(case, agent), is_unread(case, lead)) == (False, False)
            add_note(case, text="念のため", by=lead)
            assert (is_unread(case, agent), is_unread(case, lead)) == (True, False)

    def test_a_mail_that_comes_late_and_stands_before_what_was_read_is_news(
        self, world: World, case: Case, agent: Actor
    ) -> None:
        """By its time it is an old one: the order in which they came counts."""
        with world.ours.scope():
            newest = say_again(case)
            see_case(case, by=agent)
            late = say_again(case)
            Message.objects.filter(pk=late.pk).update(at=case.opened_at)
            assert newest.at > case.opened_at
            assert is_unread(case, agent)

    def test_merging_and_undoing_it_leaves_every_mark_as_it_was(
        self, world: World, case: Case, agent: Actor, lead: Actor
    ) -> None:
        with world.ours.scope():
            other = make_case(world.ours.entry_point, sender=MISAKI)
            see_case(case, by=agent)
            marks = list(Seen.objects.values())
            done = merge(other, into=case, by=lead)
            merged = is_unread(case, agent)
            unmerge(done, by=lead)
            assert merged, "what came from the other case is news here"
            assert list(Seen.objects.values()) == marks
            assert (is_unread(case, agent), is_unread(other, agent)) == (False, True)

    def test_it_agrees_with_the_plain_reading_whatever_happens(
        self, world: World, agent: Actor, lead: Actor
    ) -> None:
        """Given any order of what may happen, unread is: something of others that came since one looked."""
        dice = random.Random(7)
        with world.ours.scope():
            cases = [make_case(world.ours.entry_point) for _ in range(4)]
            news = {(case.pk, who.id): True for case in cases for who in (agent, lead)}
            for _ in range(60):
                case, who = dice.choice(cases), dice.choice([agent, lead])
                act = dice.choice(["look", "note", "words", "answer", "mark"])
                if act == "look":
                    see_case(case, by=who)
                    news[case.pk, who.id] = False
                elif act == "note":
                    add_note(case, text="メモ", by=who)
                    news[case.pk, (lead if who is agent else agent).id] = True
                elif act == "words":
                    say_again(case)
                    news |= {(case.pk, one.id): True for one in (agent, lead)}
                elif act == "answer":
                    answer(case, by=agent)
                else:
                    mark_unread(case, by=who)
                    news[case.pk, who.id] = True
            ids = [case.pk for case in cases]
            found = {(pk, who.id) for who in (agent, lead) for pk in unread_among(ids, person=who.id)}
        assert found == {key for key, unread in news.items() if unread}


class TestMarks:
    def test_what_is_marked_stays_so_until_the_case_is_opened_again(
        self, world: World, case: Case, agent: Actor, lead: Actor
    ) -> None:
        with world.ours.scope():
            see_case(case, by=agent)
            see_case(case, by=lead)
            mark_unread(case, by=agent)
            told_anew = see_case(case, by=agent, opened=False)
            assert (told_anew, is_unread(case, agent), is_unread(case, lead)) == (False, True, False)
            see_case(case, by=agent)
            assert not is_unread(case, agent)

    def test_a_case_at_rest_that_nobody_looked_at_can_be_marked(
        self, world: World, case: Case, agent: Actor
    ) -> None:
        with world.ours.scope():
            change_status(case, to=Status.SOLVED, by=system("test"))
            mark_unread(case, by=agent)
            assert is_unread(case, agent)

    def test_a_case_of_ours_without_a_word_of_the_customer_is_unread_by_hand_alone(
        self, world: World, case: Case, agent: Actor
    ) -> None:
        with world.ours.scope():
            Message.objects.filter(case=case).update(author="staff")
            before = is_unread(case, agent)
            mark_unread(case, by=agent)
            assert (before, is_unread(case, agent)) == (False, True)

    def test_who_may_not_read_it_marks_nothing(self, world: World, case: Case) -> None:
        stranger = actor_of(world.theirs.agent)
        with world.ours.scope():
            for who in (stranger, system("test")):
                with pytest.raises(NotAllowed):
                    mark_unread(case, by=who)
            assert not Seen.objects.exists()

    def test_the_product_itself_reads_nothing_and_has_nothing_to_read(self, world: World, case: Case) -> None:
        with world.ours.scope():
            assert see_case(case, by=system("intake")) is False
            assert unread_among([case.pk], person=None) == frozenset()
            assert unread_among([], person=world.ours.agent.pk) == frozenset()
            assert not Seen.objects.exists()


class TestCost:
    @pytest.mark.django_db(transaction=True)
    def test_looking_again_writes_nothing_and_holds_no_reader_of_the_log_back(
        self, world: World, case: Case, agent: Actor
    ) -> None:
        with world.ours.scope():
            see_case(case, by=agent)
        with world.ours.scope(), connection.cursor() as cursor:
            assert see_case(case, by=agent) is False
            cursor.execute("SELECT pg_current_xact_id_if_assigned()")
            assert cursor.fetchone() == (None,)

    def test_a_list_is_answered_by_indexes_however_much_was_said(
        self, world: World, case: Case, agent: Actor, lead: Actor
    ) -> None:
        """Given thousands of messages elsewhere, those of other cases are not read."""
        with world.ours.scope():
            see_case(case, by=agent)
            _thousands(world)
            with connection.cursor() as cursor:
                values = {"cases": [case.pk], "person": agent.id}
                cursor.execute(f"EXPLAIN {unread._AMONG}", values)
                plan = "\n".join(line for (line,) in cursor.fetchall())
        assert "Seq Scan on cases_message" not in plan, plan
        assert "message_of_case" in plan
        assert "hashed" not in plan


def _thousands(world: World) -> None:
    busy = [make_case(world.ours.entry_point) for _ in range(40)]
    said, author = Message.objects.filter(case=busy[0]).get(), world.ours.supervisor
    fields = {"company_id": said.company_id, "contact_id": said.contact_id, "at": said.at}
    Message.objects.bulk_create(
        Message(author="customer", text="", external_id=f"<{n}@x>", case=busy[n % 40], **fields)
        for n in range(5000)
    )
    Note.objects.bulk_create(
        Note(company_id=said.company_id, case=busy[n % 40], user=author, text="メモ", at=said.at)
        for n in range(2000)
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE cases_message, cases_note, cases_case")
