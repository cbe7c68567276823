"""Mails come in any order, and end in the same cases, each in the order in which it was sent."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from madoguchi.cases import queries
from madoguchi.cases.actions import (
    add_note,
    assign,
    change_status,
    merge,
    set_tags,
    split,
    unmerge,
    unsplit,
)
from madoguchi.cases.models import Case, Message, Status
from madoguchi.channels.email.tests.test_threading import thread_index_of
from madoguchi.companies.models import Desk
from madoguchi.fields.factories import make_matter
from madoguchi.infra import scope
from madoguchi.infra.models import Event
from madoguchi.intake.healing import join_parted
from madoguchi.intake.models import Arrival, Awaited, RawArrival
from madoguchi.intake.tests.test_handling import arrive
from madoguchi.kernel import clock
from madoguchi.people.factories import World
from madoguchi.people.queries import actor_of

pytestmark = pytest.mark.django_db
SENT = datetime(2026, 8, 1, 9, tzinfo=UTC)


def mail(
    number: int,
    *,
    answers: int | None = None,
    mentions: Sequence[int] = (),
    sender: str = "misaki",
    subject: str = "",
    copies: Sequence[str] = (),
    more: str = "",
) -> bytes:
    """Mail `number` of a world where mails are sent a minute apart; its subject never helps."""
    lines = [
        f"From: {sender}@home.example",
        f"Subject: {subject or f'words {number}'}",
        f"Message-ID: <m{number}@home.example>",
        f"Date: {format_datetime(SENT + timedelta(minutes=number))}",
    ]
    lines += ["Cc: " + ", ".join(f"{one}@home.example" for one in copies)] if copies else []
    lines += [] if answers is None else [f"In-Reply-To: <m{answers}@home.example>"]
    lines += ["References: " + " ".join(f"<m{n}@home.example>" for n in mentions)] if mentions else []
    return ("\r\n".join(lines) + f"\r\n{more}\r\nwords {number}\r\n").encode()


def case_of(arrival: Arrival) -> Case:
    """The case where a mail is now."""
    with scope.everywhere(reason="a test looks at everything"):
        return Message.objects.select_related("case").get(pk=arrival.message_id).case


def words_in(case: Case) -> list[str]:
    with scope.acting_for([case.company_id]):
        return [m.text.strip() for m in queries.timeline(case).messages]


_drawn = settings(
    max_examples=25,
    deadline=None,
    derandomize=True,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


class TestAnyOrder:
    @_drawn
    @given(data=st.data())
    def test_a_backlog_ends_in_the_same_cases_however_it_is_read(
        self, world: World, data: st.DataObject
    ) -> None:
        """Several conversations of one person each, answering any of their mails, naming one parent or all."""
        parents, raw = self.backlog(data, people=1)

        arrivals = {n: arrive(world.ours, raw[n]) for n in data.draw(st.permutations(range(len(raw))))}

        self.assert_in_conversations(world, arrivals, parents)

    @_drawn
    @given(data=st.data())
    def test_a_backlog_of_several_people_read_as_it_was_sent(self, world: World, data: st.DataObject) -> None:
        """Up to three people in each conversation, all in copy, answering anybody."""
        parents, raw = self.backlog(data, people=3)

        arrivals = {n: arrive(world.ours, one) for n, one in enumerate(raw)}

        self.assert_in_conversations(world, arrivals, parents)

    @_drawn
    @given(data=st.data())
    def test_however_it_is_read_no_case_goes_on_in_one_of_another_customer(
        self, world: World, data: st.DataObject
    ) -> None:
        """Each mail ends in a case of its sender's, or in one where a mail that it names was before it."""
        _parents, raw = self.backlog(data, people=3)
        order = data.draw(st.permutations(range(len(raw))))

        arrivals = {n: arrive(world.ours, raw[n]) for n in order}

        before: dict[int, set[str]] = {}
        with world.ours.scope():
            for left in Case.objects.exclude(continued_in=None).select_related("continued_in"):
                assert left.customer_id == left.continued_in.customer_id
        for n in order:
            case, head = case_of(arrivals[n]), raw[n].partition(b"\r\n\r\n")[0].decode()
            with world.ours.scope():
                own = Message.objects.get(pk=arrivals[n].message_id).contact.customer_id == case.customer_id
            assert own or any(f"<{known}>" in head for known in before.get(case.pk, ()))
            before.setdefault(case.pk, set()).add(f"m{n}@home.example")

    def assert_in_conversations(
        self, world: World, arrivals: dict[int, Arrival], parents: list[int | None]
    ) -> None:
        assert {a.state for a in arrivals.values()} == {"handled"}
        found: dict[int, set[int]] = {}
        for number, arrival in arrivals.items():
            found.setdefault(case_of(arrival).pk, set()).add(number)
        assert sorted(map(sorted, found.values())) == self.conversations(parents)
        with world.ours.scope():
            for pk, numbers in found.items():
                case = Case.objects.get(pk=pk)
                assert words_in(case) == [f"words {n}" for n in sorted(numbers)]
                assert (case.message_count, case.status, case.continued_in) == (len(numbers), "new", None)
            assert Case.objects.filter(continued_in=None, message_count__gt=0).count() == len(found)

    def backlog(self, data: st.DataObject, *, people: int) -> tuple[list[int | None], list[bytes]]:
        self.begin_anew()
        size = data.draw(st.integers(2, 9))
        parents = [None if n == 0 else data.draw(st.none() | st.integers(0, n - 1)) for n in range(size)]
        return parents, [self.drawn(data, n, parents, people) for n in range(size)]

    def begin_anew(self) -> None:
        with scope.everywhere(reason="a test begins anew"):
            RawArrival.objects.all().delete()
            Arrival.objects.all().delete()
            Awaited.objects.all().delete()
            # What was said before this must not be met again.
            Message.objects.update(external_id="")
            Case.objects.update(message_count=0)

    def drawn(self, data: st.DataObject, n: int, parents: list[int | None], most: int) -> bytes:
        all_of_them = [f"person{self.root(n, parents)}-{one}" for one in range(most)]
        writer = all_of_them.pop(data.draw(st.integers(0, most - 1)))
        above = self.above(n, parents)
        if not above:
            return mail(n, sender=writer, copies=all_of_them)
        named = {
            "parent": {"answers": above[-1]},
            "reference": {"mentions": above[-1:]},
            "all": {"answers": above[-1], "mentions": above},
        }
        more: dict[str, Any] = named[data.draw(st.sampled_from(sorted(named)))]
        return mail(n, sender=writer, copies=all_of_them, **more)

    def above(self, n: int, parents: list[int | None]) -> list[int]:
        chain: list[int] = []
        parent = parents[n]
        while parent is not None:
            chain.insert(0, parent)
            parent = parents[parent]
        return chain

    def root(self, n: int, parents: list[int | None]) -> int:
        return (self.above(n, parents) or [n])[0]

    def conversations(self, parents: list[int | None]) -> list[list[int]]:
        roots: dict[int, list[int]] = {}
        for n in range(len(parents)):
            roots.setdefault(self.root(n, parents), []).append(n)
        return sorted(roots.values())


