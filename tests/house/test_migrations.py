"""Migrations run while the old processes do, one that was broken off is run again, and squashed ones stand for all."""

from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager

import pytest
from django.apps import apps
from django.contrib.postgres.operations import AddIndexConcurrently, RemoveIndexConcurrently
from django.db import connection, migrations, models, transaction
from django.db.migrations.autodetector import MigrationAutodetector
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.migration import Migration
from django.db.migrations.recorder import MigrationRecorder
from django.db.migrations.state import ProjectState
from django.db.migrations.writer import MigrationWriter
from django.utils import translation
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from madoguchi.infra.tables import CreateTables

OURS = "madoguchi."
_IN_ANY_ORDER = ("indexes", "constraints")


def ours() -> list[Migration]:
    found = MigrationLoader(None).disk_migrations.values()
    return [migration for migration in found if type(migration).__module__.startswith(OURS)]


def squashed() -> list[Migration]:
    return [migration for migration in ours() if migration.replaces]


def not_repeatable(found: Iterable[Migration]) -> list[str]:
    """Those outside a transaction that hold anything but one index, built anew where its building was broken off."""
    return sorted(
        f"{one.app_label}.{one.name}"
        for one in found
        if not one.atomic and not _builds_an_index(one.operations)
    )


def _builds_an_index(operations: list[object]) -> bool:
    match operations:
        # Django drops one if it exists: what stood there before goes as soon as the new one is there.
        case [migrations.RunSQL(sql=sql), AddIndexConcurrently(index=index), *before] if all(
            isinstance(one, RemoveIndexConcurrently) for one in before
        ):
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
    Planted.operations = [*Planted.operations[1:], RemoveIndexConcurrently("arrival", "by_form")]
    assert not_repeatable([Planted("0001_planted", "intake")]) == []
    Planted.operations = Planted.operations[::-1]
    assert not_repeatable([Planted("0001_planted", "intake")]) == ["intake.0001_planted"]


# The road that squashed migrations cut short is there as long as somebody may stand on it (docs/decisions/0063).


def unsound(one: Migration, old: MigrationLoader) -> list[str]:
    """What is wrong with a squashed migration: it replaces all of its app up to some point, in order, and no more.

    It follows of another app what those that it replaces follow. Were it to follow a later one, who has all of these
    and not that one could not go on.
    """
    wrong = []
    last = one.replaces[-1]
    run = [node for node in old.graph.forwards_plan(last) if node[0] == one.app_label]
    parents = {node: {parent.key for parent in old.graph.node_map[node].parents} for node in one.replaces}
    followed = {node for of_one in parents.values() for node in of_one if node[0] != one.app_label}
    if one.replaces != run:
        wrong.append("does not replace an unbroken run")
    if one.name != f"0001_squashed_{last[1]}":
        wrong.append("is not named by what it replaces")
    if not {parent.key for parent in old.graph.node_map[one.app_label, one.name].parents} <= followed:
        wrong.append("follows what those it replaces do not follow")
    if not (one.initial and one.atomic):
        wrong.append("does not begin, or not in one transaction")
    if not isinstance(one.operations[0], CreateTables) or {type(o) for o in one.operations[1:]} - {
        migrations.RunSQL
    }:
        wrong.append("holds other things than tables first and SQL then")
    return wrong


def test_a_squashed_migration_stands_for_all_before_it() -> None:
    old = MigrationLoader(None, replace_migrations=False)
    found = {f"{one.app_label}.{one.name}": unsound(one, old) for one in squashed()}
    assert len(found) > 10
    assert found == {name: [] for name in found}


def test_an_unsound_one_is_found() -> None:
    old = MigrationLoader(None, replace_migrations=False)
    planted = next(one for one in squashed() if one.app_label == "batches")

    planted.replaces = planted.replaces[1:]
    planted.atomic = False
    planted.operations = [*planted.operations, migrations.RemoveIndex("batchrow", "row_of_batch")]

    assert unsound(planted, old) == [
        "does not replace an unbroken run",
        "follows what those it replaces do not follow",
        "does not begin, or not in one transaction",
        "holds other things than tables first and SQL then",
    ]


