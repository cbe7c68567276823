"""Writing rules: by whom, what makes no sense, their order and versions; and dry runs."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from madoguchi.cases.actions import add_note, set_priority
from madoguchi.cases.factories import make_case
from madoguchi.cases.models import Case
from madoguchi.infra.models import Event
from madoguchi.kernel import clock
from madoguchi.kernel.errors import NotAllowed, NotFound, Refused
from madoguchi.people.factories import World
from madoguchi.people.queries import actor_of
from madoguchi.rules.actions import (
    add_rule,
    change_rule,
    delete_rule,
    move_rule,
    restore_rule,
    restore_version,
    start_rule,
)
from madoguchi.rules.models import Rule
from madoguchi.rules.queries import dry_run, rule_by_id, rules_of, versions_of
from madoguchi.rules.saying import said_by
from madoguchi.rules.tests.rules import EVERY, acts, at_work, said, where
from madoguchi.views.filters import read_filter

pytestmark = pytest.mark.django_db


def test_who_leads_the_desk_writes_its_rules_and_nobody_else(world: World) -> None:
    side = world.ours
    with side.scope():
        for person in (side.agent, side.company_staff, side.company_manager, world.theirs.supervisor):
            with pytest.raises(NotAllowed):
                add_rule(side.desk, said=said(), by=actor_of(person))
        assert Rule.objects.count() == 0
        rule = add_rule(side.desk, said=said(), by=actor_of(side.supervisor))
        assert (rule.state, rule.version, rule.position) == ("paused", 1, 1)
        for person in (side.agent, side.company_manager):
            with pytest.raises(NotFound):
                rule_by_id(rule.pk, actor=actor_of(person))
            with pytest.raises(NotAllowed):
                start_rule(rule, by=actor_of(person))
        assert Rule.objects.get().state == "paused"


def test_every_version_stays_and_can_be_had_back(world: World) -> None:
    side, lead = world.ours, actor_of(world.ours.supervisor)
    with side.scope():
        rule = add_rule(side.desk, said=said(), by=lead)
        first = said_by(rule)
        change_rule(rule, said=first, by=lead)
        assert rule.version == 1
        change_rule(rule, said=first | {"name": "別名", "acts": acts(("priority", "4"))}, by=lead)
        restore_version(rule, 1, by=lead)

        assert said_by(Rule.objects.get()) == first
        told = [(one.number, one.said["name"], one.user.name) for one in versions_of(rule)]
        assert told == [(3, "新着", lead.name), (2, "別名", lead.name), (1, "新着", lead.name)]
        changed = Event.objects.filter(kind="rule.changed").order_by("id")
        assert [event.data["version"] for event in changed] == [2, 3]


def test_order_putting_away_and_taking_back(world: World) -> None:
    side, lead = world.ours, actor_of(world.ours.supervisor)
    with side.scope():
        one, two, three = (add_rule(side.desk, said=said(name=name), by=lead) for name in "一二三")
        move_rule(three, up=True, by=lead)
        move_rule(one, up=True, by=lead)
        assert [rule.name for rule in rules_of(lead)] == ["一", "三", "二"]

        start_rule(two, by=lead)
        delete_rule(two, by=lead)
        assert [rule.name for rule in rules_of(lead)] == ["一", "三"]
        restore_rule(rule_by_id(two.pk, actor=lead, deleted=True), by=lead)
        assert [(rule.name, rule.state) for rule in rules_of(lead)][2] == ("二", "paused")


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"name": " "}, "name"),
        ({"trigger": "moon"}, "trigger"),
        ({"kinds": []}, "kinds"),
        ({"kinds": ["person.added"]}, "kinds"),
        ({"filter": {"version": 2}}, ""),
        ({"filter": where(field="assignee", test="in", value=["me"])}, "filter"),
        ({"filter": where(field="unread", test="is", value=True)}, "filter"),
        ({"acts": []}, "acts"),
        ({"acts": acts(("assign", "me"))}, "assign"),
        ({"acts": acts(("text", "こんにちは"))}, ""),
        ({"per_case": 0}, "per_case"),
        ({"per_hour": 5001}, "per_hour"),
    ],
)
def test_what_makes_no_sense_is_refused(world: World, more: dict[str, Any], field: str) -> None:
    with world.ours.scope(), pytest.raises(Refused) as refused:
        add_rule(world.ours.desk, said=said(**more), by=actor_of(world.ours.supervisor))
    assert refused.value.field == field
    with world.ours.scope():
        assert Rule.objects.count() == 0


def test_a_rule_moves_cases_only_where_its_writer_could(world: World) -> None:
    lead = actor_of(world.ours.supervisor)
    for desk in (world.theirs.desk, world.ours.desk):
        with world.ours.scope(), pytest.raises(Refused):
            add_rule(world.ours.desk, said=said(acts=acts(("desk", str(desk.pk)))), by=lead)


def test_a_dry_run_counts_what_is_wanted_and_changes_nothing(world: World) -> None:
    side, agent = world.ours, actor_of(world.ours.agent)
    now = clock.now()
    with clock.held_at(now - timedelta(days=40)):
        old = make_case(side.entry_point, subject="炊飯器")
    with clock.held_at(now - timedelta(days=3)):
        twice, once = (make_case(side.entry_point, subject="炊飯器") for _n in range(2))
        make_case(side.entry_point, subject="鍋")
        make_case(world.theirs.entry_point, subject="炊飯器")
    with side.scope():
        for case in (twice, twice, once):
            add_note(case, text="確認", by=agent)
        set_priority(old, to=4, by=agent)  # type: ignore[arg-type]
        before, events = list(Case.objects.order_by("pk").values()), Event.objects.count()
        wanted = read_filter(where(field="subject", test="contains", value="炊飯"))

        noted = dry_run(wanted, desk=side.desk.pk, kinds=["note.added"])
        opened = dry_run(wanted, desk=side.desk.pk, kinds=["case.opened"])
        changed = dry_run(wanted, desk=side.desk.pk, kinds=["case.changed", "note.added"])
        on_time = dry_run(wanted, desk=side.desk.pk, kinds=[])

        assert (noted.cases, noted.times, noted.more) == (2, 3, False)
        assert {line.id for line in noted.sample} == {twice.pk, once.pk}
        assert (opened.cases, opened.times) == (2, 2)
        assert (changed.cases, changed.times) == (3, 4)
        assert (on_time.cases, {line.id for line in on_time.sample}) == (2, {twice.pk, once.pk})
        assert (list(Case.objects.order_by("pk").values()), Event.objects.count()) == (before, events)


def test_a_dry_run_has_a_bound_and_says_so(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("madoguchi.rules.queries._AT_ONCE", 2)
    monkeypatch.setattr("madoguchi.rules.queries._LOOKS", 2)
    for _n in range(7):
        make_case(world.ours.entry_point)
    with world.ours.scope(), CaptureQueriesContext(connection) as asked:
        found = dry_run(read_filter(EVERY), desk=world.ours.desk.pk, kinds=["case.opened"])

    assert (found.cases, found.times, found.more) == (4, 4, True)
    assert len([q for q in asked if q["sql"].lstrip().startswith(("SELECT", "WITH"))]) == 5


def test_rules_of_another_company_are_not_there(world: World) -> None:
    rule = at_work(world.ours)
    with world.theirs.scope():
        assert Rule.objects.count() == 0
        with pytest.raises(NotFound):
            rule_by_id(rule.pk, actor=actor_of(world.theirs.supervisor))
