"""A customer who is called by hand, over real UDP: our phone is connected first, then theirs rings."""

import numpy as np
import pytest

from madoguchi.cases.factories import make_case
from madoguchi.cases.models import Case, Message, Note
from madoguchi.channels.phone.tests.browser import FakeBrowser, offer
from madoguchi.channels.phone.tests.customer import Customer
from madoguchi.channels.phone.tests.test_call_backs import happens, made, number
from madoguchi.channels.phone.tests.test_switchboard import Room, actor_of_, loudest
from madoguchi.companies.models import EntryPoint
from madoguchi.customers.factories import make_identity
from madoguchi.infra import scope
from madoguchi.kernel.identity import IdentityKind
from madoguchi.people.factories import World
from madoguchi.voice.by_hand import call_by_hand
from madoguchi.voice.models import Call, PlannedCall
from madoguchi.voice.phones import answer_call, ask_of_call, still_here

__all__ = ["number"]
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("calls_go_out")]


@pytest.fixture
def calls_go_out(settings: object) -> None:
    """There is a trunk."""
    settings.CALLS_GO_OUT = True  # type: ignore[attr-defined]


def a_case(number: EntryPoint) -> tuple[Case, int]:
    """A case whose customer has a phone, and which identity that is."""
    with scope.acting_for([number.company_id]):
        case = make_case(number)
        return case, make_identity(case.customer, IdentityKind.PHONE, "090-1234-5678").pk


@pytest.mark.parametrize("quick", [False, True], ids=["the gateway is faster", "the browser is faster"])
def test_ours_is_connected_then_the_customer_rings_and_the_talk_is_in_the_case(
    number: EntryPoint, world: World, quick: bool
) -> None:
    agent, (case, identity) = world.ours.agent, a_case(number)

    async def calls(room: Room, customer: Customer) -> None:
        await room.do(still_here, by=actor_of_(agent))
        room.gateway.closing = quick  # the browser may offer its sound before a gateway has the call
        await room.do(call_by_hand, case, identity=identity, by=actor_of_(agent))
        if quick:
            await room.do(answer_call, offer=offer(), by=actor_of_(agent))
            room.gateway.closing = False
            room.gateway.board._again.set()
            said = await room.phone(agent, lambda held: held.answer)
            browser = await FakeBrowser(said.answer).connect()
        else:
            await room.phone(agent, lambda _held: bool(room.gateway.lines))
            browser = await room.connect(agent)
        asked = await customer.rings()
        assert asked.startswith(f"INVITE sip:09012345678@127.0.0.1:{customer.sip_port} ")
        assert "\nFrom: <sip:05000000001@127.0.0.1" in asked
        await customer.take()
        await room.until("talking")
        await room.talk(customer, browser, pieces=40)
        assert abs(loudest(np.frombuffer(b"".join(browser.heard[-20:]), "<i2").astype(float)) - 440) < 6
        await room.do(ask_of_call, "hang_up", by=actor_of_(agent))
        await room.state(agent, "wrapping")
        browser.close()

    happens(calls, number, agent)

    assert made(number) == [("talked", "ring talk")]
    with scope.acting_for([number.company_id]):
        plan, call = PlannedCall.objects.get(), Call.objects.get()
        assert (plan.state, plan.person_id, plan.origin, call.plan_id) == ("done", agent.pk, call, plan.pk)
        assert [message.author for message in case.messages.order_by("id")] == ["customer", "staff"]
        assert call.message_id == Message.objects.get(author="staff").pk


def test_who_is_not_reached_by_hand_is_noted_and_not_tried_again(number: EntryPoint, world: World) -> None:
    agent, (case, identity) = world.ours.agent, a_case(number)

    async def calls(room: Room, customer: Customer) -> None:
        await room.do(still_here, by=actor_of_(agent))
        await room.do(call_by_hand, case, identity=identity, by=actor_of_(agent))
        await room.phone(agent, lambda _held: bool(room.gateway.lines))
        browser = await room.connect(agent)
        await customer.rings()
        customer.reply(486, "Busy Here")
        await room.state(agent, "ready", "wrapping")
        browser.close()

    happens(calls, number, agent)

    assert made(number) == [("busy", "ring")]
    with scope.acting_for([number.company_id]):
        assert PlannedCall.objects.get().state == "dropped"
        assert [note.case_id for note in Note.objects.all()] == [case.pk]
