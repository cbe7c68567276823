"""A case that takes down each worker that comes to it holds up no batch: it is set aside, the others are done once."""

from pathlib import Path

import pytest

from madoguchi.batches.actions import start, undo, work
from madoguchi.batches.models import Batch, BatchRow
from madoguchi.cases.factories import make_case
from madoguchi.cases.models import Case
from madoguchi.infra.models import Event
from madoguchi.people.factories import World
from madoguchi.people.queries import actor_of
from tests.house.dying import killed
from tests.house.test_killed import everything

pytestmark = pytest.mark.django_db(transaction=True)
WORK = """
from madoguchi.batches import actions as batches
do, put_back = batches.do, batches.put_back
batches.do = lambda act, case, **more: die() if case.pk == {deadly} else do(act, case, **more)
batches.put_back = lambda case, **more: die() if case.pk == {deadly} else put_back(case, **more)
batches.work({batch}, company={company})
"""


def states() -> list[str]:
    return [row.state for row in everything(BatchRow)]


def changes() -> list[int]:
    return [event.case_id for event in everything(Event) if event.kind == "case.changed"]


# The first of its slice, and one in the middle: the ones before it are done alone when its turn comes again.
@pytest.mark.parametrize(("place", "deaths"), [(0, 3), (2, 4)])
@pytest.mark.parametrize("undoing", [False, True])
def test_it_is_set_aside_and_the_others_are_done(
    world: World, database_url: str, tmp_path: Path, place: int, deaths: int, undoing: bool
) -> None:
    cases = [make_case(world.ours.entry_point) for _ in range(4)]
    by, company = actor_of(world.ours.supervisor), world.ours.company.pk
    with world.ours.scope():
        batch = start([case.pk for case in cases], verb="priority", value="4", by=by)
    if undoing:
        work(batch.pk, company=company)
        with world.ours.scope():
            batch.refresh_from_db()
            undo(batch, by=by)
    # What was done last is undone first.
    order = cases[::-1] if undoing else cases
    code = WORK.format(deadly=order[place].pk, batch=batch.pk, company=company)

    for _death in range(deaths):
        killed(code, url=database_url, data=tmp_path)
    before = states()
    work(batch.pk, company=company)

    waiting, ends, aside = ("done", "undone", "kept") if undoing else ("waiting", "done", "refused")
    there = [waiting if case in order[place:] else ends for case in cases]
    assert before == there
    assert states() == [aside if case == order[place] else ends for case in cases]
    [done] = everything(Batch)
    assert (done.state, done.begun) == ("undone" if undoing else "done", 0)
    reasons = [row.reason for row in everything(BatchRow) if row.state == aside]
    assert [len(reasons), reasons[0] != ""] == [1, True]
    assert [case.priority for case in everything(Case)] == [
        4 if (case == order[place]) == undoing else 2 for case in cases
    ]
    times = changes()
    assert len(times) == (4 + 3 if undoing else 3)
