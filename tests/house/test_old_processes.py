"""While `migrate` runs, the processes of the version before go on: no table that grows is closed to them for as long as
it takes to read it.

This holds for what came after the squashed migrations; who takes those begins with an empty database, or has them.
"""

import re
from collections.abc import Iterable, Iterator

from django.apps import apps
from django.contrib.postgres.operations import AddConstraintNotValid, AddIndexConcurrently
from django.db import migrations, models
from django.db.migrations.migration import Migration
from django.db.migrations.operations.base import Operation

from madoguchi.infra.tables import CreateTables

from .test_migrations import ours

# What comes in and what is written down of it: millions of rows after some years.
GROWING = {
    *("infra.event", "infra.eventwords"),
    *("cases.case", "cases.message", "cases.contact", "cases.attachment", "cases.note", "cases.look"),
    *("cases.filledvalue", "cases.seen", "cases.replytime"),
    *("customers.customer", "customers.identity", "customers.join", "customers.consent"),
    *("search.document", "search.posting", "search.filetext"),
    *("intake.arrival", "intake.rawarrival", "email.sentmail", "delivery.outgoing", "webhooks.delivery"),
    *("promises.clock", "promises.promise", "tasks.task", "signals.signal", "following.notification"),
    *("bot.turn", "bot.talk", "rules.rulerun", "macros.macrorun", "shield.mark"),
    *("voice.call", "voice.outsideleg", "voice.recording", "phone.carriedcall"),
    *("line.received", "line.sentpart", "webchat.visit", "api.keptanswer", "imports.origin"),
    *("commerce.order", "commerce.orderline", "commerce.parcel", "commerce.parcelstep", "commerce.return"),
    *("reservations.reservation", "storefronts.handed"),
}
_PLAIN_INDEX = re.compile(
    r"CREATE\s+(?:UNIQUE\s+)?INDEX\s+(?!CONCURRENTLY\b)[^;]*?\bON\s+(?:ONLY\s+)?(\w+)", re.I
)


def later() -> list[Migration]:
    """Those that no squashed one stands for."""
    found = ours()
    known = {node for one in found for node in one.replaces}
    return [one for one in found if not one.replaces and (one.app_label, one.name) not in known]


def steps(one: Migration) -> Iterator[Operation]:
    """What it does to the database, but for tables that it makes itself, which nobody knows yet."""
    new: set[str] = set()
    for step in _done(one.operations):
        match step:
            case CreateTables():
                new |= {model.name_lower for model in step.models}
            case migrations.CreateModel():
                new.add(step.name_lower)
            case _ if str(getattr(step, "model_name", "")).lower() not in new:
                yield step


def _done(operations: Iterable[Operation]) -> Iterator[Operation]:
    for step in operations:
        if isinstance(step, migrations.SeparateDatabaseAndState):
            yield from _done(step.database_operations)
        else:
            yield step


def table(one: Migration, step: Operation) -> str:
    return f"{one.app_label}.{str(getattr(step, 'model_name', '')).lower()}"


def closing(found: Iterable[Migration]) -> list[str]:
    """What keeps a table that grows closed while it is read from end to end."""
    return sorted(
        f"{one.app_label}.{one.name}: {step.describe()}"
        for one in found
        for step in steps(one)
        if _reads_all(step, table(one, step) in GROWING)
    )


def _reads_all(step: Operation, grows: bool) -> bool:
    match step:
        case AddIndexConcurrently() | AddConstraintNotValid():
            return False
        case migrations.AddIndex() | migrations.AddConstraint():
            return grows
        case migrations.AddField(field=field):
            return grows and bool(field.db_index or field.unique)
        case migrations.RunSQL(sql=str(sql)):
            tables = {apps.get_model(name)._meta.db_table for name in GROWING}
            return not tables.isdisjoint(_PLAIN_INDEX.findall(sql))
    return False


def test_indexes_of_what_grows_are_built_beside_the_work() -> None:
    found = later()
    assert len(found) > 30
    assert {"infra.0009_event_of_access", "phone.0003_calls_stay_known"} <= {
        f"{one.app_label}.{one.name}" for one in found
    }
    assert closing(found) == []


def test_a_planted_index_is_found() -> None:
    index = models.Index(fields=["at"], name="planted")
    once = models.UniqueConstraint(fields=["at"], name="planted_once")

    class Planted(Migration):
        operations = [
            AddIndexConcurrently("case", index),
            migrations.AddIndex("case", index),
            migrations.AddIndex("readingalarm", index),
            migrations.AddField("message", "form", models.TextField(default="", db_default="")),
            migrations.AddField("message", "source", models.TextField(null=True, unique=True)),
            AddConstraintNotValid(
                "note", models.CheckConstraint(condition=models.Q(id__gt=0), name="planted_id")
            ),
            migrations.SeparateDatabaseAndState(
                database_operations=[migrations.AddConstraint("note", once)],
                state_operations=[migrations.AddIndex("note", index)],
            ),
            migrations.RunSQL("CREATE INDEX CONCURRENTLY planted ON cases_case (at)"),
            migrations.RunSQL("CREATE UNIQUE INDEX planted ON cases_case USING btree (at)"),
            migrations.RunSQL("CREATE INDEX planted ON cases_readingalarm (at)"),
        ]

    assert closing([Planted("0099_planted", "cases")]) == [
        "cases.0099_planted: Add field source to message",
        "cases.0099_planted: Create constraint planted_once on model note",
        "cases.0099_planted: Create index planted on field(s) at of model case",
        "cases.0099_planted: Raw SQL operation",
    ]


def test_a_table_that_is_new_is_nobodys_yet() -> None:
    index = models.Index(fields=["at"], name="planted")

    class Planted(Migration):
        operations = [
            CreateTables([migrations.CreateModel("Look", [("at", models.DateTimeField())])]),
            migrations.CreateModel("Seen", [("at", models.DateTimeField())]),
            migrations.AddIndex("look", index),
            migrations.AddIndex("seen", index),
        ]

    assert closing([Planted("0099_planted", "cases")]) == []
