"""Who waits, by which calendar, and how little of a long log is read for it."""

import json

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from madoguchi.cases.factories import make_case
from madoguchi.delivery.actions import Reply, reply
from madoguchi.insight.logged import Span
from madoguchi.insight.tests.test_queries import DAY, HOUR, WEEK, figure, solve, sums
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor
from madoguchi.people.factories import World
from madoguchi.people.queries import actor_of
from madoguchi.promises.actions import set_levels, switch_levels
from madoguchi.promises.tests.living import NINE

pytestmark = pytest.mark.django_db


@pytest.fixture
def agent(world: World) -> Actor:
    return actor_of(world.ours.agent)


@pytest.mark.parametrize(
    ("name", "kind"), [("first_reply_p80", "service_levels.switched"), ("delay_told", "delay.told")]
)
def test_what_was_promised_when_lies_in_a_short_index_however_long_the_log_is(
    world: World, name: str, kind: str
) -> None:
    with world.ours.scope(), connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO infra_event (company_id, kind, at, actor_kind, actor_id, actor_name, data)"
            " SELECT %s, 'case.changed', %s - make_interval(mins => n), 'person', 1, '', '{}'"
            " FROM generate_series(1, 20000) AS n",
            [world.ours.company.pk, WEEK.end],
        )
        cursor.execute("ANALYZE infra_event")
        with CaptureQueriesContext(connection) as asked:
            figure(world.ours, name, "2")
        [query] = [
            one["sql"] for one in asked if f"'{kind}'" in one["sql"] and 'case_id" IN' not in one["sql"]
        ]
        cursor.execute(f"EXPLAIN {query}")
        plan = "\n".join(row for (row,) in cursor.fetchall())
    assert "event_of_terms" in plan, plan


def levels_of_week(days: str, hours: str) -> str:
    calendar = {"name": "時間", "week": {days: [hours]}}
    return json.dumps({"calendar": calendar, "policies": [{"name": "標準", "targets": {"first_reply": 60}}]})


class TestWaiting:
    def test_who_waits_since_before_the_span_is_in_the_figure(self, world: World, agent: Actor) -> None:
        side = world.ours
        with clock.held_at(NINE - 2 * DAY):
            make_case(side.entry_point)
        day = Span(NINE, NINE + DAY, NINE + DAY)

        assert sums(figure(side, "still_waiting", span=day)) == (1, 1)
        assert figure(side, "first_reply_p80", "1", span=day).value is None

    def test_of_an_old_span_only_cases_that_began_before_its_end_are_read(
        self, world: World, agent: Actor
    ) -> None:
        side, day = world.ours, Span(NINE, NINE + DAY, NINE + 30 * DAY)
        with clock.held_at(NINE - 2 * DAY):
            old = make_case(side.entry_point)
        with clock.held_at(NINE + 2 * DAY):
            later = make_case(side.entry_point)
        for case in (old, later):
            solve(side, case, agent, after=3 * DAY)

        with CaptureQueriesContext(connection) as asked:
            found = figure(side, "still_waiting", span=day)

        assert sums(found) == (1, 1)
        assert len([one for one in asked if f'"case_id" IN ({old.pk})' in one["sql"]]) == 1

    def test_the_calendar_that_held_when_it_was_opened_counts_whatever_is_written_since(
        self, world: World, agent: Actor
    ) -> None:
        side, lead = world.ours, actor_of(world.ours.company_manager)
        with side.scope(), clock.held_at(NINE - DAY):
            levels = set_levels(side.desk, text=levels_of_week("mon-sun", "00:00-24:00"), by=lead)
            switch_levels(levels, active=True, by=lead)
        with clock.held_at(NINE):
            case = make_case(side.entry_point)
        with side.scope(), clock.held_at(NINE + 2 * HOUR):
            reply(case, Reply(text="お調べします。"), by=agent)
        before = figure(side, "first_reply_p80", "2").value
        with side.scope(), clock.held_at(NINE + DAY):
            set_levels(side.desk, text=levels_of_week("mon", "23:00-24:00"), by=lead)

        assert (before, figure(side, "first_reply_p80", "2").value) == (7_200, 7_200)