def following_by_short_names(found: Iterable[Migration]) -> list[str]:
    """Those that follow a squashed migration by its own name, which who is half-way on the long road has not done.

    One that replaces nothing any more is the long road's own beginning, whatever it is called.
    """
    short = {(one.app_label, one.name) for one in squashed()}
    return sorted(f"{one.app_label}.{one.name}" for one in found if short & set(one.dependencies))


def test_nobody_follows_a_squashed_migration_by_its_own_name() -> None:
    assert following_by_short_names(ours()) == []


def test_a_planted_follower_is_found() -> None:
    planted = Migration("0009_planted", "batches")
    planted.dependencies = [("batches", "0001_squashed_0007_corrections"), ("people", "__first__")]
    assert following_by_short_names([planted]) == []

    planted.dependencies = [("batches", "0001_squashed_0008_fills")]
    assert following_by_short_names([planted]) == ["batches.0009_planted"]


def described(state: ProjectState) -> dict[str, list[str]]:
    """All there is to know of each model; of fields in the order in which a table has them."""
    return {
        f"{app}.{name}": [
            *(f"{field}: {_said(value)}" for field, value in model.fields.items()),
            *sorted(
                f"{key}: {_said(value)}" for key, value in model.options.items() if key not in _IN_ANY_ORDER
            ),
            *sorted(_said(value) for key in _IN_ANY_ORDER for value in model.options[key]),
            _said((model.bases, model.managers)),
        ]
        for (app, name), model in state.models.items()
    }


def _said(value: object) -> str:
    return str(MigrationWriter.serialize(value)[0])


def plain(old: MigrationLoader) -> list[tuple[str, str]]:
    """Migrations that stand for themselves alone."""
    return sorted(node for node, one in old.graph.nodes.items() if one and not one.replaces)


def test_both_roads_end_at_the_same_models() -> None:
    old = MigrationLoader(None, replace_migrations=False)
    ends = [n for n in plain(old) if not any(c.key[0] == n[0] for c in old.graph.node_map[n].children)]

    short, long = described(MigrationLoader(None).project_state()), described(old.project_state(ends))

    assert len(short) > 100
    assert short == long


def test_migrations_make_what_models_say() -> None:
    loader = MigrationLoader(None)
    with translation.override(None):
        found = MigrationAutodetector(loader.project_state(), ProjectState.from_apps(apps)).changes(
            loader.graph
        )
    assert [f"{app}: {one}" for app, changes in found.items() for m in changes for one in m.operations] == []


@pytest.mark.django_db
@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_from_anywhere_on_the_long_road_there_is_a_way_to_the_end(
    as_owner: Callable[[], AbstractContextManager[None]], data: st.DataObject
) -> None:
    """Installations stand wherever they followed along; a squashed one is taken if nothing it replaces was done."""
    old = MigrationLoader(None, replace_migrations=False)
    everything = plain(old)
    goals = data.draw(st.lists(st.sampled_from(everything), max_size=6, unique=True))
    done = {node for goal in goals for node in old.graph.forwards_plan(goal)}
    with as_owner(), transaction.atomic():
        recorder = MigrationRecorder(connection)
        recorder.flush()
        recorder.Migration.objects.bulk_create(recorder.Migration(app=app, name=name) for app, name in done)

        executor = MigrationExecutor(connection)
        executor.loader.check_consistent_history(connection)
        plan = executor.migration_plan(executor.loader.graph.leaf_nodes())

        transaction.set_rollback(True)
    run = [node for one, _ in plan for node in one.replaces or [(one.app_label, one.name)]]
    assert sorted(run) == sorted(set(everything) - done)
