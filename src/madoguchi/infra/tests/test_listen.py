"""Waiting for what the database announces, also across a lost connection."""

import asyncio
from collections.abc import Callable
from contextlib import aclosing
from typing import Any

import psycopg
import pytest

from madoguchi.infra.listen import connection_parameters, wakes

pytestmark = pytest.mark.django_db(transaction=True)
Connect = Callable[[], psycopg.Connection[Any]]
LONG, PATIENCE = 600.0, 20


def run(connect: Connect, scenario: Callable[..., Any]) -> None:
    """Run the scenario with another connection that tells, and `next` which waits for one wake."""
    other = connect()
    other.autocommit = True

    async def main() -> None:
        async with aclosing(wakes("test_news", at_least_every=LONG)) as waking:

            async def next_wake() -> list[str]:
                return await asyncio.wait_for(anext(waking), PATIENCE)

            await next_wake()
            await scenario(next_wake, other)

    asyncio.run(main())


def test_it_comes_round_at_once_and_then_when_it_is_told(connect: Connect) -> None:
    heard: list[list[str]] = []

    async def scenario(next_wake: Callable[[], Any], other: psycopg.Connection[Any]) -> None:
        for told in ("first", "second", "third"):
            other.execute("SELECT pg_notify('test_news', %s)", [told])
            heard.append(await next_wake())

    run(connect, scenario)

    assert heard == [["first"], ["second"], ["third"]]


def test_it_hands_on_what_was_said(connect: Connect) -> None:
    async def main() -> list[str]:
        async with aclosing(wakes("test_news", at_least_every=LONG)) as waking:
            await anext(waking)
            other = connect()
            other.autocommit = True
            other.execute("SELECT pg_notify('test_news', 'the lamp is lit')")
            return await asyncio.wait_for(anext(waking), PATIENCE)

    assert asyncio.run(main()) == ["the lamp is lit"]


def test_it_comes_round_though_nobody_tells() -> None:
    async def main() -> int:
        rounds = 0
        async with aclosing(wakes("test_news", at_least_every=0.05)) as waking:
            async for _ in waking:
                rounds += 1
                if rounds == 3:
                    break
        return rounds

    assert asyncio.run(main()) == 3


def test_after_a_lost_connection_it_comes_round_and_listens_again(connect: Connect) -> None:
    async def scenario(next_wake: Callable[[], Any], other: psycopg.Connection[Any]) -> None:
        other.execute("SET ROLE NONE")
        ended = other.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND query LIKE 'LISTEN%'"
        ).fetchall()
        assert ended == [(True,)]
        await next_wake()
        other.execute("NOTIFY test_news")
        await next_wake()

    run(connect, scenario)


def test_it_connects_as_the_role_of_the_product(connect: Connect) -> None:
    assert connection_parameters()["options"] == "-c role=madoguchi_app"
    assert connect().execute("SELECT current_user").fetchall() == [("madoguchi_app",)]
