"""What a desk wants to know of a case: filled in, asked for before it is solved, kept through everything."""

from typing import Any

import pytest

from madoguchi.cases.actions import change_status, choose_matter, fill, move_to_desk
from madoguchi.cases.factories import make_case
from madoguchi.cases.models import Case, Status
from madoguchi.cases.queries import asked_of
from madoguchi.companies.factories import make_desk
from madoguchi.fields.actions import Shape, change_field, remove_field, remove_matter
from madoguchi.fields.factories import make_field, make_matter
from madoguchi.fields.values import asked, say_value
from madoguchi.infra.models import Event
from madoguchi.kernel.actor import Actor, DataScope, system
from madoguchi.kernel.errors import Conflict, NotAllowed, Refused
from madoguchi.people.factories import World
from madoguchi.people.queries import actor_of

pytestmark = pytest.mark.django_db
CARD = "4111 1111 1111 1111"


def fresh(case: Case) -> Case:
    return Case.objects.get(pk=case.pk)


def told(case: Case, kind: str = "case.filled") -> list[dict[str, Any]]:
    return [event.data for event in Event.objects.filter(case_id=case.pk, kind=kind).order_by("id")]


class TestFilling:
    @pytest.mark.parametrize(
        ("kind", "shape", "written", "kept"),
        [
            ("text", {}, "  赤い　箱 ", "赤い 箱"),
            ("text", {}, f"番号は {CARD}", "番号は ■■■■ ■■■■ ■■■■ 1111"),
            ("number", {}, "１，２００", 1200),
            ("number", {}, "3.50", 3.5),
            ("number", {}, "-９９９，９９９，９９９，９９９，９９９", -999_999_999_999_999),
            ("number", {}, "+.5", 0.5),
            ("date", {}, "2026年12月1日", "2026-12-01"),
            ("date", {}, "2026/2/3", "2026-02-03"),
            ("choice", {"choices": ["返品", "交換"]}, "交換", "交換"),
            ("tree", {"choices": ["家電／冷蔵庫", "家電 / 洗濯機"]}, "家電/冷蔵庫", "家電 / 冷蔵庫"),
        ],
    )
    def test_what_is_written_is_kept_in_one_form(
        self, world: World, agent: Actor, kind: str, shape: Any, written: str, kept: Any
    ) -> None:
        field = make_field(world.ours.desk, kind, label="項目", **shape)
        case = make_case(world.ours.entry_point)
        with world.ours.scope():
            fill(case, field=field.pk, written=written, by=agent)

            assert fresh(case).filled == {field.key: kept}
            assert fresh(case).version == 2
            assert told(case) == [
                {"field": field.pk, "label": "項目", "of": kind, "holds": "", "before": None, "after": kept}
            ]

    @pytest.mark.parametrize(
        ("kind", "written"),
        [
            ("number", "たくさん"),
            ("number", "1e999"),
            ("number", "1e300"),
            ("number", "1_000"),
            ("number", "NaN"),
            ("number", "-Infinity"),
            ("number", "."),
            ("number", "1234567890123456"),
            ("date", "2026-02-30"),
            ("date", "明日"),
            ("choice", "別"),
            ("text", "あ" * 501),
            ("customer", "nobody@home.example"),
        ],
    )
    def test_what_a_field_does_not_take_changes_nothing(
        self, world: World, agent: Actor, kind: str, written: str
    ) -> None:
        field = make_field(world.ours.desk, kind, choices=["返品"] if kind == "choice" else [])
        case = make_case(world.ours.entry_point)
        with world.ours.scope():
            with pytest.raises(Refused) as refused:
                fill(case, field=field.pk, written=written, by=agent)

            assert refused.value.field == field.key
            assert (fresh(case).filled, fresh(case).version, told(case)) == ({}, 1, [])

    @pytest.mark.parametrize("written", ["123456789012345", "0.00000000000001", "-0.25"])
    def test_a_number_is_said_as_it_can_be_written_again(
        self, world: World, agent: Actor, written: str
    ) -> None:
        field = make_field(world.ours.desk, "number")
        case = make_case(world.ours.entry_point)
        with world.ours.scope():
            fill(case, field=field.pk, written=written, by=agent)

            assert say_value(field, fresh(case).filled[field.key]) == written

    def test_another_customer_is_named_by_an_address_of_theirs(self, world: World, agent: Actor) -> None:
        field = make_field(world.ours.desk, "customer")
        other = make_case(world.ours.entry_point)
        stranger = make_case(world.theirs.entry_point)
        case = make_case(world.ours.entry_point)
        with world.ours.scope():
            address = other.customer.identities.get().written
            fill(case, field=field.pk, written=address.upper(), by=agent)

            assert fresh(case).filled == {field.key: {"customer": other.customer_id}}
        with world.theirs.scope():
            theirs = stranger.customer.identities.get().written
        with world.ours.scope(), pytest.raises(Refused):
            fill(case, field=field.pk, written=theirs, by=agent)

    def test_nothing_written_takes_the_value_away(self, world: World, agent: Actor) -> None:
        field = make_field(world.ours.desk, "number")
        case = make_case(world.ours.entry_point)
        with world.ours.scope():
            fill(case, field=field.pk, written="5", by=agent)
            fill(case, field=field.pk, written=" ", by=agent)

            assert fresh(case).filled == {}
            assert [(one["before"], one["after"]) for one in told(case)] == [(None, 5), (5, None)]

    def test_the_same_again_tells_nothing(self, world: World, agent: Actor) -> None:
        field = make_field(world.ours.desk)
        case = make_case(world.ours.entry_point)
        with world.ours.scope():
            fill(case, field=field.pk, written="赤", by=agent)
            fill(case, field=field.pk, written="赤", by=agent, seen="")

            assert len(told(case)) == 1
            assert fresh(case).version == 2

    def test_whoever_saw_another_value_is_told(self, world: World, agent: Actor) -> None:
        field = make_field(world.ours.desk, label="色")
        case = make_case(world.ours.entry_point)
        with world.ours.scope():
            fill(case, field=field.pk, written="赤", by=agent)
            with pytest.raises(Conflict, match="色"):
                fill(case, field=field.pk, written="青", by=actor_of(world.ours.supervisor), seen="")

            assert fresh(case).filled == {field.key: "赤"}

    def test_company_staff_see_and_do_not_fill(self, world: World) -> None:
        field = make_field(world.ours.desk)
        case = make_case(world.ours.entry_point)
        with world.ours.scope():
            with pytest.raises(NotAllowed):
                fill(case, field=field.pk, written="赤", by=actor_of(world.ours.company_staff))

            assert fresh(case).filled == {}

    @pytest.mark.parametrize("how", ["masked", "hidden"])
    def test_who_is_not_to_see_it_does_not_write_over_it(self, world: World, how: str) -> None:
        field = make_field(world.ours.desk, holds="phone")
        case = make_case(world.ours.entry_point)
        with world.ours.scope():
            setattr(world.ours.engagement, how, ["phone"])
            world.ours.engagement.save()
            blind = actor_of(world.ours.agent)
            assert blind.data_scope(company=world.ours.company.pk) == DataScope(**{how: frozenset(["phone"])})
            with pytest.raises(NotAllowed):
                fill(case, field=field.pk, written="090-1234-5678", by=blind)

            assert fresh(case).filled == {}

    def test_who_may_not_fill_it_in_is_not_kept_from_solving(self, world: World, agent: Actor) -> None:
        make_field(world.ours.desk, holds="phone", label="連絡先", required=True)
        case, other = (make_case(world.ours.entry_point) for _ in range(2))
        with world.ours.scope():
            with pytest.raises(Refused, match="連絡先"):
                change_status(case, to=Status.SOLVED, by=agent)
            assert fresh(case).status == Status.NEW
            world.ours.engagement.hidden = ["phone"]
            world.ours.engagement.save()

            change_status(other, to=Status.SOLVED, by=actor_of(world.ours.agent))

            assert fresh(other).status == Status.SOLVED

    def test_the_log_does_not_copy_what_a_field_holds_of_the_customer(
        self, world: World, agent: Actor
    ) -> None:
        field = make_field(world.ours.desk, holds="phone", label="連絡先")
        case = make_case(world.ours.entry_point)
        with world.ours.scope():
            fill(case, field=field.pk, written="090-1234-5678", by=agent)

            [event] = told(case)
            assert (event["before"], event["after"], event["holds"]) == (None, None, "phone")

    def test_a_field_of_another_desk_is_not_asked(self, world: World, agent: Actor) -> None:
        field = make_field(make_desk(world.ours.company))
        case = make_case(world.ours.entry_point)
        with world.ours.scope():
            with pytest.raises(Refused):
                fill(case, field=field.pk, written="赤", by=agent)

            assert fresh(case).filled == {}


