"""What is taken away from a gateway in the middle of a talk: its own life, and the database."""

import asyncio
import io
import re
import signal
import subprocess
import wave
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.db import connection

from madoguchi.channels.phone.broken import finish_what_broke
from madoguchi.channels.phone.models import GoingCall
from madoguchi.infra import files, scope
from madoguchi.kernel import clock
from madoguchi.people.factories import World
from madoguchi.promises.models import Promise
from madoguchi.voice.models import AgentPhone, Call, Recording
from tests.house.gateways import PATIENCE, Talk, sides_of, tones
from tests.servers.cutting import Cutter

pytestmark = pytest.mark.django_db(transaction=True)
# Both say so many pieces of 20 ms; of three seconds one at most may be lost with the gateway.
PIECES = 150


def recorded(call: Call) -> bytes:
    """What was recorded of a talk."""
    sound = files.read(Recording.objects.get(call=call).sha256, company=call.company_id)
    with wave.open(io.BytesIO(sound)) as file:
        return file.readframes(file.getnframes())


def test_a_killed_gateway_leaves_the_call_as_it_stood_with_what_was_said(
    world: World, settings: LazySettings, database_url: str, tmp_path: Path
) -> None:
    talk = Talk(world, settings, tmp_path)

    async def until_killed(process: subprocess.Popen[bytes]) -> None:
        await talk.begin()
        await talk.talk(pieces=PIECES)
        with clock.held_at(clock.now() + timedelta(seconds=95)):  # its process is seen to live
            assert await asyncio.to_thread(in_scope, talk) == 0
        process.send_signal(signal.SIGKILL)
        process.wait()
        await talk.end()

    with talk.gateway(database_url) as process:
        asyncio.run(until_killed(process))

    with scope.acting_for([talk.point.company_id]):
        going, before = GoingCall.objects.get(), Call.objects.get()
        assert (before.state, AgentPhone.objects.get().state) == ("answered", "talking")
    with clock.held_at(clock.now() + timedelta(seconds=95)):
        assert (finish_what_broke(), finish_what_broke()) == (1, 0)
    with scope.acting_for([talk.point.company_id]):
        call = Call.objects.get()
        assert (call.outcome, call.ended_by, call.agent_id) == ("broken", "fault", talk.agent.pk)
        assert [span["spent"] for span in call.spans] == ["ring", "menu", "wait", "talk"]
        assert call.ended_at == max(going.at, before.alive_at)
        assert Promise.objects.get().kind == Promise.Kind.CALL_BACK
        assert (AgentPhone.objects.get().state, GoingCall.objects.exists()) == ("wrapping", False)
        both = sides_of(recorded(call))
    assert PIECES * 160 * 2 // 3 <= len(both) <= PIECES * 160 * 2
    assert tones(both[-8000:]) == (440, 1000)
    assert list((tmp_path / "files").glob("*/growing-*")) == []


def in_scope(talk: Talk) -> int:
    """What a worker does meanwhile."""
    try:
        return finish_what_broke()
    finally:
        connection.close()


def server_socket() -> int | Path:
    """Where the database listens."""
    there = connection.settings_dict
    port = int(there["PORT"] or 5432)
    return Path(there["HOST"]) / f".s.PGSQL.{port}" if there["HOST"].startswith("/") else port


def test_a_talk_goes_on_without_the_database_and_is_written_down_when_that_is_back(
    world: World, settings: LazySettings, database_url: str, tmp_path: Path
) -> None:
    talk = Talk(world, settings, tmp_path)

    async def without_it(between: Cutter) -> None:
        room = await talk.begin()
        await talk.talk(pieces=25)
        between.cut_after(0)
        heard = len(talk.browser.heard)
        await talk.talk(pieces=PIECES)
        assert len(talk.browser.heard) > heard + PIECES // 2
        await talk.phone.gone()
        between.cut_after(None)
        await room.state(talk.agent, "wrapping")
        await room.so(lambda: Call.objects.get().state == Call.State.ENDED)
        await talk.end()

    with Cutter(server_socket()) as between:
        at_cutter = f"@127.0.0.1:{between.port}/{connection.settings_dict['NAME']}"
        with talk.gateway(re.sub(r"@.*", at_cutter, database_url)) as process:
            asyncio.run(without_it(between))
            process.terminate()
            assert process.wait(timeout=PATIENCE) == 0

    with scope.acting_for([talk.point.company_id]):
        call = Call.objects.get()
        assert (call.outcome, call.ended_by, call.agent_id) == ("talked", "caller", talk.agent.pk)
        assert [span["spent"] for span in call.spans] == ["ring", "menu", "wait", "talk"]
        assert GoingCall.objects.exists() is False
        both = sides_of(recorded(call))
    assert len(both) >= PIECES * 160
    assert tones(both[-PIECES * 160 :]) == (440, 1000)
    assert list((tmp_path / "files").glob("*/growing-*")) == []
