"""Indexes on large tables are built while the product is used."""

from importlib import import_module
from typing import Any

import pytest
from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import connection
from django.db.migrations import Migration
from django.db.migrations.loader import MigrationLoader

from madoguchi.infra.prepared import fetch_all

NAME = "0003_waiting"
_INDEX = """
    SELECT indisvalid, pg_get_indexdef(indexrelid) FROM pg_index WHERE indexrelid = 'reservation_waiting'::regclass
"""
_WALL = "SELECT relrowsecurity, relforcerowsecurity FROM pg_class WHERE relname = 'reservations_reservation'"


@pytest.mark.django_db(transaction=True)
def test_one_that_was_broken_off_is_built_anew_beside_its_use(as_owner: Any) -> None:
    """What is left of a broken build stands in the way under the same name; the wall of its table stays."""
    migration: type[Migration] = import_module(f"madoguchi.reservations.migrations.{NAME}").Migration
    made = [one.index.name for one in migration.operations if isinstance(one, AddIndexConcurrently)]
    assert (made, migration.atomic) == (["reservation_waiting"], False)
    before = fetch_all(_INDEX, {})
    assert before[0][0]
    with as_owner():
        loader = MigrationLoader(connection, replace_migrations=False)
        states = loader.project_state([("reservations", migration.dependencies[0][1])])
        with connection.schema_editor(atomic=migration.atomic) as editor:
            migration(NAME, "reservations").apply(states, editor)

        assert fetch_all(_INDEX, {}) == before
        assert fetch_all(_WALL, {}) == [(True, True)]