class TestAnAnswerBeforeItsMail:
    def test_the_mail_lands_where_it_was_answered_and_stands_before_the_answer(self, world: World) -> None:
        answer = arrive(world.ours, mail(2, answers=1))
        late = arrive(world.ours, mail(1))

        assert case_of(late).pk == case_of(answer).pk
        assert words_in(case_of(late)) == ["words 1", "words 2"]

    def test_two_answers_to_what_never_came_are_one_case(self, world: World) -> None:
        one, other = arrive(world.ours, mail(2, answers=1)), arrive(world.ours, mail(3, answers=1))

        assert case_of(one).pk == case_of(other).pk

    def test_nothing_is_put_before_an_answer_of_ours(self, world: World) -> None:
        first = arrive(world.ours, mail(3, answers=1))
        with world.ours.scope():
            said = Message.objects.get(pk=first.message_id)
            said.pk, said.author, said.external_id, said.text = None, "staff", "ours@shop.example", "ours"
            said.at = clock.now()
            said.save(force_insert=True)

        late = arrive(world.ours, mail(1))

        assert words_in(case_of(late)) == ["words 3", "ours", "words 1"]

    def test_the_case_of_another_company_waits_for_nothing_of_ours(self, world: World) -> None:
        theirs = arrive(world.theirs, mail(2, answers=1))
        ours = arrive(world.ours, mail(1))

        assert case_of(ours).pk != case_of(theirs).pk


