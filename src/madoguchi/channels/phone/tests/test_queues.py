"""How long a caller will wait, by the answers of the same queue before."""

import asyncio
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from madoguchi.channels.phone import sounds
from madoguchi.channels.phone.line import Line
from madoguchi.channels.phone.tests.test_lines import NUMBER, Desk, gateway_test, offer, queued
from madoguchi.channels.phone.tests.wire import request
from madoguchi.kernel import clock
from madoguchi.voice import logic
from madoguchi.voice.waits import LATELY, REMEMBERED, Flowing


def flowing(*took: float, begin: float = 0.0) -> tuple[Flowing, float]:
    queue, now = Flowing(), begin
    queue.begin(now)
    for seconds in took:
        now += seconds
        queue.answered(now)
    return queue, now


def test_it_is_the_mean_of_the_last_answers_for_each_who_is_before() -> None:
    queue, now = flowing(60, 120, 180)
    assert [queue.about(ahead, now) for ahead in (0, 1, 4)] == [120, 240, 600]


def test_two_answers_say_nothing_and_old_ones_are_forgotten() -> None:
    assert flowing(60, 120)[0].about(0, 180) is None
    queue, now = flowing(60, 60, 60)
    assert queue.about(0, now) == 60
    assert queue.about(0, now + LATELY - 120) is None


def test_time_in_which_nobody_waited_does_not_count() -> None:
    queue, now = flowing(60, 60)
    queue.empty()
    queue.answered(now + 500)  # nobody who waited
    queue.begin(now + 1000)
    queue.begin(now + 1010)  # one more waits, behind the first
    queue.answered(now + 1060)
    assert queue.about(0, now + 1060) == 60


@given(st.lists(st.floats(0.1, 100), min_size=3, max_size=30), st.integers(0, 20), st.integers(0, 20))
def test_who_stands_further_back_waits_no_shorter_and_no_longer_than_the_slowest(
    took: list[float], one: int, other: int
) -> None:
    queue, now = flowing(*took)
    front, back = sorted((one, other))
    near, far = queue.about(front, now), queue.about(back, now)
    assert near is not None
    assert far is not None
    assert near <= far <= round((back + 1) * max(took[-REMEMBERED:])) + 1


@gateway_test
async def test_who_waits_is_told_how_long_it_will_take_once_that_is_known() -> None:
    desk = Desk(queued(wait_told=True, longest=600))

    async def heard_first(call_id: str) -> tuple[Line, str]:
        line = await desk.call(call_id)
        assert line.leg is not None
        last = line.leg._playing[-1]
        return line, next(n for n in ("position-1", "about-2", "about-3") if sounds.frames(n, 0)[-1] == last)

    for number in range(3):
        line, told = await heard_first(f"call-{number}")
        assert told == "position-1"
        await asyncio.sleep(90)  # then somebody answers
        line.hear(logic.Ringing(clock.now(), 9))
        line.hear(logic.Connected(clock.now(), 9))

    (first, told), (second, later) = await heard_first("call-3"), await heard_first("call-4")
    assert (told, later) == ("about-2", "about-3")
    assert (first.call.about, second.call.about) == (90, 180)

    first.hear(logic.HungUp(clock.now()))  # who gives up takes nobody's place
    assert second.call.about == 90


@gateway_test
async def test_what_other_gateways_answered_counts_from_the_first_call_on() -> None:
    desk = Desk(queued(wait_told=True, longest=600))
    (until, number), now = desk.gateway._directory._known[NUMBER], clock.now().timestamp()
    assert number is not None
    answers = {"queue": [(now - ago, 240.0) for ago in (900, 600, 300)]}
    desk.gateway._directory._known[NUMBER] = (until, replace(number, answers=answers))

    line = await desk.call()

    assert (line.call.ahead, line.call.about) == (0, 240)


@gateway_test
async def test_a_number_takes_so_many_calls_at_once_as_its_flow_says() -> None:
    desk = Desk(queued() | {"lines": 2})
    first, _second = [await desk.call(f"call-{n}") for n in range(2)]

    assert (await desk.hear(_invite("call-2")))[-1] == "486"
    assert [over.outcome for over in desk.notes.overs] == [logic.Outcome.REJECTED]

    first.hear(logic.HungUp(clock.now()))
    assert (await desk.hear(_invite("call-3")))[-1] == "200"


def _invite(call_id: str) -> bytes:
    return request("INVITE", branch=call_id, sdp=offer(), call_id=f"Call-ID: {call_id}")
