"""What is kept of what a caller says, and what of it is silence."""

from datetime import timedelta

import numpy as np
import pytest

from madoguchi.channels.phone.media import Leg, Session
from madoguchi.channels.phone.sounds import as_wav, frames, is_there, length_of, names, silence

LOUD = b"\x00\x40" * 160
QUIET = bytes(320)


class Line(Session):
    """A session on which nothing is sent."""

    def __init__(self) -> None:
        self.sent: list[bytes] = []

    def send_audio_auto(self, payload: bytes) -> int:
        self.sent.append(payload)
        return 0


@pytest.fixture
def leg() -> Leg:
    return Leg(Line(), payload_type=0)


def hear(leg: Leg, *stamps: int) -> None:
    for stamp in stamps:
        leg.session.on_audio(LOUD, stamp)  # type: ignore[misc]


def test_what_is_said_is_kept_and_gaps_are_silence(leg: Leg) -> None:
    hear(leg, 0)
    leg.record(most_seconds=10)
    hear(leg, 160, 320, 640)

    assert leg.recorded() == LOUD + LOUD + QUIET + LOUD
    hear(leg, 800)
    assert leg.recorded() == b""


def test_a_key_is_silence_before_and_after(leg: Leg) -> None:
    leg.record(most_seconds=10)
    hear(leg, 0, 160, 320)
    leg.mute(0.03)
    hear(leg, 480, 640, 800)

    assert leg.recorded() == LOUD + LOUD[:160] + QUIET[:160] + QUIET + QUIET + QUIET[:160] + LOUD[160:] + LOUD


def test_a_key_that_is_a_tone_is_silence_in_a_message_however_long_it_lasts(leg: Leg) -> None:
    keys: list[str] = []
    leg.on_tone = keys.append
    leg.record(most_seconds=10)
    n = 2 * np.pi * np.arange(8000) / 8000
    tone = (4000 * (np.sin(770 * n) + np.sin(1336 * n))).astype("<i2").tobytes()
    hear(leg, *range(0, 160 * 20, 160))
    for at in range(50):
        leg.session.on_audio(tone[at * 320 :][:320], 160 * (20 + at))  # type: ignore[misc]
    hear(leg, *range(160 * 70, 160 * 100, 160))

    samples = np.frombuffer(leg.recorded(), "<i2")
    assert (keys, len(samples)) == (["5"], 100 * 160)
    assert set(samples[20 * 160 : 70 * 160]) == {0}
    assert samples[0] == samples[-1] == 0x4000


@pytest.mark.parametrize(("after", "told"), [(2, ["5"]), (6, ["5", "5"])])
def test_a_tone_goes_on_over_a_packet_that_was_lost_and_ends_where_nothing_is_sent(
    leg: Leg, after: int, told: list[str]
) -> None:
    keys: list[str] = []
    leg.on_tone = keys.append
    n = 2 * np.pi * np.arange(3200) / 8000
    tone = (4000 * (np.sin(770 * n) + np.sin(1336 * n))).astype("<i2").tobytes()
    for at in (*range(5), *range(4 + after, 12)):
        leg.session.on_audio(tone[at * 320 :][:320], 160 * at)  # type: ignore[misc]

    assert keys == told


def test_no_more_is_kept_than_may_be(leg: Leg) -> None:
    leg.record(most_seconds=1)
    hear(leg, *range(0, 160 * 80, 160))

    assert length_of(leg.recorded()) == timedelta(seconds=1)


def test_what_is_played_comes_in_order_and_its_end_is_told(leg: Leg) -> None:
    played: list[int] = []
    leg.on_played = lambda: played.append(len(leg.session.sent))  # type: ignore[attr-defined]
    beep = frames("beep", 0)
    leg.play(("beep", "beep"), loop=False)
    for _tick in range(2 * len(beep) + 1):
        leg.tick()

    assert leg.session.sent == [*beep, *beep, silence(0)]  # type: ignore[attr-defined]
    assert played == [2 * len(beep)]


def test_music_goes_round_until_it_is_quiet(leg: Leg) -> None:
    beep = frames("beep", 8)
    leg.payload_type = 8
    leg.play(("beep",), loop=True)
    for _tick in range(len(beep) + 1):
        leg.tick()
    leg.be_quiet()
    leg.tick()

    assert leg.session.sent == [*beep, beep[0], silence(0)]  # type: ignore[attr-defined]


@pytest.mark.parametrize("name", sorted(names()))
def test_each_recording_is_there_and_can_be_heard(name: str) -> None:
    from aiortp.codecs import get_codec

    sound = b"".join(get_codec(0).decode(frame) for frame in frames(name, 0))
    loudest = np.abs(np.frombuffer(sound, "<i2").astype(int)).max()

    assert is_there(name)
    assert 0.3 < len(sound) / 16000 < 15
    assert loudest > 3000
    assert as_wav(sound)[:4] == b"RIFF"
