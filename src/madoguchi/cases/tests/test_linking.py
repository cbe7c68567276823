"""Cases that belong together: what each side says, who may link what, and what stands against it."""

import pytest
from django.db import IntegrityError, transaction

from madoguchi.cases import actions
from madoguchi.cases.actions import link, merge, restore_link, unlink, unmerge
from madoguchi.cases.factories import make_case, say_again
from madoguchi.cases.links import MOST_SHOWN, ROLES, Ties, link_of, ties_of
from madoguchi.cases.models import Case, CaseLink
from madoguchi.companies.factories import make_desk, make_engagement, make_entry_point
from madoguchi.infra import scope
from madoguchi.infra.models import Event
from madoguchi.kernel.actor import Actor
from madoguchi.kernel.channel import Party
from madoguchi.kernel.errors import NotAllowed, NotFound, Refused
from madoguchi.people.factories import World, make_operator_person, seat
from madoguchi.people.models import OperatorMember
from madoguchi.people.queries import actor_of

pytestmark = pytest.mark.django_db
MISAKI = Party("misaki@home.example", "髙橋 美咲")
OTHER_SIDE = {
    "parent": "child",
    "child": "parent",
    "duplicate": "duplicated",
    "duplicated": "duplicate",
    "cause": "effect",
    "effect": "cause",
    "defect": "defect",
}


@pytest.fixture
def two(world: World) -> tuple[Case, Case]:
    return make_case(world.ours.entry_point), make_case(world.ours.entry_point)


def fresh(case: Case) -> Case:
    return Case.objects.select_related("company", "desk").get(pk=case.pk)


def seen(case: Case, by: Actor | None = None) -> list[tuple[str, int]]:
    """What a case is tied to: roles and the other cases."""
    return [(tie.role, tie.case.pk) for tie in ties_of(fresh(case), actor=by).shown]


def told(case: Case) -> list[tuple[str, str, int]]:
    events = Event.objects.filter(case_id=case.pk, kind__in=["case.linked", "case.unlinked"]).order_by("id")
    return [(e.kind, e.data["role"], e.data["other"]) for e in events]


@pytest.mark.parametrize("role", ROLES)
def test_each_side_says_what_the_other_is_to_it(
    world: World, supervisor: Actor, two: tuple[Case, Case], role: str
) -> None:
    one, other = two
    with world.ours.scope():
        link(one, role=role, other=other, by=supervisor)

        assert seen(one) == [(role, other.pk)]
        assert seen(other) == [(OTHER_SIDE[role], one.pk)]
        assert told(one) == [("case.linked", role, other.pk)]
        assert told(other) == [("case.linked", OTHER_SIDE[role], one.pk)]


def test_it_is_taken_away_and_put_back(world: World, supervisor: Actor, two: tuple[Case, Case]) -> None:
    one, other = two
    with world.ours.scope():
        made = link(one, role="parent", other=other, by=supervisor)

        unlink(made, by=supervisor)
        assert (seen(one), seen(other)) == ([], [])
        unlink(made, by=supervisor)
        restore_link(made, by=supervisor)
        restore_link(made, by=supervisor)

        assert seen(one) == [("parent", other.pk)]
        assert [kind for kind, *_ in told(other)] == ["case.linked", "case.unlinked", "case.linked"]


def test_linking_leaves_both_cases_as_they_are(
    world: World, supervisor: Actor, two: tuple[Case, Case]
) -> None:
    with world.ours.scope():
        before = list(Case.objects.order_by("pk").values())

        link(two[0], role="cause", other=two[1], by=supervisor)

        assert list(Case.objects.order_by("pk").values()) == before