class TestTwoCasesThatAreOne:
    def tied(self, world: World) -> tuple[Arrival, Arrival]:
        """A case of the first mail, and one of an answer to the second, which has not come."""
        return arrive(world.ours, mail(1)), arrive(world.ours, mail(3, answers=2))

    def test_the_one_that_ties_them_brings_them_together(self, world: World) -> None:
        first, third = self.tied(world)
        before, gone = case_of(first), case_of(third)

        second = arrive(world.ours, mail(2, answers=1))

        case = case_of(second)
        assert {case_of(a).pk for a in (first, second, third)} == {before.pk}
        assert words_in(case) == ["words 1", "words 2", "words 3"]
        with world.ours.scope():
            left = Case.objects.get(pk=gone.pk)
            assert (left.status, left.continued_in_id, left.message_count) == ("closed", before.pk, 0)
            assert (left.waiting_since, case.message_count) == (None, 3)
            told = Event.objects.filter(kind__in=["case.continued", "case.took_in"]).order_by("id")
            assert [(e.case_id, e.data) for e in told] == [
                (gone.pk, {"into": before.pk, "merge": None}),
                (before.pk, {"other": gone.pk, "messages": 1, "merge": None}),
            ]

    def test_what_is_said_to_the_closed_one_goes_on_in_the_other(self, world: World) -> None:
        _first, third = self.tied(world)
        gone = case_of(third)
        arrive(world.ours, mail(2, answers=1))
        local, _, domain = world.ours.entry_point.address.partition("@")

        by_token = arrive(
            world.ours, mail(4, more=f"Delivered-To: {local}+c.{gone.reply_token}@{domain}\r\n")
        )

        assert case_of(by_token).pk == gone.pk - 1 != gone.pk
        with world.ours.scope():
            assert Case.objects.get(pk=gone.pk).status == "closed"

    @pytest.mark.parametrize("touch", ["assigned", "noted", "waiting"])
    def test_what_somebody_works_on_stays_and_takes_the_other_in(self, world: World, touch: str) -> None:
        first, third = self.tied(world)
        agent = actor_of(world.ours.agent)
        with world.ours.scope():
            worked_on = case_of(third)
            if touch == "assigned":
                assign(worked_on, to=agent.id, by=agent)
            elif touch == "noted":
                add_note(worked_on, text="調べます", by=agent)
            else:
                change_status(worked_on, to=Status.WAITING_THIRD, by=agent)

        second = arrive(world.ours, mail(2, answers=1))

        both = {case_of(first).pk, case_of(third).pk}
        if touch == "noted":
            # A note is seen only when they are about to be joined, so they stay two.
            assert both == {case_of(second).pk, worked_on.pk}
        else:
            assert both == {case_of(second).pk} == {worked_on.pk}

    def test_what_it_is_marked_with_goes_along(self, world: World) -> None:
        """By what a case is tagged with it is known who can answer it."""
        first, third = self.tied(world)
        agent, matter = actor_of(world.ours.agent), make_matter(world.ours.desk)
        with world.ours.scope():
            set_tags(case_of(first), to=["返品"], by=agent)
            set_tags(case_of(third), to=["英語", "返品"], by=agent)
            Case.objects.filter(pk=case_of(first).pk).update(filled={"1": "赤"})
            Case.objects.filter(pk=case_of(third).pk).update(filled={"1": "青", "2": 3}, matter=matter)

        second = arrive(world.ours, mail(2, answers=1))

        both = {case_of(first).pk, case_of(third).pk}
        went_on = case_of(second)
        assert both == {went_on.pk}
        assert went_on.tags == ["返品", "英語"]
        assert (went_on.filled, went_on.matter_id) == ({"1": "赤", "2": 3}, matter.pk)
        with world.ours.scope():
            told = Event.objects.filter(case_id=went_on.pk, kind="case.changed", data__field="tags").last()
        assert told is not None
        assert told.data["after"] == ["返品", "英語"]

    @pytest.mark.parametrize("deed", ["merged", "split"])
    def test_what_a_person_made_one_or_two_stays_and_can_be_undone(self, world: World, deed: str) -> None:
        first, third = self.tied(world)
        by, kept = actor_of(world.ours.supervisor), case_of(third)
        other = arrive(world.ours, mail(9, answers=3 if deed == "split" else None))
        with world.ours.scope():
            if deed == "merged":
                merged = merge(case_of(other), into=kept, by=by)
            else:
                parted = split(kept, messages=[other.message_id or 0], by=by)
                Case.objects.filter(pk=kept.pk).update(status=Status.NEW)

        second = arrive(world.ours, mail(2, answers=1))

        assert case_of(second).pk == case_of(first).pk != case_of(third).pk == kept.pk
        with world.ours.scope():
            assert Case.objects.get(pk=kept.pk).continued_in_id is None
            join_parted()
            assert Case.objects.get(pk=kept.pk).continued_in_id is None
            if deed == "merged":
                unmerge(merged, by=by)
                assert Case.objects.get(pk=merged.case_id).continued_in_id is None
            else:
                unsplit(parted, by=by)
                assert Case.objects.get(pk=parted.into_id).continued_in_id == kept.pk

    def test_two_that_are_worked_on_stay_two(self, world: World) -> None:
        first, third = self.tied(world)
        agent = actor_of(world.ours.agent)
        with world.ours.scope():
            for arrival in (first, third):
                assign(case_of(arrival), to=agent.id, by=agent)

        second = arrive(world.ours, mail(2, answers=1))

        assert case_of(second).pk == case_of(first).pk != case_of(third).pk

    def test_cases_of_two_desks_stay_two(self, world: World) -> None:
        first, third = self.tied(world)
        with world.ours.scope():
            elsewhere = Desk.objects.create(company=world.ours.company, name="別の窓口")
            Case.objects.filter(pk=case_of(third).pk).update(desk=elsewhere)

        second = arrive(world.ours, mail(2, answers=1))

        assert case_of(second).pk == case_of(first).pk != case_of(third).pk
        with world.ours.scope():
            left = Case.objects.get(pk=case_of(third).pk)
            assert (left.status, left.continued_in_id, left.desk_id) == ("new", None, elsewhere.pk)

    def test_nobody_ties_others_cases_by_mentioning_both(self, world: World) -> None:
        mine = arrive(world.ours, mail(1, sender="misaki", copies=["stranger"]))
        yours = arrive(world.ours, mail(2, sender="taro", copies=["stranger"]))

        third = arrive(world.ours, mail(3, sender="stranger", mentions=[1, 2]))

        assert case_of(mine).pk != case_of(yours).pk == case_of(third).pk


