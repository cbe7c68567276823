"""Parts of a recording, as players ask for them."""

import io
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from madoguchi.channels.phone.sounds import as_wav
from madoguchi.desk.chat_events import words_of_chat
from madoguchi.desk.event_words import TOLD
from madoguchi.desk.listening import PIECE, STROKES, part_of, played, shape_of
from madoguchi.infra.models import Event

SOUND = bytes(n % 251 for n in range(2 * PIECE + 5))
LAST = len(SOUND) - 1


@pytest.mark.parametrize(
    ("wanted", "status", "first", "last"),
    [
        ("", 200, 0, LAST),
        ("bytes=0-", 206, 0, LAST),
        ("bytes=0-0", 206, 0, 0),
        (f"bytes={PIECE - 1}-{PIECE + 1}", 206, PIECE - 1, PIECE + 1),
        ("bytes=-5", 206, LAST - 4, LAST),
        ("bytes=7-999999999", 206, 7, LAST),
        ("bytes=0-1,4-5", 200, 0, LAST),
        ("words=0-1", 200, 0, LAST),
        ("bytes=", 200, 0, LAST),
    ],
)
def test_the_part_that_is_wanted_is_sent(wanted: str, status: int, first: int, last: int) -> None:
    file = io.BytesIO(SOUND)

    response = played(file, wanted)

    assert b"".join(response.streaming_content) == SOUND[first : last + 1]  # type: ignore[attr-defined]
    assert (response.status_code, response["Content-Length"]) == (status, str(last - first + 1))
    assert response.get("Content-Range") == (f"bytes {first}-{last}/{len(SOUND)}" if status == 206 else None)
    assert file.closed


@pytest.mark.parametrize("wanted", [f"bytes={LAST + 1}-", "bytes=5-4", "bytes=-0"])
def test_what_is_not_there_is_not_sent(wanted: str) -> None:
    response = played(io.BytesIO(SOUND), wanted)

    assert (response.status_code, response["Content-Range"]) == (416, f"bytes */{len(SOUND)}")


@given(wanted=st.from_regex(r"bytes=[0-9]{0,4}-[0-9]{0,4}", fullmatch=True), size=st.integers(1, 500))
def test_no_part_is_outside(wanted: str, size: int) -> None:
    part = part_of(wanted, size)

    assert part is None or 0 <= part[0] <= part[1] < size


def test_the_case_says_that_recordings_went_and_why() -> None:
    event = Event(kind="call.recordings_gone", data={"call": 1, "count": 2, "days": 90})

    assert event.kind in TOLD
    assert words_of_chat(event, event.data) == "録音 2 件を削除しました（保存期間の 90 日が過ぎたため）"


def sine(*loudness: int, sides: int = 2, frames: int = 8000) -> bytes:
    """A WAV file, so loud in one equal part after another on the left, and silent on the right."""
    parts = [level if side == 0 else 0 for level in loudness for _ in range(frames) for side in range(sides)]
    return as_wav(struct.pack(f"<{len(parts)}h", *parts), sides=sides)


def test_a_recording_is_drawn_side_by_side_from_its_begin_to_its_end() -> None:
    drawn = shape_of(io.BytesIO(sine(0, 16384, -32768, 3277)))

    assert drawn is not None
    assert drawn["seconds"] == 4.0
    left, right = drawn["sides"]  # type: ignore[misc]
    assert (len(left), set(right)) == (STROKES, {0})
    assert [left[at] for at in (0, 99, 100, 199, 200, 299, 300, 399)] == [0, 0, 50, 50, 100, 100, 10, 10]


@pytest.mark.parametrize(
    ("sound", "strokes"),
    [
        (sine(100, sides=1, frames=3), 3),
        (as_wav(b"", sides=2), 0),
        (sine(16384, sides=1)[:-1001], 395),  # cut off: what is there is drawn
    ],
)
def test_a_short_one_and_one_that_was_cut_off_are_drawn_as_far_as_they_go(sound: bytes, strokes: int) -> None:
    drawn = shape_of(io.BytesIO(sound))

    assert drawn is not None
    sides = drawn["sides"]
    assert isinstance(sides, list)
    assert (len([loud for loud in sides[0] if loud or strokes == 3]) if sides else 0) == strokes


@pytest.mark.parametrize("sound", [b"", b"RIFF", b"RIFF\x00\x00\x00\x00WAVEfmt ", b"<script>" * 40, SOUND])
def test_what_is_no_recording_is_not_drawn(sound: bytes) -> None:
    assert shape_of(io.BytesIO(sound)) is None


@given(sound=st.binary(max_size=300))
def test_no_bytes_break_the_drawing(sound: bytes) -> None:
    drawn = shape_of(io.BytesIO(b"RIFF\xff\xff\xff\xffWAVEfmt " + sound))

    sides = drawn["sides"] if drawn else []
    assert isinstance(sides, list)
    assert len(sides) <= 2
    assert all(0 <= loud <= 100 for side in sides for loud in side)