class TestRefusing:
    def refused(self, case: Case, role: str, other: Case, by: Actor) -> str:
        before = list(CaseLink.objects.order_by("pk").values()), Event.objects.count()
        with pytest.raises(Refused) as refused:
            link(case, role=role, other=other, by=by)
        assert (list(CaseLink.objects.order_by("pk").values()), Event.objects.count()) == before
        return str(refused.value)

    def test_oneself(self, world: World, supervisor: Actor, two: tuple[Case, Case]) -> None:
        with world.ours.scope():
            assert "同じ用件" in self.refused(two[0], "parent", two[0], supervisor)

    def test_an_unknown_role(self, world: World, supervisor: Actor, two: tuple[Case, Case]) -> None:
        with world.ours.scope():
            assert "一覧から" in self.refused(two[0], "cousin", two[1], supervisor)

    def test_a_case_of_another_company_though_one_works_for_both(self, world: World) -> None:
        both = make_operator_person(world.ours.operator, seats=(world.ours.engagement,))
        engagement = make_engagement(world.ours.operator, world.theirs.desk)
        seat(OperatorMember.objects.get(user=both), engagement)
        case, theirs = make_case(world.ours.entry_point), make_case(world.theirs.entry_point)
        actor = actor_of(both)
        with scope.acting_for(actor.companies):
            assert "委託元をまたいで" in self.refused(case, "defect", theirs, actor)

    @pytest.mark.parametrize("role", ROLES)
    def test_the_same_link_from_either_side(
        self, world: World, supervisor: Actor, two: tuple[Case, Case], role: str
    ) -> None:
        one, other = two
        with world.ours.scope():
            link(one, role=role, other=other, by=supervisor)

            assert "すでに" in self.refused(one, role, other, supervisor)
            assert "すでに" in self.refused(other, OTHER_SIDE[role], one, supervisor)

    def test_a_circle_of_parents(self, world: World, supervisor: Actor) -> None:
        top, middle, low = (make_case(world.ours.entry_point) for _ in range(3))
        with world.ours.scope():
            link(middle, role="parent", other=top, by=supervisor)
            link(middle, role="child", other=low, by=supervisor)

            assert "輪" in self.refused(top, "parent", low, supervisor)
            assert "輪" in self.refused(low, "child", top, supervisor)
            assert "輪" in self.refused(top, "parent", middle, supervisor)

    def test_a_circle_that_goes_through_a_merged_case(self, world: World, supervisor: Actor) -> None:
        top, low = make_case(world.ours.entry_point), make_case(world.ours.entry_point, sender=MISAKI)
        survivor = make_case(world.ours.entry_point, sender=MISAKI)
        with world.ours.scope():
            link(low, role="parent", other=top, by=supervisor)
            merge(low, into=survivor, by=supervisor)

            assert "輪" in self.refused(top, "parent", survivor, supervisor)

    def test_a_second_parent(self, world: World, supervisor: Actor, two: tuple[Case, Case]) -> None:
        third = make_case(world.ours.entry_point)
        with world.ours.scope():
            link(two[0], role="parent", other=two[1], by=supervisor)

            assert "すでに上位の用件" in self.refused(two[0], "parent", third, supervisor)
            assert "すでに上位の用件" in self.refused(third, "child", two[0], supervisor)

    def test_putting_back_what_another_link_stands_against(
        self, world: World, supervisor: Actor, two: tuple[Case, Case]
    ) -> None:
        one, other = two
        with world.ours.scope():
            made = link(one, role="parent", other=other, by=supervisor)
            unlink(made, by=supervisor)
            link(other, role="parent", other=one, by=supervisor)

            with pytest.raises(Refused, match="輪"):
                restore_link(made, by=supervisor)
            assert seen(one) == [("child", other.pk)]

    def test_the_database_holds_what_nobody_looked_at(
        self, world: World, supervisor: Actor, two: tuple[Case, Case]
    ) -> None:
        with world.ours.scope():
            made = link(two[0], role="cause", other=two[1], by=supervisor)
            for wrong in ({}, {"other_id": made.case_id, "kind": "defect"}):
                values = CaseLink.objects.filter(pk=made.pk).values().get() | {"id": None, **wrong}
                with pytest.raises(IntegrityError), transaction.atomic():
                    CaseLink.objects.create(**values)


