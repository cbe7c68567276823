"""A database that was restored on another server: its event log is ahead of the server's transaction numbers.

The log is ordered by transaction ids. A new server counts from the start, so what happens there would be taken for the
past and no reader would see it, until the server's counter has passed the highest number that the log knows.
"""

from collections.abc import Callable, Iterable
from typing import Any

_HIGHEST = """
    SELECT coalesce(max(tx), 0) FROM (
        SELECT max(tx)::text::bigint AS tx FROM (
            SELECT tx FROM infra_event ORDER BY tx DESC, id DESC LIMIT 1
        ) AS newest
        UNION ALL SELECT max(tx) FROM infra_reader
        UNION ALL SELECT max(last_tx) FROM infra_seal
    ) AS known
"""
BEHIND = f"SELECT greatest(0, ({_HIGHEST}) + 1 - pg_snapshot_xmax(pg_current_snapshot())::text::bigint)"
SEE_ALL = "SELECT set_config('app.companies', '*', false)"
SEE_NOTHING = "SELECT set_config('app.companies', '', false)"
# About two seconds per million; every number is used up by an empty transaction of its own.
_CATCH_UP = f"""
    DO $$
    DECLARE highest bigint := ({_HIGHEST});
    BEGIN
        WHILE pg_current_xact_id()::text::bigint <= highest LOOP
            COMMIT;
        END LOOP;
    END $$
"""
Ask = Callable[[str], Iterable[tuple[Any, ...]]]


def numbers_behind(ask: Ask) -> int:
    """How many transaction numbers the server is behind the log; 0 on the server that wrote it.

    `ask` runs a statement on a connection of the tables' owner, outside a transaction, and returns its rows.
    """
    list(ask(SEE_ALL))
    try:
        [(behind,)] = ask(BEHIND)
    finally:
        list(ask(SEE_NOTHING))
    return int(behind)


def catch_up(ask: Ask) -> int:
    """Move the server's counter past the log, and say by how much; nothing happens where it is ahead anyway."""
    behind = numbers_behind(ask)
    if behind:
        list(ask(SEE_ALL))
        try:
            list(ask(_CATCH_UP))
        finally:
            list(ask(SEE_NOTHING))
    return behind
