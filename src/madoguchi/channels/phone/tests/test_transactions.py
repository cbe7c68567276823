"""What is said again over UDP, when, and until when (RFC 3261 17), by a clock that nobody waits for."""

import asyncio

import pytest

from madoguchi.channels.phone.pace import MOST_SOURCES, Pace
from madoguchi.channels.phone.tests.wire import ANSWER, OFFER, Door, pass_time, request

# 500 ms, doubled up to 4 s (T2), within 64 times 500 ms.
AGAIN = [0.0, 0.5, 1.5, 3.5, 7.5, 11.5, 15.5, 19.5, 23.5, 27.5, 31.5]


def test_an_answer_is_said_eleven_times_and_then_the_call_is_lost() -> None:
    async def scenario() -> None:
        door = Door()
        door.hear(request("INVITE", sdp=OFFER))
        lost_at: list[float] = []
        door.came[0].on_end = lambda by: lost_at.append(asyncio.get_running_loop().time())
        door.came[0].accept(ANSWER)
        await asyncio.sleep(31.9)
        assert door.wire.said == ["100", *["200"] * 11]
        assert door.wire.times[1:] == AGAIN
        assert not door.came[0].over
        await asyncio.sleep(0.2)
        assert lost_at == [32.0]
        assert door.wire.said[12:] == ["BYE"]

    pass_time(scenario())


def test_a_refusal_that_nobody_hears_is_given_up_in_silence() -> None:
    async def scenario() -> None:
        door = Door()
        door.hear(request("INVITE", sdp=OFFER))
        door.came[0].refuse(486)
        await asyncio.sleep(100)
        assert door.wire.said == ["100", *["486"] * 11]
        assert door.wire.times[1:] == AGAIN
        assert door.ended == []

    pass_time(scenario())


def test_a_goodbye_is_said_until_it_is_answered() -> None:
    async def scenario() -> None:
        door = Door()
        door.taken().hang_up()
        await asyncio.sleep(4)
        assert door.wire.said == ["100", "200", "BYE", "BYE", "BYE", "BYE"]
        bye = door.wire.last
        heads = "\r\n".join(
            f"{name}: {bye.get_header(name)}" for name in ("Via", "From", "To", "Call-ID", "CSeq")
        )
        assert door.hear(f"SIP/2.0 200 OK\r\n{heads}\r\n\r\n".encode()) == []
        await asyncio.sleep(100)
        assert len(door.wire.said) == 6

    pass_time(scenario())


def test_a_goodbye_that_nobody_answers_is_said_eleven_times() -> None:
    async def scenario() -> None:
        door = Door()
        door.taken().hang_up()
        await asyncio.sleep(100)
        assert door.wire.said[2:] == ["BYE"] * 11
        assert door.wire.times[2:] == AGAIN

    pass_time(scenario())


@pytest.mark.parametrize(
    ("branch", "to_tag", "heard"),
    [
        ("one", "", True),  # to a refusal: the branch of the call
        ("other", "ours", True),  # to an answer: one of its own, within the dialog
        ("other", "guessed", False),
        ("other", "", False),
    ],
)
def test_an_answer_is_heard_by_the_confirmation_that_fits(branch: str, to_tag: str, heard: bool) -> None:
    async def scenario() -> None:
        door = Door()
        door.hear(request("INVITE", sdp=OFFER))
        door.came[0].accept(ANSWER)
        tag = door.came[0].dialog.local_tag if to_tag == "ours" else to_tag
        assert door.hear(request("ACK", branch=branch, to_tag=tag)) == []
        await asyncio.sleep(1)
        assert door.wire.said == (["100", "200"] if heard else ["100", "200", "200"])

    pass_time(scenario())


def test_what_was_answered_is_answered_again_for_32_seconds_and_is_new_after_that() -> None:
    async def scenario() -> None:
        door = Door()
        options = request("OPTIONS")
        assert door.hear(options) == ["200"]
        tag = door.wire.last.to_addr.tag
        await asyncio.sleep(31.9)
        assert door.hear(options) == ["200"]
        assert door.wire.last.to_addr.tag == tag
        await asyncio.sleep(0.2)
        assert door.hear(options) == ["200"]
        assert door.wire.last.to_addr.tag != tag

    pass_time(scenario())


def test_what_comes_twice_gets_the_answer_that_was_given_last() -> None:
    async def scenario() -> None:
        door = Door()
        invite = request("INVITE", sdp=OFFER)
        assert door.hear(invite) == ["100"]
        assert door.hear(invite) == ["100"]
        door.came[0].ring()
        assert door.hear(invite) == ["180"]
        door.came[0].accept(ANSWER)
        assert door.hear(invite) == ["200"]
        assert len(door.came) == 1

    pass_time(scenario())


def test_a_door_that_is_closed_says_nothing_any_more() -> None:
    async def scenario() -> None:
        door = Door()
        door.taken().hang_up()
        said = list(door.wire.said)
        door.door.close()
        await asyncio.sleep(100)
        assert door.wire.said == said

    pass_time(scenario())


@pytest.mark.parametrize(
    ("seconds", "calls"),
    [
        (0, 0),
        (0.24, 0),
        (0.25, 1),
        (0.5, 2),
        (2, 8),
        (1000, 8),
    ],
)
def test_a_pace_gives_back_so_many_a_second_and_twice_as_many_at_most(seconds: float, calls: int) -> None:
    at = [0.0]
    pace = Pace(calls=4, requests=1000, clock=lambda: at[0])
    assert [pace.allows("a", call=True) for _ in range(9)] == [True] * 8 + [False]

    at[0] = seconds

    assert [pace.allows("a", call=True) for _ in range(9)].count(True) == calls


def test_calls_count_as_requests_and_a_refused_one_counts_for_nothing() -> None:
    pace = Pace(calls=2, requests=4, clock=lambda: 0.0)

    assert [pace.allows("a", call=True) for _ in range(6)] == [True] * 4 + [False] * 2
    assert [pace.allows("a", call=False) for _ in range(6)] == [True] * 4 + [False] * 2


def test_one_source_takes_nothing_from_another() -> None:
    pace = Pace(calls=1, requests=1, clock=lambda: 0.0)
    assert [pace.allows("a", call=True) for _ in range(3)] == [True, True, False]

    assert [pace.allows("b", call=True) for _ in range(3)] == [True, True, False]


def test_a_pace_remembers_only_so_many_sources() -> None:
    pace = Pace(calls=1, requests=1, clock=lambda: 0.0)
    for number in range(MOST_SOURCES):
        pace.allows(str(number), call=True)
    assert [pace.allows("0", call=True) for _ in range(2)] == [True, False]

    pace.allows("one more", call=True)
    pace.allows("and another", call=True)

    assert pace.allows("0", call=True) is True
