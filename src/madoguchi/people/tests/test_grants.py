"""What somebody may do follows from where they belong today, and from nothing else."""

from datetime import date, datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from madoguchi.companies.factories import make_company, make_desk, make_engagement
from madoguchi.infra import scope
from madoguchi.kernel import clock
from madoguchi.kernel.actor import DataScope, Grant, OperatingModel, Role
from madoguchi.people.factories import (
    World,
    make_company_person,
    make_operator_person,
    make_person,
    seat,
)
from madoguchi.people.models import CompanyMember, OperatorMember, Seat, User
from madoguchi.people.queries import actor_of, people_by_id, staff_of_desk

pytestmark = pytest.mark.django_db


def grants(person: User) -> list[tuple[Role, int, int | None]]:
    return [(g.role, g.company, g.desk) for g in actor_of(person).grants]


def staff(world: World) -> set[str]:
    with world.ours.scope():
        return {p.name for p in staff_of_desk(world.ours.desk.pk, company=world.ours.company.pk)}


class TestOperatorsPeople:
    def test_a_seat_gives_one_desk(self, world: World) -> None:
        [grant] = actor_of(world.ours.agent).grants

        assert grant == Grant(
            company=world.ours.company.pk,
            role=Role.AGENT,
            desk=world.ours.desk.pk,
            operator=world.ours.operator.pk,
            model=OperatingModel.VENDOR_CENTRE,
            data_scope=DataScope(),
        )

    def test_a_manager_has_every_engagement_of_the_operator(self, world: World) -> None:
        second = make_engagement(world.ours.operator, make_desk(world.theirs.company))

        assert sorted(grants(world.ours.manager)) == sorted(
            [
                (Role.MANAGER, world.ours.company.pk, world.ours.desk.pk),
                (Role.MANAGER, world.theirs.company.pk, second.desk_id),
            ]
        )
        assert len(grants(world.ours.supervisor)) == 1

    def test_a_managers_seat_adds_nothing(self, world: World) -> None:
        seat(OperatorMember.objects.get(user=world.ours.manager), world.ours.engagement)

        assert len(grants(world.ours.manager)) == 1

    def test_without_a_seat_there_is_nothing(self, world: World) -> None:
        assert grants(make_operator_person(world.ours.operator, Role.SUPERVISOR)) == []

    @pytest.mark.parametrize(
        ("starts", "ends", "holds"),
        [
            (date(2026, 8, 3), None, True),
            (date(2026, 8, 3), date(2026, 8, 3), True),
            (date(2026, 8, 1), date(2026, 8, 2), False),
            (date(2026, 8, 4), None, False),
        ],
    )
    @pytest.mark.parametrize("hour", ["00:00:00", "08:59:59", "23:59:59"])
    def test_an_engagement_holds_from_day_to_day_in_japan(
        self, world: World, starts: date, ends: date | None, holds: bool, hour: str
    ) -> None:
        with world.ours.scope():
            world.ours.engagement.starts_on, world.ours.engagement.ends_on = starts, ends
            world.ours.engagement.save()
        with clock.held_at(datetime.fromisoformat(f"2026-08-03T{hour}+09:00")):
            for person in (world.ours.agent, world.ours.supervisor, world.ours.manager):
                assert bool(grants(person)) is holds
            assert bool(staff(world)) is holds
            assert len(grants(world.ours.company_staff)) == 1

    def test_what_an_engagement_keeps_back_comes_with_the_grant(self, world: World) -> None:
        with world.ours.scope():
            world.ours.engagement.masked, world.ours.engagement.hidden = ["name"], ["memo"]
            world.ours.engagement.save()
        kept_back = DataScope(masked=frozenset({"name"}), hidden=frozenset({"memo"}))

        assert actor_of(world.ours.agent).data_scope(company=world.ours.company.pk) == kept_back
        assert actor_of(world.ours.company_staff).data_scope(company=world.ours.company.pk) == DataScope()


