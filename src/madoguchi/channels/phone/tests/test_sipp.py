"""A call by sipp, which is nobody's of this house; where it is not installed, the reason is told."""

import asyncio
import shutil
import sys
from ipaddress import ip_network
from pathlib import Path

import pytest
from tests.servers.ground import free_ports

from madoguchi.channels.phone.gateway import Gateway, Settings
from madoguchi.companies.factories import make_entry_point
from madoguchi.infra import scope
from madoguchi.kernel.channel import Channel
from madoguchi.people.factories import World
from madoguchi.voice.models import Call

SIPP = shutil.which("sipp")
PRESSES_ONE = Path("/usr/share/sip-tester/dtmf_2833_1.pcap")
SCENARIO = Path(__file__).with_name("caller.xml")

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.server,
    pytest.mark.skipif(
        not SIPP or sys.platform == "darwin", reason="sipp (Debian: sip-tester) is not installed"
    ),
]


def test_sipp_calls_presses_a_key_and_hangs_up(world: World, tmp_path: Path) -> None:
    number = make_entry_point(world.ours.desk, kind=Channel.PHONE, address="+815000000001")
    keys = f'<nop><action><exec play_pcap_audio="{PRESSES_ONE}"/></action></nop>'
    scenario = tmp_path / "caller.xml"
    scenario.write_text(SCENARIO.read_text().replace("<!-- presses 1 -->", keys))
    sip, sipp, sound = free_ports(3)

    async def meeting() -> bytes:
        gateway = Gateway(
            Settings("127.0.0.1", sip, (ip_network("127.0.0.0/8"),), (21400, 21500), tick=0.002)
        )
        await gateway.open()
        more = ["-p", str(sipp), "-mp", str(sound), "-m", "1", "-nostdin", "-timeout", "20", "-timeout_error"]
        called = await asyncio.create_subprocess_exec(
            str(SIPP),
            f"127.0.0.1:{sip}",
            "-i",
            "127.0.0.1",
            "-sf",
            str(scenario),
            *more,
            cwd=tmp_path,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        told, _none = await called.communicate()
        await gateway.close()
        assert called.returncode == 0, told.decode(errors="replace")[-3000:]
        return told

    asyncio.run(meeting())

    with scope.acting_for([number.company_id]):
        call = Call.objects.get()
    assert (call.caller, call.keys, call.outcome, call.ended_by) == (
        "+819012345678",
        "1",
        "call_back",
        "caller",
    )
    assert call.message_id is not None
