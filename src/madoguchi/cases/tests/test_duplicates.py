"""What may be one matter told twice: who is compared, how alike is alike, and that it is never a scan."""

from copy import deepcopy
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from madoguchi.cases import duplicates
from madoguchi.cases.actions import change_status, link, merge, suggest_again, tell_apart, unlink
from madoguchi.cases.duplicates import (
    ALIKE,
    APART,
    LOOKED_AT,
    MOST_MESSAGES,
    MOST_OTHERS,
    clusters,
    duplicates_among,
    duplicates_of,
    likeness,
)
from madoguchi.cases.factories import make_case
from madoguchi.cases.models import Case, Message, Status, ToldApart
from madoguchi.companies.factories import make_desk, make_engagement, make_entry_point
from madoguchi.infra.models import Event
from madoguchi.intake.tests.test_bounds import BIG, assert_bounded, copy
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor
from madoguchi.kernel.channel import Party
from madoguchi.kernel.errors import NotAllowed, NotFound
from madoguchi.people.factories import World, make_world
from madoguchi.people.queries import actor_of

pytestmark = pytest.mark.django_db
MISAKI = Party("misaki@home.example", "髙橋 美咲")
MORNING = datetime.fromisoformat("2026-08-03T09:00:00+09:00")
BROKEN = "お世話になっております。先週購入した炊飯器ＫＳ－２００の電源が入りません。交換をお願いできますでしょうか。"
BROKEN_AGAIN = (
    "お世話になります。先週購入した炊飯器KS-200の電源が入りません。交換をお願い出来ますでしょうか。"
)
OTHER = "お世話になっております。注文番号 4471 の領収書を、宛名を会社名にして送っていただけますでしょうか。"


def told(
    world: World,
    text: str,
    *,
    after: timedelta = timedelta(),
    sender: Party = MISAKI,
    subject: str = "炊飯器",
) -> Case:
    with clock.held_at(MORNING + after):
        return make_case(world.ours.entry_point, text=text, sender=sender, subject=subject)


def pairs(world: World, actor: Actor | None = None) -> list[tuple[int, int]]:
    look = duplicates_among([world.ours.desk.pk], actor=actor)
    return [(found.case.pk, found.other.pk) for found in look.found]


class TestLikeness:
    def test_the_same_in_other_widths_and_words_is_alike(self) -> None:
        assert likeness(BROKEN, BROKEN) == 100
        assert likeness("ＫＳ－２００が 届きません", "ks-200が届きません") == 100
        assert likeness(BROKEN, BROKEN_AGAIN) == 88

    def test_another_matter_behind_the_same_greeting_is_not(self) -> None:
        assert likeness(BROKEN, OTHER) < ALIKE

    def test_that_both_answer_the_same_form_makes_them_no_more_alike(self) -> None:
        form = "【ご購入された商品の名前と型番】 {}\n\n【お困りの内容をできるだけ詳しくお書きください】\n{}"
        same = (
            form.format("炊飯器 KS-200", "電源が入りません"),
            form.format("ｋｓ－２００炊飯器", "電源が 入りません"),
        )
        other = (
            form.format("炊飯器 KS-200", "電源が入りません"),
            form.format("掃除機 V8", "領収書をください"),
        )

        assert likeness(*same) > ALIKE
        assert likeness(*other) < 20

    def test_nothing_is_like_nothing(self) -> None:
        assert (likeness("", ""), likeness("", BROKEN), likeness("あ", "あ")) == (0, 0, 100)

    @given(st.text(max_size=40), st.text(max_size=40))
    def test_it_is_the_same_from_either_side_and_within_bounds(self, one: str, other: str) -> None:
        assert likeness(one, other) == likeness(other, one)
        assert 0 <= likeness(one, other) <= 100


@given(st.lists(st.tuples(st.integers(0, 12), st.integers(0, 12)), max_size=20))
def test_clusters_part_what_does_not_hang_together(pairs: list[tuple[int, int]]) -> None:
    found = clusters(pairs)

    assert sum(map(len, found)) == len({pk for pair in pairs for pk in pair})
    assert all(sum(set(pair) <= one for one in found) == 1 for pair in pairs)


