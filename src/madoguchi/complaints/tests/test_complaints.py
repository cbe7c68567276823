"""Complaints: written down with facts, demand and manner apart, closed with what was mended and answered."""

from dataclasses import replace
from typing import Any

import pytest

from madoguchi.cases.factories import make_case
from madoguchi.cases.models import Case, Priority
from madoguchi.complaints import actions
from madoguchi.complaints.actions import Written, make_complaint, tell_overdue
from madoguchi.complaints.models import Complaint
from madoguchi.complaints.queries import (
    complaint_by_id,
    complaints_at,
    complaints_of,
    earlier_of_customer,
    secondary_of,
)
from madoguchi.escalations.tests.conftest import HOUR, MISAKI, NINE
from madoguchi.following.models import Notification
from madoguchi.infra.models import Event
from madoguchi.infra.reactions import catch_up, enrol
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor
from madoguchi.kernel.errors import Conflict, NotAllowed, NotFound, Refused
from madoguchi.people.factories import World
from madoguchi.people.queries import actor_of

pytestmark = pytest.mark.django_db(transaction=True)
WRITTEN = Written(
    facts="届いた炊飯器の蓋が割れていた",
    demand="新品との交換",
    manner="落ち着いて話される",
    severity=2,
    due_at=NINE + 3 * HOUR,
)


@pytest.fixture
def case(world: World) -> Case:
    made = make_case(world.ours.entry_point, sender=MISAKI)
    enrol()
    return made


@pytest.fixture
def agent(world: World) -> Actor:
    return actor_of(world.ours.agent)


def made(world: World, case: Case, by: Actor, **said: Any) -> Complaint:
    with world.ours.scope(), clock.held_at(NINE):
        return make_complaint(case, replace(WRITTEN, **said), by=by)


def kinds(world: World) -> list[str]:
    with world.ours.scope():
        rows = Event.objects.filter(kind__startswith="complaint.").order_by("pk")
        return list(rows.values_list("kind", flat=True))


def test_what_is_demanded_and_how_stand_apart(world: World, case: Case, agent: Actor) -> None:
    one = made(world, case, agent, responsible=world.ours.supervisor.pk)

    with world.ours.scope():
        [found] = complaints_of(case)
    assert (found.facts, found.demand, found.manner) == (WRITTEN.facts, "新品との交換", "落ち着いて話される")
    assert (found.severity, found.state, found.version) == (2, "open", 1)
    catch_up("following.notify")
    with world.ours.scope():
        told = list(Notification.objects.values_list("kind", "user_id"))
        data = Event.objects.get(kind="complaint.made").data
    assert told == [("complaint.made", world.ours.supervisor.pk)]
    about = {"complaint": one.pk, "severity": 2, "responsible": world.ours.supervisor.pk}
    assert data == about | {"secondary_to": None}


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"facts": " "}, "facts"),
        ({"answer": "あ" * 10_001}, "answer"),
        ({"severity": 5}, "severity"),
        ({"severity": None}, "severity"),
        ({"due_at": None}, "due"),
        ({"due_at": NINE}, "due"),
        ({"due_at": NINE + 9000 * HOUR}, "due"),
        ({"secondary_to": 999_999}, "secondary_to"),
    ],
)
def test_what_makes_no_sense_is_refused(
    world: World, case: Case, agent: Actor, wrong: dict[str, Any], field: str
) -> None:
    with pytest.raises(Refused) as refused:
        made(world, case, agent, **wrong)

    assert refused.value.field == field
    with world.ours.scope():
        assert (Complaint.objects.count(), kinds(world)) == (0, [])


def test_all_that_is_wrong_is_told_at_once(world: World, case: Case, agent: Actor) -> None:
    with pytest.raises(Refused) as refused:
        made(world, case, agent, facts="", severity=None, due_at=None, answer="あ" * 10_001)

    assert list(refused.value.fields) == ["facts", "answer", "severity", "due"]
    assert refused.value.fields["facts"] == str(refused.value)


def test_only_who_works_at_the_desk_is_responsible(world: World, case: Case, agent: Actor) -> None:
    for person in (world.theirs.agent.pk, world.ours.company_staff.pk):
        with pytest.raises(Refused) as refused:
            made(world, case, agent, responsible=person)
        assert refused.value.field == "responsible"


