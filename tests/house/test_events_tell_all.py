"""What a case is can be told from its events alone, whatever was done to it; so every figure can, too."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from madoguchi.cases import actions
from madoguchi.cases.factories import make_case, say_again
from madoguchi.cases.models import Case, Priority, Status
from madoguchi.delivery.actions import ANYTHING, Reply, acknowledge, reply, take_back
from madoguchi.delivery.models import Outgoing
from madoguchi.infra import scope
from madoguchi.infra.models import Event
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor
from madoguchi.people.factories import World
from madoguchi.people.queries import actor_of

pytestmark = pytest.mark.django_db
MORNING = datetime.fromisoformat("2026-08-03T09:00:00+09:00")


@dataclass
class Told:
    """A case as its events tell it."""

    status: str = "new"
    assignee: int | None = None
    priority: int = 2
    tags: list[str] = field(default_factory=list)
    subject: str = "炊飯器について"
    messages: int = 0
    opened_at: datetime | None = None
    first_replied_at: datetime | None = None

    def hear(self, event: Event) -> None:
        """What one event changes."""
        data = event.data
        if event.kind == "case.opened":
            self.opened_at, self.messages = event.at, 1
        elif event.kind == "message.received":
            self.messages += 1
            if not data["automatic"] and self.status != "new":
                self.status = "open"
        elif event.kind == "message.written" and not data["automatic"]:
            self.messages += 1
            # Who answers first and unasked becomes responsible.
            self.assignee = self.assignee or event.actor_id
            self.first_replied_at = self.first_replied_at or event.at
        elif event.kind == "case.status":
            assert data["before"] == self.status
            self.status = data["after"]
        elif event.kind == "case.assigned":
            assert data["before"] == self.assignee
            self.assignee = data["after"]
        elif event.kind == "case.changed":
            assert data["before"] == getattr(self, data["field"])
            setattr(self, data["field"], data["after"])


def from_events(case: Case) -> Told:
    told = Told()
    for event in Event.objects.filter(case_id=case.pk).order_by("tx", "id"):
        told.hear(event)
    return told


def from_the_row(case: Case) -> Told:
    row = Case.objects.get(pk=case.pk)
    return Told(
        status=row.status,
        assignee=row.assignee_id,
        priority=row.priority,
        tags=row.tags,
        subject=row.subject,
        messages=row.message_count,
        opened_at=row.opened_at,
        first_replied_at=row.first_replied_at,
    )


def take_back_the_last(case: Case, by: Actor) -> None:
    waiting = Outgoing.objects.filter(message__case=case, message__user_id=by.id, state="queued")
    last = waiting.order_by("-id").first()
    if last is not None:
        take_back(last.pk, by=by)


Deed = Callable[[Case, Actor], Any]
DEEDS: dict[str, Deed] = {
    "the customer speaks": lambda case, by: say_again(case),
    "a robot speaks": lambda case, by: say_again(case, automatic="auto-reply"),
    "take": lambda case, by: actions.assign(case, to=by.id, by=by),
    "leave": lambda case, by: actions.assign(case, to=None, by=by),
    "solve": lambda case, by: actions.change_status(case, to=Status.SOLVED, by=by),
    "wait": lambda case, by: actions.change_status(case, to=Status.WAITING_THIRD, by=by),
    "hurry": lambda case, by: actions.set_priority(case, to=Priority.URGENT, by=by),
    "end the link": lambda case, by: actions.end_link(case, by=by),
    "tag": lambda case, by: actions.set_tags(case, to=["返品"], by=by),
    "untag": lambda case, by: actions.set_tags(case, to=[], by=by),
    "rename": lambda case, by: actions.rename(case, to="返品", by=by),
    "note": lambda case, by: actions.add_note(case, text="メモ", by=by),
    "answer": lambda case, by: reply(case, Reply(text="はい。", confirmed=ANYTHING), by=by),
    "answer and solve": lambda case, by: reply(
        case, Reply(text="はい。", status=Status.SOLVED, confirmed=ANYTHING), by=by
    ),
    "take back": take_back_the_last,
    "acknowledge": lambda case, by: acknowledge(case.pk, cause=case.pk),
}
who = st.sampled_from(["supervisor", "manager"])
history = st.lists(st.tuples(st.sampled_from(sorted(DEEDS)), who), max_size=14)


@settings(
    max_examples=25,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(history)
def test_the_row_and_the_events_agree(world: World, deeds: list[tuple[str, str]]) -> None:
    people = {name: actor_of(getattr(world.ours, name)) for name in ("supervisor", "manager")}
    with clock.held_at(MORNING):
        case = make_case(world.ours.entry_point)
    with world.ours.scope():
        for minute, (deed, person) in enumerate(deeds, 1):
            with clock.held_at(MORNING + timedelta(minutes=minute)):
                DEEDS[deed](Case.objects.get(pk=case.pk), people[person])

        assert from_events(case) == from_the_row(case)


def test_every_event_says_where_and_by_whom(world: World) -> None:
    agent = actor_of(world.ours.supervisor)
    case = make_case(world.ours.entry_point)
    with scope.acting_for(agent.companies):
        for deed in DEEDS.values():
            deed(Case.objects.get(pk=case.pk), agent)
        events = list(Event.objects.filter(case_id=case.pk))

    assert len(events) >= len(DEEDS)
    assert {(e.company_id, e.desk_id) for e in events} == {(world.ours.company.pk, world.ours.desk.pk)}
    assert {e.actor_id for e in events if e.actor_kind == "person"} == {agent.id}
    assert {e.actor_name for e in events if e.actor_kind == "system"} == {"intake", "delivery"}


def test_no_event_repeats_what_a_customer_said(world: World) -> None:
    """The log is kept for audits, longer than the words: it names rows and does not copy them."""
    secret = "とても個人的なこと"
    agent = actor_of(world.ours.agent)
    case = make_case(world.ours.entry_point, text=secret)
    with scope.acting_for(agent.companies):
        say_again(case, text=secret)
        actions.add_note(case, text=secret, by=agent)
        actions.save_draft(case, kind="reply", text=secret, by=agent)
        reply(case, Reply(text=secret), by=agent)
        log = "".join(repr(e.data) for e in Event.objects.all())

    assert log
    assert secret not in log
    assert "home.example" not in log
