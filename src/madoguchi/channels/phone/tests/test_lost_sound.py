"""Some of the sound is lost on its way: what comes is heard and recorded, and short gaps are bridged."""

import asyncio
import io
import wave
from typing import Any

import numpy as np
import pytest

from madoguchi.channels.phone.tests.lossy import LossyPhone, Way
from madoguchi.channels.phone.tests.test_switchboard import FLOW, Room, loudest, number_with, run
from madoguchi.infra import files, scope
from madoguchi.people.factories import World
from madoguchi.voice.models import Call, Recording

pytestmark = pytest.mark.django_db(transaction=True)
PIECES = 200


def heard(pieces: Any) -> tuple[int, float]:
    """How many of these pieces of 20 ms are no silence, and the loudest frequency of all."""
    loud = [piece for piece in pieces if np.abs(np.frombuffer(piece, "<i2").astype(int)).max() > 1000]
    return len(loud), loudest(np.frombuffer(b"".join(pieces), "<i2").astype(float))


@pytest.mark.parametrize("share", [0.05, 0.2])
def test_what_comes_is_heard_on_both_sides_and_recorded(world: World, share: float) -> None:
    number, way = number_with(world, FLOW), Way(share)

    async def scenario(room: Room) -> None:
        phone = await LossyPhone(room.gateway.settings.port, way).open()
        await phone.call("05000000001")
        await room.state(world.ours.agent, "ringing")
        browser = await room.connect(world.ours.agent)
        await room.until("talking")
        way.lost = way.passed = 0
        before = len(phone.rtp.all)
        for _piece in range(PIECES):
            phone.say(440)
            browser.say(1000)
            await asyncio.sleep(0)
            room.line.send_next()
            await browser.next()
        assert way.lost > PIECES * share
        count, tone = heard(browser.heard[-PIECES:])
        assert (count > PIECES * 0.9, abs(tone - 440) < 6) == (True, True)
        there = len(phone.rtp.all) - before
        assert PIECES * (1 - 2 * share) < there < PIECES
        await phone.gone()
        await room.state(world.ours.agent, "wrapping")
        browser.close()
        phone.close()

    run(scenario, number, world.ours.agent)

    with scope.acting_for([number.company_id]):
        call = Call.objects.get()
        sound = files.read(Recording.objects.get().sha256, company=call.company_id)
    assert (call.outcome, call.ended_by) == ("talked", "caller")
    with wave.open(io.BytesIO(sound)) as file:
        both = np.frombuffer(file.readframes(file.getnframes()), "<i2").reshape(-1, 2).astype(float)
    assert len(both) >= PIECES * 160
    assert [round(loudest(both[:, side]), -1) for side in (0, 1)] == [440, 1000]
