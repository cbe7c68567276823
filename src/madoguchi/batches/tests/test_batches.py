"""Acts on many cases: foreseen, done by each person's rights, resumed, stopped, and undone exactly."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import OperationalError, connection
from django.test.utils import CaptureQueriesContext
from procrastinate.contrib.django.models import ProcrastinateJob

from madoguchi.batches import actions
from madoguchi.batches.actions import cancel, resume_left_over, start, undo, work
from madoguchi.batches.jobs import work_on
from madoguchi.batches.models import Batch, BatchRow
from madoguchi.batches.queries import batch_of, preview, progress_of
from madoguchi.cases.actions import add_note, assign, change_status, set_priority, set_tags
from madoguchi.cases.factories import make_case, say_again
from madoguchi.cases.models import Case
from madoguchi.companies.factories import make_desk, make_entry_point
from madoguchi.companies.models import Desk
from madoguchi.infra import scope, stopping
from madoguchi.infra.models import Event
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor, system
from madoguchi.kernel.errors import Conflict, NotAllowed, NotFound, Refused
from madoguchi.macros.verbs import NOT_ALLOWED, act_of
from madoguchi.people.actions import deactivate
from madoguchi.people.factories import World
from madoguchi.people.models import OperatorMember, Seat
from madoguchi.people.queries import actor_of

pytestmark = pytest.mark.django_db
SYSTEM = system("test")


@pytest.fixture
def cases(world: World) -> list[Case]:
    return [make_case(world.ours.entry_point, subject=f"件{n}") for n in range(4)]


def ids(cases: list[Case]) -> list[int]:
    return [case.pk for case in cases]


def go(batch: Batch) -> Batch:
    work(batch.pk, company=batch.company_id)
    with scope.acting_for([batch.company_id]):
        return Batch.objects.get(pk=batch.pk)


def begun(world: World, cases: list[Case], verb: str, value: str, by: Actor) -> Batch:
    with world.ours.scope():
        return start(ids(cases), verb=verb, value=value, by=by)


def fates(batch: Batch) -> list[tuple[str, str]]:
    with scope.acting_for([batch.company_id]):
        return list(batch.rows.order_by("case_id").values_list("state", "reason"))


def columns(cases: list[Case]) -> list[dict[str, Any]]:
    """Everything that stands in the cases but how often they were changed."""
    with scope.everywhere(reason="a test looks at what is there"):
        found = Case.objects.filter(pk__in=ids(cases)).order_by("pk").values()
        return [{name: value for name, value in row.items() if name != "version"} for row in found]


def state_of(cases: list[Case], name: str) -> list[Any]:
    return [row[name] for row in columns(cases)]


def test_every_case_is_changed_by_its_own_event_with_one_cause(
    world: World, cases: list[Case], supervisor: Actor
) -> None:
    with world.ours.scope():
        set_priority(cases[1], to=4, by=SYSTEM)  # type: ignore[arg-type]

    batch = go(begun(world, cases, "priority", "4", supervisor))

    assert batch.state == "done"
    assert fates(batch) == [("done", ""), ("same", ""), ("done", ""), ("done", "")]
    assert state_of(cases, "priority") == [4, 4, 4, 4]
    with world.ours.scope():
        told = Event.objects.filter(kind="case.changed", actor_id=supervisor.id).order_by("id")
        assert [(e.case_id, e.data["cause"]) for e in told] == [
            (case.pk, f"batch:{batch.pk}") for case in (cases[0], *cases[2:])
        ]
        started = Event.objects.get(kind="batch.started")
        expected = {"batch": batch.pk, "verb": "priority", "value": "4", "cases": 4}
        assert started.data == expected


VERBS: dict[str, Callable[[World], str]] = {
    "assign": lambda world: str(world.ours.agent.pk),
    "status": lambda world: "solved",
    "priority": lambda world: "1",
    "tag": lambda world: "返品",
    "untag": lambda world: "VIP",
    "desk": lambda world: str(_second_desk(world).pk),
}


def _second_desk(world: World) -> Desk:
    """Another desk of ours, at which the supervisor sits, too."""
    with world.ours.scope():
        found = Desk.objects.filter(name="修理窓口").first()
        if found is None:
            found = make_desk(world.ours.company, name="修理窓口")
            engagement = world.ours.engagement
            engagement.pk, engagement.desk = None, found
            engagement._state.adding = True
            engagement.save()
            member = OperatorMember.objects.get(user=world.ours.supervisor)
            Seat.objects.create(company=world.ours.company, engagement=engagement, member=member)
        return found


@pytest.mark.parametrize("verb", VERBS)
def test_undoing_puts_every_case_back_exactly(world: World, cases: list[Case], verb: str) -> None:
    """Cases in different states, done and undone, are what they were in every column."""
    value = VERBS[verb](world)
    supervisor = actor_of(world.ours.supervisor)
    with world.ours.scope():
        assign(cases[1], to=world.ours.supervisor.pk, by=SYSTEM)
        change_status(cases[2], to="waiting_customer", by=SYSTEM)  # type: ignore[arg-type]
        set_tags(cases[3], to=["VIP", "急"], by=SYSTEM)
    before = columns(cases)

    batch = go(begun(world, cases, verb, value, supervisor))
    assert columns(cases) != before
    with world.ours.scope():
        undo(batch, by=supervisor)
    batch = go(batch)

    assert batch.state == "undone"
    assert {state for state, _reason in fates(batch)} <= {"undone", "same"}
    assert columns(cases) == before


def test_what_somebody_changed_since_is_left_alone(
    world: World, cases: list[Case], supervisor: Actor
) -> None:
    batch = go(begun(world, cases, "priority", "4", supervisor))
    say_again(cases[0], text="まだですか。")
    with world.ours.scope():
        set_priority(cases[1], to=3, by=SYSTEM)  # type: ignore[arg-type]
        undo(batch, by=supervisor)

    batch = go(batch)

    since = "その後に動きがあったため、そのままにしました。"
    assert fates(batch) == [("kept", since), ("kept", since), ("undone", ""), ("undone", "")]
    assert state_of(cases, "priority") == [4, 3, 2, 2]
    with world.ours.scope(), pytest.raises(Conflict):
        undo(batch, by=supervisor)


@pytest.mark.parametrize("verb", ["assign", "desk"])
def test_who_has_left_the_desk_is_given_nothing_back(world: World, cases: list[Case], verb: str) -> None:
    """Undoing would make the agent responsible again, who sits there no more: the row says so, the case stays."""
    value = {"assign": str(world.ours.supervisor.pk), "desk": str(_second_desk(world).pk)}[verb]
    supervisor = actor_of(world.ours.supervisor)
    with world.ours.scope():
        assign(cases[0], to=world.ours.agent.pk, by=SYSTEM)
    batch = go(begun(world, cases[:2], verb, value, supervisor))
    given = columns(cases[:1])
    with world.ours.scope():
        Seat.objects.filter(member__user=world.ours.agent).delete()
        undo(batch, by=supervisor)

    batch = go(batch)

    assert batch.state == "undone"
    assert fates(batch) == [("kept", "元の担当者は、もうこの窓口にいません。"), ("undone", "")]
    assert columns(cases[:1]) == given
    assert state_of(cases, "assignee_id")[1] is None


@pytest.mark.parametrize("times", [2, 3])
def test_a_fault_at_one_case_does_not_hold_up_the_others(
    world: World, cases: list[Case], supervisor: Actor, monkeypatch: pytest.MonkeyPatch, times: int
) -> None:
    """Tried again where it passes, told where it stays; either way the batch ends, and so does its undoing."""
    faults = {"do": 0, "put_back": 0}

    def faulty(name: str) -> Callable[..., None]:
        usual = getattr(actions, name)

        def deed(*args: Any, **more: Any) -> None:
            case = next(one for one in args if isinstance(one, Case))
            usual(*args, **more)
            if case.pk == cases[1].pk and faults[name] < times:
                faults[name] += 1
                raise ZeroDivisionError(name)

        return deed

    monkeypatch.setattr(actions, "do", faulty("do"))
    batch = go(begun(world, cases, "priority", "4", supervisor))

    stays = times == 3
    why = "プログラムのエラーが続いたため、そのままにしました。詳しい内容は、システムのログにあります。"
    told = ("refused", why) if stays else ("done", "")
    assert batch.state == "done"
    assert fates(batch) == [("done", ""), told, ("done", ""), ("done", "")]
    assert state_of(cases, "priority") == [4, 2 if stays else 4, 4, 4]
    assert faults["do"] == times

    monkeypatch.setattr(actions, "put_back", faulty("put_back"))
    with world.ours.scope():
        undo(batch, by=supervisor)
    batch = go(batch)

    assert batch.state == "undone"
    assert fates(batch) == [("undone", ""), told if stays else ("undone", ""), ("undone", ""), ("undone", "")]
    assert state_of(cases, "priority") == [2, 2, 2, 2]


def test_a_fault_that_stays_on_undoing_is_told(
    world: World, cases: list[Case], supervisor: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch = go(begun(world, cases[:2], "priority", "4", supervisor))
    usual = actions.put_back

    def put_back(case: Case, **more: Any) -> None:
        usual(case, **more)
        if case.pk == cases[0].pk:
            raise ZeroDivisionError

    monkeypatch.setattr(actions, "put_back", put_back)
    with world.ours.scope():
        undo(batch, by=supervisor)
    batch = go(batch)

    assert batch.state == "undone"
    assert [state for state, _why in fates(batch)] == ["kept", "undone"]
    assert state_of(cases[:2], "priority") == [4, 2]


def test_each_case_asks_for_the_right_to_change_it(world: World, cases: list[Case]) -> None:
    """An agent takes what is nobody's and is refused what is a colleague's, row by row."""
    agent = actor_of(world.ours.agent)
    with world.ours.scope():
        assign(cases[0], to=world.ours.supervisor.pk, by=SYSTEM)
        foreseen = preview(act_of("assign", str(agent.id), by=agent), ids(cases), by=agent)

    batch = go(begun(world, cases, "assign", str(agent.id), agent))

    assert [(group.state, group.reason, group.count) for group in foreseen] == [
        ("done", "", 3),
        ("refused", NOT_ALLOWED, 1),
    ]
    assert fates(batch) == [("refused", NOT_ALLOWED), *[("done", "")] * 3]
    assert state_of(cases, "assignee_id") == [world.ours.supervisor.pk, *[agent.id] * 3]


@pytest.mark.parametrize("lost", ["seat", "account"])
def test_rights_lost_on_the_way_count(world: World, cases: list[Case], lost: str) -> None:
    """Set going with a seat at the desk; when the job comes to it, the seat is gone, or its owner is locked out:
    nothing is changed.
    """
    agent = actor_of(world.ours.agent)
    batch = begun(world, cases, "priority", "4", agent)
    with world.ours.scope():
        if lost == "seat":
            Seat.objects.filter(member__user=world.ours.agent).delete()
        else:
            deactivate(world.ours.agent, by=actor_of(world.administrator))

    batch = go(batch)

    assert fates(batch) == [("refused", NOT_ALLOWED)] * 4
    assert state_of(cases, "priority") == [2, 2, 2, 2]


def test_another_companys_cases_are_out_of_reach(world: World, cases: list[Case], supervisor: Actor) -> None:
    theirs = make_case(world.theirs.entry_point)
    elsewhere = make_case(make_entry_point(make_desk(world.ours.company, name="別の窓口")))
    before = columns([theirs, elsewhere])

    batch = go(begun(world, [*cases, theirs, elsewhere], "priority", "4", supervisor))

    assert len(fates(batch)) == 4
    assert columns([theirs, elsewhere]) == before
    with world.ours.scope(), pytest.raises(Refused, match="一つ以上"):
        start([theirs.pk, elsewhere.pk], verb="priority", value="4", by=supervisor)
    with world.theirs.scope(), pytest.raises(NotFound):
        batch_of(batch.pk, actor=actor_of(world.theirs.manager))
    with world.ours.scope():
        for nosy in (world.ours.agent, world.ours.manager, world.ours.company_manager):
            with pytest.raises(NotFound):
                batch_of(batch.pk, actor=actor_of(nosy))


def test_who_changes_no_case_starts_nothing(world: World, cases: list[Case]) -> None:
    with world.ours.scope():
        for looker in (world.ours.company_staff, world.ours.company_manager):
            with pytest.raises(NotAllowed):
                start(ids(cases), verb="priority", value="4", by=actor_of(looker))
        assert Batch.objects.count() == BatchRow.objects.count() == 0


@pytest.mark.parametrize(
    ("verb", "value"),
    [("explode", ""), ("status", "gone"), ("priority", "9"), ("tag", " "), ("desk", "0"), ("assign", "me")],
)
def test_nonsense_is_refused(
    world: World, cases: list[Case], supervisor: Actor, verb: str, value: str
) -> None:
    with world.ours.scope():
        with pytest.raises(Refused):
            start(ids(cases), verb=verb, value=value, by=supervisor)
        assert Batch.objects.count() == 0


def test_too_many_at_once_are_refused(
    world: World, cases: list[Case], supervisor: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(actions, "MOST_CASES", 3)
    with world.ours.scope():
        with pytest.raises(Refused, match="3件まで"):
            start(ids(cases), verb="priority", value="4", by=supervisor)
        assert Batch.objects.count() == 0


def test_a_stopped_batch_keeps_what_it_did_and_leaves_the_rest(
    world: World, cases: list[Case], supervisor: Actor
) -> None:
    batch = begun(world, cases, "priority", "4", supervisor)
    with world.ours.scope():
        actions._step(batch.pk, most=1)
        with pytest.raises(NotAllowed):
            cancel(batch, by=actor_of(world.ours.agent))
        cancel(batch, by=supervisor)
        cancel(batch, by=supervisor)

    batch = go(batch)

    assert batch.state == "cancelled"
    assert [state for state, _reason in fates(batch)] == ["done", "waiting", "waiting", "waiting"]
    with world.ours.scope():
        assert Event.objects.filter(kind="batch.cancelled").count() == 1
        undo(batch, by=supervisor)
    assert go(batch).state == "undone"
    assert state_of(cases, "priority") == [2, 2, 2, 2]


def test_a_worker_that_ends_leaves_the_rest_to_another(
    world: World, cases: list[Case], supervisor: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two rows are done when the worker is to end; the next one does two more, and none twice."""
    monkeypatch.setattr(actions, "SLICE", 1)
    batch = begun(world, cases, "tag", "至急", supervisor)
    asked = iter([False, False, True])
    monkeypatch.setattr(actions, "is_stopping", lambda: next(asked))
    batch = go(batch)
    assert [state for state, _reason in fates(batch)] == ["done", "done", "waiting", "waiting"]

    monkeypatch.setattr(actions, "is_stopping", stopping.is_stopping)
    batch = go(batch)

    assert batch.state == "done"
    assert state_of(cases, "tags") == [["至急"]] * 4
    with world.ours.scope():
        assert Event.objects.filter(kind="case.changed").count() == 4


