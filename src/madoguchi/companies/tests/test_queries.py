"""Which desk an address leads to, and which desks are whose."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from madoguchi.companies.factories import make_desk, make_engagement, make_entry_point
from madoguchi.companies.models import Desk, EntryPoint
from madoguchi.companies.queries import (
    companies_with,
    desks_of,
    entry_point_by_address,
    own_addresses,
    without_detail,
)
from madoguchi.infra import scope
from madoguchi.infra.scope import Unscoped
from madoguchi.kernel.actor import Permission
from madoguchi.kernel.channel import Channel
from madoguchi.people.factories import World
from madoguchi.people.models import User
from madoguchi.people.queries import actor_of


@pytest.mark.django_db
class TestAddresses:
    @pytest.fixture
    def point(self, world: World) -> EntryPoint:
        return make_entry_point(world.ours.desk, address="support@hinata.example")

    @pytest.mark.parametrize(
        "written",
        [
            "support@hinata.example",
            "SUPPORT@Hinata.Example",
            " support@hinata.example ",
            "support+c.abcdefgh@hinata.example",
            "Support+anything+else@hinata.example",
            "ｓｕｐｐｏｒｔ@hinata.example",
        ],
    )
    def test_however_it_is_written(self, point: EntryPoint, written: str) -> None:
        assert entry_point_by_address(Channel.EMAIL, written) == point

    @pytest.mark.parametrize(
        "written",
        ["", "@", "support", "hinata.example", "xsupport@hinata.example", "support@hinata.examples"],
    )
    def test_anything_else_leads_nowhere(self, point: EntryPoint, written: str) -> None:
        assert entry_point_by_address(Channel.EMAIL, written) is None

    def test_a_form_is_no_mail_address(self, world: World, point: EntryPoint) -> None:
        form = make_entry_point(world.ours.desk, kind=Channel.FORM, address="inquiry")

        assert entry_point_by_address(Channel.FORM, "inquiry") == form
        assert entry_point_by_address(Channel.FORM, "INQUIRY") is None
        assert entry_point_by_address(Channel.EMAIL, "inquiry") is None
        assert entry_point_by_address(Channel.FORM, "support@hinata.example") is None

    def test_out_of_use_is_out_of_use(self, world: World, point: EntryPoint) -> None:
        with world.ours.scope():
            EntryPoint.objects.filter(pk=point.pk).update(active=False)

        assert entry_point_by_address(Channel.EMAIL, point.address) is None

    def test_it_brings_desk_and_company_and_leaves_no_scope_open(self, point: EntryPoint) -> None:
        found = entry_point_by_address(Channel.EMAIL, point.address)

        assert found is not None
        with CaptureQueriesContext(connection) as asked:
            assert (found.desk.pk, found.company.pk) == (point.desk_id, point.company_id)
        assert len(asked) == 0
        with pytest.raises(Unscoped):
            scope.current()

    def test_ones_own_addresses_are_mail_addresses_in_use_or_not(
        self, world: World, point: EntryPoint
    ) -> None:
        """Old mail may still come to an address that is out of use: it is ours all the same."""
        make_entry_point(world.ours.desk, kind=Channel.FORM)
        old = make_entry_point(world.ours.desk, active=False)
        with scope.everywhere(reason="a test"):
            found = own_addresses(world.ours.company.pk)

        assert sorted(found) == sorted([world.ours.entry_point.address, point.address, old.address])


@pytest.mark.django_db
class TestDesks:
    def names(self, person: User, permission: Permission = Permission.CASE_READ) -> list[str]:
        actor = actor_of(person)
        with scope.acting_for(actor.companies):
            return [desk.name for desk in desks_of(actor, permission=permission)]

    @pytest.fixture
    def sister(self, world: World) -> Desk:
        with world.ours.scope():
            Desk.objects.filter(pk=world.ours.desk.pk).update(name="購入前", position=2)
        return make_desk(world.ours.company, name="修理")

    def test_in_the_companys_order(self, world: World, sister: Desk) -> None:
        assert self.names(world.ours.company_staff) == ["修理", "購入前"]

    def test_those_at_which_one_is_seated(self, world: World, sister: Desk) -> None:
        assert self.names(world.ours.agent) == ["購入前"]
        assert self.names(world.ours.manager) == ["購入前"]
        make_engagement(world.ours.operator, sister)
        assert self.names(world.ours.agent) == ["購入前"]
        assert self.names(world.ours.manager) == ["修理", "購入前"]

    def test_for_what_one_may_do_there(self, world: World, sister: Desk) -> None:
        assert self.names(world.ours.company_staff, Permission.CASE_REPLY) == []
        assert self.names(world.ours.agent, Permission.CASE_REPLY) == ["購入前"]
        assert self.names(world.ours.agent, Permission.QUARANTINE) == []

    def test_a_closed_desk_is_not_offered(self, world: World, sister: Desk) -> None:
        with world.ours.scope():
            Desk.objects.filter(pk=sister.pk).update(active=False)

        assert self.names(world.ours.company_staff) == ["購入前"]

    def test_of_several_companies_by_company(self, world: World) -> None:
        make_engagement(world.ours.operator, world.theirs.desk)

        assert self.names(world.ours.manager) == [world.ours.desk.name, world.theirs.desk.name]

    def test_an_administrator_reads_nobodys_cases(self, world: World) -> None:
        assert self.names(world.administrator) == []

    def test_companies_for_whose_every_desk_one_holds_something(self, world: World) -> None:
        for person, permission, expected in (
            (world.ours.company_manager, Permission.DESKS, [world.ours.company.pk]),
            (world.ours.manager, Permission.CASE_READ, []),
            (world.ours.company_staff, Permission.DESKS, []),
            (world.administrator, Permission.DESKS, [world.ours.company.pk, world.theirs.company.pk]),
        ):
            actor = actor_of(person)
            with scope.acting_for(actor.companies):
                found = companies_with(actor, permission).order_by("pk")
                assert list(found.values_list("pk", flat=True)) == expected


local = st.from_regex(r"[a-z0-9.]{1,20}", fullmatch=True)


@given(local, st.from_regex(r"(\+[a-z0-9.+]{0,20})?", fullmatch=True))
def test_a_detail_never_changes_the_base(name: str, detail: str) -> None:
    assert without_detail(f"{name}{detail}@shop.example") == f"{name}@shop.example"
    assert without_detail(f"{name}@shop.example") == f"{name}@shop.example"
