"""A call by sipp, which is nobody's of this house; where it is not installed, the reason is told."""

import asyncio
import io
import shutil
import struct
import sys
import wave
from datetime import time
from ipaddress import ip_network
from pathlib import Path

import numpy as np
import pytest
from aiortp.codecs import get_codec
from django.utils import timezone
from tests.servers.ground import free_ports

from madoguchi.channels.phone.gateway import Gateway, Settings
from madoguchi.channels.phone.tests.test_switchboard import Room, loudest, number, run
from madoguchi.companies.factories import make_entry_point
from madoguchi.companies.models import Desk, EntryPoint
from madoguchi.infra import files, scope
from madoguchi.kernel import clock
from madoguchi.kernel.channel import Channel
from madoguchi.people.factories import World
from madoguchi.people.queries import actor_of
from madoguchi.voice.models import Call, Recording
from madoguchi.voice.sip_phones import give_sip_phone

__all__ = ["number"]
SIPP = shutil.which("sipp")
PRESSES_ONE = Path("/usr/share/sip-tester/dtmf_2833_1.pcap")
SCENARIO = Path(__file__).with_name("caller.xml")
REGISTERS, ANSWERS = (Path(__file__).with_name(name) for name in ("registers.xml", "answers.xml"))

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.server,
    pytest.mark.skipif(
        not SIPP or sys.platform == "darwin", reason="sipp (Debian: sip-tester) is not installed"
    ),
]


async def begun(folder: Path, scenario: Path, to: int, port: int, *more: str) -> asyncio.subprocess.Process:
    """sipp, as it goes through a scenario once."""
    once = ["-p", str(port), "-m", "1", "-nostdin", "-timeout", "20", "-timeout_error"]
    return await asyncio.create_subprocess_exec(
        *(str(SIPP), f"127.0.0.1:{to}", "-i", "127.0.0.1", "-sf", str(scenario), *once, *more),
        cwd=folder,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )


async def done(process: asyncio.subprocess.Process) -> bytes:
    """What it told, once all went as the scenario says."""
    told, _none = await process.communicate()
    assert process.returncode == 0, told.decode(errors="replace")[-3000:]
    return told


@pytest.mark.parametrize("way", ["u1", "t1"], ids=["UDP", "TCP"])
def test_sipp_calls_presses_a_key_and_hangs_up(world: World, tmp_path: Path, way: str) -> None:
    point = make_entry_point(world.ours.desk, kind=Channel.PHONE, address="+815000000001")
    keys = f'<nop><action><exec play_pcap_audio="{PRESSES_ONE}"/></action></nop>'
    scenario = tmp_path / "caller.xml"
    scenario.write_text(SCENARIO.read_text().replace("<!-- presses 1 -->", keys))
    sip, sipp, sound = free_ports(3)

    async def meeting() -> bytes:
        gateway = Gateway(
            Settings("127.0.0.1", sip, (ip_network("127.0.0.0/8"),), (21400, 21500), tick=0.002)
        )
        await gateway.open()
        called = await begun(tmp_path, scenario, sip, sipp, "-t", way, "-mp", str(sound))
        told = await done(called)
        await gateway.close()
        return told

    asyncio.run(meeting())

    with scope.acting_for([point.company_id]):
        call = Call.objects.get()
    assert (call.caller, call.keys, call.outcome, call.ended_by) == (
        "+819012345678",
        "1",
        "call_back",
        "caller",
    )
    assert call.message_id is not None


def spoken(seconds: int) -> bytes:
    """A file of packets (pcap) in which somebody says a tone of 440 Hz so long, as sipp plays it."""
    made = [struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1)]
    for nth in range(seconds * 50):
        wave_form = 9000 * np.sin(2 * np.pi * 440 * (np.arange(160) + nth * 160) / 8000)
        payload = get_codec(0).encode(wave_form.astype("<i2").tobytes())
        rtp = struct.pack("!BBHII", 128, 0, nth, nth * 160, 77) + payload
        udp = struct.pack("!HHHH", 4000, 4002, 8 + len(rtp), 0) + rtp
        here = bytes((127, 0, 0, 1))
        ip = struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(udp), nth, 0, 64, 17, 0) + here + here + udp
        frame = bytes(12) + b"\x08\x00" + ip
        made.append(struct.pack("<IIII", nth // 50, nth % 50 * 20_000, len(frame), len(frame)) + frame)
    return b"".join(made)


def test_sipp_calls_after_hours_and_what_it_says_after_the_tone_is_kept(world: World, tmp_path: Path) -> None:
    point = make_entry_point(world.ours.desk, kind=Channel.PHONE, address="+815000000001")
    far = (timezone.localtime(clock.now()).hour + 12) % 24
    with scope.acting_for([point.company_id]):
        Desk.objects.filter(pk=point.desk_id).update(opens=time(far), closes=time(far, 1))
    (tmp_path / "says.pcap").write_bytes(spoken(3))
    speech = f'<nop><action><exec play_pcap_audio="{tmp_path / "says.pcap"}"/></action></nop>'
    said = f'<pause milliseconds="3000"/>{speech}<pause milliseconds="3000"/>'
    scenario = tmp_path / "caller.xml"
    scenario.write_text(SCENARIO.read_text().replace("<!-- presses 1 -->", said))
    sip, sipp, sound = free_ports(3)

    async def meeting() -> None:
        here = (ip_network("127.0.0.0/8"),)
        gateway = Gateway(Settings("127.0.0.1", sip, here, (21400, 21500), tick=0.002))
        await gateway.open()
        await done(await begun(tmp_path, scenario, sip, sipp, "-mp", str(sound)))
        await gateway.close()

    asyncio.run(meeting())

    with scope.acting_for([point.company_id]):
        call, recording = Call.objects.get(), Recording.objects.get()
        content = files.read(recording.sha256, company=point.company_id)
    assert (call.outcome, call.ended_by, call.message_id is not None) == ("message", "caller", True)
    with wave.open(io.BytesIO(content)) as file:
        samples = np.frombuffer(file.readframes(file.getnframes()), "<i2").astype(float)
    assert len(samples) >= 2 * 8000
    assert abs(loudest(samples) - 440) < 6


def test_sipp_registers_as_somebodys_telephone_is_rung_answers_and_hangs_up(
    world: World, number: EntryPoint, tmp_path: Path
) -> None:
    with world.ours.scope():
        given, secret = give_sip_phone(world.ours.agent, by=actor_of(world.ours.manager))
    ours, rung = free_ports(2)
    who = ["-au", given.name, "-ap", secret, "-s", given.name, "-key", "rung", str(rung)]

    async def scenario(room: Room) -> None:
        room.gateway.door.telephones = (ip_network("127.0.0.0/8"),)
        sip = room.gateway.settings.port
        await done(await begun(tmp_path, REGISTERS, sip, ours, *who))
        answers = await begun(tmp_path, ANSWERS, sip, rung)
        phone = await room.call()
        await room.phone(world.ours.agent, lambda held: held.state == "talking" and held.connected)
        assert (await phone.answer(0)).startswith("BYE")
        await done(answers)
        await room.state(world.ours.agent, "wrapping")
        phone.close()

    run(scenario, number, world.ours.agent)

    with scope.acting_for([number.company_id]):
        call = Call.objects.get()
    assert (call.outcome, call.ended_by, call.agent_id) == ("talked", "agent", world.ours.agent.pk)
