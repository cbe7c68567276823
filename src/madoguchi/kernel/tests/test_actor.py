"""Who may do what where, and which customer fields they see of it."""

import pytest

from madoguchi.kernel.actor import (
    EVERYTHING_SHOWN,
    PERMISSIONS,
    Actor,
    ActorKind,
    DataScope,
    Grant,
    OperatingModel,
    Permission,
    Role,
    narrowest_common,
    system,
)

P = Permission


def person(*grants: Grant) -> Actor:
    return Actor(kind=ActorKind.PERSON, name="花子", id=1, grants=grants)


def agent_at(desk: int, *, company: int = 1, **more: DataScope) -> Grant:
    return Grant(company=company, desk=desk, operator=5, role=Role.AGENT, **more)


class TestPermissions:
    @pytest.mark.parametrize(
        ("role", "may", "may_not"),
        [
            (Role.AGENT, [P.CASE_REPLY, P.CASE_NOTE, P.CUSTOMER_EDIT], [P.CASE_ASSIGN, P.OUTBOX, P.PEOPLE]),
            (Role.SUPERVISOR, [P.CASE_ASSIGN, P.QUARANTINE, P.TEMPLATES], [P.PEOPLE, P.DESKS]),
            (Role.MANAGER, [P.PEOPLE, P.AUDIT, P.CASE_ASSIGN], [P.DESKS, P.ORGANISATIONS]),
            (Role.COMPANY_STAFF, [P.CASE_READ, P.CUSTOMER_READ], [P.CASE_REPLY, P.DESKS]),
            (Role.COMPANY_MANAGER, [P.CASE_READ, P.DESKS, P.AUDIT], [P.CASE_REPLY, P.ORGANISATIONS]),
            (Role.ADMINISTRATOR, [P.ORGANISATIONS, P.PEOPLE, P.DESKS], [P.CASE_READ, P.CUSTOMER_READ]),
        ],
    )
    def test_what_each_role_may(self, role: Role, may: list[Permission], may_not: list[Permission]) -> None:
        grant = Grant(company=1, role=role)
        assert [p for p in may if not grant.allows(p)] == []
        assert [p for p in may_not if grant.allows(p)] == []

    def test_every_role_has_permissions_of_its_own(self) -> None:
        assert set(PERMISSIONS) == set(Role)

    @pytest.mark.parametrize("role", [Role.COMPANY_STAFF, Role.COMPANY_MANAGER])
    @pytest.mark.parametrize("model", [None, *OperatingModel])
    def test_a_company_directs_people_only_where_it_is_their_superior(
        self, role: Role, model: OperatingModel | None
    ) -> None:
        grant = Grant(company=1, role=role, desk=2, model=model)
        directs = model == OperatingModel.TEMP_STAFF
        assert grant.allows(P.CASE_NOTE) is directs
        assert grant.allows(P.CASE_ASSIGN) is directs
        assert not grant.allows(P.CASE_REPLY)

    def test_temp_staff_gives_an_agent_nothing_more(self) -> None:
        assert not Grant(company=1, role=Role.AGENT, model=OperatingModel.TEMP_STAFF).allows(P.CASE_ASSIGN)


class TestPlaces:
    def test_a_grant_at_a_desk_reaches_that_desk(self) -> None:
        actor = person(agent_at(10))
        assert actor.may(P.CASE_READ, company=1, desk=10)
        assert not actor.may(P.CASE_READ, company=1, desk=11)
        assert not actor.may(P.CASE_READ, company=1), "no desk named means all of the company"
        assert not actor.may(P.CASE_READ, company=2, desk=10)

    def test_a_grant_for_the_company_reaches_all_its_desks(self) -> None:
        actor = person(Grant(company=1, role=Role.COMPANY_STAFF))
        assert actor.may(P.CASE_READ, company=1, desk=10)
        assert actor.may(P.CASE_READ, company=1)
        assert not actor.may(P.CASE_READ, company=2, desk=10)

    def test_grants_are_not_mixed(self) -> None:
        actor = person(agent_at(10), Grant(company=2, role=Role.SUPERVISOR, desk=20))
        assert actor.may(P.CASE_ASSIGN, company=2, desk=20)
        assert not actor.may(P.CASE_ASSIGN, company=1, desk=10)

    def test_companies_and_desks_of_a_permission(self) -> None:
        actor = person(agent_at(10), agent_at(20, company=2), Grant(company=3, role=Role.COMPANY_MANAGER))
        assert actor.companies == {1, 2, 3}
        assert actor.companies_with(P.CASE_READ) == {3}
        assert actor.desks_with(P.CASE_READ) == {10, 20}
        assert actor.companies_with(P.CASE_REPLY) == frozenset()
        assert actor.desks_with(P.PEOPLE) == frozenset()

    def test_what_a_menu_offers(self) -> None:
        assert person(agent_at(10)).may_anywhere(P.CASE_REPLY)
        assert not person(agent_at(10)).may_anywhere(P.PEOPLE)
        assert person().may_anywhere(P.SELF)
        assert not person().may_anywhere(P.CASE_READ)


class TestOthers:
    def test_the_system_may_everything(self) -> None:
        actor = system("intake")
        assert (actor.kind, actor.name, actor.id) == (ActorKind.SYSTEM, "intake", None)
        assert all(actor.may(permission, company=1) for permission in Permission)

    def test_a_customer_may_nothing_of_it(self) -> None:
        actor = Actor(kind=ActorKind.CUSTOMER, name="田中", id=3)
        assert not any(actor.may(permission, company=1) for permission in Permission)


class TestDataScope:
    def test_one_engagement_shows_what_it_shows(self) -> None:
        narrow = DataScope(masked=frozenset({"phone"}), hidden=frozenset({"address"}))
        assert person(agent_at(10, data_scope=narrow)).data_scope(company=1) == narrow

    def test_who_sees_a_field_in_one_capacity_sees_it(self) -> None:
        narrow = DataScope(hidden=frozenset({"address"}))
        assert person(agent_at(10, data_scope=narrow), agent_at(11)).data_scope(company=1) == EVERYTHING_SHOWN

    def test_a_field_masked_here_and_hidden_there_is_masked(self) -> None:
        masked, hidden = DataScope(masked=frozenset({"phone"})), DataScope(hidden=frozenset({"phone"}))
        assert narrowest_common([masked, hidden]) == masked
        assert narrowest_common([hidden, hidden]) == hidden

    def test_another_companys_engagement_opens_nothing(self) -> None:
        narrow = DataScope(hidden=frozenset({"address"}))
        actor = person(agent_at(10, data_scope=narrow), agent_at(20, company=2))
        assert actor.data_scope(company=1) == narrow

    def test_a_capacity_that_reads_no_customers_opens_nothing(self) -> None:
        narrow = DataScope(hidden=frozenset({"address"}))
        actor = person(agent_at(10, data_scope=narrow), Grant(company=1, role=Role.ADMINISTRATOR))
        assert actor.data_scope(company=1) == narrow
