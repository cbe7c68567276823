"""A case of our desk, those who ask and are asked, and a question that is ready to be asked."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from madoguchi.cases.factories import make_case
from madoguchi.cases.models import Case
from madoguchi.escalations.actions import Question, Whom, ask
from madoguchi.escalations.models import Escalation
from madoguchi.infra.reactions import catch_up, enrol
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor
from madoguchi.kernel.channel import Party
from madoguchi.people.factories import World
from madoguchi.people.queries import actor_of

# A Tuesday morning in Tokyo.
NINE = datetime.fromisoformat("2026-12-01T09:00:00+09:00")
MISAKI = Party("misaki@home.example", "髙橋 美咲")
HOUR = timedelta(hours=1)
Asking = Callable[..., Escalation]


def question(**said: object) -> Question:
    """What is asked by default, due at noon."""
    values = {"question": "保証は延ばせますか。", "cause": "authority", "tried": "規程を確認済み"}
    return Question(**(values | {"due_at": NINE + 3 * HOUR} | said))  # type: ignore[arg-type]


@pytest.fixture
def case(world: World) -> Case:
    with clock.held_at(NINE - HOUR):
        made = make_case(world.ours.entry_point, sender=MISAKI, subject="炊飯器の返品について")
    enrol()
    return made


@pytest.fixture
def asking(world: World, case: Case, agent: Actor) -> Asking:
    """Asks something at nine, by default the supervisor and by the agent."""

    def asked(whom: Whom | None = None, *, by: Actor = agent, **said: object) -> Escalation:
        asked_of = whom or Whom(to="person", person=world.ours.supervisor.pk)
        with world.ours.scope(), clock.held_at(NINE):
            return ask(case, asked_of, question(**said), by=by)

    return asked


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
    return actor_of(world.ours.company_staff)


def told() -> None:
    """Let everybody be told of what happened."""
    catch_up("following.notify")
