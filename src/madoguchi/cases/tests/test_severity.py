"""How grave a case is: said, told once, kept when cases are joined, parted and split."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from madoguchi.cases.actions import merge, set_severity, split, unmerge, unsplit
from madoguchi.cases.factories import make_case, say_again
from madoguchi.cases.models import Case, Severity
from madoguchi.cases.tests.test_merging import MISAKI, two_cases
from madoguchi.infra.models import Event
from madoguchi.kernel.actor import Actor
from madoguchi.kernel.errors import NotAllowed
from madoguchi.people.factories import World
from madoguchi.people.queries import actor_of

pytestmark = pytest.mark.django_db
GRAVE = st.sampled_from(list(Severity))


@pytest.fixture
def case(world: World) -> Case:
    return make_case(world.ours.entry_point, sender=MISAKI)


def judged(case: Case) -> list[tuple[int, int]]:
    """What the log says: from what to what."""
    rows = Event.objects.filter(case_id=case.pk, kind="case.changed", data__field="severity").order_by("id")
    return [(row.data["before"], row.data["after"]) for row in rows]


def test_each_change_is_told_once(world: World, case: Case, agent: Actor) -> None:
    with world.ours.scope():
        for to in (Severity.SERIOUS, Severity.SERIOUS, Severity.SLIGHT, Severity.UNJUDGED):
            set_severity(case, to=to, by=agent)
        assert judged(case) == [(0, 3), (3, 1), (1, 0)]
        assert Case.objects.get(pk=case.pk).severity == Severity.UNJUDGED


def test_others_judge_nothing(world: World, case: Case) -> None:
    with world.ours.scope():
        for other in (world.theirs.agent, world.theirs.manager):
            with pytest.raises(NotAllowed):
                set_severity(case, to=Severity.CRITICAL, by=actor_of(other))
        assert (judged(case), Case.objects.get(pk=case.pk).severity) == ([], 0)


@settings(
    max_examples=15,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(GRAVE, GRAVE)
def test_of_two_that_become_one_the_graver_holds_until_they_are_parted(
    world: World, one: Severity, other: Severity
) -> None:
    supervisor = actor_of(world.ours.supervisor)
    older, younger = two_cases(world)
    with world.ours.scope():
        for case, grave in ((older, one), (younger, other)):
            set_severity(Case.objects.get(pk=case.pk), to=grave, by=supervisor)

        merged = merge(younger, into=older, by=supervisor)
        assert Case.objects.get(pk=older.pk).severity == max(one, other)

        unmerge(merged, by=supervisor)
        now = [Case.objects.get(pk=case.pk).severity for case in (older, younger)]
        assert now == [one, other]


def test_what_was_judged_since_stays_when_they_are_parted(world: World, supervisor: Actor) -> None:
    older, younger = two_cases(world)
    with world.ours.scope():
        set_severity(younger, to=Severity.SERIOUS, by=supervisor)
        merged = merge(younger, into=older, by=supervisor)
        set_severity(Case.objects.get(pk=older.pk), to=Severity.CRITICAL, by=supervisor)
        unmerge(merged, by=supervisor)
        now = [Case.objects.get(pk=case.pk).severity for case in (older, younger)]
    assert now == [Severity.CRITICAL, Severity.SERIOUS]


def test_what_is_split_off_is_as_grave(world: World, case: Case, supervisor: Actor) -> None:
    second = say_again(case, text="別件ですが、鍋の蓋が届きません。")
    with world.ours.scope():
        set_severity(case, to=Severity.SERIOUS, by=supervisor)
        done = split(case, messages=[second.pk], by=supervisor)
        assert (done.into.severity, Case.objects.get(pk=case.pk).severity) == (3, 3)

        unsplit(done, by=supervisor)
        assert Case.objects.get(pk=case.pk).severity == Severity.SERIOUS
