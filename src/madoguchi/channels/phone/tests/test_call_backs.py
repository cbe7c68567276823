"""A place in the queue is kept and called when it is its turn, over real UDP, with the real database between."""

import io
import wave
from collections.abc import Awaitable, Callable
from dataclasses import replace

import numpy as np
import pytest

from madoguchi.cases.models import Attachment, Case, Message, Note
from madoguchi.channels.phone.tests.customer import Customer
from madoguchi.channels.phone.tests.test_switchboard import QUEUE, Room, actor_of_, loudest, number_with, run
from madoguchi.channels.phone.trunks import Trunk
from madoguchi.companies.models import EntryPoint
from madoguchi.infra import files, scope
from madoguchi.people.factories import World
from madoguchi.people.models import User
from madoguchi.promises.models import Promise
from madoguchi.voice.models import AgentPhone, Call, PlannedCall, Recording
from madoguchi.voice.phones import ask_of_call, set_ready

pytestmark = pytest.mark.django_db(transaction=True)
FLOW = {
    "start": "queue",
    "steps": {
        "queue": {**QUEUE, "keys": {"2": "call_back"}},
        "call_back": {"kind": "call_back", "withheld": "end", "sounds": []},
    },
}
Calls = Callable[[Room, Customer], Awaitable[None]]


@pytest.fixture
def number(world: World) -> EntryPoint:
    """A number of our desk, in whose queue a key asks for a call-back."""
    return number_with(world, FLOW)


async def gives_up_waiting(room: Room) -> None:
    """Somebody waits, presses the key, and is called back when it is their turn."""
    phone = await room.call()
    await room.until("waiting")
    phone.press("2")
    assert (await phone.answer(0)).startswith("BYE")
    phone.close()


def happens(calls: Calls, number: EntryPoint, *people: User) -> None:
    """Let something happen where calls go out to a customer. Nobody is ready before they say so."""

    async def scenario(room: Room) -> None:
        customer = await Customer().open()
        trunks = (Trunk("127.0.0.1", customer.sip_port),)
        room.gateway.settings = replace(room.gateway.settings, trunks=trunks)
        try:
            await calls(room, customer)
        finally:
            customer.close()

    run(scenario, number, others=people)


async def is_ready(room: Room, user: User) -> None:
    await room.do(set_ready, ready=True, by=actor_of_(user))


async def rings_to_call(room: Room, user: User) -> None:
    """Until somebody's phone rings for a call that we make.

    While the database is slow it may ring for a moment for the caller who gave up, until that call lets it go.
    """

    def rings() -> bool:
        ours = Call.objects.filter(direction="out").values("uid")
        return AgentPhone.objects.filter(user=user, state="ringing", call__in=ours).exists()

    await room.so(rings)


def plan_of(number: EntryPoint) -> tuple[str, int, str]:
    """How the plan stands, how often it was tried, and how the promise stands."""
    with scope.acting_for([number.company_id]):
        plan = PlannedCall.objects.get()
        return plan.state, plan.tries, Promise.objects.get().state


def made(number: EntryPoint) -> list[tuple[str, str]]:
    """What became of the calls that we made, and of what stretches they are."""
    with scope.acting_for([number.company_id]):
        rows = Call.objects.filter(direction="out").order_by("id")
        return [(call.outcome, " ".join(span["spent"] for span in call.spans)) for call in rows]


def test_who_gave_up_waiting_is_called_and_both_are_heard_and_recorded(
    number: EntryPoint, world: World
) -> None:
    agent = world.ours.agent

    async def calls(room: Room, customer: Customer) -> None:
        await gives_up_waiting(room)
        await is_ready(room, agent)
        await rings_to_call(room, agent)
        browser = await room.connect(agent)
        asked = await customer.rings()
        assert asked.startswith(f"INVITE sip:09012345678@127.0.0.1:{customer.sip_port} ")
        assert "\nFrom: <sip:05000000001@127.0.0.1" in asked
        assert room.line.call.phase == "calling"
        assert not (await room.state(agent, "talking")).connected
        await customer.take()
        await room.until("talking")
        await room.talk(customer, browser, pieces=60)
        assert abs(loudest(np.frombuffer(b"".join(browser.heard[-20:]), "<i2").astype(float)) - 440) < 6
        customer.says_bye()
        await customer.answer(200)
        await room.state(agent, "wrapping")
        browser.close()

    happens(calls, number, agent)

    assert made(number) == [("talked", "ring talk")]
    assert plan_of(number) == ("done", 1, "kept")
    with scope.acting_for([number.company_id]):
        case, call = Case.objects.get(), Call.objects.get(direction="out")
        assert [message.author for message in case.messages.order_by("id")] == ["customer", "staff"]
        assert (call.agent, call.message_id) == (agent, Message.objects.get(author="staff").pk)
        assert Attachment.objects.filter(message_id=call.message_id).count() == 1
        sound = files.read(Recording.objects.get(call=call).sha256, company=call.company_id)
    with wave.open(io.BytesIO(sound)) as file:
        both = np.frombuffer(file.readframes(file.getnframes()), "<i2").reshape(-1, 2).astype(float)
    assert [round(loudest(both[:, side]), -1) for side in (0, 1)] == [440, 1000]