class TestCompanysPeople:
    @pytest.mark.parametrize("model", list(OperatingModel))
    def test_all_desks_and_command_only_over_temporary_staff(
        self, world: World, model: OperatingModel
    ) -> None:
        with world.ours.scope():
            world.ours.engagement.model = model
            world.ours.engagement.save()
        company, desk = world.ours.company.pk, world.ours.desk.pk
        everywhere = (Role.COMPANY_STAFF, company, None)
        temp = [(Role.COMPANY_STAFF, company, desk)] if model == OperatingModel.TEMP_STAFF else []

        assert grants(world.ours.company_staff) == [everywhere, *temp]

    def test_of_two_companies(self, world: World) -> None:
        with scope.everywhere(reason="a test"):
            CompanyMember.objects.create(
                user=world.ours.company_staff, company=world.theirs.company, role=Role.COMPANY_MANAGER
            )
        assert sorted(grants(world.ours.company_staff)) == sorted(
            [
                (Role.COMPANY_STAFF, world.ours.company.pk, None),
                (Role.COMPANY_MANAGER, world.theirs.company.pk, None),
            ]
        )


class TestAdministrators:
    def test_every_company_there_is(self, world: World) -> None:
        third = make_company()
        companies = (world.ours.company.pk, world.theirs.company.pk, third.pk)

        assert set(grants(world.administrator)) == {(Role.ADMINISTRATOR, c, None) for c in companies}
        assert actor_of(world.administrator).administrator

    def test_the_mark_alone_makes_one(self, world: World) -> None:
        actor = actor_of(world.ours.agent)
        assert (actor.administrator, actor.runs_installation) == (False, False)

    def test_somebody_may_be_several_things(self, world: World) -> None:
        OperatorMember.objects.create(
            user=world.administrator, operator=world.ours.operator, role=Role.MANAGER
        )
        roles = {role for role, _company, _desk in grants(world.administrator)}
        assert roles == {Role.ADMINISTRATOR, Role.MANAGER}


def test_who_belongs_nowhere_is_nobody(db: None) -> None:
    actor = actor_of(make_person(name="新人"))
    assert (actor.name, actor.grants, actor.companies) == ("新人", (), frozenset())


@pytest.mark.parametrize(
    ("who", "queries"), [("agent", 5), ("manager", 4), ("company_staff", 3), ("company_manager", 3)]
)
def test_it_costs_no_more_than_this(world: World, who: str, queries: int) -> None:
    with CaptureQueriesContext(connection) as asked:
        actor_of(getattr(world.ours, who))
    reads = [q for q in asked if q["sql"].startswith("SELECT") and "set_config" not in q["sql"]]
    assert len(reads) <= queries


class TestStaffOfADesk:
    def test_the_seated_and_their_managers(self, world: World) -> None:
        assert staff(world) == {"青木 翔", "森 美咲", "石川 健"}

    def test_neither_the_company_nor_other_operators_nor_the_unseated(self, world: World) -> None:
        make_company_person(world.ours.company, name="中田 一")
        make_operator_person(world.ours.operator, name="空席 太郎")
        make_operator_person(world.theirs.operator, Role.MANAGER, name="他社 花子")

        assert staff(world) == {"青木 翔", "森 美咲", "石川 健"}

    def test_not_who_is_locked_out(self, world: World) -> None:
        User.objects.filter(pk=world.ours.agent.pk).update(is_active=False)

        assert staff(world) == {"森 美咲", "石川 健"}

    def test_each_once_however_many_seats(self, world: World) -> None:
        second = make_engagement(world.theirs.operator, world.ours.desk)
        member = OperatorMember.objects.create(
            user=world.ours.agent, operator=world.theirs.operator, role=Role.AGENT
        )
        seat(member, second)
        with world.ours.scope():
            found = staff_of_desk(world.ours.desk.pk, company=world.ours.company.pk)
            assert [p.name for p in found].count("青木 翔") == 1

    def test_an_unseated_person_is_gone_at_once(self, world: World) -> None:
        with world.ours.scope():
            Seat.objects.filter(member__user=world.ours.agent).delete()

        assert staff(world) == {"森 美咲", "石川 健"}


def test_people_are_found_by_id_in_one_query(world: World) -> None:
    ids = [world.ours.agent.pk, world.theirs.agent.pk, 0]
    with CaptureQueriesContext(connection) as asked:
        found = people_by_id(ids)

    assert found == {world.ours.agent.pk: world.ours.agent, world.theirs.agent.pk: world.theirs.agent}
    assert len(asked) == 1
