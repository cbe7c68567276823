"""A call from a telephone to a browser: sipp waits in the queue, the phone of an operator rings, and they talk."""

import base64
import io
import math
import shutil
import struct
import subprocess
import wave
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from aiortp.codecs import get_codec
from playwright.sync_api import Browser, BrowserType, Page, expect

from tests.journeys.installation import ADDRESS, Installation
from tests.servers.ground import free_ports

SIPP = shutil.which("sipp")
pytestmark = [
    pytest.mark.long,
    pytest.mark.journey,
    pytest.mark.skipif(not SIPP, reason="sipp (Debian: sip-tester) is not installed"),
]
CALLER, AGENT = 440, 1000
_NUMBER = """
from madoguchi.channels.phone import sounds
from madoguchi.companies.factories import make_entry_point
from madoguchi.companies.models import EntryPoint
from madoguchi.infra import scope
from madoguchi.kernel.actor import system
from madoguchi.voice.actions import set_flow
from madoguchi.voice.notices import set_notice
from madoguchi.voice.models import AgentPhone
flow = {
    "start": "menu",
    "steps": {
        "menu": {"kind": "menu", "sounds": ["menu-wait"], "keys": {"1": "queue"}},
        "queue": {"kind": "queue", "keys": {}},
    },
}
with scope.everywhere(reason="a journey needs a number"):
    desk = EntryPoint.objects.get(address=given["address"]).desk
with scope.acting_for([desk.company_id]):
    point = make_entry_point(desk, kind="phone", address="+815000000001")
    set_flow(point, flow, sounds=sounds.is_there, by=system("journey"))
    set_notice(point, "beep", sounds=lambda _name: True, by=system("journey"))
AgentPhone.objects.update(state="away", call="")  # whoever was ready in another journey has gone
"""
_CALL = """
import base64
from madoguchi.cases.models import Message, Note
from madoguchi.infra import files, scope
from madoguchi.infra.models import Event
from madoguchi.voice.models import Call, Recording
with scope.everywhere(reason="a journey looks at what was kept"):
    call = Call.objects.latest("offered_at")
    of_it = Event.objects.filter(kind__startswith="call.", data__call=call.pk)
    sound = Recording.objects.get(call=call)
    case = Message.objects.get(pk=call.message_id).case
    tell({
        "outcome": call.outcome, "by": call.ended_by, "code": call.code, "agent": call.agent.name,
        "spans": [span["spent"] for span in call.spans],
        "events": sorted(of_it.values_list("kind", flat=True)),
        "notes": list(Note.objects.filter(case=case).values_list("text", flat=True)),
        "said": [message.text.splitlines()[0] for message in list(case.messages.order_by("id"))[-2:]],
        "sound": base64.b64encode(files.read(sound.sha256, company=call.company_id)).decode(),
    })
"""
# Counts the packets that the page sends on its newest connection, and measures what it hears there.
_WATCH = """
window.sent = 0;
window.RTCPeerConnection = class extends RTCPeerConnection {
  constructor(...all) {
    super(...all);
    window.newest = this;
    this.addEventListener("track", ({ track }) => {
      const context = new AudioContext({ sampleRate: 8000 });
      window.ear = new AnalyserNode(context, { fftSize: 1024, smoothingTimeConstant: 0 });
      context.createMediaStreamSource(new MediaStream([track])).connect(window.ear);
    });
  }
};
setInterval(async () => {
  const stats = [...(await window.newest?.getStats() ?? new Map()).values()];
  window.sent = stats.find((one) => one.type === "outbound-rtp")?.packetsSent ?? 0;
}, 50);
"""
_SENT = "(least) => window.sent >= least"
_HEARS = """(frequency) => {
  if (!window.ear) return false;
  const bins = new Float32Array(window.ear.frequencyBinCount);
  window.ear.getFloatFrequencyData(bins);
  const loudest = bins.indexOf(Math.max(...bins));
  return bins[loudest] > -50 && Math.abs(loudest * 8000 / 1024 - frequency) < 10;
}"""


def tone(frequency: int, *, rate: int, seconds: int, on: float = 1.0) -> list[int]:
    """A tone that sounds for a part of every half second, so that nothing takes it for noise."""
    half = rate // 2
    return [
        int(12000 * math.sin(2 * math.pi * frequency * n / rate)) if n % half < on * half else 0
        for n in range(rate * seconds)
    ]


@pytest.fixture
def speaking(
    browser_type: BrowserType, browser_type_launch_args: dict[str, Any], tmp_path: Path
) -> Iterator[Browser]:
    """A browser whose microphone hears a tone, and which reaches this machine without a network."""
    said = tmp_path / "agent.wav"
    with wave.open(str(said), "wb") as file:
        file.setparams((1, 2, 48000, 0, "NONE", ""))
        samples = tone(AGENT, rate=48000, seconds=4, on=0.6)
        file.writeframes(struct.pack(f"<{len(samples)}h", *samples))
    flags = [
        *("--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"),
        *(f"--use-file-for-fake-audio-capture={said}", "--autoplay-policy=no-user-gesture-required"),
        "--allow-loopback-in-peer-connection",
    ]
    given = browser_type_launch_args | {"args": [*browser_type_launch_args["args"], *flags]}
    browser = browser_type.launch(**given)
    yield browser
    browser.close()


@pytest.fixture
def number(installation: Installation) -> None:
    """A number that leads by a menu into its queue; nobody is ready yet."""
    installation.act(_NUMBER, address=ADDRESS)