def test_a_line_that_is_busy_is_tried_again_later(number: EntryPoint, world: World) -> None:
    agent = world.ours.agent

    async def calls(room: Room, customer: Customer) -> None:
        await gives_up_waiting(room)
        await is_ready(room, agent)
        await rings_to_call(room, agent)
        browser = await room.connect(agent)
        await customer.rings()
        customer.reply(486, "Busy Here")
        await customer.comes("ACK")
        await room.state(agent, "ready")  # there is nothing to wrap up
        browser.close()

    happens(calls, number, agent)

    assert made(number) == [("busy", "ring")]
    assert plan_of(number) == ("waiting", 1, "open")
    with scope.acting_for([number.company_id]):
        assert [(note.user, note.text) for note in Note.objects.all()] == [
            (agent, "お客様にお電話しましたが(1 回目)、お話し中でした。")
        ]


def test_what_rings_at_the_customer_is_taken_back(number: EntryPoint, world: World) -> None:
    agent = world.ours.agent

    async def calls(room: Room, customer: Customer) -> None:
        await gives_up_waiting(room)
        await is_ready(room, agent)
        await rings_to_call(room, agent)
        browser = await room.connect(agent)
        await customer.rings()
        await room.until("calling")
        await room.do(ask_of_call, "hang_up", by=actor_of_(agent))
        customer.reply(200, "OK", to=await customer.comes("CANCEL"))
        customer.reply(487, "Request Terminated")
        await customer.comes("ACK")
        await room.state(agent, "ready")
        browser.close()

    happens(calls, number, agent)

    assert made(number) == [("stopped", "ring")]
    assert plan_of(number) == ("waiting", 1, "open")


def test_who_does_not_want_to_is_away_and_a_colleague_calls(number: EntryPoint, world: World) -> None:
    first, second = world.ours.agent, world.ours.supervisor

    async def calls(room: Room, customer: Customer) -> None:
        await gives_up_waiting(room)
        await is_ready(room, first)
        await rings_to_call(room, first)
        await room.do(ask_of_call, "decline", by=actor_of_(first))
        await room.state(first, "away")
        await is_ready(room, second)
        await rings_to_call(room, second)
        browser = await room.connect(second)
        await customer.rings()
        customer.reply(404, "Not Found")
        await room.state(second, "ready")
        browser.close()

    happens(calls, number, first, second)

    assert made(number) == [("stopped", "ring"), ("unreached", "ring")]
    assert plan_of(number) == ("waiting", 1, "open")


def test_who_gave_up_first_is_called_before_who_came_later_is_answered(
    number: EntryPoint, world: World
) -> None:
    agent = world.ours.agent

    async def calls(room: Room, customer: Customer) -> None:
        await gives_up_waiting(room)
        await room.so(lambda: PlannedCall.objects.filter(message_id__isnull=False).exists())
        later = await room.call()
        await room.until("waiting")
        await is_ready(room, agent)
        await rings_to_call(room, agent)
        assert [line.call.rings for line in room.gateway.lines if not line.call.outgoing] == [()]
        await room.do(ask_of_call, "decline", by=actor_of_(agent))
        await room.state(agent, "away")
        await is_ready(room, agent)
        later.close()

    happens(calls, number, agent)


def test_a_trunk_that_has_no_way_gives_way_to_the_next_that_may_show_the_number(
    number: EntryPoint, world: World
) -> None:
    agent = world.ours.agent

    async def calls(room: Room, customer: Customer) -> None:
        broken = await Customer().open()
        others = [
            Trunk("127.0.0.1", 9, shows=("+8133",)),
            Trunk("127.0.0.1", broken.sip_port, shows=("+8150",)),
        ]
        [last] = room.gateway.settings.trunks
        room.gateway.settings = replace(room.gateway.settings, trunks=(replace(last, shows=("+",)), *others))
        await gives_up_waiting(room)
        await is_ready(room, agent)
        await rings_to_call(room, agent)
        browser = await room.connect(agent)
        asked = await broken.comes("INVITE")
        broken.there = ("127.0.0.1", room.gateway.settings.port)
        broken.reply(503, "Service Unavailable", to=asked)
        assert (await customer.rings()).startswith("INVITE sip:09012345678@127.0.0.1")
        await customer.take()
        await room.until("talking")
        await room.talk(customer, browser, pieces=10)
        customer.says_bye()
        await customer.answer(200)
        await room.state(agent, "wrapping")
        browser.close()
        broken.close()

    happens(calls, number, agent)

    assert made(number) == [("talked", "ring talk")]
    assert plan_of(number) == ("done", 1, "kept")


@pytest.mark.parametrize("answer", ["sound for 192.0.2.9, which was not called", "no sound"])
def test_who_answers_with_sound_that_is_not_theirs_is_hung_up_on(
    number: EntryPoint, world: World, answer: str
) -> None:
    agent = world.ours.agent
    sdp = "" if answer == "no sound" else "v=0\r\nc=IN IP4 192.0.2.9\r\nm=audio 4000 RTP/AVP 0\r\n"

    async def calls(room: Room, customer: Customer) -> None:
        await gives_up_waiting(room)
        await is_ready(room, agent)
        await rings_to_call(room, agent)
        browser = await room.connect(agent)
        await customer.rings()
        customer.reply(200, "OK", sdp=sdp)
        await customer.comes("BYE")
        await room.state(agent, "ready")
        browser.close()

    happens(calls, number, agent)

    assert made(number) == [("unreached", "ring")]
