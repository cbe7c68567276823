"""Asked of one case or of all, a rule's filter wants the same."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from madoguchi.cases.actions import assign, change_status
from madoguchi.cases.factories import make_case
from madoguchi.cases.models import Case, Status
from madoguchi.kernel import clock
from madoguchi.kernel.actor import system
from madoguchi.people.factories import World
from madoguchi.rules.saying import history_for, weigh
from madoguchi.views.filters import conditions
from madoguchi.views.meaning import Reader
from madoguchi.views.queries import every_case_wanted
from madoguchi.views.tests.trees import NOW, shuffle, trees

pytestmark = pytest.mark.django_db
FEW = settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    derandomize=True,
)


@pytest.fixture
def many(world: World) -> list[Case]:
    cases = [make_case(world.ours.entry_point) for _n in range(10)]
    with world.ours.scope():
        for case in cases[:4]:
            assign(case, to=world.ours.agent.pk, by=system("test"))
        for case in cases[2:6]:
            change_status(case, to=Status.SOLVED, by=system("test"))
    return cases


@FEW
@given(data=st.data())
def test_one_case_and_all_cases_agree(many: list[Case], world: World, data: st.DataObject) -> None:
    """Given any filter and any state of the cases: those that a rule on time finds are those that a rule on an event
    wants, one by one, and of each condition it is told whether it holds."""
    with world.ours.scope():
        cases = list(Case.objects.order_by("id"))
        people = [world.ours.agent.pk, world.ours.supervisor.pk]
        shuffle(cases, people=people, seed=data.draw(st.integers(0, 9)))
        desks = [world.ours.desk.pk]
        node = data.draw(trees(people=people, desks=desks, customers=[cases[0].customer_id]))

        with clock.held_at(NOW):
            found = {line.id for line in every_case_wanted(node, desks=desks, actor=None)}
        weighed = {case.pk: weigh(node, case, history_for(node, case), Reader(None, NOW)) for case in cases}

        assert {pk for pk, (wanted, _why) in weighed.items() if wanted} == found
        asked = [condition.field for condition in conditions(node)]
        assert all([one["field"] for one in why] == asked for _wanted, why in weighed.values())
