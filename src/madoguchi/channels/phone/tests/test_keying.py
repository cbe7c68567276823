"""Which keys are heard on a line: those that are sent, and tones where nothing else says them."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from madoguchi.channels.phone.keying import SAME_KEY, Keying
from madoguchi.kernel import clock
from madoguchi.voice import logic

NOON = datetime(2026, 11, 30, 3, tzinfo=UTC)
Phase = logic.Phase


def line(phase: logic.Phase) -> Any:
    """A line that keeps what it hears, and how often what was just heard was blanked."""
    made = SimpleNamespace(heard=[], blanked=0, call=SimpleNamespace(phase=phase))
    made.hear = lambda event: made.heard.append((event.key, event.at))
    made.talk = SimpleNamespace(blank=lambda: setattr(made, "blanked", made.blanked + 1))
    return made


@pytest.mark.parametrize(
    ("phase", "by_tones", "heard"),
    [
        (Phase.ASKING, True, True),
        (Phase.WAITING, True, True),
        (Phase.ASKING, False, False),
        (Phase.WAITING, False, False),
        (Phase.TALKING, False, True),
        (Phase.RECORDING, False, True),
        (Phase.HOLDING, False, False),
        (Phase.TALKING, True, True),
    ],
)
def test_a_tone_is_a_key_where_keys_come_so_and_wherever_it_may_be_of_a_card(
    phase: logic.Phase, by_tones: bool, heard: bool
) -> None:
    on = line(phase)
    keying = Keying(on)
    keying.by_tones = by_tones

    with clock.held_at(NOON):
        keying.toned("5")

    assert on.heard == ([("5", NOON)] if heard else [])
    assert on.blanked == 1


def test_a_key_that_is_sent_and_heard_is_one_key() -> None:
    on = line(Phase.TALKING)
    keying = Keying(on)
    with clock.held_at(NOON):
        keying.sent("5")
        keying.toned("5")
    with clock.held_at(NOON + SAME_KEY - timedelta(milliseconds=1)):
        keying.toned("5")
    assert on.heard == [("5", NOON)]

    with clock.held_at(NOON + SAME_KEY):
        keying.toned("6")
    assert [key for key, _at in on.heard] == ["5", "6"]
    assert on.blanked == 4
