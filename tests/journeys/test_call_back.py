"""Who gave up waiting is called when it is their turn: sipp waits and is called, an operator talks in a browser."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.installation import ADDRESS, Installation
from tests.journeys.test_phone import (
    _HEARS,
    _SENT,
    AGENT,
    CALLER,
    SIPP,
    away,
    heard,
    phone,
    sipp_goes,
    speaking,
)
from tests.servers.ground import free_ports

__all__ = ["away", "speaking"]
pytestmark = [
    pytest.mark.long,
    pytest.mark.journey,
    pytest.mark.skipif(not SIPP, reason="sipp (Debian: sip-tester) is not installed"),
]
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
        "queue": {"kind": "queue", "keys": {"2": "call_back"}},
        "call_back": {"kind": "call_back", "withheld": "end"},
    },
}
with scope.everywhere(reason="a journey needs a number"):
    desk = EntryPoint.objects.get(address=given["address"]).desk
with scope.acting_for([desk.company_id]):
    point = make_entry_point(desk, kind="phone", address="+815000000002")
    set_flow(point, flow, sounds=sounds.is_there, by=system("journey"))
    set_notice(point, "beep", sounds=lambda _name: True, by=system("journey"))
AgentPhone.objects.update(state="away", call="")  # whoever was ready in another journey has gone
"""
_KEPT = """
import base64
from madoguchi.infra import files, scope
from madoguchi.promises.models import Promise
from madoguchi.voice.models import Call, PlannedCall, Recording
with scope.everywhere(reason="a journey looks at what was kept"):
    plan = PlannedCall.objects.get()
    call = Call.objects.get(plan_id=plan.pk)
    sound = Recording.objects.get(call=call)
    tell({
        "outcomes": [plan.origin.outcome, call.outcome],
        "plan": [plan.state, plan.tries, plan.promise.state, plan.promise.kind],
        "spans": [span["spent"] for span in call.spans],
        "sound": base64.b64encode(files.read(sound.sha256, company=call.company_id)).decode(),
    })
"""
_SPEAKS = '<nop><action><exec rtp_stream="tone.ul,-1,0"/></action></nop>'
_PRESSES = '<nop><action><exec play_pcap_audio="/usr/share/sip-tester/dtmf_2833_2.pcap"/></action></nop>'


@pytest.fixture
def number(installation: Installation) -> None:
    """A number whose callers may ask to be called back; nobody is ready yet."""
    installation.act(_NUMBER, address=ADDRESS)


def gives_up(installation: Installation, folder: Path) -> None:
    """Somebody calls, waits, and presses 2; they are told that they are called back, and hung up on."""
    written = Path(__file__).with_name("caller.xml").read_text("utf-8")
    # A customer of its own: what one said in another journey would be found in the same case.
    written = written.replace("05000000001", "05000000002").replace("09012345678", "09012345670")
    written = written.replace(_SPEAKS, _PRESSES)
    scenario = folder / "impatient.xml"
    scenario.write_text(written, "utf-8")
    there = [f"127.0.0.1:{installation.sip_port}"]
    sipp = sipp_goes(scenario, folder, there, port=free_ports(1)[0])
    told, _none = sipp.communicate(timeout=60)
    assert sipp.returncode == 0, told.decode(errors="replace")[-2000:]


def calls_back(page: Page) -> str:
    """It is the customer's turn: the operator sees so, calls, talks and hangs up; the address of the case."""
    page.get_by_role("button", name="電話を受けられる").click()
    expect(phone(page)).to_have_attribute("data-state", "ringing", timeout=30_000)
    expect(phone(page)).to_contain_text("待ち順を取り置いたお客様の順番が来ました。")
    expect(phone(page)).to_contain_text("090-1234-5670")
    address = str(phone(page).get_by_role("link").first.get_attribute("href"))
    expect(page.get_by_role("button", name="お客様に電話する")).to_be_focused()
    page.keyboard.press("a")
    expect(phone(page)).to_contain_text("お客様の電話を呼び出しています…")
    expect(phone(page)).to_have_attribute("data-connected", "yes", timeout=15_000)
    page.wait_for_function(_HEARS, arg=CALLER, timeout=15_000)
    page.wait_for_function(_SENT, arg=200, timeout=15_000)
    page.keyboard.press("x")
    expect(phone(page)).to_have_attribute("data-state", "wrapping")
    return address


def test_who_gave_up_waiting_is_called_back_and_both_are_heard(
    number: None, away: Page, installation: Installation, tmp_path: Path
) -> None:
    gives_up(installation, tmp_path)
    scenario = Path(__file__).with_name("customer.xml")
    sipp = sipp_goes(scenario, tmp_path, [], port=installation.trunk_port)
    try:
        address = calls_back(away)
        told, _none = sipp.communicate(timeout=20)
        assert sipp.returncode == 0, told.decode(errors="replace")[-2000:]
    finally:
        sipp.kill()
    away.get_by_label("通話の結果").select_option("solved")
    away.get_by_role("button", name="完了して離席する").click()

    away.goto(f"{installation.base_url}{address}")
    expect(away.locator("#entries")).to_contain_text("折り返しをご希望です。")
    expect(away.locator("#entries")).to_contain_text(
        "お客様にお電話し、お話ししました。録音を添付しています。"
    )
    away.goto(f"{installation.base_url}/calls/?kind=out")
    expect(away.get_by_role("table")).to_contain_text("発信")
    kept = installation.act(_KEPT)
    assert isinstance(kept, dict)
    sound = kept.pop("sound")
    assert kept == {
        "outcomes": ["call_back", "talked"],
        "plan": ["done", 1, "kept", "call_back"],
        # The customer is told first that the talk is recorded.
        "spans": ["ring", "menu", "talk"],
    }
    assert heard(sound) == (CALLER, AGENT)
