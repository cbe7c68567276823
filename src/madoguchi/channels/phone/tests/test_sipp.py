"""A call by sipp, which is nobody's of this house; where it is not installed, the reason is told."""

import asyncio
import shutil
import sys
from ipaddress import ip_network
from pathlib import Path

import pytest
from tests.servers.ground import free_ports

from madoguchi.channels.phone.gateway import Gateway, Settings
from madoguchi.channels.phone.tests.test_switchboard import Room, number, run
from madoguchi.companies.factories import make_entry_point
from madoguchi.companies.models import EntryPoint
from madoguchi.infra import scope
from madoguchi.kernel.channel import Channel
from madoguchi.people.factories import World
from madoguchi.people.queries import actor_of
from madoguchi.voice.models import Call
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


def test_sipp_calls_presses_a_key_and_hangs_up(world: World, tmp_path: Path) -> None:
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
        called = await begun(tmp_path, scenario, sip, sipp, "-mp", str(sound))
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