class TestOutlook:
    NAME = bytes(range(16))

    def test_an_answer_whose_other_headers_were_lost(self, world: World) -> None:
        first = arrive(world.ours, mail(1, more=f"Thread-Index: {thread_index_of(self.NAME)}\r\n"))
        answer = f"Thread-Index: {thread_index_of(self.NAME, answers=1)}\r\n"

        own = arrive(world.ours, mail(2, more=answer))
        strangers = arrive(world.ours, mail(3, sender="stranger", more=answer))

        assert case_of(own).pk == case_of(first).pk != case_of(strangers).pk

    def test_mails_made_from_one_draft_are_two_matters(self, world: World) -> None:
        index = f"Thread-Index: {thread_index_of(self.NAME)}\r\n"
        one, other = arrive(world.ours, mail(1, more=index)), arrive(world.ours, mail(2, more=index))

        assert case_of(one).pk != case_of(other).pk

    def test_the_beginning_may_come_last(self, world: World) -> None:
        answer = arrive(
            world.ours, mail(2, more=f"Thread-Index: {thread_index_of(self.NAME, answers=1)}\r\n")
        )
        first = arrive(world.ours, mail(1, more=f"Thread-Index: {thread_index_of(self.NAME)}\r\n"))

        assert case_of(first).pk == case_of(answer).pk


