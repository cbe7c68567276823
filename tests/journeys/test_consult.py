"""A colleague is asked while the caller hears music, and takes the call: two operators in browsers, and sipp."""

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.journeys.installation import ADDRESS, Installation
from tests.journeys.test_phone import _HEARS, _WATCH, CALLER, SIPP, phone, ready, sipp_goes, speaking
from tests.journeys.test_phone import away as away
from tests.servers.ground import free_ports

__all__ = ["ready", "speaking"]
pytestmark = [
    pytest.mark.long,
    pytest.mark.journey,
    pytest.mark.skipif(not SIPP, reason="sipp (Debian: sip-tester) is not installed"),
]
_NUMBER = """
from madoguchi.companies.factories import make_entry_point
from madoguchi.companies.models import EntryPoint
from madoguchi.infra import scope
from madoguchi.kernel.actor import system
from madoguchi.voice.actions import set_flow
from madoguchi.voice.notices import set_notice
from madoguchi.voice.models import AgentPhone
flow = {"start": "queue", "steps": {"queue": {"kind": "queue", "keys": {}}}}
with scope.everywhere(reason="a journey needs a number"):
    desk = EntryPoint.objects.get(address=given["address"]).desk
with scope.acting_for([desk.company_id]):
    point = make_entry_point(desk, kind="phone", address="+815000000003")
    set_flow(point, flow, sounds=lambda _name: True, by=system("journey"))
    set_notice(point, "beep", sounds=lambda _name: True, by=system("journey"))
AgentPhone.objects.update(state="away", call="")  # whoever was ready in another journey has gone
"""
_TOOK = """
from madoguchi.infra import scope
from madoguchi.infra.models import Event
from madoguchi.voice.models import Call
with scope.everywhere(reason="a journey looks at what was kept"):
    call = Call.objects.latest("offered_at")
    kinds = Event.objects.filter(kind__in=["call.consulted", "call.put_through"], data__call=call.pk)
    tell({"agent": call.agent.name, "kinds": list(kinds.order_by("id").values_list("kind", flat=True))})
"""


@pytest.fixture
def number(installation: Installation) -> None:
    """A number that leads right into its queue; nobody is ready yet."""
    installation.act(_NUMBER, address=ADDRESS)


@pytest.fixture
def colleague(speaking: Browser, installation: Installation) -> Page:
    """The phone of a supervisor, in a browser of their own, who takes no calls yet."""
    page = speaking.new_context(locale="ja-JP", timezone_id="Asia/Tokyo").new_page()
    page.add_init_script(_WATCH)
    installation.sign_in(page, "supervisor")
    page.goto(f"{installation.base_url}/phone/")
    return page


def hears(page: Page, frequency: int) -> None:
    page.wait_for_function(_HEARS, arg=frequency, timeout=15_000)


def asks(agent: Page, other: Page) -> None:
    """The agent answers and asks the colleague, who sees why before they answer, by keyboard alone."""
    expect(phone(agent)).to_have_attribute("data-state", "ringing", timeout=30_000)
    agent.keyboard.press("a")
    expect(phone(agent)).to_have_attribute("data-connected", "yes", timeout=15_000)
    hears(agent, CALLER)
    other.get_by_role("button", name="電話を受けられる").click()
    expect(phone(other)).to_have_attribute("data-state", "ready")
    asked = agent.locator("details").filter(has=agent.locator("summary", has_text="相談する"))
    expect(asked).to_be_visible(timeout=15_000)
    agent.keyboard.press("c")
    asked.get_by_label("要約").fill("返品の期限を過ぎている")
    asked.get_by_role("button", name="相談する").click()
    expect(phone(other)).to_have_attribute("data-state", "ringing", timeout=15_000)
    for words in ("からこの電話の相談です。", "返品の期限を過ぎている", "090-1234-5679"):
        expect(phone(other)).to_contain_text(words)
    other.keyboard.press("a")
    expect(phone(other)).to_have_attribute("data-connected", "yes", timeout=15_000)


def test_a_colleague_is_asked_and_put_through_also_when_pages_are_loaded_anew(
    number: None, colleague: Page, ready: Page, installation: Installation, tmp_path: Path
) -> None:
    scenario = tmp_path / "caller.xml"
    written = Path(__file__).with_name("caller.xml").read_text("utf-8")
    # A customer of its own: what one said in another journey would be found in the same case.
    written = written.replace("05000000001", "05000000003").replace("09012345678", "09012345679")
    scenario.write_text(written, "utf-8")
    sipp: Any = sipp_goes(scenario, tmp_path, [f"127.0.0.1:{installation.sip_port}"], port=free_ports(1)[0])
    try:
        asks(ready, colleague)
        expect(ready.get_by_role("button", name="お客様をつなぐ")).to_be_visible(timeout=15_000)
        ready.reload()
        expect(phone(ready)).to_contain_text("お客様は保留中で、この会話は聞こえません。")
        ready.keyboard.press("u")
        expect(phone(ready)).to_have_attribute("data-state", "wrapping")
        hears(colleague, CALLER)
        expect(phone(colleague)).to_contain_text("電話を切る", timeout=15_000)
        colleague.keyboard.press("x")
        expect(phone(colleague)).to_have_attribute("data-state", "wrapping")
        told, _none = sipp.communicate(timeout=20)
        assert sipp.returncode == 0, told.decode(errors="replace")[-2000:]
    finally:
        sipp.kill()
    took = installation.act(_TOOK)
    assert isinstance(took, dict)
    assert took["kinds"] == ["call.consulted", "call.put_through"]
    assert took["agent"] == installation.people["supervisor"].name
