"""Adding people, giving roles and desks."""

from typing import Any

import pytest

from madoguchi.companies.factories import make_company, make_desk, make_engagement, make_operator
from madoguchi.infra import scope
from madoguchi.infra.models import Event
from madoguchi.kernel.actor import Role
from madoguchi.kernel.errors import NotAllowed, Refused
from madoguchi.people import actions
from madoguchi.people.factories import World, make_operator_person, make_person
from madoguchi.people.models import CompanyMember, OperatorMember, Seat, User
from madoguchi.people.queries import actor_of


def everything() -> Any:
    return scope.everywhere(reason="a test looks at all companies")


def facts() -> list[tuple[str, int, dict[str, Any]]]:
    with everything():
        return [(e.kind, e.company_id, e.data) for e in Event.objects.order_by("id")]


def kinds() -> list[str]:
    return [kind for kind, *_rest in facts()]


def role_of(person: User, operator: int) -> str | None:
    return (
        OperatorMember.objects.filter(user=person, operator_id=operator)
        .values_list("role", flat=True)
        .first()
    )


class TestAdding:
    def test_a_manager_adds_an_agent_of_the_own_operator(self, world: World) -> None:
        by, operator = actor_of(world.ours.manager), world.ours.operator
        with scope.acting_for(by.companies):
            added = actions.add_person(
                email="Hanako@Staff.Example",
                name="山田　花子",
                kana="やまだ はなこ",
                operator=operator.pk,
                role=Role.AGENT,
                by=by,
            )
        kept = User.objects.get(pk=added.pk)
        assert (kept.email, kept.name, kept.has_usable_password()) == (
            "hanako@staff.example",
            "山田 花子",
            False,
        )
        assert role_of(kept, operator.pk) == "agent"
        company = world.ours.company.pk
        place = {"person": kept.pk, "operator": operator.pk, "role": "agent", "before": None}
        assert facts() == [
            ("person.place_given", company, place),
            ("person.added", company, {"person": kept.pk, "name": "山田 花子"}),
        ]

    def test_a_company_manager_adds_company_staff(self, world: World) -> None:
        by, company = actor_of(world.ours.company_manager), world.ours.company.pk
        with scope.acting_for(by.companies):
            added = actions.add_person(
                email="a@b.example", name="新人", company=company, role=Role.COMPANY_STAFF, by=by
            )
            assert CompanyMember.objects.get(user=added).role == "company_staff"

    def test_the_first_administrator_of_an_empty_installation(self, db: None) -> None:
        from madoguchi.kernel.actor import system

        with everything():
            added = actions.add_person(
                email="a@b.example", name="管理", role=Role.ADMINISTRATOR, by=system("shell")
            )
        assert User.objects.get(pk=added.pk).is_administrator
        assert facts() == []

    @pytest.mark.parametrize(
        ("who", "where", "role"),
        [
            ("agent", "operator", Role.AGENT),
            ("supervisor", "operator", Role.AGENT),
            ("company_staff", "company", Role.COMPANY_STAFF),
            ("company_manager", "operator", Role.AGENT),
            ("manager", "company", Role.COMPANY_STAFF),
            ("manager", None, Role.ADMINISTRATOR),
            ("company_manager", None, Role.ADMINISTRATOR),
        ],
    )
    def test_nobody_adds_people_beyond_their_reach(
        self, world: World, who: str, where: str | None, role: Role
    ) -> None:
        by, before = actor_of(getattr(world.ours, who)), User.objects.count()
        place = {where: getattr(world.ours, where).pk} if where else {}
        with scope.acting_for(by.companies), pytest.raises(NotAllowed):
            actions.add_person(email="a@b.example", name="新人", role=role, by=by, **place)
        assert User.objects.count() == before
        assert facts() == []

    def test_a_manager_adds_nobody_to_another_operator(self, world: World) -> None:
        by = actor_of(world.ours.manager)
        with scope.acting_for(by.companies), pytest.raises(NotAllowed):
            actions.add_person(
                email="a@b.example", name="新人", operator=world.theirs.operator.pk, role=Role.AGENT, by=by
            )
        assert not User.objects.filter(email="a@b.example").exists()

    def test_nobody_is_taken_over_by_address(self, world: World) -> None:
        by = actor_of(world.ours.manager)
        theirs = world.theirs.agent
        with scope.acting_for(by.companies), pytest.raises(Refused) as refused:
            actions.add_person(
                email=theirs.email.upper(),
                name="別人",
                operator=world.ours.operator.pk,
                role=Role.AGENT,
                by=by,
            )
        assert refused.value.field == "email"
        assert role_of(theirs, world.ours.operator.pk) is None
        assert facts() == []

    @pytest.mark.parametrize(
        ("email", "name", "field"),
        [("no", "新人", "email"), ("a@b.example", " ", "name"), ("a@b.example", "名" * 101, "name")],
    )
    def test_what_is_missing_is_named(self, world: World, email: str, name: str, field: str) -> None:
        by = actor_of(world.ours.manager)
        with scope.acting_for(by.companies), pytest.raises(Refused) as refused:
            actions.add_person(
                email=email, name=name, operator=world.ours.operator.pk, role=Role.AGENT, by=by
            )
        assert refused.value.field == field
        assert facts() == []