def test_the_gravest_make_the_case_urgent(world: World, case: Case, agent: Actor) -> None:
    one = made(world, case, agent)
    with world.ours.scope(), clock.held_at(NINE):
        assert Case.objects.get().priority == Priority.NORMAL
        actions.change_complaint(one, replace(WRITTEN, severity=4), by=agent)
        assert Case.objects.get().priority == Priority.URGENT


def test_what_changed_is_told_by_name_and_two_who_write_learn_of_each_other(
    world: World, case: Case, agent: Actor
) -> None:
    one = made(world, case, agent)
    with world.ours.scope(), clock.held_at(NINE):
        actions.change_complaint(one, WRITTEN, version=1, by=agent)
        changed = replace(WRITTEN, corrective="梱包を変える", responsible=agent.id)
        actions.change_complaint(one, changed, version=1, by=agent)
        with pytest.raises(Conflict):
            actions.change_complaint(one, replace(changed, demand="返金"), version=1, by=agent)
        data = Event.objects.get(kind="complaint.changed").data
        one.refresh_from_db()

    assert data["fields"] == ["corrective", "responsible"]
    assert (one.version, one.demand) == (2, "新品との交換")


def test_it_is_closed_once_answered_and_mended(world: World, case: Case, agent: Actor) -> None:
    one = made(world, case, agent)
    with world.ours.scope(), clock.held_at(NINE):
        with pytest.raises(Refused) as refused:
            actions.close_complaint(one, by=agent)
        assert list(refused.value.fields) == ["responsible", "corrective", "answer"]
        assert Complaint.objects.get().state == "open"
        full = replace(WRITTEN, responsible=agent.id, corrective="梱包を変える", answer="交換品を発送")
        actions.change_complaint(one, full, by=agent)
        actions.close_complaint(one, by=agent)
        with pytest.raises(Conflict):
            actions.change_complaint(one, replace(full, demand="返金"), by=agent)
        assert [found.pk for found in complaints_at(agent, "closed")] == [one.pk]
        assert (actions.reopen_complaint(one, by=agent), actions.reopen_complaint(one, by=agent)) == (
            True,
            False,
        )

    assert (one.state, one.next_at) == ("open", one.due_at)
    assert kinds(world)[-2:] == ["complaint.closed", "complaint.reopened"]


def test_a_secondary_one_leads_to_the_first(world: World, case: Case, agent: Actor) -> None:
    first = made(world, case, agent)
    later = make_case(world.ours.entry_point, sender=MISAKI)
    second = made(world, later, agent, facts="対応が遅い", secondary_to=first.pk)
    other = make_case(world.ours.entry_point)

    with world.ours.scope():
        assert [one.pk for one in secondary_of(first, actor=agent)] == [second.pk]
        assert [one.pk for one in earlier_of_customer(later, actor=agent, before=second.pk)] == [first.pk]
    with pytest.raises(Refused):
        made(world, other, agent, secondary_to=first.pk)
    with world.ours.scope(), clock.held_at(NINE), pytest.raises(Refused):
        actions.change_complaint(first, replace(WRITTEN, secondary_to=second.pk), by=agent)


def test_its_time_is_told_once(world: World, case: Case, agent: Actor) -> None:
    made(world, case, agent, responsible=world.ours.agent.pk)
    with clock.held_at(NINE + 2 * HOUR):
        assert tell_overdue() == 0
    with clock.held_at(NINE + 3 * HOUR):
        assert (tell_overdue(), tell_overdue()) == (1, 0)
        with world.ours.scope():
            assert len(complaints_at(agent, "late")) == 1

    catch_up("following.notify")
    with world.ours.scope():
        late = Notification.objects.filter(kind="complaint.overdue").values_list("user_id", flat=True)
        assert sorted(late) == sorted([world.ours.agent.pk, world.ours.supervisor.pk])


def test_the_company_reads_it_and_writes_none_and_strangers_find_none(
    world: World, case: Case, agent: Actor
) -> None:
    one = made(world, case, agent)
    company, stranger = actor_of(world.ours.company_staff), actor_of(world.theirs.supervisor)
    with world.ours.scope():
        assert complaint_by_id(one.pk, actor=company).pk == one.pk
        with pytest.raises(NotAllowed):
            actions.close_complaint(one, by=company)
    with pytest.raises(NotAllowed):
        made(world, case, company)
    with world.theirs.scope():
        assert list(complaints_at(stranger, "open")) == []
        with pytest.raises(NotFound):
            complaint_by_id(one.pk, actor=stranger)
    assert kinds(world) == ["complaint.made"]
