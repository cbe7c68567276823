"""Many merges at once: foreseen, done one by one, and undone exactly, the last first."""

from typing import Any

import pytest

from madoguchi.batches.actions import start, start_merges, undo, work
from madoguchi.batches.merges import foresee_merges
from madoguchi.batches.models import Batch
from madoguchi.cases.actions import add_note, claim_reply, link, merge
from madoguchi.cases.factories import make_case, say_again
from madoguchi.cases.models import Case, Merge, Message
from madoguchi.cases.tests.test_merging import everything
from madoguchi.infra.models import Event
from madoguchi.kernel.actor import Actor
from madoguchi.kernel.channel import Party
from madoguchi.kernel.errors import NotAllowed, Refused
from madoguchi.macros.verbs import NOT_ALLOWED
from madoguchi.people.factories import World
from madoguchi.people.models import Seat
from madoguchi.people.queries import actor_of

pytestmark = pytest.mark.django_db
MISAKI = Party("misaki@home.example", "髙橋 美咲")


@pytest.fixture
def three(world: World) -> list[Case]:
    """Of one customer, the oldest first."""
    return [make_case(world.ours.entry_point, sender=MISAKI, subject=f"件{n}") for n in range(3)]


def go(batch: Batch, world: World) -> Batch:
    work(batch.pk, company=batch.company_id)
    with world.ours.scope():
        return Batch.objects.get(pk=batch.pk)


def begun(world: World, pairs: list[tuple[int, int]], by: Actor) -> Batch:
    with world.ours.scope():
        return start_merges(pairs, by=by)


def fates(batch: Batch, world: World) -> list[tuple[Any, ...]]:
    with world.ours.scope():
        return list(batch.rows.order_by("id").values_list("case_id", "into_id", "state", "reason"))


def test_what_hangs_together_goes_on_in_the_oldest_and_comes_back_exactly(
    world: World, three: list[Case], supervisor: Actor
) -> None:
    oldest, middle, youngest = three
    other = make_case(world.ours.entry_point)
    with world.ours.scope():
        say_again(middle)
        add_note(youngest, text="部品待ち", by=supervisor)
        link(youngest, role="parent", other=other, by=supervisor)
        before = everything()

    batch = go(begun(world, [(youngest.pk, middle.pk), (middle.pk, oldest.pk)], supervisor), world)

    assert (batch.state, batch.verb) == ("done", "merge")
    assert fates(batch, world) == [
        (youngest.pk, oldest.pk, "done", ""),
        (middle.pk, oldest.pk, "done", ""),
    ]
    with world.ours.scope():
        assert Message.objects.filter(case=oldest).count() == 4
        assert [case.continued_in_id for case in Case.objects.order_by("pk")[:3]] == [
            None,
            oldest.pk,
            oldest.pk,
        ]
        causes = Event.objects.filter(kind="case.took_in").values_list("data__cause", flat=True)
        assert list(causes) == [batch.cause, batch.cause]
        undo(batch, by=supervisor)
    batch = go(batch, world)

    assert batch.state == "undone"
    assert [state for *_, state, _reason in fates(batch, world)] == ["undone", "undone"]
    with world.ours.scope():
        assert everything() == before


def test_the_preview_says_what_then_happens(world: World, three: list[Case], supervisor: Actor) -> None:
    oldest, middle, youngest = three
    colleague = actor_of(world.ours.agent)
    pairs = [(youngest.pk, middle.pk), (middle.pk, oldest.pk)]
    with world.ours.scope():
        claim_reply(youngest, by=colleague)
        going = foresee_merges(pairs, by=supervisor)

    assert [(one.case.pk, one.into.pk, str(one.state)) for one in going] == [
        (youngest.pk, oldest.pk, "refused"),
        (middle.pk, oldest.pk, "done"),
    ]
    assert colleague.name in going[0].reason
    batch = go(begun(world, pairs, supervisor), world)
    assert fates(batch, world) == [(o.case.pk, o.into.pk, str(o.state), o.reason) for o in going]
    with world.ours.scope():
        assert Merge.objects.count() == 1


def test_a_merge_that_another_one_stands_on_is_kept_with_the_reason(
    world: World, three: list[Case], supervisor: Actor
) -> None:
    oldest, middle, youngest = three
    batch = go(begun(world, [(middle.pk, oldest.pk)], supervisor), world)
    with world.ours.scope():
        merge(Case.objects.get(pk=youngest.pk), into=Case.objects.get(pk=oldest.pk), by=supervisor)
        undo(batch, by=supervisor)

    batch = go(batch, world)

    [(_case, _into, state, reason)] = fates(batch, world)
    assert (batch.state, state) == ("undone", "kept")
    assert "このあとに別の統合" in reason
    with world.ours.scope():
        assert Case.objects.get(pk=middle.pk).continued_in_id == oldest.pk


class TestRefusing:
    def assert_refused(self, world: World, pairs: list[tuple[int, int]], by: Actor) -> None:
        with world.ours.scope():
            before = everything(), Event.objects.count(), Batch.objects.count()
            with pytest.raises((Refused, NotAllowed)):
                start_merges(pairs, by=by)
            assert (everything(), Event.objects.count(), Batch.objects.count()) == before

    def test_nothing_chosen(self, world: World, supervisor: Actor) -> None:
        self.assert_refused(world, [], supervisor)

    def test_cases_of_another_company(self, world: World, supervisor: Actor) -> None:
        theirs = [make_case(world.theirs.entry_point, sender=MISAKI).pk for _ in range(2)]
        self.assert_refused(world, [(theirs[1], theirs[0])], supervisor)

    def test_company_staff(self, world: World, three: list[Case]) -> None:
        self.assert_refused(world, [(three[1].pk, three[0].pk)], actor_of(world.ours.company_staff))

    def test_two_customers_in_a_forged_pair_stay_as_they_are(
        self, world: World, three: list[Case], supervisor: Actor
    ) -> None:
        other = make_case(world.ours.entry_point)
        batch = go(begun(world, [(other.pk, three[0].pk)], supervisor), world)

        [(case, _into, state, reason)] = fates(batch, world)
        assert (case, state) == (other.pk, "refused")
        assert "二人のお客様" in reason
        with world.ours.scope():
            assert not Merge.objects.exists()

    def test_who_lost_the_seat_meanwhile_merges_nothing(
        self, world: World, three: list[Case], supervisor: Actor
    ) -> None:
        batch = begun(world, [(three[1].pk, three[0].pk)], supervisor)
        with world.ours.scope():
            Seat.objects.filter(member__user=world.ours.supervisor).delete()

        batch = go(batch, world)

        assert fates(batch, world) == [(three[1].pk, three[0].pk, "refused", NOT_ALLOWED)]
        with world.ours.scope():
            assert not Merge.objects.exists()

    def test_it_is_no_act_with_one_value(self, world: World, three: list[Case], supervisor: Actor) -> None:
        with world.ours.scope(), pytest.raises(Refused):
            start([three[0].pk], verb="merge", value="", by=supervisor)