class TestChanging:
    def test_a_manager_corrects_a_name(self, world: World) -> None:
        by = actor_of(world.ours.manager)
        with scope.acting_for(by.companies):
            actions.change_person(
                world.ours.agent, name="青木 翔太", kana="さとう はなこ", language="ja", by=by
            )
        assert User.objects.get(pk=world.ours.agent.pk).name == "青木 翔太"
        changes = {"name": ["青木 翔", "青木 翔太"]}
        told = {"person": world.ours.agent.pk, "changes": changes}
        assert facts() == [("person.changed", world.ours.company.pk, told)]

    @pytest.mark.parametrize("who", ["agent", "supervisor", "company_staff", "company_manager"])
    def test_others_correct_nothing(self, world: World, who: str) -> None:
        by = actor_of(getattr(world.ours, who))
        with scope.acting_for(by.companies), pytest.raises(NotAllowed):
            actions.change_person(world.ours.supervisor, name="別名", kana="", language="ja", by=by)
        assert User.objects.get(pk=world.ours.supervisor.pk).name == "森 美咲"

    def test_whoever_works_elsewhere_too_is_left_to_administrators(self, world: World) -> None:
        OperatorMember.objects.create(user=world.ours.agent, operator=world.theirs.operator, role=Role.AGENT)
        by = actor_of(world.ours.manager)
        with scope.acting_for(by.companies), pytest.raises(NotAllowed):
            actions.change_person(world.ours.agent, name="別名", kana="", language="ja", by=by)
        assert User.objects.get(pk=world.ours.agent.pk).name == "青木 翔"


class TestPlaces:
    def test_a_manager_promotes_and_the_log_keeps_what_was(self, world: World) -> None:
        by, operator = actor_of(world.ours.manager), world.ours.operator.pk
        with scope.acting_for(by.companies):
            actions.give_place(world.ours.agent, role=Role.SUPERVISOR, operator=operator, by=by)
            actions.give_place(world.ours.agent, role=Role.SUPERVISOR, operator=operator, by=by)
        assert role_of(world.ours.agent, operator) == "supervisor"
        told = {"person": world.ours.agent.pk, "operator": operator, "role": "supervisor", "before": "agent"}
        assert facts() == [("person.place_given", world.ours.company.pk, told)]

    def test_no_role_where_there_is_none(self, world: World) -> None:
        by = actor_of(world.administrator)
        with scope.acting_for(by.companies):
            with pytest.raises(Refused):
                actions.give_place(
                    world.ours.agent, role=Role.COMPANY_STAFF, operator=world.ours.operator.pk, by=by
                )
            with pytest.raises(Refused):
                actions.give_place(world.ours.agent, role=Role.AGENT, company=world.ours.company.pk, by=by)
        assert role_of(world.ours.agent, world.ours.operator.pk) == "agent"

    @pytest.mark.parametrize("who", ["manager", "company_manager"])
    def test_nobody_changes_their_own_role(self, world: World, who: str) -> None:
        person = getattr(world.ours, who)
        by = actor_of(person)
        lower, where = {
            "manager": (Role.AGENT, {"operator": world.ours.operator.pk}),
            "company_manager": (Role.COMPANY_STAFF, {"company": world.ours.company.pk}),
        }[who]
        with scope.acting_for(by.companies):
            with pytest.raises(Refused):
                actions.give_place(person, role=lower, by=by, **where)
            with pytest.raises(Refused):
                actions.take_place(person, by=by, **where)
        assert actor_of(person).grants == by.grants

    def test_an_agent_promotes_nobody(self, world: World) -> None:
        by, operator = actor_of(world.ours.agent), world.ours.operator.pk
        with scope.acting_for(by.companies), pytest.raises(NotAllowed):
            actions.give_place(world.ours.supervisor, role=Role.MANAGER, operator=operator, by=by)
        assert role_of(world.ours.supervisor, operator) == "supervisor"

    def test_a_role_taken_away_takes_its_seats(self, world: World) -> None:
        by = actor_of(world.ours.manager)
        with scope.acting_for(by.companies):
            actions.take_place(world.ours.agent, operator=world.ours.operator.pk, by=by)
        assert actor_of(world.ours.agent).grants == ()
        with everything():
            assert not Seat.objects.filter(member__user=world.ours.agent).exists()
        assert kinds() == ["person.place_taken"]

    def test_another_operators_people_keep_their_role(self, world: World) -> None:
        by = actor_of(world.ours.manager)
        with scope.acting_for(by.companies), pytest.raises(NotAllowed):
            actions.take_place(world.theirs.agent, operator=world.theirs.operator.pk, by=by)
        assert role_of(world.theirs.agent, world.theirs.operator.pk) == "agent"

    def test_a_company_of_nobodys_is_refused(self, world: World) -> None:
        by = actor_of(world.administrator)
        elsewhere = make_company()
        with scope.acting_for(by.companies), pytest.raises(Refused):
            actions.give_place(world.ours.agent, role=Role.COMPANY_STAFF, company=elsewhere.pk, by=by)


