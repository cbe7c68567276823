"""Real calls over UDP on this machine: what the caller hears, and what is remembered."""

import asyncio
import io
import wave
from collections.abc import Awaitable, Callable
from datetime import time
from ipaddress import ip_network

import numpy as np
import pytest
from django.db import OperationalError
from tests.servers.ground import free_ports

from madoguchi.cases.models import Attachment, Message
from madoguchi.channels.phone import line as line_module
from madoguchi.channels.phone.gateway import Gateway, Settings
from madoguchi.channels.phone.tests.phone import Phone
from madoguchi.companies.factories import make_entry_point
from madoguchi.companies.models import Desk, EntryPoint
from madoguchi.customers.models import Identity
from madoguchi.infra import files, scope
from madoguchi.kernel.channel import Channel
from madoguchi.people.factories import World
from madoguchi.promises.models import Promise
from madoguchi.voice.models import Call, FlowVersion, Recording
from madoguchi.voice.ready import WITH_QUEUE

pytestmark = pytest.mark.django_db(transaction=True)
Scenario = Callable[[Gateway], Awaitable[None]]


@pytest.fixture
def number(world: World) -> EntryPoint:
    """A number of our desk."""
    return make_entry_point(world.ours.desk, kind=Channel.PHONE, address="+815000000001")


def run(scenario: Scenario, **more: float) -> None:
    """Let something happen at a gateway, in less time than a real call takes; in the end all is written down."""
    [port] = free_ports(1)
    networks = (ip_network("127.0.0.0/8"),)
    settings = Settings("127.0.0.1", port, networks, (21000, 21400), tick=0.001, t1=0.05, **more)  # type: ignore[arg-type]

    async def all_of_it() -> None:
        gateway = Gateway(settings)
        await gateway.open()
        try:
            await scenario(gateway)
        finally:
            await gateway.close()

    asyncio.run(all_of_it())


async def calling(gateway: Gateway, **more: object) -> Phone:
    return await Phone(gateway.settings.port, **more).open()  # type: ignore[arg-type]


def calls(point: EntryPoint) -> list[Call]:
    with scope.acting_for([point.company_id]):
        return list(Call.objects.order_by("id"))


def said(call: Call) -> Message:
    with scope.acting_for([call.company_id]):
        return Message.objects.select_related("case__customer", "case__desk").get(pk=call.message_id)


def strongest(sound: bytes) -> int:
    """The frequency that is strongest in a WAV file, to the nearest 10 Hz."""
    with wave.open(io.BytesIO(sound)) as file:
        samples = np.frombuffer(file.readframes(file.getnframes()), "<i2").astype(float)
    spectrum = np.abs(np.fft.rfft(samples))
    return round(float(np.fft.rfftfreq(len(samples), 1 / 8000)[spectrum.argmax()]), -1)  # type: ignore[return-value]


def closed_all_day(desk: Desk) -> None:
    with scope.acting_for([desk.company_id]):
        Desk.objects.filter(pk=desk.pk).update(opens=time(3, 0), closes=time(3, 1))


@pytest.mark.parametrize("payload_type", [0, 8], ids=["µ-law", "A-law"])
def test_after_hours_a_message_is_left_and_becomes_a_case(number: EntryPoint, payload_type: int) -> None:
    closed_all_day(number.desk)

    async def scenario(gateway: Gateway) -> None:
        phone = await calling(gateway, payload_type=payload_type)
        await phone.call("05000000001")
        await phone.hears("greeting")
        await phone.hears("closed")
        await phone.hears("beep")
        while not gateway.lines or next(iter(gateway.lines)).call.phase != "recording":
            await asyncio.sleep(0)
        for _piece in range(60):
            phone.say(440)
            await asyncio.sleep(0.02)
        phone.press("#")
        await phone.answer(0)  # hung up when it has said thanks
        phone.close()

    run(scenario)

    [call] = calls(number)
    assert (call.outcome, call.ended_by, call.caller, call.called) == (
        "message",
        "us",
        "+819012345678",
        "+815000000001",
    )
    assert [span["spent"] for span in call.spans] == ["ring", "menu", "message", "menu"]
    message = said(call)
    assert message.case.subject == "電話の伝言"
    assert message.text.startswith("お客様から伝言(0:01)がありました。")
    assert "9012345678" not in message.text + message.sender_address + message.case.subject
    with scope.acting_for([call.company_id]):
        theirs = Identity.objects.get(customer=message.case.customer)
        recording, attached = Recording.objects.get(), Attachment.objects.get()
    assert (theirs.kind, theirs.value, theirs.written) == ("phone", "+819012345678", "090-1234-5678")
    assert (attached.filename, attached.sha256) == ("message.wav", recording.sha256)
    assert strongest(files.read(recording.sha256, company=call.company_id)) == 440


