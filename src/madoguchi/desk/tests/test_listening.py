"""Parts of a recording, as players ask for them."""

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from madoguchi.desk.chat_events import words_of_chat
from madoguchi.desk.flow import TOLD
from madoguchi.desk.listening import PIECE, part_of, played
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
    assert words_of_chat(event, event.data) == "録音 2 件を削除しました(保存期間の 90 日が過ぎたため)"
