"""Service levels tried on all cases of 90 days: what comes of it, how far it is, stopped, gone on with."""

from datetime import timedelta

import pytest
from django.db import OperationalError
from hypothesis import given
from hypothesis import strategies as st
from procrastinate.contrib.django.models import ProcrastinateJob

from madoguchi.cases.factories import make_case
from madoguchi.cases.models import Case
from madoguchi.companies.factories import make_desk, make_entry_point
from madoguchi.delivery.actions import Reply, reply
from madoguchi.infra import stopping
from madoguchi.infra.models import Event
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor
from madoguchi.kernel.errors import Conflict, NotAllowed, Refused
from madoguchi.people.factories import World
from madoguchi.people.queries import actor_of
from madoguchi.promises import long_trial
from madoguchi.promises.jobs import try_on
from madoguchi.promises.long_trial import found_by, start_trial, stop_trial, trial_of, work
from madoguchi.promises.models import Clock, LevelsTrial, ServiceLevels
from madoguchi.promises.policy import Metric
from madoguchi.promises.queries import read_text
from madoguchi.promises.tests.living import LEVELS, NINE
from madoguchi.promises.trial import Kept, Tally, try_levels

TEXT = """{"name": "標準", "targets": {"first_reply": {"within": 60, "time": "calendar"}},
  "acts": [{"do": "tag", "value": "遅い", "metrics": ["first_reply"]}]}"""
pytestmark = pytest.mark.django_db
State = LevelsTrial.State


@pytest.fixture
def cases(world: World) -> list[Case]:
    """Seven of our desk, an hour apart, of which the first two were answered in time; one older than 90 days, and one
    of another desk.
    """
    side, by = world.ours, actor_of(world.ours.agent)
    made = []
    with clock.held_at(NINE - timedelta(days=91)):
        make_case(side.entry_point)
    for hour in range(7):
        with clock.held_at(NINE + timedelta(hours=hour)):
            made.append(make_case(side.entry_point))
        if hour < 2:
            with clock.held_at(NINE + timedelta(hours=hour, minutes=30)), side.scope():
                reply(made[-1], Reply(text="はい。"), by=by)
    with clock.held_at(NINE):
        make_case(make_entry_point(make_desk(side.company)))
    return made


def begun(world: World, by: Actor, text: str = TEXT) -> LevelsTrial:
    with world.ours.scope(), clock.held_at(NINE + timedelta(days=1)):
        return start_trial(world.ours.desk, text=text, by=by)


def gone_on(trial: LevelsTrial) -> None:
    with clock.held_at(NINE + timedelta(days=1)):
        work(trial.pk, company=trial.company_id)


def stands(world: World) -> LevelsTrial:
    with world.ours.scope():
        found = trial_of(world.ours.desk)
    assert found is not None
    return found


def kinds(world: World) -> list[str]:
    with world.ours.scope():
        rows = Event.objects.filter(kind__startswith="service_levels.").order_by("id")
        return list(rows.values_list("kind", flat=True))


def jobs() -> int:
    return ProcrastinateJob.objects.filter(task_name=long_trial.WORK_ON).count()


