"""What nobody foresaw goes wrong once: it is told in the log, and the gateway goes on."""

import asyncio
from collections.abc import AsyncIterator, Coroutine, Sequence
from datetime import UTC, datetime, timedelta
from ipaddress import ip_network
from types import SimpleNamespace
from typing import Any

import pytest
from structlog.testing import capture_logs

from madoguchi.channels.phone import gateway as gateway_module
from madoguchi.channels.phone import switchboard
from madoguchi.channels.phone.gateway import Gateway, Settings
from madoguchi.voice.outgoing import Due

NOON = datetime(2026, 11, 29, 3, tzinfo=UTC)
PATIENCE = 10.0


def gateway() -> Gateway:
    """One that has opened nothing."""
    return Gateway(Settings("127.0.0.1", 0, (ip_network("127.0.0.0/8"),), (21900, 21910)))


def logged(scenario: Coroutine[Any, Any, None]) -> list[tuple[str, str]]:
    """The events that the log tells while something happens, each with its level."""
    with capture_logs() as told:
        asyncio.run(scenario)
    return [(one["event"], one["log_level"]) for one in told]


def end_tasks(of: Gateway) -> None:
    for task in of._tasks:
        task.cancel()


def test_a_round_that_fails_is_told_and_the_next_one_comes(monkeypatch: pytest.MonkeyPatch) -> None:
    rounds: list[int] = []

    async def scenario() -> None:
        one, came, again = gateway(), asyncio.Event(), asyncio.Event()

        async def due() -> Sequence[Due]:
            rounds.append(len(rounds))
            came.set()
            if len(rounds) == 1:
                raise KeyError("once")
            again.set()
            return ()

        monkeypatch.setattr(one.board, "_due", due)
        one.spawn(one.board._look_for_people())
        one.board._again.set()
        await asyncio.wait_for(came.wait(), PATIENCE)
        one.board._again.set()
        await asyncio.wait_for(again.wait(), PATIENCE)
        end_tasks(one)

    assert logged(scenario()) == [("phone_people_not_looked_for", "error")]
    assert rounds == [0, 1]


def test_one_that_fails_holds_up_nobody_behind_it(monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = (
        Due(pk=pk, company=1, entry_point=7, since=NOON + timedelta(seconds=pk)) for pk in (1, 2)
    )
    called: list[int] = []

    async def scenario() -> None:
        one = gateway()

        async def due() -> Sequence[Due]:
            return (second, first)

        async def call(plan: Due) -> None:
            called.append(plan.pk)
            if plan is first:
                raise KeyError("its number")

        monkeypatch.setattr(one.board, "_due", due)
        monkeypatch.setattr(one.board, "_call", call)
        await one.board._look_once()

    assert logged(scenario()) == [("phone_nobody_given", "error")]
    assert called == [1, 2]


def test_a_word_that_cannot_be_heard_is_told_and_the_next_one_is_heard(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    heard: list[str] = []

    async def words(_channel: str, *, at_least_every: float) -> AsyncIterator[list[str]]:
        assert at_least_every == switchboard.AT_LEAST_EVERY
        yield ["first", "second"]
        yield ["third"]

    def hear(word: str) -> None:
        heard.append(word)
        if word == "first":
            raise RuntimeError(word)

    async def scenario() -> None:
        one = gateway()
        monkeypatch.setattr(switchboard, "wakes", words)
        monkeypatch.setattr(one.board, "hear", hear)
        await one.board.run()
        end_tasks(one)

    assert logged(scenario()) == [("phone_word_not_heard", "error")]
    assert heard == ["first", "second", "third"]


@pytest.mark.parametrize(
    ("fails", "told"), [(True, [("phone_task_failed", "error")]), (False, [])], ids=["fails", "cancelled"]
)
def test_what_is_done_beside_the_calls_tells_why_it_ended(fails: bool, told: list[tuple[str, str]]) -> None:
    async def work() -> None:
        if fails:
            raise KeyError("unforeseen")
        await asyncio.Event().wait()

    async def scenario() -> None:
        one = gateway()
        one.spawn(work())
        [task] = one._tasks
        await asyncio.sleep(0)
        task.cancel()
        await asyncio.wait([task])
        await asyncio.sleep(0)
        assert one._tasks == set()

    assert logged(scenario()) == told


def test_who_calls_a_number_that_cannot_be_looked_up_is_told_to_try_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    refused: list[int] = []

    def look_up(_number: str) -> None:
        raise KeyError("a flow that nobody foresaw")

    async def scenario() -> None:
        call: Any = SimpleNamespace(refuse=refused.append, over=False)
        assert await gateway()._find("+815000000001", call) is None

    monkeypatch.setattr(gateway_module, "_look_up", look_up)
    assert logged(scenario()) == [("phone_number_not_looked_up", "error")]
    assert refused == [503]


def test_what_is_wrong_with_one_call_silences_no_other() -> None:
    # given one call whose next piece cannot be made, among others
    sent: list[str] = []

    def fails() -> None:
        raise AttributeError("ripe")

    def call(uid: str, send: Any) -> SimpleNamespace:
        sip = SimpleNamespace(heard=True)
        return SimpleNamespace(uid=uid, leg=True, sip=sip, send_next=send, look=lambda _now: None)

    async def scenario() -> None:
        one = gateway()
        broken = call("broken", fails)
        others = [call(uid, lambda uid=uid: sent.append(uid)) for uid in ("a", "b", "c")]
        one.lines = [broken, *others]  # type: ignore[assignment]
        one.send_next()

    # when all are sent theirs
    told = logged(scenario())

    # then each other had it, and the log tells of the one
    assert sorted(sent) == ["a", "b", "c"]
    assert told == [("phone_line_failed", "error")]