class TestLongClosed:
    def closed(self, world: World, *, days: int) -> Case:
        with clock.held_at(clock.now() - timedelta(days=days)):
            case = case_of(arrive(world.ours, mail(1)))
            agent = actor_of(world.ours.agent)
            with world.ours.scope():
                change_status(case, to=Status.SOLVED, by=agent)
        return case

    def test_an_answer_within_thirty_days_opens_it_again(self, world: World) -> None:
        case = self.closed(world, days=29)

        again = arrive(world.ours, mail(2, answers=1))

        assert case_of(again).pk == case.pk
        assert case_of(again).status == "open"

    def test_one_after_that_begins_a_new_case_linked_both_ways(self, world: World) -> None:
        case = self.closed(world, days=31)

        again = case_of(arrive(world.ours, mail(2, answers=1)))

        assert (again.status, again.follows_id, again.customer_id) == ("new", case.pk, case.customer_id)
        with world.ours.scope():
            old = Case.objects.get(pk=case.pk)
            assert (old.status, old.followed_by_id, old.message_count) == ("solved", again.pk, 1)
            opened = Event.objects.filter(kind="case.opened", case_id=again.pk).get()
            assert opened.data["follows"] == case.pk

    def test_further_answers_to_the_old_one_go_on_in_the_new_one(self, world: World) -> None:
        self.closed(world, days=31)
        again = case_of(arrive(world.ours, mail(2, answers=1)))

        further = case_of(arrive(world.ours, mail(3, answers=1)))

        assert further.pk == again.pk

    def test_a_robot_begins_nothing(self, world: World) -> None:
        case = self.closed(world, days=31)

        away = case_of(arrive(world.ours, mail(2, answers=1, more="Auto-Submitted: auto-replied\r\n")))

        assert (away.pk, away.status) == (case.pk, "solved")

    def test_the_days_are_a_setting(self, world: World, settings: Any) -> None:
        settings.REOPEN_DAYS = 60
        case = self.closed(world, days=31)

        assert case_of(arrive(world.ours, mail(2, answers=1))).pk == case.pk


class TestWhoMayJoinIn:
    def test_a_number_in_the_text_counts_for_its_own_customer_alone(self, world: World) -> None:
        first = case_of(arrive(world.ours, mail(1)))
        number = first.spoken_number(world.ours.company.prefix)

        own = case_of(arrive(world.ours, mail(2, more=f"\r\n[{number}] の件です。\r\n")))
        guessed = case_of(
            arrive(world.ours, mail(3, sender="stranger", more=f"\r\n[{number}] の件です。\r\n"))
        )

        assert own.pk == first.pk != guessed.pk

    def test_somebody_in_copy_joins_it_and_the_customer_stays(self, world: World) -> None:
        first = case_of(arrive(world.ours, mail(1, copies=["Colleague"])))

        colleague = arrive(world.ours, mail(2, answers=1, sender="colleague"))

        case = case_of(colleague)
        assert (case.pk, case.customer_id) == (first.pk, first.customer_id)
        with world.ours.scope():
            said = Message.objects.select_related("contact").get(pk=colleague.message_id)
            assert said.contact.customer_id != case.customer_id

    def test_a_subject_alone_joins_nothing(self, world: World) -> None:
        one = arrive(world.ours, mail(1, subject="Re: 炊飯器"))
        other = arrive(world.ours, mail(2, subject="Re: 炊飯器"))

        assert case_of(one).pk != case_of(other).pk

    def test_two_strangers_who_answer_the_same_circular_have_a_case_each(self, world: World) -> None:
        circular, sure = 1, 2
        one = arrive(world.ours, mail(3, answers=circular, mentions=[circular]))
        other = arrive(world.ours, mail(4, answers=circular, mentions=[circular], sender="stranger"))
        own = arrive(world.ours, mail(5, answers=circular))
        beside = arrive(world.ours, mail(6, mentions=[sure, circular], sender="third"))

        assert case_of(one).pk == case_of(own).pk
        assert len({case_of(each).pk for each in (one, other, beside)}) == 3
        assert words_in(case_of(one)) == ["words 3", "words 5"]
