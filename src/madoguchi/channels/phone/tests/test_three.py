"""Three on one call, over real UDP: a colleague who is asked, a conference, and a supervisor whom no caller hears.

Each says a tone of their own, so that who hears whom is found in the sound itself, in every direction.
"""

import asyncio
import io
import wave
from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest
from aiortp.codecs import get_codec

from madoguchi.cases.models import Message, Note
from madoguchi.channels.phone.tests.browser import FakeBrowser
from madoguchi.channels.phone.tests.phone import Phone
from madoguchi.channels.phone.tests.test_switchboard import PATIENCE, Room, actor_of_, kept, number, run
from madoguchi.companies.models import EntryPoint
from madoguchi.infra import files, scope
from madoguchi.infra.models import Event
from madoguchi.people.factories import World
from madoguchi.people.models import User
from madoguchi.voice.beside_phones import consult, watch
from madoguchi.voice.models import AgentPhone, Call, Recording
from madoguchi.voice.phones import Lines, ask_of_call

__all__ = ["number"]
pytestmark = pytest.mark.django_db(transaction=True)
CALLER, AGENT, THIRD = 440, 1000, 1800
TONES = (CALLER, AGENT, THIRD)
PIECES, COUNTED = 36, 20
LOUD = 9000


def tones(sound: Any) -> set[int]:
    """Which of the tones are in a sound, a tenth as loud as they are said at least."""
    spectrum = np.abs(np.fft.rfft(sound)) * 2 / len(sound)
    places = {tone: round(tone * len(sound) / 8000) for tone in TONES}
    return {tone for tone, at in places.items() if spectrum[at - 1 : at + 2].max() > LOUD / 10}


async def heard(room: Room, phone: Phone, browsers: Mapping[int, FakeBrowser]) -> list[set[int]]:
    """All say their tones for a while; what the caller hears then, and each of the others."""
    begun = len(phone.rtp.all)
    for _piece in range(PIECES):
        phone.say(CALLER)
        for tone, browser in browsers.items():
            browser.say(tone)
        room.line.send_next()
        await phone.next()
        for browser in browsers.values():
            await browser.next()
    told = b"".join(packet[12:] for packet in phone.rtp.all[begun:][-COUNTED:])
    sounds = [decoded(told), *(b"".join(one.heard[-COUNTED:]) for one in browsers.values())]
    return [tones(np.frombuffer(sound, "<i2").astype(float)) for sound in sounds]


def decoded(told: bytes) -> bytes:
    return get_codec(0).decode(told)


async def talking(room: Room, agent: User) -> tuple[Phone, FakeBrowser]:
    """A caller and somebody of ours talk, and their case is there."""
    phone = await room.call()
    await room.state(agent, "ringing")
    browser = await room.connect(agent)
    await room.until("talking")
    await room.phone(agent, lambda held: held.connected)
    await room.so(lambda: Call.objects.get().message_id is not None)
    return phone, browser


def noted() -> str:
    return Note.objects.get().text


def is_led_by(person: User) -> bool:
    return AgentPhone.objects.filter(user=person, role="", state="talking").exists()


def test_a_colleague_is_asked_all_three_talk_and_the_caller_is_put_through(
    number: EntryPoint, world: World
) -> None:
    first, second = world.ours.agent, world.ours.supervisor

    async def scenario(room: Room) -> None:
        phone, one = await talking(room, first)
        await room.do(consult, to=second.pk, lines=Lines(summary="返品の期限"), by=actor_of_(first))
        ringing = await room.state(second, "ringing")
        assert (ringing.role, await room.do(noted)) == ("asked", "要約: 返品の期限")
        await room.hear(phone, "music")
        two = await room.connect(second)
        await room.phone(second, lambda held: held.connected)
        of_caller, of_first, of_second = await heard(room, phone, {AGENT: one, THIRD: two})
        assert (of_first, of_second) == ({THIRD}, {AGENT})
        assert not of_caller & {AGENT, THIRD}

        await room.do(ask_of_call, "join", by=actor_of_(first))
        await room.until("talking")
        everybody = await heard(room, phone, {AGENT: one, THIRD: two})
        assert everybody == [{AGENT, THIRD}, {CALLER, THIRD}, {CALLER, AGENT}]

        await room.do(ask_of_call, "put_through", by=actor_of_(first))
        await room.state(first, "wrapping")
        await room.so(lambda: is_led_by(second))
        one.close()
        assert await heard(room, phone, {THIRD: two}) == [{THIRD}, {CALLER}]
        await room.do(ask_of_call, "hang_up", by=actor_of_(second))
        await room.state(second, "wrapping")
        two.close()

    run(scenario, number, first, second)

    call, rang = kept(number)
    assert (call.agent_id, call.outcome, call.ended_by) == (second.pk, "talked", "agent")
    assert [(one["person"], one["answered"], one["aside"]) for one in rang] == [
        (first.pk, True, False),
        (second.pk, True, False),
    ]
    spans = [(span["spent"], span["turn"]) for span in call.spans]
    whole = [("ring", 0), ("wait", 0), ("talk", 0), ("hold", 0), ("talk", 0), ("talk", 1)]
    assert spans == whole  # who was put through has a stretch of their own
    with scope.acting_for([call.company_id]):
        told = Event.objects.filter(kind__in=("call.consulted", "call.put_through")).order_by("id")
        assert [(e.kind, e.data["person"], e.data["to"]) for e in told] == [
            ("call.consulted", first.pk, second.pk),
            ("call.put_through", first.pk, second.pk),
        ]
        assert Message.objects.earliest("id").case.assignee_id == second.pk