def test_a_row_that_was_cut_off_is_done_once(
    world: World, cases: list[Case], supervisor: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The process dies between the change and the settling of its row: neither is there, and the next does it."""
    batch = begun(world, cases[:1], "tag", "至急", supervisor)

    def die(rows: Any, versions: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(actions, "_tell_apart", die)
    with pytest.raises(KeyboardInterrupt):
        work(batch.pk, company=batch.company_id)
    assert (state_of(cases[:1], "tags"), fates(batch)) == ([[]], [("waiting", "")])
    monkeypatch.undo()

    go(batch)

    assert (state_of(cases[:1], "tags"), fates(batch)) == ([["至急"]], [("done", "")])
    with world.ours.scope():
        assert Event.objects.filter(kind="case.changed").count() == 1


def test_a_desk_that_wants_words_gets_its_cases_by_hand(
    world: World, cases: list[Case], supervisor: Actor
) -> None:
    with world.ours.scope():
        Desk.objects.filter(pk=world.ours.desk.pk).update(hand_off=Desk.HandOff.CLOSING)
        Case.objects.filter(pk=cases[0].pk).update(first_replied_at=clock.now())
        foreseen = preview(act_of("status", "solved", by=supervisor), ids(cases), by=supervisor)

    batch = go(begun(world, cases, "status", "solved", supervisor))

    words = "この窓口では引き継ぎの言葉が必要です。一件ずつ操作してください。"
    assert [(group.state, group.reason, group.count) for group in foreseen] == [
        ("done", "", 3),
        ("refused", words, 1),
    ]
    assert fates(batch) == [("refused", words), *[("done", "")] * 3]


def test_trouble_of_the_database_is_no_cases_fault(
    world: World, cases: list[Case], supervisor: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch = begun(world, cases, "priority", "4", supervisor)

    def restarting(*_given: object, **_more: object) -> None:
        raise OperationalError("terminating connection")

    with monkeypatch.context() as meanwhile:
        meanwhile.setattr(actions, "do", restarting)
        for _ in range(actions.MOST_BEGINNINGS + 1):
            with pytest.raises(OperationalError):
                go(batch)

    with world.ours.scope():
        batch.refresh_from_db()
        assert (batch.begun, batch.wary) == (0, 0)
        assert list(batch.rows.values_list("state", "tries")) == [("waiting", 0)] * 4
    assert fates(go(batch)) == [("done", "")] * 4


def test_progress_counts_what_is_settled(world: World, cases: list[Case], supervisor: Actor) -> None:
    batch = begun(world, cases, "priority", "4", supervisor)
    with world.ours.scope():
        actions._step(batch.pk, most=1)
        half = progress_of(batch)
    batch = go(batch)
    with world.ours.scope():
        whole = progress_of(batch)

    assert (half.done, half.total) == (1, 4)
    assert (whole.done, whole.total, whole.states) == (4, 4, {"done": 4})


def asked_for(batch: Batch) -> int:
    """How many statements read or write while a batch is worked on, beside those of transactions."""
    with CaptureQueriesContext(connection) as asked:
        go(batch)
    return sum(q["sql"].startswith(("SELECT", "UPDATE", "INSERT", " ", "\n")) for q in asked)


def test_what_all_cases_share_is_asked_once(world: World, cases: list[Case], supervisor: Actor) -> None:
    """A case more costs what is its own: it is read as it is now, changed, and told of; undone alike."""
    both = [begun(world, some, "priority", "4", supervisor) for some in (cases[:1], cases[1:])]

    one, three = (asked_for(batch) for batch in both)
    assert three - one == 2 * 3
    with world.ours.scope():
        for batch in both:
            batch.refresh_from_db()
            undo(batch, by=supervisor)
    one, three = (asked_for(batch) for batch in both)
    assert three - one == 2 * 3


def test_a_few_at_a_time_are_kept_or_lost_together(
    world: World, cases: list[Case], supervisor: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A worker that dies while it settles its second few leaves the first done, of the others nothing, and no event."""
    monkeypatch.setattr(actions, "SLICE", 2)
    batch = begun(world, cases, "priority", "4", supervisor)
    usual, died = actions._do_row, False

    def dying(row: BatchRow, some: Any) -> dict[str, Any]:
        nonlocal died
        if row.case_id == cases[3].pk and not died:
            died = True
            raise KeyboardInterrupt
        return usual(row, some)

    monkeypatch.setattr(actions, "_do_row", dying)
    with pytest.raises(KeyboardInterrupt):
        work(batch.pk, company=batch.company_id)

    assert [state for state, _why in fates(batch)] == ["done", "done", "waiting", "waiting"]
    assert state_of(cases, "priority") == [4, 4, 2, 2]
    assert go(batch).state == "done"
    assert state_of(cases, "priority") == [4, 4, 4, 4]
    with world.ours.scope():
        assert Event.objects.filter(kind="case.changed", data__cause=batch.cause).count() == 4


def test_what_lost_its_job_is_taken_up(
    world: World, cases: list[Case], supervisor: Actor, as_owner: Any
) -> None:
    batch = begun(world, cases, "priority", "4", supervisor)
    assert resume_left_over() == 0

    with as_owner():
        found = ProcrastinateJob.objects.filter(lock=batch.cause).values_list("task_name", "args")
        assert list(found) == [(work_on.name, {"batch_id": batch.pk, "company": batch.company_id})]


def test_the_preview_costs_no_more_for_more_cases(
    world: World, cases: list[Case], supervisor: Actor, django_assert_num_queries: Any
) -> None:
    """One query for the cases and one for the people of their desk."""
    with world.ours.scope():
        act = act_of("assign", str(world.ours.agent.pk), by=supervisor)
        with django_assert_num_queries(2):
            groups = preview(act, ids(cases), by=supervisor)
    assert [group.count for group in groups] == [4]
    assert len(groups[0].examples) == 4


def test_a_note_in_between_keeps_the_change(world: World, cases: list[Case], supervisor: Actor) -> None:
    """A note changes no field of the case, so it is put back all the same."""
    batch = go(begun(world, cases[:1], "priority", "4", supervisor))
    with world.ours.scope():
        add_note(Case.objects.get(pk=cases[0].pk), text="確認しました。", by=supervisor)
        undo(batch, by=supervisor)

    go(batch)

    assert state_of(cases[:1], "priority") == [2]


def test_no_card_number_stands_in_what_is_to_be_done(world: World) -> None:
    supervisor = actor_of(world.ours.supervisor)
    with world.ours.scope():
        act = act_of(Batch.Verb.TAG, "4111 1111 1111 1111", by=supervisor)

    assert act.value == "■■■■ ■■■■ ■■■■ 1111"
