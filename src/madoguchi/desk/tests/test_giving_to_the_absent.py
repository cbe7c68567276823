"""Cases that a macro or a change of many gives to somebody who is not here: the page asks, yes or no."""

import re
from typing import Any

import pytest
from django.test import Client

from madoguchi.batches.actions import start, work
from madoguchi.batches.models import Batch, BatchRow
from madoguchi.cases.factories import make_case
from madoguchi.cases.models import Case
from madoguchi.desk.tests.conftest import HTMX, everything
from madoguchi.kernel.errors import AskFirst
from madoguchi.macros.actions import add_macro
from madoguchi.macros.models import Macro, MacroRun
from madoguchi.people.factories import World
from madoguchi.people.queries import actor_of
from madoguchi.routing.factories import at_work
from madoguchi.routing.models import State

pytestmark = pytest.mark.django_db
UNKNOWN = "さんは不在です（いつ戻るかは分かりません）。それでも割り当てますか。"


@pytest.fixture
def cases(world: World) -> list[Case]:
    return [make_case(world.ours.entry_point, subject=f"件{n}") for n in range(2)]


@pytest.fixture
def macro(world: World) -> Macro:
    side = world.ours
    acts = [{"do": "assign", "value": str(side.agent.pk)}]
    with side.scope():
        return add_macro(
            side.company, desk=side.desk, name="返品係へ", acts=acts, by=actor_of(side.supervisor)
        )


def owners() -> list[int | None]:
    return [case.assignee_id for case in everything(Case)]


def hidden(page: str) -> dict[str, str]:
    return dict(re.findall(r'type="hidden" name="(shown|confirmed)" value="([^"]*)"', page))


@pytest.mark.parametrize("how", ["assign", "macro"])
def test_many_cases_go_to_who_is_not_here_by_a_yes_to_what_the_preview_says(
    world: World, cases: list[Case], macro: Macro, supervisor: Client, how: str
) -> None:
    agent = world.ours.agent
    value = agent.pk if how == "assign" else macro.pk
    form: dict[str, Any] = {"case": [one.pk for one in cases], "verb": how, f"value.{how}": str(value)}
    at_work(agent)
    here = supervisor.post("/bulk/?view=all", form | {"do": "show"}).text
    at_work(agent, state=State.OFF)

    # They went away after it was shown: the question stands there now, and nothing was started.
    asked = supervisor.post("/bulk/?view=all", form | hidden(here) | {"do": "start"})
    assert (UNKNOWN in here, "それでも" in here, 'value="start"' in here) == (False, False, True)
    assert asked.status_code == 422
    assert f"{agent.name}{UNKNOWN}" in asked.text
    assert (everything(Batch), owners()) == ([], [None, None])

    page = supervisor.post("/bulk/?view=all", form | {"do": "show"}).text
    assert f"{agent.name}{UNKNOWN}" in page
    assert ">はい、それでも割り当てる</button>" in page
    assert re.search(r'<a class="button quiet" href="/[^"]*">いいえ</a>', page)
    done = supervisor.post("/bulk/?view=all", form | hidden(page) | {"do": "start"})
    assert done.status_code == 302
    work(everything(Batch)[0].pk, company=world.ours.company.pk)
    assert owners() == [agent.pk, agent.pk]
    assert {row.state for row in everything(BatchRow)} == {"done"}


def test_own_cases_are_given_to_nobody_by_a_batch_without_the_yes(world: World, cases: list[Case]) -> None:
    lead, agent = actor_of(world.ours.supervisor), world.ours.agent
    at_work(agent, state=State.BREAK)
    with world.ours.scope(), pytest.raises(AskFirst) as asked:
        start([one.pk for one in cases], verb="assign", value=str(agent.pk), by=lead)
    assert asked.value.questions == ((f"away:{agent.pk}", f"{agent.name}{UNKNOWN}"),)
    assert (everything(Batch), owners()) == ([], [None, None])


def test_a_macro_on_one_case_asks_within_the_page(
    world: World, cases: list[Case], macro: Macro, supervisor: Client
) -> None:
    agent, number = world.ours.agent, cases[0].spoken_number(world.ours.company.prefix)
    at_work(agent, state=State.AWAY)

    asked = supervisor.post(f"/cases/{number}/macro/", {"macro": macro.pk}, headers=HTMX)
    assert f"{agent.name}{UNKNOWN}" in asked.text
    assert ">はい、それでも割り当てる</button>" in asked.text
    assert '<h2 id="asking-title">返品係へ</h2>' in asked.text
    assert "未完了のまま解決する" not in asked.text
    assert (everything(MacroRun), owners()) == ([], [None, None])

    # Another yes than the one that was asked for is none.
    said = {"macro": macro.pk, "hand_off": "yes", "without": "yes"}
    wrong = supervisor.post(f"/cases/{number}/macro/", said | {"confirmed": "away:1"}, headers=HTMX)
    assert agent.name in wrong.text
    assert (everything(MacroRun), owners()) == ([], [None, None])

    supervisor.post(f"/cases/{number}/macro/", said | hidden(asked.text), headers=HTMX)
    assert owners() == [agent.pk, None]