class TestSolving:
    @pytest.mark.parametrize("to", [Status.SOLVED, Status.CLOSED])
    def test_what_is_needed_is_asked_for(self, world: World, agent: Actor, to: Status) -> None:
        field = make_field(world.ours.desk, label="原因", required=True)
        make_field(world.ours.desk, label="備考")
        case = make_case(world.ours.entry_point)
        with world.ours.scope():
            with pytest.raises(Refused, match="原因") as refused:
                change_status(case, to=to, by=agent)

            assert refused.value.field == "fields"
            assert fresh(case).status == Status.NEW
            fill(case, field=field.pk, written="断線", by=agent)
            change_status(case, to=to, by=agent)
            assert fresh(case).status == to

    def test_what_happens_by_itself_asks_nobody(self, world: World) -> None:
        make_field(world.ours.desk, required=True)
        case = make_case(world.ours.entry_point)
        with world.ours.scope():
            change_status(case, to=Status.CLOSED, by=system("time"))

            assert fresh(case).status == Status.CLOSED

    def test_what_is_solved_already_is_closed_unasked(self, world: World, agent: Actor) -> None:
        case = make_case(world.ours.entry_point)
        with world.ours.scope():
            change_status(case, to=Status.SOLVED, by=agent)
        make_field(world.ours.desk, required=True)
        with world.ours.scope():
            change_status(case, to=Status.CLOSED, by=agent)

            assert fresh(case).status == Status.CLOSED

    def test_spam_is_closed_without(self, world: World, agent: Actor) -> None:
        make_field(world.ours.desk, required=True)
        case = make_case(world.ours.entry_point)
        with world.ours.scope():
            change_status(case, to=Status.CLOSED, by=agent, complete=False)

            assert fresh(case).status == Status.CLOSED

    def test_only_what_its_condition_asks_for_is_needed(self, world: World, agent: Actor) -> None:
        what = make_field(world.ours.desk, "choice", choices=["返品", "質問"])
        why = make_field(world.ours.desk, label="返品理由", required=True, only_if=what, only_values=["返品"])
        case = make_case(world.ours.entry_point)
        with world.ours.scope():
            with pytest.raises(Refused):
                fill(case, field=why.pk, written="破損", by=agent)
            fill(case, field=what.pk, written="返品", by=agent)
            with pytest.raises(Refused, match="返品理由"):
                change_status(case, to=Status.SOLVED, by=agent)
            fill(case, field=what.pk, written="質問", by=agent)
            change_status(case, to=Status.SOLVED, by=agent)

            assert fresh(case).status == Status.SOLVED


