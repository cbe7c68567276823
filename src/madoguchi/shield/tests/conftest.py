"""A case of our desk, those who act on it, and steps that many tests take."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from madoguchi.cases.factories import make_case
from madoguchi.cases.models import Case, Message
from madoguchi.escalations.tests.conftest import HOUR, MISAKI, NINE
from madoguchi.infra.models import Event
from madoguchi.infra.reactions import catch_up, enrol
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor
from madoguchi.people.factories import World, make_operator_person
from madoguchi.people.queries import actor_of
from madoguchi.shield import marking
from madoguchi.shield.models import Mark
from madoguchi.shield.terms import USUAL_ENDING, USUAL_WARNING, approve_terms, set_terms

__all__ = ["HOUR", "MISAKI", "NINE"]
SAID = {"hold_minutes": 60, "repeats": 3, "care_hours": 24, "words": ""}
SHIELD = ("harassment", "help", "stop", "appeal", "consultation", "care", "shield_terms", "duty")


@pytest.fixture
def case(world: World) -> Case:
    with clock.held_at(NINE):
        made = make_case(world.ours.entry_point, sender=MISAKI, text="炊飯器の電源が入りません。")
    enrol()
    return made


@pytest.fixture
def agent(world: World) -> Actor:
    return actor_of(world.ours.agent)


@pytest.fixture
def supervisor(world: World) -> Actor:
    return actor_of(world.ours.supervisor)


@pytest.fixture
def manager(world: World) -> Actor:
    return actor_of(world.ours.manager)


@pytest.fixture
def company(world: World) -> Actor:
    return actor_of(world.ours.company_manager)


@pytest.fixture
def another(world: World) -> Actor:
    """A second supervisor of the desk."""
    side = world.ours
    return actor_of(make_operator_person(side.operator, role="supervisor", seats=(side.engagement,)))  # type: ignore[arg-type]


@pytest.fixture
def acting(world: World) -> Callable[..., Any]:
    """Do something in our company's scope, so many hours after nine."""

    def act(does: Callable[..., Any], *args: Any, later: float = 0, **more: Any) -> Any:
        with world.ours.scope(), clock.held_at(NINE + timedelta(hours=later)):
            return does(*args, **more)

    return act


@pytest.fixture
def marked(case: Case, agent: Actor, acting: Callable[..., Any]) -> Mark:
    return acting(marking.mark, case, sort="abuse", words="怒鳴り続ける", by=agent)  # type: ignore[no-any-return]


@pytest.fixture
def approved(world: World, company: Actor, acting: Callable[..., Any]) -> None:
    """The company has approved words with which we warn and end a talk."""
    ours = world.ours.company
    acting(set_terms, ours, by=company, warning=USUAL_WARNING, ending=USUAL_ENDING, **SAID)
    acting(approve_terms, ours, version=1, by=company)


def told(world: World) -> list[str]:
    """What happened in the shield, in order."""
    with world.ours.scope():
        kinds = Event.objects.order_by("pk").values_list("kind", flat=True)
        return [kind for kind in kinds if kind.split(".")[0] in SHIELD]


def state_of(case: Case, world: World) -> dict[str, Any]:
    """Everything by which a case is served."""
    names = ("status", "priority", "due_at", "due_for", "tags", "assignee_id", "waiting_since", "version")
    with world.ours.scope():
        return Case.objects.filter(pk=case.pk).values(*names).get()


def react() -> None:
    """Let the readers of the shield and the bell catch up."""
    for name in (
        "shield.notice",
        "shield.note_warning",
        "shield.notice_calls",
        "shield.rest",
        "following.notify",
    ):
        catch_up(name)


def first_message(case: Case, world: World) -> Message:
    with world.ours.scope():
        return Message.objects.filter(case=case).earliest("id")