class TestWhoMay:
    @pytest.fixture
    def elsewhere(self, world: World) -> Case:
        """A case at another desk of the company, where our agent has no seat and the manager works."""
        desk = make_desk(world.ours.company)
        make_engagement(world.ours.operator, desk)
        return make_case(make_entry_point(desk), subject="他の窓口の用件")

    def test_company_staff_link_and_unlink_nothing(
        self, world: World, supervisor: Actor, two: tuple[Case, Case]
    ) -> None:
        staff = actor_of(world.ours.company_staff)
        with world.ours.scope():
            made = link(two[0], role="cause", other=two[1], by=supervisor)
            for attempt in (
                lambda: link(two[0], role="parent", other=two[1], by=staff),
                lambda: unlink(made, by=staff),
                lambda: restore_link(made, by=staff),
            ):
                with pytest.raises(NotAllowed):
                    attempt()
            assert seen(two[0]) == [("cause", two[1].pk)]
            assert len(told(two[0])) == 1

    def test_of_a_case_at_a_desk_without_a_seat_one_learns_that_there_is_one(
        self, world: World, two: tuple[Case, Case], elsewhere: Case
    ) -> None:
        manager, agent = actor_of(world.ours.manager), actor_of(world.ours.agent)
        with world.ours.scope():
            made = link(two[0], role="parent", other=elsewhere, by=manager)

            assert ties_of(fresh(two[0]), actor=agent) == Ties([], 1, more=False)
            assert seen(two[0], manager) == [("parent", elsewhere.pk)]
            with pytest.raises(NotFound):
                link_of(made.pk, actor=agent)
            for attempt in (
                lambda: link(two[1], role="parent", other=elsewhere, by=agent),
                lambda: unlink(made, by=agent),
            ):
                with pytest.raises(NotAllowed):
                    attempt()
            assert seen(two[0], manager) == [("parent", elsewhere.pk)]

    def test_another_company_finds_no_link(
        self, world: World, supervisor: Actor, two: tuple[Case, Case]
    ) -> None:
        with world.ours.scope():
            made = link(two[0], role="cause", other=two[1], by=supervisor)
        stranger = actor_of(world.theirs.supervisor)
        with world.theirs.scope(), pytest.raises(NotFound):
            link_of(made.pk, actor=stranger)


class TestMerging:
    def test_what_pointed_at_a_merged_case_is_shown_at_the_survivor(
        self, world: World, supervisor: Actor
    ) -> None:
        older, younger = (make_case(world.ours.entry_point, sender=MISAKI) for _ in range(2))
        third = make_case(world.ours.entry_point)
        with world.ours.scope():
            link(third, role="parent", other=younger, by=supervisor)
            link(younger, role="duplicate", other=older, by=supervisor)

            merged = merge(younger, into=older, by=supervisor)
            assert seen(third) == [("parent", older.pk)]
            # That it was a duplicate of what it went on in need not be told any more.
            assert seen(older) == [("child", third.pk)]

            unmerge(merged, by=supervisor)
            assert seen(third) == [("parent", younger.pk)]
            assert seen(older) == [("duplicated", younger.pk)]
            assert seen(younger) == [("child", third.pk), ("duplicate", older.pk)]

    def test_one_linked_meanwhile_belongs_to_the_survivor(self, world: World, supervisor: Actor) -> None:
        older, younger = (make_case(world.ours.entry_point, sender=MISAKI) for _ in range(2))
        third = make_case(world.ours.entry_point)
        with world.ours.scope():
            merged = merge(younger, into=older, by=supervisor)
            link(third, role="parent", other=Case.objects.get(pk=younger.pk), by=supervisor)
            assert told(older) == [("case.linked", "child", third.pk)]

            unmerge(merged, by=supervisor)

            assert seen(third) == [("parent", older.pk)]
            assert seen(younger) == []

    def test_splitting_leaves_links_with_the_case(
        self, world: World, supervisor: Actor, two: tuple[Case, Case]
    ) -> None:
        one, other = two
        later = say_again(one)
        with world.ours.scope():
            link(one, role="defect", other=other, by=supervisor)

            parted = actions.split(one, messages=[later.pk], by=supervisor)
            assert (seen(one), seen(parted.into)) == ([("defect", other.pk)], [])

            actions.unsplit(parted, by=supervisor)
            assert seen(other) == [("defect", one.pk)]


def test_of_very_many_the_first_are_shown(world: World, supervisor: Actor, django_assert_num_queries) -> None:
    case = make_case(world.ours.entry_point)
    others = [make_case(world.ours.entry_point) for _ in range(MOST_SHOWN + 1)]
    with world.ours.scope():
        for other in others:
            link(case, role="child", other=other, by=supervisor)
        with django_assert_num_queries(2):
            ties = ties_of(case, actor=supervisor)

    assert [tie.case.pk for tie in ties.shown] == [other.pk for other in others[:MOST_SHOWN]]
    assert (ties.hidden, ties.more) == (0, True)