class TestSeats:
    def test_a_manager_seats_an_agent_at_exactly_these_desks(self, world: World) -> None:
        second = make_engagement(world.ours.operator, make_desk(world.ours.company))
        member = OperatorMember.objects.get(user=world.ours.agent)
        by = actor_of(world.ours.manager)
        with scope.acting_for(by.companies):
            actions.set_seats(member, engagements=[second.pk], by=by)
            seated = list(Seat.objects.filter(member=member).values_list("engagement_id", flat=True))
        assert seated == [second.pk]
        seats = {"before": [world.ours.engagement.pk], "after": [second.pk]}
        assert facts() == [("person.seats", world.ours.company.pk, {"person": member.user_id, **seats})]
        assert {g.desk for g in actor_of(world.ours.agent).grants} == {second.desk_id}

    def test_each_company_is_told_of_its_own_desks_only(self, world: World) -> None:
        second = make_engagement(world.ours.operator, world.theirs.desk)
        member = OperatorMember.objects.get(user=world.ours.agent)
        by = actor_of(world.ours.manager)
        with scope.acting_for(by.companies):
            actions.set_seats(member, engagements=[world.ours.engagement.pk, second.pk], by=by)
        told = {"person": member.user_id, "before": [], "after": [second.pk]}
        assert facts() == [("person.seats", world.theirs.company.pk, told)]

    def test_nobody_is_seated_under_another_operators_engagement(self, world: World) -> None:
        member = OperatorMember.objects.get(user=world.ours.agent)
        by = actor_of(world.administrator)
        with scope.acting_for(by.companies), pytest.raises(Refused):
            actions.set_seats(member, engagements=[world.theirs.engagement.pk], by=by)
        assert {g.company for g in actor_of(world.ours.agent).grants} == {world.ours.company.pk}
        assert facts() == []

    @pytest.mark.parametrize("who", ["agent", "supervisor", "company_staff", "company_manager"])
    def test_others_seat_nobody(self, world: World, who: str) -> None:
        member = OperatorMember.objects.get(user=world.ours.agent)
        by = actor_of(getattr(world.ours, who))
        with scope.acting_for(by.companies), pytest.raises(NotAllowed):
            actions.set_seats(member, engagements=[], by=by)
        assert len(actor_of(world.ours.agent).grants) == 1

    def test_seats_out_of_a_managers_sight_stay(self, world: World) -> None:
        operator = make_operator()
        here = make_engagement(operator, world.ours.desk)
        manager = make_operator_person(operator, Role.MANAGER)
        by = actor_of(manager)
        there = make_engagement(operator, world.theirs.desk)
        agent = make_operator_person(operator, Role.AGENT, seats=(here, there))
        with scope.acting_for(by.companies):
            actions.set_seats(OperatorMember.objects.get(user=agent), engagements=[], by=by)
        with everything():
            assert list(Seat.objects.filter(member__user=agent).values_list("engagement", flat=True)) == [
                there.pk
            ]


class TestAdministrators:
    def test_administrators_appoint_and_dismiss_one_another(self, world: World) -> None:
        by, other = actor_of(world.administrator), make_person()
        with scope.acting_for(by.companies):
            actions.appoint_administrator(other, by=by)
            assert actor_of(other).administrator
            actions.dismiss_administrator(other, by=by)
        assert not actor_of(other).administrator
        assert set(kinds()) == {"administrator.appointed", "administrator.dismissed"}
        assert len(kinds()) == 4

    def test_the_last_one_stays(self, world: World) -> None:
        from madoguchi.kernel.actor import system

        with everything(), pytest.raises(Refused):
            actions.dismiss_administrator(world.administrator, by=system("shell"))
        with everything(), pytest.raises(Refused):
            actions.deactivate(world.administrator, by=system("shell"))
        kept = User.objects.get(pk=world.administrator.pk)
        assert (kept.is_administrator, kept.is_active) == (True, True)
        assert facts() == []

    def test_one_who_may_not_sign_in_does_not_count(self, world: World) -> None:
        from madoguchi.kernel.actor import system

        asleep = make_person(administrator=True)
        User.objects.filter(pk=asleep.pk).update(is_active=False)
        with everything(), pytest.raises(Refused):
            actions.dismiss_administrator(world.administrator, by=system("shell"))
        assert User.objects.get(pk=world.administrator.pk).is_administrator

    def test_nobody_dismisses_themselves(self, world: World) -> None:
        make_person(administrator=True)
        by = actor_of(world.administrator)
        with scope.acting_for(by.companies), pytest.raises(Refused):
            actions.dismiss_administrator(world.administrator, by=by)
        assert User.objects.get(pk=world.administrator.pk).is_administrator

    @pytest.mark.parametrize("who", ["manager", "company_manager"])
    def test_managers_make_no_administrators(self, world: World, who: str) -> None:
        by = actor_of(getattr(world.ours, who))
        with scope.acting_for(by.companies), pytest.raises(NotAllowed):
            actions.appoint_administrator(world.ours.agent, by=by)
        assert not User.objects.get(pk=world.ours.agent.pk).is_administrator
