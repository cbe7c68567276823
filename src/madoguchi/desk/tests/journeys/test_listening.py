"""A recording at a case is played, drawn, and gone through."""

import struct
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from madoguchi.cases.factories import make_case
from madoguchi.channels.phone.sounds import as_wav
from madoguchi.desk.tests.journeys.conftest import address_of
from madoguchi.infra import files
from madoguchi.people.factories import World
from madoguchi.voice.queries import recorded

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]


def test_a_recording_is_drawn_when_it_is_played_and_a_click_goes_to_its_middle(
    desk: Callable[[str], Page], world: World
) -> None:
    samples = [(9000 if n // 80 % 2 else -9000) * side for n in range(8000 * 60) for side in (1, 0)]
    sound = as_wav(struct.pack(f"<{len(samples)}h", *samples), sides=2)
    kept = files.put_sealed([sound], company=world.ours.company.pk)
    case = make_case(world.ours.entry_point, files=(recorded("talk.wav", kept),))
    page = desk(address_of(case, world))
    audio, canvas = page.locator(".player audio"), page.locator(".player canvas")
    expect(canvas).to_be_hidden()

    audio.evaluate("(audio) => { audio.muted = true; return audio.play(); }")

    expect(canvas).to_be_visible()
    canvas.click()
    assert abs(audio.evaluate("(audio) => audio.currentTime") - 30) < 2
    pixels = "(c) => [200, 600].map((x) => [...c.getContext('2d').getImageData(x, 40, 1, 1).data].join())"
    heard, to_come = canvas.evaluate(pixels)
    assert len({heard, to_come, "0,0,0,255", "0,0,0,0"}) == 4  # what was heard is of another colour
    page.get_by_label("速さ").select_option("1.5")
    assert audio.evaluate("(audio) => audio.playbackRate") == 1.5
