"""Setting up companies, desks, entry points and engagements."""

from datetime import date
from typing import Any

import pytest

from madoguchi.companies import actions
from madoguchi.companies.factories import (
    make_company,
    make_desk,
    make_engagement,
    make_entry_point,
    make_operator,
)
from madoguchi.companies.models import Company, Desk, Engagement, EntryPoint, OperatorCompany
from madoguchi.infra import scope
from madoguchi.infra.models import Event
from madoguchi.kernel.actor import OperatingModel
from madoguchi.kernel.channel import Channel
from madoguchi.kernel.errors import NotAllowed, Refused
from madoguchi.people.factories import World
from madoguchi.people.queries import actor_of

DESK = {
    "name": "修理相談",
    "public_name": "つばめ修理センター",
    "signature": "つばめ電機",
    "hours": "平日 10:00〜18:00",
    "acknowledge": True,
    "acknowledgement": "",
}


def everything() -> Any:
    return scope.everywhere(reason="a test looks at all companies")


def facts() -> list[tuple[str, int, dict[str, Any]]]:
    with everything():
        return [(e.kind, e.company_id, e.data) for e in Event.objects.order_by("id")]


class TestCompanies:
    def test_an_administrator_adds_a_company_and_the_log_says_so(self, world: World) -> None:
        by = actor_of(world.administrator)
        with scope.acting_for(by.companies):
            added = actions.add_company(
                name=" ひばり　化粧品 ", slug="hibari", prefix="HB", accent_hue=30, by=by
            )
        with everything():
            kept = Company.objects.get(pk=added.pk)
        assert (kept.name, kept.slug, kept.prefix, kept.accent_hue) == ("ひばり 化粧品", "hibari", "HB", 30)
        assert facts() == [("company.added", added.pk, {"name": "ひばり 化粧品"})]

    def test_the_first_company_is_added_where_there_is_none(self, db: None) -> None:
        from madoguchi.people.factories import make_person

        by = actor_of(make_person(administrator=True))
        assert by.companies == frozenset()
        with scope.acting_for(by.companies):
            actions.add_company(name="ひばり", slug="hibari", prefix="H", accent_hue=262, by=by)
        with everything():
            assert Company.objects.count() == 1

    @pytest.mark.parametrize(
        ("slug", "prefix", "field"),
        [
            ("taken", "NEW", "slug"),
            ("new", "TKN", "prefix"),
            # It would stand before the help centre of a desk of another company.
            ("taken--5", "NEW", "slug"),
        ],
    )
    def test_a_taken_short_name_or_prefix_is_refused(
        self, world: World, slug: str, prefix: str, field: str
    ) -> None:
        make_company(slug="taken", prefix="TKN")
        by = actor_of(world.administrator)
        with scope.acting_for(by.companies), pytest.raises(Refused) as refused:
            actions.add_company(name="新しい会社", slug=slug, prefix=prefix, accent_hue=0, by=by)
        assert refused.value.field == field
        with everything():
            assert not Company.objects.filter(name="新しい会社").exists()
        assert facts() == []

    @pytest.mark.parametrize("who", ["agent", "supervisor", "manager", "company_staff", "company_manager"])
    def test_nobody_else_adds_or_changes_companies(self, world: World, who: str) -> None:
        by = actor_of(getattr(world.ours, who))
        with scope.acting_for(by.companies):
            with pytest.raises(NotAllowed):
                actions.add_company(name="ひばり", slug="hibari", prefix="HB", accent_hue=0, by=by)
            with pytest.raises(NotAllowed):
                actions.change_company(world.ours.company, name="別の名前", accent_hue=0, by=by)
        with everything():
            assert Company.objects.get(pk=world.ours.company.pk).name == "ひなた衣料"
            assert Company.objects.count() == 2
        assert facts() == []

    def test_changing_records_what_was_and_what_is(self, world: World) -> None:
        by = actor_of(world.administrator)
        with scope.acting_for(by.companies):
            actions.change_company(world.ours.company, name="ひなたアパレル", accent_hue=262, by=by)
            actions.change_company(world.ours.company, name="ひなたアパレル", accent_hue=262, by=by)
        changes = {"name": ["ひなた衣料", "ひなたアパレル"]}
        assert facts() == [("company.changed", world.ours.company.pk, {"changes": changes})]


