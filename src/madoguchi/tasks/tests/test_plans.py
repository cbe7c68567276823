"""Plans: written by whoever leads, kept in every version, and put to use on a case."""

from datetime import datetime, time
from typing import Any

import pytest

from madoguchi.cases.factories import make_case
from madoguchi.cases.models import Case
from madoguchi.companies.actions import set_work
from madoguchi.companies.models import Desk
from madoguchi.infra.models import Event
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor
from madoguchi.kernel.clock import TOKYO
from madoguchi.kernel.errors import NotAllowed, NotFound, Refused
from madoguchi.people.factories import World
from madoguchi.people.queries import actor_of
from madoguchi.tasks.actions import apply_plan, tasks_of
from madoguchi.tasks.models import Plan, Task
from madoguchi.tasks.planning import add_plan, change_plan, restore_version
from madoguchi.tasks.queries import plan_to_read, plans_for, plans_of, versions_of

pytestmark = pytest.mark.django_db
FRIDAY = datetime(2026, 11, 27, 17, tzinfo=TOKYO)
REPAIR: list[dict[str, Any]] = [
    {"title": "受付内容を確認する", "minutes": 10, "after": 30, "unit": "minutes", "owner": "me"},
    {"title": "集荷を手配する", "minutes": 15, "after": 2, "unit": "hours", "owner": "responsible"},
    {"title": "見積もりを送る", "minutes": 30, "after": 2, "unit": "days"},
    {"title": "お礼を送る"},
]


@pytest.fixture
def plan(world: World, supervisor: Actor) -> Plan:
    with world.ours.scope():
        return add_plan(
            world.ours.company, desk=world.ours.desk, name="修理受付", steps=REPAIR, by=supervisor
        )


class TestApplying:
    def test_each_step_becomes_a_task_due_by_the_hours_of_the_desk(
        self, world: World, plan: Plan, agent: Actor
    ) -> None:
        case = make_case(world.ours.entry_point)
        with world.ours.scope(), clock.held_at(FRIDAY):
            Desk.objects.filter(pk=case.desk_id).update(opens=time(10), closes=time(18))
            Case.objects.filter(pk=case.pk).update(assignee=world.ours.supervisor)
            case = Case.objects.select_related("desk").get(pk=case.pk)
            apply_plan(plan, case, by=agent)

            made = [
                (t.title, t.owner_id, t.due_at and t.due_at.astimezone(TOKYO), t.minutes)
                for t in tasks_of(case)
            ]
            assert made == [
                ("受付内容を確認する", agent.id, datetime(2026, 11, 27, 17, 30, tzinfo=TOKYO), 10),
                ("集荷を手配する", world.ours.supervisor.pk, datetime(2026, 11, 30, 11, tzinfo=TOKYO), 15),
                ("見積もりを送る", None, datetime(2026, 12, 1, 18, tzinfo=TOKYO), 30),
                ("お礼を送る", None, None, None),
            ]
            kinds = Event.objects.filter(case_id=case.pk).order_by("id").values_list("kind", flat=True)
            assert list(kinds)[-5:] == ["task.added"] * 4 + ["plan.applied"]

    def test_a_plan_of_another_desk_or_out_of_use_is_not_there(
        self, world: World, plan: Plan, agent: Actor
    ) -> None:
        case = make_case(world.ours.entry_point)
        with world.ours.scope():
            other = Desk.objects.create(company=world.ours.company, name="別", public_name="別")
            for change in ({"desk": other}, {"desk": None, "active": False}):
                Plan.objects.filter(pk=plan.pk).update(**change)
                with pytest.raises(NotFound):
                    apply_plan(Plan.objects.get(pk=plan.pk), case, by=agent)
                assert plans_for(case) == []

            assert tasks_of(case) == []

    def test_a_case_that_would_have_too_many_stays_as_it_is(
        self, world: World, plan: Plan, agent: Actor
    ) -> None:
        case = make_case(world.ours.entry_point)
        with world.ours.scope():
            for _times in range(25):
                apply_plan(plan, case, by=agent)
            with pytest.raises(Refused, match="100"):
                apply_plan(plan, case, by=agent)

            assert len(tasks_of(case)) == 100


