"""A case on a Monday morning, and our agent who answers it."""

from collections.abc import Callable
from typing import Any

import pytest
from django.conf import LazySettings

from madoguchi.cases.factories import make_case
from madoguchi.cases.models import Case
from madoguchi.delivery import channels as outbound
from madoguchi.delivery.actions import ANYTHING, Reply, reply
from madoguchi.delivery.models import Outgoing
from madoguchi.delivery.tests.leaving import MISAKI, MORNING, Answering
from madoguchi.infra import scope
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor
from madoguchi.kernel.channel import Channel
from madoguchi.people.factories import World


@pytest.fixture
def peer(monkeypatch: pytest.MonkeyPatch, settings: LazySettings) -> Answering:
    settings.UNDO_SECONDS = 10
    answering = Answering()
    monkeypatch.setitem(outbound._channels, Channel.EMAIL, answering)
    return answering


@pytest.fixture
def case(world: World, peer: Answering) -> Case:
    with clock.held_at(MORNING):
        return make_case(world.ours.entry_point, sender=MISAKI)


@pytest.fixture
def say(case: Case, agent: Actor) -> Callable[..., Outgoing]:
    """`say(text, …)` is an answer of our agent, given in the morning."""

    def answer(text: str = "はい。", **more: Any) -> Outgoing:
        with scope.acting_for(agent.companies), clock.held_at(MORNING):
            return reply(case, Reply(**{"text": text, "confirmed": ANYTHING} | more), by=agent)

    return answer
