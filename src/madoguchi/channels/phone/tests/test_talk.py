"""Who hears whom, piece by piece, and what is recorded of it."""

import io
import wave
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.conf import settings

from madoguchi.channels.phone.browser import PIECE, SILENCE
from madoguchi.channels.phone.talk import Recording, Talk, mixed
from madoguchi.infra.growing import PIECE as PIECE_ON_DISK
from madoguchi.infra.growing import Growing

AOKI, MORI = 7, 8


def piece(level: int) -> bytes:
    return np.full(160, level, "<i2").tobytes()


class Side:
    """Somebody who says always the same, and keeps what they hear."""

    hushes = False

    def __init__(self, level: int) -> None:
        self.level, self.heard = level, list[int]()

    def take(self) -> bytes:
        return piece(self.level)

    def send(self, heard: bytes) -> None:
        assert len(heard) == PIECE
        self.heard.append(int(np.frombuffer(heard, "<i2")[0]))


def grows() -> Growing:
    return Growing("one-talk", company=7)


def talk(**sides: Any) -> Talk:
    made = Talk(grows)
    made.legs = {int(name[1:]): side for name, side in sides.items()}
    return made


def kept(recording: Recording | None) -> list[tuple[int, ...]]:
    """What each side of a recording holds, once for each piece."""
    assert recording is not None
    with wave.open(io.BytesIO(b"".join(recording.wav()))) as file:
        assert (file.getnchannels(), file.getframerate(), file.getsampwidth()) == (2, 8000, 2)
        both = np.frombuffer(file.readframes(file.getnframes()), "<i2").reshape(-1, 2)
    return [tuple(int(level) for level in both[at]) for at in range(0, len(both), 160)]


@pytest.mark.parametrize(
    ("levels", "heard"),
    [([], 0), ([100], 100), ([100, 200], 300), ([30000, 30000], 32767), ([-30000, -30000, 100], -32768)],
)
def test_several_who_speak_at_once_are_heard_together(levels: list[int], heard: int) -> None:
    assert mixed(map(piece, levels)) == piece(heard)


def test_without_anybody_of_ours_a_caller_hears_what_is_played() -> None:
    assert Talk(grows).exchange(Side(1)) is None  # type: ignore[arg-type]


def test_two_hear_one_another_and_not_themselves() -> None:
    agent, caller = Side(200), Side(100)
    both = talk(_7=agent)
    both.bridge([(0, (AOKI,)), (AOKI, (0,))])
    both.record(on=True)

    assert both.exchange(caller) == piece(200)  # type: ignore[arg-type]

    assert agent.heard == [100]
    assert kept(both.recording) == [(100, 200)]


def test_on_hold_nobody_is_heard_and_nothing_recorded() -> None:
    agent, caller = Side(200), Side(100)
    both = talk(_7=agent)
    both.bridge([])
    both.record(on=True)

    assert both.exchange(caller) is None  # type: ignore[arg-type]

    assert agent.heard == [0]
    assert kept(both.recording) == []


def test_who_is_not_there_any_more_is_silent() -> None:
    both = talk(_7=Side(200))
    both.bridge([(0, (AOKI, MORI)), (AOKI, (0, MORI)), (MORI, (0,))])

    assert both.exchange(Side(100)) == piece(200)  # type: ignore[arg-type]


def test_what_is_not_to_be_recorded_is_silence_of_the_same_length() -> None:
    both = talk(_7=Side(200))
    both.bridge([(0, (AOKI,)), (AOKI, (0,))])
    for on in (True, False, False, True):
        both.record(on=on)
        both.exchange(Side(100))  # type: ignore[arg-type]

    assert kept(both.recording) == [(100, 200), (0, 0), (0, 0), (100, 200)]


def test_what_was_heard_just_before_a_key_is_known_is_silence_too() -> None:
    both, caller = talk(_7=Side(200)), Side(100)
    both.bridge([(0, (AOKI,)), (AOKI, (0,))])
    both.record(on=True)
    for _piece in range(8):
        both.exchange(caller)  # type: ignore[arg-type]
    both.blank()
    both.exchange(caller)  # type: ignore[arg-type]
    caller.hushes = True
    both.exchange(caller)  # type: ignore[arg-type]

    assert kept(both.recording) == [(100, 200)] * 3 + [(0, 0)] * 5 + [(100, 200), (0, 0)]


def test_what_a_supervisor_whispers_is_not_heard_by_the_caller_and_not_recorded() -> None:
    agent, supervisor = Side(200), Side(50)
    both = talk(_7=agent, _8=supervisor)
    both.bridge([(0, (AOKI,)), (AOKI, (0, MORI)), (MORI, (0, AOKI))])
    both.record(on=True)

    assert both.exchange(Side(100)) == piece(200)  # type: ignore[arg-type]

    assert (agent.heard, supervisor.heard) == ([150], [300])
    assert kept(both.recording) == [(100, 200)]


def test_a_recording_ends_at_its_longest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("madoguchi.channels.phone.talk.LONGEST", 2 * PIECE)
    recording = Recording(grows())
    for _turn in range(5):
        recording.keep(piece(1), SILENCE)

    assert kept(recording) == [(1, 0)]


def test_a_recording_grows_encrypted_and_is_read_piece_by_piece() -> None:
    recording = Recording(grows())
    for turn in range(400):
        recording.keep(piece(turn), piece(-turn))
    recording.growing.settle()

    [file] = Path(settings.FILES_ROOT).glob("7/growing-one-talk")
    assert (file.stat().st_size > 200 * 2 * PIECE, piece(7) in file.read_bytes()) == (True, False)
    sizes = [len(part) for part in recording.wav()]
    whole, rest = divmod(400 * 2 * PIECE, PIECE_ON_DISK)
    assert sizes == [44, *[PIECE_ON_DISK] * whole, rest]
