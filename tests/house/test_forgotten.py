"""What is old is forgotten when its days are over and not sooner, a little at a time; nothing is done again for it."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.conf import LazySettings

from madoguchi.cases.actions import forget_looks, note_look
from madoguchi.cases.factories import make_case, say_again
from madoguchi.cases.models import Case, Look
from madoguchi.following.actions import forget_notifications
from madoguchi.following.models import Notification
from madoguchi.infra import forgetting, scope
from madoguchi.kernel import clock
from madoguchi.kernel.actor import system
from madoguchi.macros.actions import add_macro, run_macro
from madoguchi.macros.actions import forget_runs as forget_macro_runs
from madoguchi.macros.models import MacroRun
from madoguchi.people.factories import World
from madoguchi.people.queries import actor_of
from madoguchi.rules.actions import apply_due, forget_runs
from madoguchi.rules.models import Rule, RuleRun
from madoguchi.rules.tests.rules import at_work
from madoguchi.webhooks.actions import add_endpoint, forget_old
from madoguchi.webhooks.models import Delivery
from tests.house.test_killed import everything

pytestmark = pytest.mark.django_db(transaction=True)
NOON = datetime(2026, 4, 1, 3, tzinfo=UTC)
DAYS = 100
Make = Callable[[World, list[Case]], None]


def rule_runs(world: World, cases: list[Case]) -> None:
    rule = at_work(world.ours)
    values = {"company": world.ours.company, "rule": rule, "version": 1, "outcome": "done", "at": NOON}
    with world.ours.scope():
        RuleRun.objects.bulk_create(RuleRun(case=case, event_id=case.pk, **values) for case in cases)


def macro_runs(world: World, cases: list[Case]) -> None:
    by, acts = actor_of(world.ours.supervisor), [{"do": "tag", "value": "返品"}]
    with world.ours.scope():
        macro = add_macro(world.ours.company, desk=world.ours.desk, name="返品", acts=acts, by=by)
        for case in cases:
            run_macro(macro, case, by=by)


def notifications(world: World, cases: list[Case]) -> None:
    values = {
        "company": world.ours.company,
        "user": world.ours.agent,
        "kind": "note.added",
        "why": "mentioned",
    }
    with world.ours.scope():
        Notification.objects.bulk_create(
            Notification(case=case, event=case.pk, at=NOON, who="森", **values) for case in cases
        )


def deliveries(world: World, cases: list[Case]) -> None:
    with world.ours.scope():
        endpoint = add_endpoint(world.ours.company.pk, url="https://shop.example/x", by=system("test"))
        values = {"company": world.ours.company, "endpoint": endpoint, "kind": "case.opened", "body": "{}"}
        Delivery.objects.bulk_create(
            Delivery(event_id=case.pk, state="delivered", due_at=NOON, made_at=NOON, **values)
            for case in cases
        )


def looks(world: World, cases: list[Case]) -> None:
    with world.ours.scope():
        for case in cases:
            note_look(case, by=actor_of(world.ours.agent))


@pytest.fixture(autouse=True)
def as_many_days(settings: LazySettings) -> None:
    settings.RUN_DAYS = settings.WEBHOOK_DAYS = settings.ACCESS_DAYS = DAYS


WHAT = [
    (rule_runs, RuleRun, forget_runs),
    (macro_runs, MacroRun, forget_macro_runs),
    (notifications, Notification, forget_notifications),
    (deliveries, Delivery, forget_old),
    (looks, Look, forget_looks),
]


@pytest.mark.parametrize(("make", "model", "forget"), WHAT)
def test_it_goes_when_its_days_are_over_a_little_at_a_time(
    world: World, monkeypatch: pytest.MonkeyPatch, make: Make, model: Any, forget: Callable[[], int]
) -> None:
    monkeypatch.setattr(forgetting, "AT_ONCE", 2)
    with clock.held_at(NOON):
        make(world, [make_case(world.ours.entry_point) for _ in range(5)])

    with clock.held_at(NOON + timedelta(days=DAYS)):
        assert forget() == 0
        assert len(everything(model)) == 5
    with clock.held_at(NOON + timedelta(days=DAYS, seconds=1)):
        assert (forget(), forget()) == (5, 0)
    assert everything(model) == []


def test_a_process_that_is_to_end_leaves_the_rest(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(forgetting, "AT_ONCE", 2)
    with clock.held_at(NOON):
        notifications(world, [make_case(world.ours.entry_point) for _ in range(5)])
    monkeypatch.setattr(forgetting, "is_stopping", lambda: len(everything(Notification)) < 5)

    with clock.held_at(NOON + timedelta(days=DAYS + 1)):
        assert forget_notifications() == 2
    assert len(everything(Notification)) == 3


def test_what_is_under_way_to_a_webhook_is_kept(world: World) -> None:
    deliveries(world, [make_case(world.ours.entry_point)])
    with scope.everywhere(reason="a test"):
        Delivery.objects.update(state="queued")

    with clock.held_at(NOON + timedelta(days=9 * DAYS)):
        assert forget_old() == 0


def test_a_rule_on_time_does_not_act_again_because_a_run_was_forgotten(world: World) -> None:
    with clock.held_at(NOON):
        silent, spoken = (make_case(world.ours.entry_point) for _ in range(2))
        at_work(world.ours, trigger="time", kinds=[])
        assert apply_due() == 2
    with clock.held_at(NOON + timedelta(days=1)):
        say_again(spoken, text="まだですか。")
        assert apply_due() == 0, "the tag is there already"

    with clock.held_at(NOON + timedelta(days=DAYS, seconds=1)):
        assert forget_runs() == 1
        with scope.everywhere(reason="a test"):
            Rule.objects.update(looked_at=None, looked_id=None)
        apply_due()

    assert sorted(run.case_id for run in everything(RuleRun)) == [silent.pk, spoken.pk]
    assert [run.case_id for run in everything(RuleRun) if run.at == NOON] == [silent.pk]