class TestWhoIsCompared:
    def test_the_same_customer_soon_after_in_nearly_the_same_words(
        self, world: World, supervisor: Actor
    ) -> None:
        older = told(world, BROKEN)
        younger = told(world, BROKEN_AGAIN, after=timedelta(hours=3))
        told(world, OTHER, after=timedelta(hours=4))
        with world.ours.scope():
            [found] = duplicates_of(Case.objects.get(pk=older.pk), actor=supervisor)

            assert (found.case.pk, found.other.pk) == (younger.pk, older.pk)
            assert (found.score, found.same_subject, found.apart) == (88, True, timedelta(hours=3))
            assert duplicates_of(Case.objects.get(pk=younger.pk), actor=supervisor) == [found]
            assert pairs(world, supervisor) == [(younger.pk, older.pk)]

    @pytest.mark.parametrize(
        ("after", "count"), [(APART, 1), (APART + timedelta(seconds=1), 0)], ids=["in time", "too late"]
    )
    def test_not_longer_ago_than_two_weeks(self, world: World, after: timedelta, count: int) -> None:
        older = told(world, BROKEN)
        told(world, BROKEN, after=after)
        with world.ours.scope():
            assert len(duplicates_of(older, actor=None)) == len(pairs(world)) == count

    def test_nobody_else(self, world: World) -> None:
        case = told(world, BROKEN)
        told(world, BROKEN, sender=Party("kenji@home.example", "伊藤 健二"))
        with world.ours.scope():
            assert (duplicates_of(case, actor=None), pairs(world)) == ([], [])

    def test_not_two_that_are_both_at_rest(self, world: World, supervisor: Actor) -> None:
        one, other = told(world, BROKEN), told(world, BROKEN)
        with world.ours.scope():
            change_status(one, to=Status.SOLVED, by=supervisor)
            assert pairs(world) == [(other.pk, one.pk)]
            change_status(other, to=Status.SOLVED, by=supervisor)
            assert pairs(world) == []

    def test_not_what_has_been_merged(self, world: World, supervisor: Actor) -> None:
        one, other = told(world, BROKEN), told(world, BROKEN)
        with world.ours.scope():
            merge(other, into=one, by=supervisor)
            assert pairs(world) == []

    def test_not_what_somebody_has_linked(self, world: World, supervisor: Actor) -> None:
        one, other = told(world, BROKEN), told(world, BROKEN)
        with world.ours.scope():
            made = link(one, role="child", other=other, by=supervisor)
            assert (pairs(world), duplicates_of(one, actor=None)) == ([], [])
            unlink(made, by=supervisor)
            assert pairs(world) == [(other.pk, one.pk)]

    def test_what_a_machine_wrote_is_not_compared(self, world: World) -> None:
        case = told(world, BROKEN)
        with world.ours.scope():
            Message.objects.filter(case=case).update(automatic="auto-reply")
        told(world, BROKEN)
        with world.ours.scope():
            assert pairs(world) == []

    def test_a_case_at_a_desk_that_the_reader_does_not_see_is_left_out(self, world: World) -> None:
        case = told(world, BROKEN)
        desk = make_desk(world.ours.company)
        make_engagement(world.ours.operator, desk)
        with clock.held_at(MORNING):
            make_case(make_entry_point(desk), text=BROKEN, sender=MISAKI)
        agent, manager = actor_of(world.ours.agent), actor_of(world.ours.manager)
        with world.ours.scope():
            assert duplicates_of(case, actor=agent) == []
            assert len(duplicates_of(case, actor=manager)) == 1

    def test_two_companies_are_never_compared(self, world: World) -> None:
        case = told(world, BROKEN)
        with clock.held_at(MORNING):
            make_case(world.theirs.entry_point, text=BROKEN, sender=MISAKI)
        with world.ours.scope():
            assert duplicates_of(case, actor=None) == []
            look = duplicates_among([world.ours.desk.pk, world.theirs.desk.pk], actor=None)
            assert (look.found, look.looked_at) == ([], 1)