class TestWriting:
    def test_two_who_write_at_once_leave_a_version_each(
        self, world: World, plan: Plan, supervisor: Actor
    ) -> None:
        said = {"desk": plan.desk, "active": True, "owner": None, "by": supervisor}
        with world.ours.scope():
            other = Plan.objects.get(pk=plan.pk)
            change_plan(plan, name="修理", steps=REPAIR[:1], **said)
            change_plan(other, name="修理", steps=REPAIR[:2], **said)

            assert [(v.number, len(v.steps)) for v in versions_of(other)] == [(3, 2), (2, 1), (1, 4)]

    def test_every_version_is_kept_and_can_be_had_back(
        self, world: World, plan: Plan, supervisor: Actor
    ) -> None:
        said = {"desk": plan.desk, "active": True, "owner": world.ours.supervisor.pk}
        with world.ours.scope():
            change_plan(plan, name="修理", steps=REPAIR[:1], by=supervisor, **said)
            change_plan(plan, name="修理", steps=REPAIR[:1], by=supervisor, **said)
            assert [(v.number, v.name, len(v.steps)) for v in versions_of(plan)] == [
                (2, "修理", 1),
                (1, "修理受付", 4),
            ]
            restore_version(plan, 1, by=supervisor)

            now = Plan.objects.get(pk=plan.pk)
            assert (now.name, len(now.steps), now.version, now.owner_id) == ("修理受付", 4, 3, supervisor.id)
            kinds = (
                Event.objects.filter(kind__startswith="plan.").order_by("id").values_list("kind", flat=True)
            )
            assert list(kinds) == ["plan.added", "plan.changed", "plan.changed"]

    def test_tasks_that_came_of_it_stay(
        self, world: World, plan: Plan, agent: Actor, supervisor: Actor
    ) -> None:
        case = make_case(world.ours.entry_point)
        with world.ours.scope():
            apply_plan(plan, case, by=agent)
            before = list(Task.objects.values())
            change_plan(
                plan,
                name="別",
                steps=REPAIR[:1],
                desk=None,
                active=False,
                owner=None,
                by=actor_of(world.ours.company_manager),
            )

            assert list(Task.objects.values()) == before

    @pytest.mark.parametrize(
        "steps",
        [
            [],
            "受付",
            [{"title": ""}],
            [{"title": "電話", "minutes": "十"}],
            [{"title": "電話", "after": -1}],
            [{"title": "電話", "after": 1, "unit": "weeks"}],
            [{"title": "電話", "owner": "somebody"}],
            [{"title": "電話"}] * 31,
        ],
    )
    def test_steps_that_make_no_sense_are_refused(self, world: World, supervisor: Actor, steps: Any) -> None:
        with world.ours.scope():
            with pytest.raises(Refused):
                add_plan(world.ours.company, desk=world.ours.desk, name="修理", steps=steps, by=supervisor)

            assert not Plan.objects.exists()

    def test_agents_write_none_and_supervisors_none_for_all_desks(
        self, world: World, agent: Actor, supervisor: Actor
    ) -> None:
        with world.ours.scope():
            for by, desk in ((agent, world.ours.desk), (supervisor, None)):
                with pytest.raises(NotAllowed):
                    add_plan(world.ours.company, desk=desk, name="修理", steps=REPAIR, by=by)

            assert not Plan.objects.exists()

    def test_a_name_is_a_plans_own(self, world: World, plan: Plan, supervisor: Actor) -> None:
        with world.ours.scope(), pytest.raises(Refused, match="同じ名前"):
            add_plan(
                world.ours.company,
                desk=None,
                name="修理受付",
                steps=REPAIR,
                by=actor_of(world.ours.company_manager),
            )

    def test_another_company_sees_none(self, world: World, plan: Plan) -> None:
        stranger = actor_of(world.theirs.manager)
        with world.theirs.scope():
            assert plans_of(stranger) == []
            with pytest.raises(NotFound):
                plan_to_read(plan.pk, actor=stranger)


@pytest.mark.parametrize(("opens", "closes"), [(time(10), None), (time(18), time(10)), (time(9), time(9))])
def test_hours_that_are_none_are_refused(world: World, opens: time | None, closes: time | None) -> None:
    with world.ours.scope():
        with pytest.raises(Refused) as refused:
            set_work(
                world.ours.desk,
                opens=opens,
                closes=closes,
                open_tasks="warn",
                by=actor_of(world.ours.company_manager),
            )

        assert refused.value.field == "closes"
        assert Desk.objects.get(pk=world.ours.desk.pk).opens is None