class TestOperators:
    def test_a_vendor_is_no_companys_matter_before_it_is_engaged(self, world: World) -> None:
        by = actor_of(world.administrator)
        with scope.acting_for(by.companies):
            added = actions.add_operator(name="そら受託", own_of=None, by=by)
        assert OperatorCompany.objects.get(pk=added.pk).own_of is None
        assert facts() == []

    def test_a_companys_own_operator_is_recorded_there(self, world: World) -> None:
        by = actor_of(world.administrator)
        with scope.acting_for(by.companies):
            added = actions.add_operator(name="ひなた自社", own_of=world.ours.company, by=by)
        told = {"operator": added.pk, "name": "ひなた自社"}
        assert facts() == [("operator.added", world.ours.company.pk, told)]

    def test_a_renamed_operator_is_told_to_every_company_that_engaged_it(self, world: World) -> None:
        make_engagement(world.ours.operator, world.theirs.desk)
        before, by = world.ours.operator.name, actor_of(world.administrator)
        with scope.acting_for(by.companies):
            actions.change_operator(world.ours.operator, name="新みどり", by=by)
        told = [company for kind, company, data in facts() if data["changes"]["name"] == [before, "新みどり"]]
        assert sorted(told) == sorted([world.ours.company.pk, world.theirs.company.pk])

    def test_a_taken_name_is_refused(self, world: World) -> None:
        by = actor_of(world.administrator)
        with scope.acting_for(by.companies), pytest.raises(Refused) as refused:
            actions.change_operator(world.ours.operator, name=world.theirs.operator.name, by=by)
        assert refused.value.field == "name"
        assert OperatorCompany.objects.filter(name=world.theirs.operator.name).count() == 1

    def test_a_manager_renames_no_operator(self, world: World) -> None:
        by = actor_of(world.ours.manager)
        with scope.acting_for(by.companies), pytest.raises(NotAllowed):
            actions.change_operator(world.ours.operator, name="新みどり", by=by)
        assert not OperatorCompany.objects.filter(name="新みどり").exists()


class TestDesks:
    @pytest.mark.parametrize("who", ["company_manager", "administrator"])
    def test_desks_are_added_at_the_end_of_the_list(self, world: World, who: str) -> None:
        by = actor_of(getattr(world.ours, who, None) or world.administrator)
        with scope.acting_for(by.companies):
            added = actions.add_desk(world.ours.company, **DESK, by=by)
            kept = Desk.objects.get(pk=added.pk)
        assert (kept.company_id, kept.position, kept.active) == (world.ours.company.pk, 1, True)
        assert facts() == [("desk.added", world.ours.company.pk, {"name": "修理相談"})]

    def test_text_is_kept_in_one_form(self, world: World) -> None:
        by = actor_of(world.ours.company_manager)
        decomposed = {**DESK, "public_name": "カ\u3099ラス窓口", "signature": "一行目\r\n二行目\r\n"}
        with scope.acting_for(by.companies):
            kept = actions.add_desk(world.ours.company, **decomposed, by=by)
        assert (kept.public_name, kept.signature) == ("ガラス窓口", "一行目\n二行目")

    @pytest.mark.parametrize("who", ["agent", "supervisor", "manager", "company_staff"])
    def test_operators_people_and_company_staff_set_up_no_desk(self, world: World, who: str) -> None:
        by = actor_of(getattr(world.ours, who))
        with scope.acting_for(by.companies):
            with pytest.raises(NotAllowed):
                actions.add_desk(world.ours.company, **DESK, by=by)
            with pytest.raises(NotAllowed):
                actions.change_desk(world.ours.desk, **DESK, by=by)
            with pytest.raises(NotAllowed):
                actions.close_desk(world.ours.desk, by=by)
        with everything():
            assert Desk.objects.filter(company=world.ours.company).count() == 1
            assert Desk.objects.get(pk=world.ours.desk.pk).active
        assert facts() == []

    def test_another_companys_desk_is_out_of_reach(self, world: World) -> None:
        by = actor_of(world.ours.company_manager)
        with scope.acting_for(by.companies), pytest.raises(NotAllowed):
            actions.change_desk(world.theirs.desk, **DESK, by=by)
        with everything():
            assert Desk.objects.get(pk=world.theirs.desk.pk).name == world.theirs.desk.name

    def test_a_name_is_taken_within_a_company_only(self, world: World) -> None:
        by = actor_of(world.administrator)
        taken = {**DESK, "name": world.ours.desk.name}
        with scope.acting_for(by.companies):
            with pytest.raises(Refused) as refused:
                actions.add_desk(world.ours.company, **taken, by=by)
            assert refused.value.field == "name"
            actions.add_desk(world.theirs.company, **taken, by=by)

    def test_changing_records_only_what_differs(self, world: World) -> None:
        by = actor_of(world.ours.company_manager)
        same = {name: getattr(world.ours.desk, name) for name in DESK}
        with scope.acting_for(by.companies):
            actions.change_desk(world.ours.desk, **{**same, "hours": "平日 9:00〜17:00"}, by=by)
        changes = {"hours": ["", "平日 9:00〜17:00"]}
        assert facts() == [("desk.changed", world.ours.company.pk, {"changes": changes})]

    def test_a_desk_closes_only_when_nothing_leads_there(self, world: World) -> None:
        by, desk = actor_of(world.ours.company_manager), world.ours.desk
        with scope.acting_for(by.companies):
            with pytest.raises(Refused):
                actions.close_desk(desk, by=by)
            assert Desk.objects.get(pk=desk.pk).active
            actions.change_entry_point(world.ours.entry_point, sender_name="", medium="", active=False, by=by)
            actions.close_desk(desk, by=by)
            assert not Desk.objects.get(pk=desk.pk).active
            actions.reopen_desk(desk, by=by)
            assert Desk.objects.get(pk=desk.pk).active
        assert [kind for kind, *_ in facts()] == ["entry_point.changed", "desk.closed", "desk.reopened"]