class TestTellingApart:
    def test_it_is_remembered_by_both_and_can_be_taken_back(self, world: World, supervisor: Actor) -> None:
        one, other = told(world, BROKEN), told(world, BROKEN)
        with world.ours.scope():
            tell_apart(other, one, by=supervisor)
            tell_apart(one, other, by=supervisor)

            assert (pairs(world), duplicates_of(one, actor=None)) == ([], [])
            told_of = Event.objects.filter(kind="case.told_apart").order_by("id")
            assert [(e.case_id, e.data) for e in told_of] == [
                (one.pk, {"other": other.pk, "apart": True}),
                (other.pk, {"other": one.pk, "apart": True}),
            ]

            suggest_again(one, other, by=supervisor)
            suggest_again(one, other, by=supervisor)
            assert pairs(world) == [(other.pk, one.pk)]
            assert told_of.all().count() == 4

    def test_who_may_not_change_the_case_tells_nothing(self, world: World) -> None:
        one, other = told(world, BROKEN), told(world, BROKEN)
        staff = actor_of(world.ours.company_staff)
        with world.ours.scope():
            for attempt in (tell_apart, suggest_again):
                with pytest.raises(NotAllowed):
                    attempt(one, other, by=staff)
            assert not ToldApart.objects.exists()
            assert not Event.objects.filter(kind="case.told_apart").exists()

    def test_cases_of_two_customers_were_never_suggested(self, world: World, supervisor: Actor) -> None:
        one, other = told(world, BROKEN), make_case(world.ours.entry_point)
        with world.ours.scope():
            for second in (one, other):
                with pytest.raises(NotFound):
                    tell_apart(one, second, by=supervisor)
            assert not ToldApart.objects.exists()


def test_looking_further_back_goes_on_where_it_stopped(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(duplicates, "LOOKED_AT", 3)
    cases = [told(world, BROKEN) for _ in range(5)]
    with world.ours.scope():
        first = duplicates_among([world.ours.desk.pk], actor=None)
        second = duplicates_among([world.ours.desk.pk], actor=None, before=first.earlier)

        seen = sorted({found.case.pk for found in first.found}), sorted({f.case.pk for f in second.found})
        assert seen == ([case.pk for case in cases[2:]], [cases[1].pk])
        assert (first.looked_at, second.looked_at, second.earlier) == (3, 2, None)


@pytest.mark.long
class TestBounds:
    """However many cases there are, and however many one customer has."""

    @pytest.fixture(scope="class")
    @classmethod
    def made(cls, kept_in_class: Any) -> tuple[World, Case]:
        with kept_in_class(*BIG):
            world = make_world()
            return world, cls.make_crowd(world)

    @pytest.fixture
    def world(self, db: None, made: tuple[World, Case]) -> World:
        return deepcopy(made[0])

    @pytest.fixture
    def crowd(self, db: None, made: tuple[World, Case]) -> Case:
        return deepcopy(made[1])

    @staticmethod
    def make_crowd(world: World) -> Case:
        case = told(world, BROKEN)
        with world.ours.scope():
            said = Message.objects.get(case=case)
            many = copy(
                Case.objects.get(pk=case.pk),
                2_000,
                number=lambda n: 100_000 + n,
                reply_token=lambda n: f"crowd{n}",
                opened_at=lambda n: case.opened_at - timedelta(seconds=n),
            )
            copy(said, 2_000, case_id=lambda n: many[n].pk)
        return case

    def test_one_case_is_compared_with_a_few(self, world: World, crowd: Case) -> None:
        with world.ours.scope():
            values = duplicates._values(case=crowd.pk)
            assert_bounded(duplicates._OF_ONE, values, cases_case=MOST_OTHERS + 3)
            assert len(duplicates_of(crowd, actor=None)) == MOST_OTHERS

    def test_a_list_looks_at_the_newest(self, world: World, crowd: Case) -> None:
        with world.ours.scope():
            values = duplicates._values(
                desks=[world.ours.desk.pk], before=duplicates.END, id=0, looked_at=LOOKED_AT
            )
            # The newest with the next one, to see where they end, and of each so many of its customer's.
            most = LOOKED_AT + 1 + LOOKED_AT * (MOST_OTHERS + 1)
            assert_bounded(duplicates._OF_MANY, values, cases_case=most)
            look = duplicates_among([world.ours.desk.pk], actor=None)
            assert (look.looked_at, len(look.found)) == (LOOKED_AT, LOOKED_AT * MOST_OTHERS)

    def test_of_what_was_said_the_beginning_is_read(self, world: World, crowd: Case) -> None:
        with world.ours.scope():
            said = Message.objects.get(case=crowd)
            copy(said, 500)
            values = {"cases": [crowd.pk], "words": 2000, "messages": MOST_MESSAGES}
            assert_bounded(duplicates._SAID, values, cases_message=MOST_MESSAGES)