@pytest.mark.parametrize("size", [1, 3, 7, 50])
def test_all_cases_of_ninety_days_are_tried_and_nothing_else_changes(
    world: World, cases: list[Case], manager: Actor, size: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(long_trial, "SLICE", size)
    trial = begun(world, manager)
    assert (trial.state, trial.total, trial.done, jobs()) == (State.RUNNING, 7, 0, 1)

    gone_on(trial)

    found = stands(world)
    assert (found.state, found.done, found.total) == (State.DONE, 7, 7)
    with world.ours.scope():
        said = found_by(found)
        assert said.kept == [Kept(Metric.FIRST_REPLY, kept=2, broken=5, running=0)]
        assert [(name, act.value, times) for name, _metric, act, times in said.acts] == [("標準", "遅い", 5)]
        assert not said.more
        assert (Clock.objects.count(), ServiceLevels.objects.count()) == (0, 0)
        assert Case.objects.filter(tags=["遅い"]).count() == 0
    assert kinds(world) == ["service_levels.trial_started"]
    # What was tried at once on as many says the same.
    with world.ours.scope(), clock.held_at(NINE + timedelta(days=1)):
        at_once = try_levels(world.ours.desk, read_text(TEXT))
        assert (list(at_once.kept), list(at_once.acts)) == (list(said.kept), list(said.acts))
    # Whoever comes once more finds nothing to do.
    try_on(trial.pk, trial.company_id)
    assert stands(world).done == 7


def test_it_is_stopped_and_keeps_what_it_found(
    world: World, cases: list[Case], manager: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(long_trial, "SLICE", 3)
    trial = begun(world, manager)
    with world.ours.scope(), clock.held_at(NINE + timedelta(days=1)):
        assert long_trial._step(trial.pk) is True
        stop_trial(trial, by=manager)
        stop_trial(trial, by=manager)
        assert long_trial._step(trial.pk) is False

    found = stands(world)
    assert (found.state, found.done, found.total) == (State.CANCELLED, 3, 7)
    with world.ours.scope():
        # The newest three: nobody answered those.
        assert found_by(found).kept == [Kept(Metric.FIRST_REPLY, kept=0, broken=3, running=0)]
        assert found_by(found).more
    assert kinds(world) == ["service_levels.trial_started", "service_levels.trial_stopped"]


def test_a_worker_that_ends_or_is_killed_leaves_the_rest_to_the_next(
    world: World, cases: list[Case], manager: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(long_trial, "SLICE", 2)
    trial = begun(world, manager)
    with world.ours.scope(), clock.held_at(NINE + timedelta(days=1)):
        long_trial._step(trial.pk)
    monkeypatch.setattr(long_trial, "is_stopping", lambda: True)
    gone_on(trial)
    assert (stands(world).state, stands(world).done, jobs()) == (State.RUNNING, 2, 2)

    # What came since it began is of another day.
    with clock.held_at(NINE + timedelta(days=1, hours=1)):
        make_case(world.ours.entry_point)
    monkeypatch.setattr(long_trial, "is_stopping", stopping.is_stopping)
    gone_on(trial)
    found = stands(world)
    assert (found.state, found.done) == (State.DONE, 7)
    with world.ours.scope():
        assert found_by(found).kept == [Kept(Metric.FIRST_REPLY, kept=2, broken=5, running=0)]


def test_one_runs_at_a_time_and_the_next_takes_its_place(
    world: World, cases: list[Case], manager: Actor
) -> None:
    first = begun(world, manager)
    with pytest.raises(Conflict, match="別の試行が進行中です"):
        begun(world, manager)
    assert (stands(world).pk, jobs()) == (first.pk, 1)

    gone_on(first)
    second = begun(world, manager, TEXT.replace("60", "20"))
    assert stands(world).pk == second.pk
    assert (stands(world).state, stands(world).done) == (State.RUNNING, 0)


def test_who_does_not_set_up_the_desk_and_what_is_not_right_begin_nothing(
    world: World, cases: list[Case], manager: Actor
) -> None:
    for by in (
        world.ours.agent,
        world.ours.supervisor,
        world.ours.company_staff,
        world.theirs.company_manager,
    ):
        with pytest.raises(NotAllowed):
            begun(world, actor_of(by))
    for text, words in (("{", "JSONとして読めません"), ("x" * 100_001, "長すぎ")):
        with pytest.raises(Refused, match=words) as refused:
            begun(world, manager, text)
        assert refused.value.field == "text"
    with world.ours.scope():
        assert trial_of(world.ours.desk) is None
    assert (jobs(), kinds(world)) == (0, [])

    trial = begun(world, manager)
    with world.ours.scope(), pytest.raises(NotAllowed):
        stop_trial(trial, by=actor_of(world.ours.supervisor))
    assert stands(world).state == State.RUNNING


def test_it_ends_once_who_began_it_may_not_any_more(world: World, cases: list[Case], manager: Actor) -> None:
    trial = begun(world, manager)
    with world.ours.scope():
        world.ours.company_manager.is_active = False
        world.ours.company_manager.save()
        LevelsTrial.objects.filter(pk=trial.pk).update(owner=world.ours.agent)
    gone_on(trial)
    assert (stands(world).state, stands(world).done) == (State.CANCELLED, 0)


def test_a_fault_of_the_program_ends_it(
    world: World, cases: list[Case], manager: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_self: Tally, _case: Case) -> None:
        raise OperationalError("gone")

    trial = begun(world, manager)
    monkeypatch.setattr(Tally, "add", broken)
    with pytest.raises(OperationalError):
        gone_on(trial)
    assert (stands(world).state, stands(world).done, stands(world).found) == (State.FAILED, 0, {})


@given(
    fates=st.dictionaries(
        st.tuples(
            st.sampled_from([one.value for one in Metric]), st.sampled_from(["kept", "broken", "running"])
        ),
        st.integers(1, 1_000_000),
    )
)
def test_what_was_kept_of_a_tally_is_that_tally(fates: dict[tuple[str, str], int]) -> None:
    policies = read_text(LEVELS)
    tally = Tally(policies)
    tally.fates.update(fates)
    again = Tally.read(tally.as_json(), policies)
    assert again == tally
    assert again.trial(3, more=False) == tally.trial(3, more=False)
    decided = sum(one.kept + one.broken + one.running for one in again.trial(3, more=False).kept)
    assert decided == sum(fates.values())