@pytest.fixture
def away(speaking: Browser, installation: Installation) -> Page:
    """The phone of an operator, who takes no calls yet."""
    page = speaking.new_context(locale="ja-JP", timezone_id="Asia/Tokyo").new_page()
    page.add_init_script(_WATCH)
    installation.sign_in(page, "agent")
    page.goto(f"{installation.base_url}/phone/")
    return page


@pytest.fixture
def ready(away: Page) -> Page:
    """The phone of an operator, ready for calls."""
    away.get_by_role("button", name="電話を受けられる").click()
    expect(phone(away)).to_have_attribute("data-state", "ready")
    return away


def phone(page: Page) -> Any:
    return page.locator("#phone")


def calling(installation: Installation, folder: Path) -> subprocess.Popen[bytes]:
    """sipp calls, presses 1, and speaks until it is hung up on."""
    scenario = Path(__file__).with_name("caller.xml")
    return sipp_goes(scenario, folder, [f"127.0.0.1:{installation.sip_port}"], port=free_ports(1)[0])


def sipp_goes(scenario: Path, folder: Path, there: list[str], *, port: int) -> subprocess.Popen[bytes]:
    """sipp does what a scenario says, once, from a port of its own; it has a tone to say."""
    samples = tone(CALLER, rate=8000, seconds=4)
    (folder / "tone.ul").write_bytes(get_codec(0).encode(struct.pack(f"<{len(samples)}h", *samples)))
    command = [str(SIPP), *there, "-i", "127.0.0.1", "-p", str(port)]
    command += ["-sf", str(scenario), "-m", "1", "-nostdin", "-timeout", "90", "-timeout_error"]
    return subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)


def loudest(side: Any) -> float:
    spectrum = np.abs(np.fft.rfft(side))
    return float(np.fft.rfftfreq(len(side), 1 / 8000)[spectrum.argmax()])


def talks(ready: Page) -> str:
    """A call rings, is answered, held, kept over a reload and hung up on; the address of its case."""
    expect(phone(ready)).to_have_attribute("data-state", "ringing", timeout=30_000)
    expect(phone(ready)).to_contain_text("090-1234-5678")
    case = phone(ready).get_by_role("link").first
    expect(case).to_contain_text("HN-")
    address = str(case.get_attribute("href"))
    ready.keyboard.press("a")
    expect(phone(ready)).to_have_attribute("data-connected", "yes", timeout=15_000)
    ready.wait_for_function(_HEARS, arg=CALLER, timeout=15_000)
    ready.wait_for_function(_SENT, arg=150, timeout=15_000)

    ready.keyboard.press("h")
    expect(phone(ready)).to_contain_text("保留中")
    ready.keyboard.press("h")
    expect(phone(ready)).not_to_contain_text("保留中")

    ready.reload()
    expect(phone(ready)).to_have_attribute("data-state", "talking")
    ready.wait_for_function(_HEARS, arg=CALLER, timeout=15_000)
    ready.wait_for_function(_SENT, arg=100, timeout=15_000)

    ready.keyboard.press("x")
    expect(phone(ready)).to_have_attribute("data-state", "wrapping")
    return address


def heard(sound: str) -> tuple[float, float]:
    """The loudest tones of both sides of a recording, to ten hertz."""
    with wave.open(io.BytesIO(base64.b64decode(sound))) as file:
        both = np.frombuffer(file.readframes(file.getnframes()), "<i2").reshape(-1, 2).astype(float)
    assert len(both) > 5 * 8000 / 2
    return round(loudest(both[:, 0]), -1), round(loudest(both[:, 1]), -1)


def test_a_caller_waits_is_answered_held_and_hung_up_on_and_both_are_heard(
    number: None, ready: Page, installation: Installation, tmp_path: Path
) -> None:
    sipp = calling(installation, tmp_path)
    try:
        address = talks(ready)
        told, _none = sipp.communicate(timeout=20)
        assert sipp.returncode == 0, told.decode(errors="replace")[-2000:]
    finally:
        sipp.kill()
    ready.get_by_label("通話の結果").select_option("solved")
    ready.get_by_label("要約").fill("炊飯器の蓋が閉まらない")
    ready.reload()
    expect(ready.get_by_label("要約")).to_have_value("炊飯器の蓋が閉まらない")
    ready.get_by_role("button", name="完了して次を受ける").click()
    expect(phone(ready)).to_have_attribute("data-state", "ready")

    ready.goto(f"{installation.base_url}{address}")
    expect(ready.locator("#entries")).to_contain_text("お客様とお話ししました。録音を添付しています。")
    kept = installation.act(_CALL)
    assert isinstance(kept, dict)
    sound = kept.pop("sound")
    assert kept == {
        "outcome": "talked",
        "by": "agent",
        "code": "solved",
        "agent": "青木 翔",
        "spans": ["ring", "menu", "wait", "talk", "hold", "talk", "hold", "talk"],
        "events": [
            "call.began",
            "call.ended",
            "call.notice_played",
            "call.rang",
            "call.remembered",
            "call.remembered",
            "call.wrapped_up",
        ],
        "notes": ["要約: 炊飯器の蓋が閉まらない"],
        "said": ["お客様からの電話です。", "お客様とお話ししました。録音を添付しています。"],
    }
    assert heard(sound) == (CALLER, AGENT)
