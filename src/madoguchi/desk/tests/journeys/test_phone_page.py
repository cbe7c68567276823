"""The page of one's phone says whether the microphone is off."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from madoguchi.kernel import clock
from madoguchi.people.factories import World
from madoguchi.voice.models import AgentPhone

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]


def test_a_microphone_that_is_off_is_seen(desk: Callable[[str], Page], world: World) -> None:
    with world.ours.scope():
        AgentPhone.objects.update_or_create(
            user=world.ours.agent, defaults={"state": "talking", "since": clock.now(), "seen_at": clock.now()}
        )
    page = desk("/phone/")
    mark = page.get_by_text("マイクは切れています")
    expect(mark).to_be_hidden()

    page.keyboard.press("m")
    expect(mark).to_be_visible()
    expect(page.locator("[data-phone-mute]")).to_contain_text("マイクを入れる")

    page.keyboard.press("m")
    expect(mark).to_be_hidden()

    page.keyboard.press("k")
    keys = page.get_by_label("送信するキー")
    expect(keys).to_be_focused()
    page.keyboard.type("12#")
    expect(keys).to_have_value("12#")
