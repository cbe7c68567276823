"""The wall of a running installation keeps up with the mail that comes in, by the hub alone."""

import smtplib
from email.message import EmailMessage

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.installation import ADDRESS, Installation

pytestmark = [pytest.mark.journey, pytest.mark.server]


# The wall names ten who wait; other journeys in this installation leave some.
NOBODY_WAITS = """
from madoguchi.cases.models import Case
from madoguchi.infra import scope

with scope.everywhere(reason="a journey begins with an empty wall"):
    Case.objects.update(waiting_since=None)
tell(None)
"""


def send(port: int, number: int) -> None:
    """A customer's mail, through the door."""
    mail = EmailMessage()
    mail["From"], mail["To"] = f"wall{number}@home.example", ADDRESS
    mail["Subject"], mail["Message-ID"] = f"壁の前で待つ{number}", f"<wall{number}@home.example>"
    mail.set_content("届いていますか。")
    with smtplib.SMTP("127.0.0.1", port) as door:
        door.send_message(mail)


def test_the_wall_is_live_while_contacts_come_in(
    installation: Installation, door_port: int, page: Page
) -> None:
    installation.act(NOBODY_WAITS)
    installation.sign_in(page, "agent")
    page.goto(f"{installation.base_url}/wall/")
    expect(page.locator(":root")).to_have_attribute("data-live", "on")
    page.evaluate("window.neverLoadedAgain = true")
    oldest = page.locator("#wall-oldest")

    for number in range(1, 4):
        send(door_port, number)
        expect(oldest.get_by_role("cell", name=f"壁の前で待つ{number}")).to_be_visible(timeout=20_000)

    # Down to the case, and what was written there.
    assert page.evaluate("window.neverLoadedAgain") is True
    oldest.get_by_role("row", name="壁の前で待つ2").get_by_role("link").click()
    expect(page.get_by_role("heading", level=1, name="壁の前で待つ2")).to_be_visible()
