"""What a customer says becomes a case and its messages: every field, every event, nothing twice."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from madoguchi.cases import actions, queries
from madoguchi.cases.actions.arrive import new_reply_token
from madoguchi.cases.factories import arriving, make_case, say_again
from madoguchi.cases.models import Attachment, Case, Contact, Message, NumberCounter, Priority, Status
from madoguchi.infra import files, scope
from madoguchi.infra.models import Event
from madoguchi.kernel import clock
from madoguchi.kernel.actor import system
from madoguchi.kernel.channel import File, Party
from madoguchi.kernel.errors import NotFound
from madoguchi.kernel.pieces import Kind, Piece
from madoguchi.people.factories import World
from madoguchi.people.queries import actor_of

pytestmark = pytest.mark.django_db
MISAKI = Party("misaki@home.example", "髙橋 美咲")
MORNING = datetime.fromisoformat("2026-08-03T09:00:00+09:00")
INTAKE = system("intake")


def facts(case: Case) -> list[tuple[str, dict[str, Any]]]:
    with scope.everywhere(reason="a test looks at the log"):
        return [(e.kind, e.data) for e in Event.objects.filter(case_id=case.pk).order_by("id")]


def now(case: Case) -> Case:
    with scope.acting_for([case.company_id]):
        return Case.objects.get(pk=case.pk)


def become(case: Case, status: Status, world: World) -> None:
    agent = actor_of(world.ours.agent)
    with scope.acting_for(agent.companies):
        actions.change_status(now(case), to=status, by=agent)


class TestOpening:
    def test_a_first_word_opens_a_case_of_the_desk_it_came_to(self, world: World) -> None:
        with clock.held_at(MORNING):
            case = make_case(world.ours.entry_point, sender=MISAKI)

        assert (case.company_id, case.desk_id) == (world.ours.company.pk, world.ours.desk.pk)
        assert case.entry_point_id == world.ours.entry_point.pk
        assert (case.number, case.channel, case.language) == (1001, "email", "ja")
        assert (case.subject, case.preview) == ("炊飯器について", "電源が入りません。")
        assert (case.status, case.priority, case.tags) == (Status.NEW, Priority.NORMAL, [])
        assert (case.assignee_id, case.message_count, case.version) == (None, 1, 1)
        assert case.opened_at == case.touched_at == case.waiting_since == MORNING
        assert (case.first_replied_at, case.solved_at) == (None, None)

    def test_with_its_contact_and_message(self, world: World) -> None:
        with clock.held_at(MORNING):
            case = make_case(world.ours.entry_point, sender=MISAKI)

        with world.ours.scope():
            contact, message = Contact.objects.get(), Message.objects.get()
            assert (contact.case_id, contact.customer_id) == (case.pk, case.customer_id)
            assert (contact.channel, contact.inbound, contact.at) == ("email", True, MORNING)
            assert contact.entry_point_id == world.ours.entry_point.pk
            assert (message.case_id, message.contact_id) == (case.pk, contact.pk)
            assert (message.author, message.user_id, message.inbound) == ("customer", None, True)
            assert (message.sender_name, message.sender_address) == ("髙橋 美咲", "misaki@home.example")
            assert (message.subject, message.text, message.at) == (
                "炊飯器について",
                "電源が入りません。",
                MORNING,
            )
            # What is newly written is kept apart only where it is less than the whole.
            assert message.new_text == ""

    def test_what_came_along_keeps_its_place(self, world: World) -> None:
        quote, new, card = "> いつですか。\n", "3日です。\n", "-- \n髙橋"
        pieces = (Piece(Kind.QUOTE, quote), Piece(Kind.NEW, new), Piece(Kind.SIGNATURE, card))

        with world.ours.scope():
            arrived = arriving(world.ours.entry_point, text=quote + new + card, pieces=pieces)
            placed = actions.open_case(arrived, by=INTAKE)

            message = Message.objects.get(pk=placed.message)
            assert message.pieces == [["quote", len(quote)], ["new", len(new)], ["signature", len(card)]]
            assert message.in_pieces() == list(pieces)
            assert message.new_text == "3日です。"

    def test_where_an_answer_is_wished_for_is_kept(self, world: World) -> None:
        elsewhere = (Party("sato@work.example", "佐藤"),)
        case = make_case(world.ours.entry_point, sender=MISAKI)
        said = say_again(case, reply_to=elsewhere)

        with scope.acting_for([case.company_id]):
            first = Message.objects.filter(case=case).order_by("id").first()
        assert said.reply_to == [{"name": "佐藤", "address": "sato@work.example"}]
        assert first is not None
        assert first.reply_to == []

    def test_older_messages_begin_with_what_is_new(self) -> None:
        message = Message(text="3日です。\n> いつですか。", new_text="3日です。\n")

        assert message.in_pieces() == [Piece(Kind.NEW, "3日です。\n"), Piece(Kind.QUOTE, "> いつですか。")]

    def test_the_log_says_so_once(self, world: World) -> None:
        case = make_case(world.ours.entry_point)

        told = {"number": 1001, "channel": "email", "customer": case.customer_id, "automatic": ""}
        told |= {"follows": None}
        assert facts(case) == [("case.opened", told)]

    def test_a_robots_first_word_makes_nobody_wait(self, world: World) -> None:
        case = make_case(world.ours.entry_point, automatic="bounce")

        assert (case.status, case.waiting_since) == (Status.NEW, None)
        assert facts(case)[0][1]["automatic"] == "bounce"

    @pytest.mark.parametrize(
        ("subject", "text", "called"),
        [
            ("返品", "靴です", "返品"),
            ("", "靴の返品をお願いします", "靴の返品をお願いします"),
            ("  \n ", "靴\nの返品", "靴 の返品"),
            ("", "あ" * 100, "あ" * 60),
            ("件" * 600, "靴", "件" * 500),
        ],
    )
    def test_it_is_called_by_its_subject_or_its_first_words(
        self, world: World, subject: str, text: str, called: str
    ) -> None:
        assert make_case(world.ours.entry_point, subject=subject, text=text).subject == called

    def test_the_preview_is_one_line_of_160_letters(self, world: World) -> None:
        case = make_case(world.ours.entry_point, text="一行目\n\n" + "あ" * 300)

        assert case.preview == "一行目 " + "あ" * 156

    def test_each_company_counts_for_itself_without_a_gap(self, world: World) -> None:
        numbers = [make_case(world.ours.entry_point).number for _ in range(3)]
        theirs = make_case(world.theirs.entry_point).number

        assert (numbers, theirs) == ([1001, 1002, 1003], 1001)
        with scope.everywhere(reason="a test looks at the counters"):
            counters = dict(NumberCounter.objects.values_list("company_id", "last"))
        assert counters == {world.ours.company.pk: 1003, world.theirs.company.pk: 1001}

    def test_the_same_customer_has_several_cases(self, world: World) -> None:
        one = make_case(world.ours.entry_point, sender=MISAKI)
        other = make_case(world.ours.entry_point, sender=Party("MISAKI@Home.Example", "美咲"))

        assert one.customer_id == other.customer_id
        assert one.pk != other.pk

    def test_tokens_are_long_speakable_and_differ(self) -> None:
        tokens = {new_reply_token() for _ in range(500)}

        assert len(tokens) == 500
        assert {len(token) for token in tokens} == {16}
        assert set("".join(tokens)) <= set("abcdefghjkmnpqrstuvwxyz23456789")

    def test_it_takes_few_statements(self, world: World) -> None:
        with world.ours.scope():
            came = arriving(world.ours.entry_point)
            with CaptureQueriesContext(connection) as asked:
                actions.open_case(came, by=INTAKE)

        assert [q["sql"].split()[0] for q in asked] == ["WITH", "INSERT"]


class TestContinuing:
    @pytest.mark.parametrize(
        ("before", "after", "reopened"),
        [
            (Status.NEW, Status.NEW, False),
            (Status.OPEN, Status.OPEN, False),
            (Status.WAITING_CUSTOMER, Status.OPEN, False),
            (Status.WAITING_THIRD, Status.OPEN, False),
            (Status.SOLVED, Status.OPEN, True),
            (Status.CLOSED, Status.OPEN, True),
        ],
    )
    def test_a_persons_word_makes_the_case_ours_to_act_on(
        self, world: World, before: Status, after: Status, reopened: bool
    ) -> None:
        case = make_case(world.ours.entry_point)
        become(case, before, world)

        message = say_again(case)

        assert now(case).status == after
        kind, data = facts(case)[-1]
        assert kind == "message.received"
        expected = {
            "message": message.pk,
            "channel": "email",
            "automatic": "",
            "reopened": reopened,
            "goes_on": False,
        }
        assert data == expected

    @pytest.mark.parametrize("before", list(Status))
    def test_a_robots_word_is_added_and_changes_nothing_else(self, world: World, before: Status) -> None:
        case = make_case(world.ours.entry_point)
        become(case, before, world)
        was = now(case)

        say_again(case, text="不在です。", automatic="auto-reply")

        case = now(case)
        assert case.status == was.status
        assert (case.touched_at, case.waiting_since) == (was.touched_at, was.waiting_since)
        assert (case.preview, case.solved_at) == (was.preview, was.solved_at)
        assert (case.message_count, case.version) == (2, was.version + 1)
        assert facts(case)[-1][1]["reopened"] is False

    def test_the_wait_began_with_the_first_word_not_the_last(self, world: World) -> None:
        with clock.held_at(MORNING):
            case = make_case(world.ours.entry_point)
        with clock.held_at(MORNING + timedelta(hours=3)):
            say_again(case)

        case = now(case)
        assert case.waiting_since == MORNING
        assert case.touched_at == MORNING + timedelta(hours=3)
        assert (case.preview, case.message_count) == ("まだ動きません。", 2)

    @pytest.mark.parametrize(
        ("rest", "waits_since"),
        [
            (Status.SOLVED, MORNING + timedelta(days=2)),
            (Status.CLOSED, MORNING + timedelta(days=2)),
            (Status.WAITING_CUSTOMER, MORNING + timedelta(days=2)),
            (Status.WAITING_THIRD, MORNING),
        ],
    )
    def test_a_wait_that_was_over_begins_anew(
        self, world: World, rest: Status, waits_since: datetime
    ) -> None:
        with clock.held_at(MORNING):
            case = make_case(world.ours.entry_point)
            become(case, rest, world)
        with clock.held_at(MORNING + timedelta(days=2)):
            say_again(case)

        assert now(case).waiting_since == waits_since

    def test_another_companys_case_is_not_continued(self, world: World) -> None:
        theirs = make_case(world.theirs.entry_point)
        with world.ours.scope():
            came = arriving(world.ours.entry_point)
            with pytest.raises(IndexError):
                actions.continue_case(theirs.pk, came, by=INTAKE)

        assert now(theirs).message_count == 1
        assert len(facts(theirs)) == 1


class TestFiles:
    def test_they_are_kept_with_their_names_types_and_bytes(self, world: World) -> None:
        sent = (
            File("写真.png", "image/png", b"\x89PNG", inline=True, content_id="p1"),
            File("", "", b"?"),
        )
        make_case(world.ours.entry_point, files=sent)

        with world.ours.scope():
            photo, nameless = Attachment.objects.order_by("id")
            assert (photo.filename, photo.content_type, photo.size) == ("写真.png", "image/png", 4)
            assert (photo.inline, photo.content_id) == (True, "p1")
            assert (nameless.filename, nameless.content_type) == ("file", "application/octet-stream")
            assert (nameless.inline, nameless.content_id) == (False, "")
            kept = [files.read(a.sha256, company=world.ours.company.pk) for a in (photo, nameless)]
        assert kept == [b"\x89PNG", b"?"]

    def test_they_are_found_by_who_may_read_the_case(self, world: World) -> None:
        make_case(world.ours.entry_point, files=(File("a.txt", "text/plain", b"a"),))
        with world.ours.scope():
            kept = Attachment.objects.get()
            for who in (world.ours.agent, world.ours.manager, world.ours.company_staff):
                assert queries.attachment(kept.pk, actor=actor_of(who)) == kept
            for who in (world.theirs.agent, world.administrator):
                with pytest.raises(NotFound):
                    queries.attachment(kept.pk, actor=actor_of(who))
            with pytest.raises(NotFound):
                queries.attachment(kept.pk + 1, actor=actor_of(world.ours.agent))


class TestTimeline:
    def talk(self, world: World, length: int) -> Case:
        with clock.held_at(MORNING):
            case = make_case(world.ours.entry_point, text="語0")
        for n in range(1, length):
            with clock.held_at(MORNING + timedelta(minutes=n)):
                say_again(case, text=f"語{n}")
        return case

    def test_oldest_first_and_the_earlier_on_demand(self, world: World) -> None:
        case = self.talk(world, 7)
        seen: list[list[str]] = []
        with world.ours.scope():
            before = None
            while True:
                part = queries.timeline(case, before=before, most=3)
                seen.append([m.text for m in part.messages])
                if part.earlier is None:
                    break
                before = part.earlier
        assert seen == [["語4", "語5", "語6"], ["語1", "語2", "語3"], ["語0"]]

    def test_notes_stand_beside_the_words_of_their_time(self, world: World) -> None:
        case = self.talk(world, 5)
        agent = actor_of(world.ours.agent)
        with scope.acting_for(agent.companies):
            for minute in (0.5, 3.5):
                with clock.held_at(MORNING + timedelta(minutes=minute)):
                    actions.add_note(case, text=f"メモ{minute}", by=agent)

            late = queries.timeline(case, most=2)
            assert [n.text for n in late.notes] == ["メモ3.5"]
            early = queries.timeline(case, before=late.earlier, most=10)
            assert ([m.text for m in early.messages], early.earlier) == (["語0", "語1", "語2"], None)
            assert [n.text for n in early.notes] == ["メモ0.5"]

    def test_two_queries_for_one_message_as_for_many(self, world: World) -> None:
        cost = []
        for length in (1, 6):
            case = self.talk(world, length)
            with world.ours.scope(), CaptureQueriesContext(connection) as asked:
                part = queries.timeline(case)
                assert (len(part.messages), part.files) == (length, {})
            cost.append(len(asked))
        assert cost == [2, 2]

    def test_files_are_asked_for_where_there_are_any(self, world: World) -> None:
        photo, note = (File(name, "image/png", name.encode()) for name in ("箱.png", "傷.png"))
        case = make_case(world.ours.entry_point, files=(photo, note))
        say_again(case)
        with world.ours.scope(), CaptureQueriesContext(connection) as asked:
            part = queries.timeline(case)

        bearing, bare = part.messages
        assert (bearing.has_files, bare.has_files) == (True, False)
        assert {id_: [f.filename for f in found] for id_, found in part.files.items()} == {
            bearing.pk: ["箱.png", "傷.png"]
        }
        assert len(asked) == 3


class TestOtherCases:
    def test_newest_first_without_the_case_itself(self, world: World) -> None:
        cases = []
        for n in range(7):
            with clock.held_at(MORNING + timedelta(days=n)):
                cases.append(make_case(world.ours.entry_point, sender=MISAKI, subject=f"件{n}"))
        make_case(world.theirs.entry_point, sender=MISAKI)
        agent = actor_of(world.ours.agent)
        with scope.acting_for(agent.companies):
            others = queries.other_cases(cases[6], actor=agent)
            assert [c.subject for c in others] == ["件5", "件4", "件3", "件2", "件1"]
            assert [c.subject for c in queries.other_cases(cases[6], actor=agent, most=2)] == ["件5", "件4"]


class TestByNumber:
    @pytest.mark.parametrize("written", ["{}-1001", " {}-1001 ", "{}ー１００１", "{}－1001"])
    def test_however_it_is_written(self, world: World, written: str) -> None:
        case = make_case(world.ours.entry_point)
        agent = actor_of(world.ours.agent)
        with scope.acting_for(agent.companies):
            said = written.format(world.ours.company.prefix)
            assert queries.case_by_number(said, actor=agent).pk == case.pk
            assert queries.case_by_number(said.lower(), actor=agent).pk == case.pk

    @pytest.mark.parametrize("written", ["", "1001", "{}-1002", "{}-", "{}-1001-1", "???", "{}-1001; --"])
    def test_anything_else_is_not_found(self, world: World, written: str) -> None:
        make_case(world.ours.entry_point)
        agent = actor_of(world.ours.agent)
        with scope.acting_for(agent.companies), pytest.raises(NotFound):
            queries.case_by_number(written.format(world.ours.company.prefix), actor=agent)

    def test_one_query_brings_all_that_a_page_says_of_it(self, world: World) -> None:
        number = make_case(world.ours.entry_point).spoken_number(world.ours.company.prefix)
        agent = actor_of(world.ours.agent)
        with scope.acting_for(agent.companies), CaptureQueriesContext(connection) as asked:
            case = queries.case_by_number(number, actor=agent)
            assert (case.company, case.desk, case.customer.name) == (
                world.ours.company,
                world.ours.desk,
                "髙橋 美咲",
            )
            assert (case.desk.company, case.entry_point, case.assignee) == (
                world.ours.company,
                world.ours.entry_point,
                None,
            )
        assert len(asked) == 1