class TestEntryPoints:
    def test_a_mail_address_is_kept_in_its_canonical_form(self, world: World) -> None:
        by = actor_of(world.ours.company_manager)
        with scope.acting_for(by.companies):
            added = actions.add_entry_point(
                world.ours.desk, kind=Channel.EMAIL, address=" Ｈelp@Shop.Example ", by=by
            )
        assert added.address == "help@shop.example"
        told = {"entry_point": added.pk, "channel": "email", "address": "help@shop.example"}
        assert facts() == [("entry_point.added", world.ours.company.pk, told)]

    @pytest.mark.parametrize(
        ("kind", "address"),
        [
            (Channel.EMAIL, "no address"),
            (Channel.EMAIL, "support+sale@shop.example"),
            (Channel.EMAIL, ""),
            (Channel.FORM, "お問い合わせ"),
            (Channel.FORM, "a/b"),
            (Channel.FORM, "x"),
        ],
    )
    def test_what_is_no_address_is_refused(self, world: World, kind: Channel, address: str) -> None:
        by = actor_of(world.ours.company_manager)
        with scope.acting_for(by.companies), pytest.raises(Refused) as refused:
            actions.add_entry_point(world.ours.desk, kind=kind, address=address, by=by)
        assert refused.value.field == "address"
        with everything():
            assert EntryPoint.objects.filter(desk=world.ours.desk).count() == 1

    def test_an_address_of_another_company_is_refused_like_ones_own(self, world: World) -> None:
        by = actor_of(world.ours.company_manager)
        refusals = []
        for taken in (world.ours.entry_point, world.theirs.entry_point):
            with scope.acting_for(by.companies), pytest.raises(Refused) as refused:
                actions.add_entry_point(world.ours.desk, kind=Channel.EMAIL, address=taken.address, by=by)
            refusals.append((str(refused.value), refused.value.field))
        assert refusals[0] == refusals[1]
        assert facts() == []

    def test_nothing_leads_to_a_closed_desk(self, world: World) -> None:
        desk = make_desk(world.ours.company, active=False)
        point = make_entry_point(desk, active=False)
        by = actor_of(world.ours.company_manager)
        with scope.acting_for(by.companies), pytest.raises(Refused) as refused:
            actions.change_entry_point(point, sender_name="", medium="", active=True, by=by)
        assert refused.value.field == "active"
        with everything():
            assert not EntryPoint.objects.get(pk=point.pk).active


