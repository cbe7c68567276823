"""Somebody with LINE on their phone and somebody of a desk in a browser, on a real installation; LINE is a stand-in."""

import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import urlopen

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.journeys.installation import ADDRESS, Installation, installed
from tests.servers.ground import free_ports
from tests.servers.line import SECRET, TOKEN, USER, Line, event, line_server

pytestmark = [pytest.mark.long, pytest.mark.journey]
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de"
    "0000000c49444154789c63606060000000040001f61738550000000049454e44ae426082"
)
_ACCOUNT = """
from madoguchi.channels.line.models import Account
from madoguchi.companies.factories import make_entry_point
from madoguchi.companies.models import EntryPoint
from madoguchi.infra import scope
from madoguchi.kernel.channel import Channel
with scope.everywhere(reason="a journey needs a LINE account"):
    desk = EntryPoint.objects.select_related("desk").get(address=given["address"]).desk
    point = make_entry_point(desk, kind=Channel.LINE, address="@asagiri")
    kept = {"secret": given["secret"], "token": given["token"], "channel_id": "1650000000"}
    Account.objects.create(company_id=point.company_id, entry_point=point, **kept)
tell(point.pk)
"""


@pytest.fixture(scope="module")
def line() -> Iterator[Line]:
    with line_server() as server:
        server.names = {USER: {"userId": USER, "displayName": "髙橋 美咲", "language": "ja"}}
        yield server


@pytest.fixture(scope="module")
def installation(line: Line) -> Iterator[Installation]:
    """An installation that the world reaches over TLS, as LINE demands; answers leave after a second."""
    [smtp] = free_ports(1)
    settings = {
        "MADOGUCHI_UNDO_SECONDS": "1",
        "MADOGUCHI_WEB_WORKERS": "1",
        "MADOGUCHI_LINE_API": line.url,
        "MADOGUCHI_BASE_URL": "https://support.example",
    }
    with installed(smtp_port=smtp, **settings) as place:
        place.act(_ACCOUNT, address=ADDRESS, secret=SECRET, token=TOKEN)
        line.webhook = f"{place.base_url}/line/asagiri/"
        yield place


def now() -> int:
    return int(time.time() * 1000)


def test_somebody_follows_asks_and_is_answered_with_a_picture(
    page: Page, installation: Installation, line: Line, tmp_path: Path
) -> None:
    # given somebody who becomes a friend and asks
    assert line.hand_in([event("follow", name="01H1", at=now(), replyToken="token-1")]) == 200
    asked = {"type": "text", "id": "100001", "text": "箱の開け方を教えてください😢"}
    assert line.hand_in([event(name="01H2", at=now(), message=asked)]) == 200

    # when somebody of the desk opens the case
    installation.sign_in(page, "agent")
    page.goto(f"{installation.base_url}/?view=unassigned")
    page.get_by_text("箱の開け方を教えてください😢").first.click()
    said = page.locator("#entries .msg").first
    expect(said).to_contain_text("髙橋 美咲 様")
    expect(said).to_contain_text("LINE")
    expect(page.locator("#reply-form")).to_contain_text("LINEで")
    assert Axe().run(page).response["violations"] == []

    # and answers with a picture
    picture = tmp_path / "箱.png"
    picture.write_bytes(PNG)
    page.locator("#reply-form input[type=file]").set_input_files(picture)
    expect(page.locator("#reply-form")).to_contain_text("箱.png")
    expect(page.locator("#reply-form [data-uploading]")).to_have_count(0)
    page.get_by_role("textbox", name="お客様への返信").fill("写真のとおり、矢印から開けてください。")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#entries .msg").last).to_contain_text("送信済み")

    # then the words and the picture are at LINE, which can fetch it
    [pushed] = line.pushed
    words, shown = pushed["messages"]
    assert (pushed["to"], words["text"]) == (USER, "写真のとおり、矢印から開けてください。")
    path = urlsplit(shown["originalContentUrl"]).path
    with urlopen(f"{installation.base_url}{path}", timeout=10) as fetched:
        assert fetched.read() == PNG

    # and what the customer takes back is gone from the page
    taken_back = {"messageId": "100001"}
    assert line.hand_in([event("unsend", name="01H3", at=now(), unsend=taken_back)]) == 200
    expect(page.locator("#entries .msg").first).to_contain_text("送信を取り消しました")
    expect(page.locator("body")).not_to_contain_text("箱の開け方を教えてください")
