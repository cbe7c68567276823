"""A rule acts once, though the worker that applies it is killed with -9 in the middle of it."""

from pathlib import Path

import pytest

from madoguchi.cases.factories import make_case
from madoguchi.cases.models import Case
from madoguchi.infra.models import Event
from madoguchi.infra.reactions import enrol, run_all
from madoguchi.people.factories import World
from madoguchi.rules.actions import apply_due
from madoguchi.rules.models import RuleRun
from madoguchi.rules.tests.rules import acts, at_work
from tests.house.dying import killed
from tests.house.test_killed import everything

pytestmark = pytest.mark.django_db(transaction=True)
STEPS = acts(("tag", "新着"), ("priority", "4"))
# Killed when the case is changed and nothing committed, and when all is written but the reader's own place.
MOMENTS = {
    "acting": "done = applying.done\napplying.done = lambda *a, **b: (done(*a, **b), die())",
    "told": "consider = applying._consider\napplying._consider = lambda *a, **b: (consider(*a, **b), die())",
}
START = "from madoguchi.infra.reactions import run_all\nfrom madoguchi.rules.actions import applying\n"


def changes(case: Case) -> list[str]:
    return [e.data["field"] for e in everything(Event) if e.kind == "case.changed" and e.case_id == case.pk]


@pytest.mark.parametrize("moment", MOMENTS)
@pytest.mark.parametrize("trigger", ["event", "time"])
def test_a_killed_worker_leaves_a_rule_to_act_once(
    world: World, database_url: str, tmp_path: Path, moment: str, trigger: str
) -> None:
    enrol()
    kinds = ["case.opened"] if trigger == "event" else []
    at_work(world.ours, trigger=trigger, kinds=kinds, acts=STEPS)
    case = make_case(world.ours.entry_point)
    run = "run_all()" if trigger == "event" else "applying.apply_due()"

    killed(f"{START}{MOMENTS[moment]}\n{run}\n", url=database_url, data=tmp_path)
    assert (changes(case), everything(RuleRun)) == ([], [])

    for _again in range(2):
        run_all()
        apply_due()

    assert changes(case) == ["tags", "priority"]
    [run_] = everything(RuleRun)
    assert (run_.case_id, run_.outcome) == (case.pk, "done")
    [after] = everything(Case)
    assert (after.tags, after.priority) == (["新着"], 4)
