"""Cases that were parted go on in one, however many before them stay apart."""

import pytest

from madoguchi.cases.actions import add_note, save_draft
from madoguchi.cases.factories import make_case
from madoguchi.cases.models import Case, Message
from madoguchi.intake import healing
from madoguchi.intake.healing import join_parted
from madoguchi.intake.models import Awaited
from madoguchi.kernel.channel import Party
from madoguchi.people.factories import World
from madoguchi.people.queries import actor_of

pytestmark = pytest.mark.django_db
MISAKI = Party("misaki@home.example", "髙橋 美咲")


def parted(world: World) -> tuple[Case, Case]:
    """Two cases of one customer; what the second answers stands in the first."""
    first, second = (make_case(world.ours.entry_point, sender=MISAKI) for _ in range(2))
    with world.ours.scope():
        come = Message.objects.get(case=first)
        Awaited.objects.create(company=world.ours.company, value=come.external_id, case_id=second.pk)
    return first, second


def leads_to(world: World, case: Case) -> int | None:
    with world.ours.scope():
        return Case.objects.values_list("continued_in_id", flat=True).get(pk=case.pk)


@pytest.mark.parametrize("work", ["note", "draft"])
def test_pairs_on_which_people_work_take_nobodys_turn(world: World, work: str) -> None:
    agent = actor_of(world.ours.agent)
    for _ in range(3):
        for case in parted(world):
            with world.ours.scope():
                if work == "note":
                    add_note(case, text="確認中", by=agent)
                else:
                    save_draft(case, kind="reply", text="書きかけ", by=agent)
    first, second = parted(world)

    assert join_parted(pairs=1) == 1

    assert leads_to(world, second) == first.pk
    assert join_parted(pairs=1) == 0


def test_a_pair_that_breaks_keeps_no_other_apart(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    broken, good = parted(world), parted(world)
    join = healing.join

    def join_or_break(case_id: int, **more: object) -> bool:
        if case_id in (broken[0].pk, broken[1].pk):
            raise ValueError("a bug")
        return join(case_id, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(healing, "join", join_or_break)

    assert join_parted() == 1

    assert (leads_to(world, broken[1]), leads_to(world, good[1])) == (None, good[0].pk)


def test_pairs_that_stay_for_whatever_reason_do_not_come_first_each_time(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    stubborn = [parted(world) for _ in range(3)]
    first, second = parted(world)
    join, staying = healing.join, {case.pk for pair in stubborn for case in pair}
    monkeypatch.setattr(healing, "join", lambda one, **more: one not in staying and join(one, **more))

    # One of four each time: that it never is this one in 400 runs happens once in 10^50.
    assert any(join_parted(pairs=1) for _ in range(400))

    assert leads_to(world, second) == first.pk
