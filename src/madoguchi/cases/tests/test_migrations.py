"""Indexes on large tables are built while the product is used."""

from importlib import import_module
from typing import Any

import pytest
from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import connection
from django.db.migrations import Migration
from django.db.migrations.loader import MigrationLoader

from madoguchi.infra.prepared import fetch_all

INDEXES = {
    "0016_messages_of_ours": "message_of_ours",
    "0020_mentions_unseen": "mention_unseen",
    "0033_due_soon": "case_due_soon",
}
_INDEX = """
    SELECT indisvalid, pg_get_indexdef(indexrelid) FROM pg_index WHERE indexrelid = to_regclass(%(index)s)
"""
_WALL = "SELECT relrowsecurity, relforcerowsecurity FROM pg_class WHERE relname = %(table)s"


def standing(index: str) -> list[tuple[Any, ...]]:
    return fetch_all(_INDEX, {"index": index})


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("name", INDEXES)
def test_one_that_was_broken_off_is_built_anew_beside_its_use(as_owner: Any, name: str) -> None:
    """What is left of a broken build stands in the way under the same name; the wall of its table stays."""
    migration: type[Migration] = import_module(f"madoguchi.cases.migrations.{name}").Migration
    made = next(one for one in migration.operations if isinstance(one, AddIndexConcurrently))
    before = standing(INDEXES[name])
    assert before[0][0]
    with as_owner():
        loader = MigrationLoader(connection, replace_migrations=False)
        states = loader.project_state([("cases", migration.dependencies[0][1])])
        with connection.schema_editor(atomic=migration.atomic) as editor:
            migration(name, "cases").apply(states, editor)

        assert standing(INDEXES[name]) == before
        table = f"cases_{made.model_name}"
        assert fetch_all(_WALL, {"table": table}) == [(True, True)]