def test_a_call_back_is_one_promise_and_who_calls_again_goes_into_the_same_case(number: EntryPoint) -> None:
    async def scenario(gateway: Gateway) -> None:
        for _time in range(2):
            phone = await calling(gateway)
            await phone.call("+815000000001")
            await phone.hears("menu")
            phone.press("1")
            await phone.hears("call-back-taken")
            await phone.gone()
            phone.close()

    run(scenario)

    first, second = calls(number)
    assert [(c.outcome, c.keys, c.ended_by) for c in (first, second)] == [("call_back", "1", "caller")] * 2
    assert said(first).case == said(second).case
    with scope.acting_for([first.company_id]):
        [promise] = Promise.objects.all()
        assert (promise.kind, promise.message_id, promise.state) == ("call_back", first.message_id, "open")


def test_who_gives_up_in_the_queue_is_a_case_and_who_hangs_up_at_once_is_none(number: EntryPoint) -> None:
    with scope.acting_for([number.company_id]):
        document = {**WITH_QUEUE, "short": 0}
        FlowVersion.objects.create(
            company_id=number.company_id,
            entry_point=number,
            number=1,
            document=document,
            at="2026-11-01T00:00Z",
        )

    async def scenario(gateway: Gateway) -> None:
        first, second = await calling(gateway), await calling(gateway, caller="anonymous")
        for phone, place in ((first, "position-1"), (second, "position-2")):
            await phone.call("05000000001")
            await phone.hears("menu-wait")
            phone.press("1")
            await phone.hears(place)
        heard = len(first.rtp.all)
        await first.hears("music", since=heard)
        await first.gone()
        await second.gone()

    run(scenario)

    known, unknown = calls(number)
    assert (known.outcome, known.flow, known.spans[-1]["spent"]) == ("abandoned", 1, "wait")
    assert said(known).case.subject == "出られなかった電話"
    assert (unknown.outcome, unknown.caller, unknown.message_id) == ("abandoned", "", None)


def test_a_call_that_goes_on_when_the_gateway_stops_is_called_back(number: EntryPoint) -> None:
    heard: list[str] = []

    async def scenario(gateway: Gateway) -> None:
        phone = await calling(gateway)
        await phone.call("05000000001")
        await phone.hears("greeting")
        gateway.spawn(_note(phone, heard))
        await asyncio.sleep(0)

    run(scenario)

    [call] = calls(number)
    assert (call.outcome, call.ended_by) == ("broken", "fault")
    assert said(call).case.subject == "途中で切れた電話"


async def _note(phone: Phone, heard: list[str]) -> None:
    heard.append(await phone.answer(0))


def test_who_vanishes_without_a_word_is_hung_up_on(number: EntryPoint) -> None:
    async def scenario(gateway: Gateway) -> None:
        phone = await calling(gateway)
        await phone.call("05000000001")
        bye = await phone.answer(0)
        assert bye.startswith("BYE sip:phone@127.0.0.1")

    run(scenario, silent_seconds=0.3)

    [call] = calls(number)
    assert (call.outcome, call.ended_by) == ("short", "lost")


def test_a_call_goes_on_while_the_database_is_away(
    number: EntryPoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    away = [True]
    begin = line_module.begin_call

    def begin_call(*given: object) -> object:
        if away[0]:
            raise OperationalError("the database is away")
        return begin(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(line_module, "begin_call", begin_call)

    async def scenario(gateway: Gateway) -> None:
        phone = await calling(gateway)
        await phone.call("05000000001")
        await phone.hears("menu")
        phone.press("1")
        await phone.hears("call-back-taken")
        await phone.gone()
        away[0] = False

    run(scenario)

    [call] = calls(number)
    assert (call.outcome, said(call).case.subject) == ("call_back", "電話での折り返しのご希望")


def test_who_says_nothing_of_sound_before_we_have_is_heard_and_hears(number: EntryPoint) -> None:
    """The offer is ours then, and the answer comes with the ACK; the first of two has none, and is hung up on."""

    async def scenario(gateway: Gateway) -> None:
        mute, phone = await calling(gateway), await calling(gateway)
        for one in (mute, phone):
            answer, one.offer = one.offer(), lambda: ""  # type: ignore[method-assign]
            taken = await one.ask("05000000001", 200)
            assert "telephone-event" in taken
            one.answers = answer if one is phone else ""
            one.confirm(taken)
        await mute.answer(0)
        await phone.hears("menu")
        phone.payload_of_keys = 101
        phone.press("1")
        await phone.hears("call-back-taken")
        await phone.gone()
        for one in (mute, phone):
            one.close()

    run(scenario)

    assert [(call.outcome, call.keys, call.ended_by) for call in calls(number)] == [
        ("short", "", "lost"),
        ("call_back", "1", "caller"),
    ]


def test_a_number_of_nobody_and_an_offer_without_sound_are_refused(number: EntryPoint) -> None:
    async def scenario(gateway: Gateway) -> None:
        stranger, silent = await calling(gateway), await calling(gateway)
        assert "404 Not Found" in await stranger.ask("05099999999", 404)
        silent.offer = lambda: "v=0\r\n"  # type: ignore[method-assign]
        assert "488 Not Acceptable Here" in await silent.ask("05000000001", 488)

    run(scenario)

    assert calls(number) == []