def test_who_was_asked_and_not_put_through_has_nothing_to_wrap_up(number: EntryPoint, world: World) -> None:
    first, second = world.ours.agent, world.ours.supervisor

    async def scenario(room: Room) -> None:
        phone, one = await talking(room, first)
        await room.do(consult, to=second.pk, lines=Lines(summary="返品の期限"), by=actor_of_(first))
        await room.state(second, "ringing")
        two = await room.connect(second)
        await room.phone(second, lambda held: held.connected)
        await room.do(ask_of_call, "back", by=actor_of_(first))
        await room.state(second, "ready")
        await room.until("talking")
        assert await heard(room, phone, {AGENT: one}) == [{AGENT}, {CALLER}]
        await phone.gone()
        await room.state(first, "wrapping")
        one.close()
        two.close()

    run(scenario, number, first, second)

    call, rang = kept(number)
    assert (call.agent_id, [one["aside"] for one in rang]) == (first.pk, [False, True])


def test_a_supervisor_listens_whispers_and_joins(number: EntryPoint, world: World) -> None:
    agent, leads = world.ours.agent, world.ours.supervisor

    async def scenario(room: Room) -> None:
        phone, one = await talking(room, agent)

        async def come(how: str) -> list[set[int]]:
            await room.do(watch, call=room.line.uid, how=how, by=actor_of_(leads))
            async with asyncio.timeout(PATIENCE):
                while room.line.call.how != how or not room.line.call.watcher:
                    room.news.clear()
                    await room.news.wait()
            if how == "listen":
                come.browser = await room.connect(leads)  # type: ignore[attr-defined]
                await room.phone(leads, lambda held: held.connected)
            return await heard(room, phone, {AGENT: one, THIRD: come.browser})  # type: ignore[attr-defined]

        assert await come("listen") == [{AGENT}, {CALLER}, {CALLER, AGENT}]
        assert await come("whisper") == [{AGENT}, {CALLER, THIRD}, {CALLER, AGENT}]
        whispered = room.line.talk.recording.length  # type: ignore[union-attr]
        assert await come("join") == [{AGENT, THIRD}, {CALLER, THIRD}, {CALLER, AGENT}]
        lengths.append(whispered)
        await phone.gone()
        await room.state(agent, "wrapping")
        assert (await room.state(leads, "away")).call == ""
        one.close()

    lengths: list[int] = []
    run(scenario, number, agent, others=[leads])

    call, _rang = kept(number)
    with scope.acting_for([call.company_id]):
        sound = files.read(Recording.objects.get().sha256, company=call.company_id)
        told = list(Event.objects.filter(kind="call.watched").order_by("id").values_list("data", flat=True))
    assert [(e["person"], e["agent"], e["how"]) for e in told] == [
        (leads.pk, agent.pk, how) for how in ("listen", "whisper", "join")
    ]
    with wave.open(io.BytesIO(sound)) as file:
        both = np.frombuffer(file.readframes(file.getnframes()), "<i2").reshape(-1, 2).astype(float)
    whole = lengths[0] // 4
    assert [tones(both[:whole, side]) for side in (0, 1)] == [{CALLER}, {AGENT}]  # no whisper is kept
    assert tones(both[whole:, 1]) == {AGENT, THIRD}
    assert call.agent_id == agent.pk
