"""Migrations run while the old processes do, and one that was broken off is run again."""

from collections.abc import Iterable

from django.contrib.postgres.operations import AddIndexConcurrently, RemoveIndexConcurrently
from django.db import migrations, models
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.migration import Migration

OURS = "madoguchi."


def ours() -> list[Migration]:
    found = MigrationLoader(None).disk_migrations.values()
    return [migration for migration in found if type(migration).__module__.startswith(OURS)]


def not_repeatable(found: Iterable[Migration]) -> list[str]:
    """Those outside a transaction that hold anything but one index, built anew where its building was broken off."""
    return sorted(
        f"{one.app_label}.{one.name}"
        for one in found
        if not one.atomic and not _builds_an_index(one.operations)
    )


def _builds_an_index(operations: list[object]) -> bool:
    match operations:
        case [migrations.RunSQL(sql=sql), AddIndexConcurrently(index=index)]:
            return sql == f"DROP INDEX CONCURRENTLY IF EXISTS {index.name}"
        case [RemoveIndexConcurrently()]:
            return True
    return False


def test_what_runs_outside_a_transaction_can_be_run_again() -> None:
    found = ours()
    assert len(found) > 50
    assert [one for one in found if not one.atomic] != []
    assert not_repeatable(found) == []


def test_a_planted_one_is_found() -> None:
    class Planted(Migration):
        atomic = False
        operations = [
            migrations.AddField("arrival", "form", models.TextField(default="")),
            migrations.RunSQL("DROP INDEX CONCURRENTLY IF EXISTS of_form", migrations.RunSQL.noop),
            AddIndexConcurrently("arrival", models.Index(fields=["form"], name="of_form")),
        ]

    assert not_repeatable([Planted("0001_planted", "intake")]) == ["intake.0001_planted"]
    Planted.operations = Planted.operations[1:]
    assert not_repeatable([Planted("0001_planted", "intake")]) == []
