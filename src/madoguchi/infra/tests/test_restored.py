"""A log that came from a server with higher transaction numbers."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import pytest
from django.db import connection

from madoguchi.infra import restored
from madoguchi.infra.models import Reader

pytestmark = pytest.mark.django_db(transaction=True)
AHEAD = 5000


def ask(statement: str) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchall() if cursor.description else []


def current() -> int:
    return int(ask("SELECT pg_current_xact_id()::text::bigint")[0][0])


def test_on_the_server_that_wrote_the_log_nothing_moves() -> None:
    Reader.objects.create(name="here", tx=current())

    assert restored.numbers_behind(ask) == 0
    assert restored.catch_up(ask) == 0


def test_the_counter_is_moved_past_what_the_log_knows() -> None:
    there = current() + AHEAD
    Reader.objects.create(name="elsewhere", tx=there)

    behind = restored.numbers_behind(ask)
    assert 0 < behind <= AHEAD
    assert restored.catch_up(ask) > 0

    assert current() > there
    assert restored.numbers_behind(ask) == 0


def test_events_of_the_owner_count_though_no_company_is_in_scope(
    world: object, as_owner: Callable[[], AbstractContextManager[None]]
) -> None:
    there = current() + AHEAD
    with as_owner():
        ask("SELECT set_config('app.companies', '*', false)")
        ask(
            "INSERT INTO infra_event (company_id, kind, actor_kind, actor_name, data, tx)"
            f" SELECT id, 'test', 'system', 'test', '{{}}', '{there}'::xid8 FROM companies_company LIMIT 1"
        )
        ask("SELECT set_config('app.companies', '', false)")

        assert restored.catch_up(ask) > 0

    assert current() > there
