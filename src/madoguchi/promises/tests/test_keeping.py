"""What may be entered, moved, given and shown of promises: refusals change nothing, owners and calendars are kept."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.utils.translation import override

from madoguchi.cases.actions import merge
from madoguchi.cases.factories import make_case
from madoguchi.cases.models import Case
from madoguchi.infra.models import Event
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor
from madoguchi.kernel.errors import NotAllowed, NotFound, Refused
from madoguchi.kernel.hours import USUAL
from madoguchi.people.factories import World
from madoguchi.people.queries import actor_of
from madoguchi.promises.actions import set_levels, switch_levels
from madoguchi.promises.keeping import (
    FARTHEST,
    MOST_OPEN,
    Told,
    give_promise,
    keep_promise,
    make_promise,
    move_promise,
    reopen_promise,
    tell_due_promises,
    withdraw_promise,
)
from madoguchi.promises.ledger import (
    KeptRate,
    at_risk,
    calendar_for,
    open_promises_of,
    promise_by_id,
    promises_of,
    told_to_customer,
)
from madoguchi.promises.models import Promise
from madoguchi.promises.tests.living import LEVELS, MISAKI, NINE, tokyo

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.mark.parametrize(
    ("kept", "broken", "rate", "percent"),
    [
        (0, 0, None, "–"),
        (1, 0, 1.0, "100.0%"),
        (0, 1, 0.0, "0.0%"),
        (1, 2, 1 / 3, "33.3%"),
        (2, 1, 2 / 3, "66.7%"),
        (1_999, 1, 0.9995, "100.0%"),
    ],
)
def test_the_kept_rate_is_of_what_is_decided(
    kept: int, broken: int, rate: float | None, percent: str
) -> None:
    found = KeptRate(of=None, kept=kept, broken=broken, moved=0)

    assert (found.rate, found.percent) == (rate, percent)


@pytest.fixture
def agent(world: World) -> Actor:
    return actor_of(world.ours.agent)


@pytest.fixture
def case(world: World, db: None) -> Case:
    """Opened on a Tuesday at nine."""
    with clock.held_at(NINE):
        return make_case(world.ours.entry_point, sender=MISAKI)


def told(due: datetime = NINE + 5 * HOUR, **said: Any) -> Told:
    return Told(**{"kind": "refund", "words": "返金は本日中にいたします。", "due_at": due, **said})


@pytest.fixture
def promise(world: World, case: Case, agent: Actor) -> Promise:
    with world.ours.scope(), clock.held_at(NINE):
        return make_promise(case, told(owner=agent.id), by=agent)


def kinds(case: Case) -> list[str]:
    found = Event.objects.filter(case_id=case.pk, kind__startswith="promise.").order_by("id")
    return [kind.removeprefix("promise.") for kind in found.values_list("kind", flat=True)]


class TestEntered:
    @pytest.mark.parametrize(
        ("said", "field", "words"),
        [
            ({"words": ""}, "words", "Write what is promised."),
            ({"words": " \n　"}, "words", "Write what is promised."),
            ({"kind": "miracle"}, "kind", "Choose one of the list."),
            ({"kind": ""}, "kind", "Choose one of the list."),
            ({"due_at": NINE}, "due", "Choose a time that is to come, within two years."),
            ({"due_at": NINE - HOUR}, "due", "Choose a time that is to come, within two years."),
            (
                {"due_at": NINE + FARTHEST + timedelta(seconds=1)},
                "due",
                "Choose a time that is to come, within two years.",
            ),
            ({"owner": 0}, "owner", "This person does not work at this desk."),
        ],
    )
    def test_what_makes_no_sense_is_refused_at_its_field(
        self, world: World, case: Case, agent: Actor, said: dict[str, Any], field: str, words: str
    ) -> None:
        with world.ours.scope(), clock.held_at(NINE), override("en"):
            with pytest.raises(Refused) as caught:
                make_promise(
                    case, told(**{"due": NINE + HOUR} if "due_at" not in said else {}, **said), by=agent
                )
            assert (caught.value.field, str(caught.value)) == (field, words)
            assert (Promise.objects.count(), kinds(case)) == (0, [])

    def test_people_of_another_company_own_nothing_here(
        self, world: World, case: Case, promise: Promise, agent: Actor
    ) -> None:
        stranger = world.theirs.agent.pk
        with world.ours.scope(), clock.held_at(NINE):
            for act in (
                lambda: make_promise(case, told(owner=stranger), by=agent),
                lambda: give_promise(promise, owner=stranger, by=agent),
            ):
                with pytest.raises(Refused) as caught:
                    act()
                assert caught.value.field == "owner"
            assert [one.owner_id for one in Promise.objects.all()] == [agent.id]

    @pytest.mark.parametrize("due", [NINE + timedelta(seconds=1), NINE + FARTHEST])
    def test_at_the_bounds_it_is_taken(self, world: World, case: Case, agent: Actor, due: datetime) -> None:
        with world.ours.scope(), clock.held_at(NINE):
            made = make_promise(case, told(due), by=agent)
        assert (made.due_at, made.first_due_at, made.moves, made.state) == (due, due, 0, "open")
        assert NINE <= made.warn_at <= due

    def test_words_are_one_line_without_numbers_of_cards_and_not_too_long(
        self, world: World, case: Case, agent: Actor
    ) -> None:
        with world.ours.scope(), clock.held_at(NINE):
            card = make_promise(case, told(words="4111 1111 1111 1111 へ\n返金"), by=agent)
            long = make_promise(case, told(words="返" * 500), by=agent)
        assert "4111 1111" not in card.words
        assert card.words.endswith(" へ 返金")
        assert len(long.words) == 200

    def test_a_case_takes_so_many_open_ones_and_not_one_more(
        self, world: World, case: Case, agent: Actor, promise: Promise
    ) -> None:
        with world.ours.scope(), clock.held_at(NINE), override("en"):
            same = {
                name: getattr(promise, name) for name in ("company_id", "case_id", "kind", "words", "made_at")
            }
            times = dict.fromkeys(("first_due_at", "due_at", "warn_at", "next_at"), promise.due_at)
            Promise.objects.bulk_create(Promise(**same, **times) for _one in range(MOST_OPEN - 1))
            with pytest.raises(Refused, match="too many open promises"):
                make_promise(case, told(), by=agent)
            keep_promise(promise, by=agent)
            make_promise(case, told(), by=agent)
            assert (len(open_promises_of(case)), len(promises_of(case))) == (MOST_OPEN, MOST_OPEN + 1)

    def test_somebody_is_warned_by_working_hours_or_where_there_are_none_by_the_wall(
        self, world: World, case: Case, agent: Actor
    ) -> None:
        """Four fifths of the eight hours of a Tuesday that begins at nine, and of twenty hours of a weekend."""
        saturday = tokyo("2026-12-05 09:00")
        with world.ours.scope():
            with clock.held_at(NINE):
                day = USUAL.after(NINE, timedelta(hours=8))
                assert day is not None
                week = make_promise(case, told(day), by=agent)
            with clock.held_at(saturday):
                rest = make_promise(case, told(saturday + 20 * HOUR), by=agent)
        assert USUAL.passed(NINE, week.warn_at) == 0.8 * timedelta(hours=8)
        assert rest.warn_at == saturday + 16 * HOUR


class TestMoved:
    def test_the_same_time_is_no_news(self, world: World, case: Case, promise: Promise, agent: Actor) -> None:
        with world.ours.scope(), clock.held_at(NINE + HOUR):
            move_promise(promise, due_at=NINE + 5 * HOUR, by=agent)
            assert (promise.moves, kinds(case)) == (0, ["made"])

    @pytest.mark.parametrize("end", [keep_promise, withdraw_promise])
    def test_what_is_not_open_is_not_moved(
        self, world: World, case: Case, promise: Promise, agent: Actor, end: Any
    ) -> None:
        with world.ours.scope(), clock.held_at(NINE + HOUR), override("en"):
            end(promise, by=agent)
            with pytest.raises(Refused, match="This promise is not open any more"):
                move_promise(promise, due_at=NINE + 9 * HOUR, by=agent)
            promise.refresh_from_db()
            assert (promise.due_at, promise.moves, promise.next_at) == (NINE + 5 * HOUR, 0, None)

    def test_a_time_that_is_gone_is_refused_and_the_old_one_stays(
        self, world: World, case: Case, promise: Promise, agent: Actor
    ) -> None:
        with world.ours.scope(), clock.held_at(NINE + HOUR):
            for due in (NINE + HOUR, NINE, NINE + 3 * 366 * DAY):
                with pytest.raises(Refused) as caught:
                    move_promise(promise, due_at=due, by=agent)
                assert caught.value.field == "due"
            assert [(one.due_at, one.moves) for one in Promise.objects.all()] == [(NINE + 5 * HOUR, 0)]

    def test_earlier_is_another_time_too_and_the_first_one_told_stays(
        self, world: World, case: Case, promise: Promise, agent: Actor
    ) -> None:
        with world.ours.scope(), clock.held_at(NINE + HOUR):
            for hours in (3, 9):
                move_promise(promise, due_at=NINE + hours * HOUR, by=agent)
            found = Promise.objects.get()
        assert (found.first_due_at, found.due_at, found.moves) == (NINE + 5 * HOUR, NINE + 9 * HOUR, 2)

    def test_broken_and_moved_it_stays_broken(
        self, world: World, case: Case, promise: Promise, agent: Actor
    ) -> None:
        with clock.held_at(NINE + 6 * HOUR):
            tell_due_promises()
        with world.ours.scope(), clock.held_at(NINE + 6 * HOUR):
            move_promise(promise, due_at=NINE + 9 * HOUR, by=agent)
        with world.ours.scope(), clock.held_at(NINE + 7 * HOUR):
            keep_promise(promise, by=agent)
            late = Event.objects.get(kind="promise.kept").data["late"]
        assert (promise.state, promise.broken_at, late) == ("kept", NINE + 5 * HOUR, True)


class TestGivenAndSeen:
    def test_it_is_given_on_and_back_to_whoever_is_responsible(
        self, world: World, case: Case, promise: Promise, agent: Actor
    ) -> None:
        lead = world.ours.supervisor.pk
        with world.ours.scope(), clock.held_at(NINE):
            for owner in (lead, lead, None):
                give_promise(promise, owner=owner, by=agent)
            given = [one.data["owner"] for one in Event.objects.filter(kind="promise.given").order_by("id")]
            assert (given, Promise.objects.get().owner_id) == ([lead, None], None)

    def test_reopened_it_is_told_of_what_nobody_heard_yet(
        self, world: World, case: Case, agent: Actor
    ) -> None:
        """Not warned: of the warning; warned: of its time; broken: of nothing any more."""
        expected = {0: NINE + 4 * HOUR, 4: NINE + 5 * HOUR, 5: None}
        found = {}
        for hours in expected:
            with world.ours.scope(), clock.held_at(NINE):
                one = make_promise(case, told(), by=agent)
            for hour in (4, 5):
                with clock.held_at(NINE + min(hour, hours) * HOUR):
                    tell_due_promises()
            with world.ours.scope(), clock.held_at(NINE + hours * HOUR):
                one.refresh_from_db()
                withdraw_promise(one, by=agent)
                reopen_promise(one, by=agent)
                reopen_promise(one, by=agent)
                found[hours] = one.next_at
                withdraw_promise(one, by=agent)
        assert found == expected

    @pytest.mark.parametrize("act", [keep_promise, withdraw_promise, reopen_promise])
    def test_who_does_not_work_the_case_changes_nothing(
        self, world: World, case: Case, promise: Promise, act: Any
    ) -> None:
        with world.ours.scope(), clock.held_at(NINE + HOUR):
            for user in (world.ours.company_staff, world.theirs.agent, world.theirs.supervisor):
                with pytest.raises(NotAllowed):
                    act(promise, by=actor_of(user))
                with pytest.raises(NotAllowed):
                    give_promise(promise, owner=None, by=actor_of(user))
                with pytest.raises(NotAllowed):
                    move_promise(promise, due_at=NINE + 9 * HOUR, by=actor_of(user))
            assert kinds(case) == ["made"]

    def test_open_ones_stand_first_and_of_them_what_is_due_first(
        self, world: World, case: Case, agent: Actor
    ) -> None:
        with world.ours.scope(), clock.held_at(NINE):
            late, soon, done = (
                make_promise(case, told(NINE + hours * HOUR), by=agent) for hours in (9, 2, 1)
            )
            keep_promise(done, by=agent)
            assert [one.pk for one in promises_of(case)] == [soon.pk, late.pk, done.pk]
            assert [one.pk for one in open_promises_of(case)] == [soon.pk, late.pk]
            assert told_to_customer(case) == []

    def test_in_a_merged_case_it_is_found_where_the_case_goes_on(
        self, world: World, case: Case, promise: Promise
    ) -> None:
        lead = actor_of(world.ours.supervisor)
        with clock.held_at(NINE):
            other = make_case(world.ours.entry_point, sender=MISAKI)
            apart = make_case(world.ours.entry_point)
        with world.ours.scope(), clock.held_at(NINE + HOUR):
            merge(case, into=other, by=lead)
            case.refresh_from_db()
            assert [one.pk for one in open_promises_of(other)] == [promise.pk]
            assert promise_by_id(promise.pk, case=other) == promise
            with pytest.raises(NotFound):
                promise_by_id(promise.pk, case=apart)
            with pytest.raises(NotAllowed):
                make_promise(case, told(), by=lead)
            keep_promise(promise, by=lead)
            assert Event.objects.get(kind="promise.kept").case_id == other.pk

    def test_at_risk_is_what_was_warned_of_or_broken_in_ones_own_desks(
        self, world: World, case: Case, agent: Actor
    ) -> None:
        stranger = actor_of(world.theirs.agent)
        with world.ours.scope(), clock.held_at(NINE):
            broken, warned, _calm, done = (
                make_promise(case, told(NINE + hours * HOUR), by=agent) for hours in (1, 5, 9, 2)
            )
        with clock.held_at(NINE + 4 * HOUR):
            tell_due_promises()
        with world.ours.scope(), clock.held_at(NINE + 4 * HOUR):
            done.refresh_from_db()
            keep_promise(done, by=agent)
            assert [one.pk for one in at_risk(agent)] == [broken.pk, warned.pk]
            assert (len(at_risk(agent)), len(at_risk(stranger)), at_risk(stranger)) == (2, 0, [])


class TestCalendar:
    def test_it_is_that_of_the_levels_in_use_or_else_the_usual_one(self, world: World, case: Case) -> None:
        manager = actor_of(world.ours.company_manager)
        lunch = tokyo("2026-12-01 12:30")
        with world.ours.scope(), clock.held_at(NINE):
            before = calendar_for(world.ours.desk)
            levels = set_levels(world.ours.desk, text=LEVELS, by=manager)
            unused = calendar_for(world.ours.desk)
            switch_levels(levels, active=True, by=manager)
            used = calendar_for(world.ours.desk)
        assert before == unused == USUAL
        assert used.passed(lunch, lunch + 2 * HOUR) == 1.5 * HOUR

    def test_levels_that_go_by_the_wall_say_nothing_of_working_hours(self, world: World, case: Case) -> None:
        manager = actor_of(world.ours.company_manager)
        with world.ours.scope(), clock.held_at(NINE):
            levels = set_levels(world.ours.desk, text='{"targets": {"first_reply": 60}}', by=manager)
            switch_levels(levels, active=True, by=manager)
            assert calendar_for(world.ours.desk) == USUAL
