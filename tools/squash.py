"""Writes one migration for all that an app has: `python tools/squash.py APP …` (docs/decisions/0063).

For apps that have more than one. The tables come from what the app's migrations amount to. What they do by SQL is
written into the new migration by hand, as it stands at the end; the names of those that did it are left there in a
comment.
"""

import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import django
from django.db.migrations import Migration
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.operations import CreateModel, RunSQL
from django.db.migrations.state import ModelState, ProjectState
from django.db.migrations.writer import MigrationWriter

Node = tuple[str, str]
# On one line: an app of thirty models is to stay a file that can be looked at.
_OF_EVERY_MODEL = re.compile(
    r"\s+('abstract': False,)\s+('base_manager_name': 'objects',)\s+('default_manager_name': 'objects',)(?:\s+(?=}))?"
)
_WALL = re.compile(r"ALTER TABLE (\w+) ENABLE ROW LEVEL SECURITY.*? OR (\w+) = ANY", re.DOTALL)


class _History:
    """What is on the disk, as far as no migration stands for others."""

    def __init__(self) -> None:
        self.loader = MigrationLoader(None, replace_migrations=False)
        disk = self.loader.disk_migrations
        self.plain = {node: one for node, one in disk.items() if not one.replaces}
        self.state: ProjectState = self.loader.project_state(
            [node for node in self.loader.graph.leaf_nodes() if node in self.plain]
        )

    def of(self, app: str) -> list[Node]:
        """Its migrations, in the order in which they run."""
        last = max(node for node in self.plain if node[0] == app)
        return [node for node in self.loader.graph.forwards_plan(last) if node[0] == app]

    def needs(self, run: list[Node]) -> list[Node]:
        """The last migration of every other app that one of these follows.

        Not the last there is: who stopped in between may have all of these and not yet that one.
        """
        needed: dict[str, str] = {}
        for node in run:
            for parent in sorted(self.loader.graph.node_map[node].parents):
                if parent.key[0] != node[0]:
                    needed[parent.key[0]] = max(parent.key[1], needed.get(parent.key[0], ""))
        return sorted(needed.items())

    def models(self, app: str) -> list[CreateModel]:
        return [_create(model) for (label, _), model in self.state.models.items() if label == app]


def _create(model: ModelState) -> CreateModel:
    options = {name: value for name, value in model.options.items() if value or name == "abstract"}
    return CreateModel(model.name, list(model.fields.items()), options, model.bases, model.managers)


def squashed(app: str, history: _History) -> tuple[str, str]:
    """The name of the new migration, and its text."""
    from madoguchi.infra.tables import CreateTables

    run = history.of(app)
    migration = Migration(f"0001_squashed_{run[-1][1]}", app)
    migration.initial = True
    migration.replaces = run
    migration.dependencies = history.needs(run)
    migration.operations = [CreateTables(history.models(app))]
    text = MigrationWriter(migration, include_header=False).as_string()
    text = text.replace("madoguchi.infra.tables.CreateTables(", "CreateTables(")
    text = text.replace("import madoguchi.infra.tables\n", "")
    text = _OF_EVERY_MODEL.sub(r"\1 \2 \3", text).replace(",'abstract'", ", 'abstract'").replace(",}", "}")
    imports = (
        "from madoguchi.infra.row_security import protect\nfrom madoguchi.infra.tables import CreateTables\n"
    )
    text = text.replace("\n\n\nclass Migration", f"\n\n{imports}\n\nclass Migration", 1)
    return migration.name, re.sub(
        r"    \]\n\Z", lambda _: _by_sql([history.plain[node] for node in run]), text
    )


def _by_sql(migrations: list[Migration]) -> str:
    walled, by_hand = dict[str, list[str]](), list[str]()
    for one in migrations:
        for statement in _statements(one):
            for table, column in _WALL.findall(statement):
                walled.setdefault(column, []).append(table)
            if not (_WALL.search(statement) or "INDEX CONCURRENTLY" in statement):
                by_hand.append(one.name)
    lines = [line for column, tables in walled.items() for line in _protected(column, tables)]
    if by_hand:
        lines.append(f"# By hand, as it stands at the end: {', '.join(dict.fromkeys(by_hand))}.")
    return "".join(f"        {line}\n" for line in lines) + "    ]\n"


def _protected(column: str, tables: list[str]) -> list[str]:
    if column != "company_id":
        return [f'*protect("{table}", column="{column}"),' for table in tables]
    return ["*protect(", *(f'    "{table}",' for table in tables), "),"]


def _statements(migration: Migration) -> Iterator[str]:
    for operation in migration.operations:
        if isinstance(operation, RunSQL):
            yield str(operation.sql)
        elif type(operation).__name__ == "SeparateDatabaseAndState":
            yield "apart"


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "madoguchi.project.settings")
    django.setup()
    from django.apps import apps

    history = _History()
    for app in sys.argv[1:]:
        name, text = squashed(app, history)
        path = Path(apps.get_app_config(app).path) / "migrations" / f"{name}.py"
        path.write_text(text, encoding="utf-8")
        print(path)


if __name__ == "__main__":
    main()
