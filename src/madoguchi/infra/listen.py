"""Waiting for what the database announces (LISTEN), across its restarts."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import psycopg
import structlog
from django.db import DEFAULT_DB_ALIAS, connections
from psycopg import sql

logger = structlog.get_logger()

_FIRST_PAUSE, _LONGEST_PAUSE = 0.2, 5.0


async def wakes(channel: str, *, at_least_every: float) -> AsyncIterator[list[str]]:
    """Comes round whenever the channel is notified, and at least every so many seconds.

    What comes out are the words of the notifications, if any had some. Several make one wake. After a lost
    connection it connects again with growing pauses and comes round at once, since something may have been
    missed. Holds one connection of its own.
    """
    pause = _FIRST_PAUSE
    while True:
        try:
            async with await _connect(channel) as connection:
                pause = _FIRST_PAUSE
                async for words in _rounds(connection, at_least_every):
                    yield words
        except psycopg.OperationalError as error:
            logger.warning("listening_interrupted", channel=channel, error=str(error).strip())
            await asyncio.sleep(pause)
            pause = min(pause * 2, _LONGEST_PAUSE)


async def _connect(channel: str) -> psycopg.AsyncConnection[Any]:
    parameters = connection_parameters()
    connection = await psycopg.AsyncConnection.connect(**parameters, autocommit=True)
    await connection.execute(sql.SQL("LISTEN {}").format(sql.Identifier(channel)))
    return connection


async def _rounds(connection: psycopg.AsyncConnection[Any], seconds: float) -> AsyncIterator[list[str]]:
    yield []
    while True:
        heard = [notice async for notice in connection.notifies(timeout=seconds, stop_after=1)]
        if not heard:
            await connection.execute("SELECT 1")  # says so when the other side is gone
        yield [notice.payload for notice in heard if notice.payload]


def connection_parameters() -> dict[str, Any]:
    """How to connect as Django does, for connections that Django does not hold."""
    parameters: dict[str, Any] = connections[DEFAULT_DB_ALIAS].get_connection_params()
    for name in ("cursor_factory", "context", "prepare_threshold"):
        parameters.pop(name, None)
    return parameters