class TestEngagements:
    def test_an_administrator_engages_an_operator(self, world: World) -> None:
        by, operator = actor_of(world.administrator), make_operator()
        with scope.acting_for(by.companies):
            made = actions.engage(
                operator,
                desk=world.ours.desk,
                model=OperatingModel.IN_HOUSE_OUTSOURCED,
                starts_on=date(2026, 4, 1),
                by=by,
            )
        assert (made.company_id, made.masked, made.hidden) == (world.ours.company.pk, [], [])
        told = {
            "engagement": made.pk,
            "operator": operator.pk,
            "model": "in_house_outsourced",
            "starts_on": "2026-04-01",
            "ends_on": None,
        }
        assert facts() == [("engagement.made", world.ours.company.pk, told)]

    def test_the_company_cannot_make_itself_the_superior(self, world: World) -> None:
        by = actor_of(world.ours.company_manager)
        with scope.acting_for(by.companies):
            with pytest.raises(NotAllowed):
                actions.change_terms(
                    world.ours.engagement,
                    model=OperatingModel.TEMP_STAFF,
                    starts_on=date(2020, 4, 1),
                    ends_on=None,
                    by=by,
                )
            with pytest.raises(NotAllowed):
                actions.engage(
                    make_operator(),
                    desk=world.ours.desk,
                    model=OperatingModel.TEMP_STAFF,
                    starts_on=date(2026, 4, 1),
                    by=by,
                )
        with everything():
            kept = Engagement.objects.get(pk=world.ours.engagement.pk)
            assert kept.model == OperatingModel.VENDOR_CENTRE
            assert Engagement.objects.filter(desk=world.ours.desk).count() == 1

    def test_terms_that_make_no_sense_are_refused(self, world: World) -> None:
        by, own = actor_of(world.administrator), make_operator(own_of=world.theirs.company)
        vendor, centre, house = make_operator(), OperatingModel.VENDOR_CENTRE, OperatingModel.IN_HOUSE
        first, before = date(2026, 4, 1), date(2026, 3, 31)
        wrong: list[tuple[OperatorCompany, OperatingModel, date | None, str]] = [
            (vendor, centre, before, "ends_on"),
            (own, house, None, "operator"),
            (vendor, house, None, "model"),
            (world.ours.operator, centre, None, "operator"),
        ]
        for operator, model, ends_on, field in wrong:
            with scope.acting_for(by.companies), pytest.raises(Refused) as refused:
                actions.engage(
                    operator, desk=world.ours.desk, model=model, starts_on=first, ends_on=ends_on, by=by
                )
            assert refused.value.field == field
        with everything():
            assert Engagement.objects.filter(desk=world.ours.desk).count() == 1

    def test_a_change_of_terms_is_recorded_with_its_days(self, world: World) -> None:
        by = actor_of(world.administrator)
        with scope.acting_for(by.companies):
            actions.change_terms(
                world.ours.engagement,
                model=OperatingModel.VENDOR_CENTRE,
                starts_on=date(2020, 4, 1),
                ends_on=date(2027, 3, 31),
                by=by,
            )
        (fact,) = facts()
        assert fact[2]["changes"] == {"ends_on": [None, "2027-03-31"]}

    def test_the_company_says_what_the_operator_sees(self, world: World) -> None:
        by = actor_of(world.ours.company_manager)
        with scope.acting_for(by.companies):
            actions.change_data_scope(
                world.ours.engagement, masked=["phone", "email"], hidden=["memo", "phone"], by=by
            )
            kept = Engagement.objects.get(pk=world.ours.engagement.pk)
        assert (kept.masked, kept.hidden) == (["email"], ["memo", "phone"])
        seen = actor_of(world.ours.agent).data_scope(company=world.ours.company.pk)
        assert (seen.masked, seen.hidden) == ({"email"}, {"memo", "phone"})

    @pytest.mark.parametrize("who", ["agent", "supervisor", "manager", "company_staff"])
    def test_those_who_are_masked_do_not_unmask_themselves(self, world: World, who: str) -> None:
        by = actor_of(getattr(world.ours, who))
        with scope.acting_for(by.companies), pytest.raises(NotAllowed):
            actions.change_data_scope(world.ours.engagement, masked=[], hidden=["name"], by=by)
        with everything():
            assert Engagement.objects.get(pk=world.ours.engagement.pk).hidden == []

    def test_a_field_that_is_none_is_refused(self, world: World) -> None:
        by = actor_of(world.ours.company_manager)
        with scope.acting_for(by.companies), pytest.raises(Refused):
            actions.change_data_scope(world.ours.engagement, masked=["card"], hidden=[], by=by)
        assert facts() == []