class TestKindsOfMatter:
    def test_a_kind_asks_its_own_fields_in_their_order_and_then_the_common_ones(
        self, world: World, agent: Actor
    ) -> None:
        one, two, common, other = (make_field(world.ours.desk, label=label) for label in "一二三四")
        returning = make_matter(world.ours.desk, fields=[two, one])
        make_matter(world.ours.desk, fields=[other])
        case = make_case(world.ours.entry_point)
        with world.ours.scope():
            assert asked_of(case).form == [common]
            choose_matter(case, to=returning.pk, by=agent)

            assert asked_of(fresh(case)).form == [two, one, common]
            assert told(case, "case.matter") == [
                {"before": None, "after": returning.pk, "before_name": "", "after_name": returning.name}
            ]

    def test_values_outlive_a_change_of_kind(self, world: World, agent: Actor) -> None:
        field = make_field(world.ours.desk)
        returning, asking = make_matter(world.ours.desk, fields=[field]), make_matter(world.ours.desk)
        case = make_case(world.ours.entry_point)
        with world.ours.scope():
            choose_matter(case, to=returning.pk, by=agent)
            fill(case, field=field.pk, written="赤", by=agent)
            choose_matter(case, to=asking.pk, by=agent)

            assert fresh(case).filled == {field.key: "赤"}
            assert asked_of(fresh(case)).old == [field]

    def test_a_kind_of_another_desk_or_out_of_use_is_not_offered(self, world: World, agent: Actor) -> None:
        foreign = make_matter(make_desk(world.ours.company))
        gone = make_matter(world.ours.desk)
        case = make_case(world.ours.entry_point)
        with world.ours.scope():
            remove_matter(gone, by=system("tests"))
            for matter in (foreign, gone):
                with pytest.raises(Refused):
                    choose_matter(case, to=matter.pk, by=agent)

            assert fresh(case).matter_id is None

    def test_whoever_saw_another_kind_is_told(self, world: World, agent: Actor) -> None:
        one, two = make_matter(world.ours.desk), make_matter(world.ours.desk)
        case = make_case(world.ours.entry_point)
        with world.ours.scope():
            choose_matter(case, to=one.pk, by=agent, seen=None)
            with pytest.raises(Conflict):
                choose_matter(case, to=two.pk, by=agent, seen=None)

            assert fresh(case).matter_id == one.pk


class TestWhatWas:
    def test_a_removed_field_stays_readable_and_is_needed_no_more(self, world: World, agent: Actor) -> None:
        field = make_field(world.ours.desk, required=True)
        case = make_case(world.ours.entry_point)
        bare = make_case(world.ours.entry_point)
        with world.ours.scope():
            fill(case, field=field.pk, written="赤", by=agent)
            remove_field(field, by=system("tests"))

            wanted = asked_of(fresh(case))
            assert (wanted.form, wanted.old) == ([], [field])
            change_status(bare, to=Status.SOLVED, by=agent)
            assert fresh(bare).status == Status.SOLVED

    def test_another_name_and_other_choices_keep_the_values(self, world: World, agent: Actor) -> None:
        field = make_field(world.ours.desk, "choice", label="色", choices=["赤", "青"])
        case = make_case(world.ours.entry_point)
        with world.ours.scope():
            fill(case, field=field.pk, written="赤", by=agent)
            change_field(field, shape=Shape(label="色合い", choices=["青"]), by=system("tests"))

            assert fresh(case).filled == {field.key: "赤"}
            assert [one.label for one in asked(asked_of(case).form, case.filled)] == ["色合い"]

    def test_what_another_desk_wanted_to_know_stays_readable(self, world: World, agent: Actor) -> None:
        field = make_field(world.ours.desk)
        case = make_case(world.ours.entry_point)
        with world.ours.scope():
            fill(case, field=field.pk, written="赤", by=agent)
            move_to_desk(case, to=make_desk(world.ours.company), by=system("tests"))

            assert asked_of(fresh(case)).old == [field]
