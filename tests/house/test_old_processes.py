"""While `migrate` runs, the processes of the version before go on: no table that grows is closed to them for as long as
it takes to read it, what they write is taken, and what they read is there.

This holds for what is taken step by step; who takes a squashed migration begins with an empty database, or has it.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager

import pytest
from django.apps import apps
from django.contrib.postgres.operations import AddConstraintNotValid, AddIndexConcurrently
from django.db import connection, migrations, models
from django.db.migrations.migration import Migration
from django.db.migrations.operations.base import Operation

from madoguchi.channels.phone.models import CarrierAccount
from madoguchi.companies.factories import make_entry_point
from madoguchi.infra.tables import CreateTables
from madoguchi.kernel.channel import Channel
from madoguchi.people.factories import World

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

_DROPS = re.compile(r"\b(?:DROP|RENAME)\s+(?:COLUMN|TO)\b|\bDROP\s+TABLE\b|\bSET\s+NOT\s+NULL\b", re.I)


def later() -> list[Migration]:
    """Those on the long road that were never squashed ones themselves."""
    return [one for one in ours() if not one.name.startswith("0001_squashed_")]


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
            return grows and bool(field.db_index or field.unique or field.generated)
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


_GENERATED = models.GeneratedField(
    expression=models.F("id"), output_field=models.BigIntegerField(), db_persist=True
)


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
            migrations.AddField("message", "begins", _GENERATED),
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
        "cases.0099_planted: Add field begins to message",
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


def refusing(found: Iterable[Migration]) -> list[str]:
    """What has old processes fail: a column that they do not know must be there without them, and one that they know be
    there still. What nobody uses any more is taken out of the state alone, and dropped by a later release.
    """
    return sorted(
        f"{one.app_label}.{one.name}: {step.describe()}"
        for one in found
        for step in steps(one)
        if _needs_them(step) or _takes_away(step)
    )


def _needs_them(step: Operation) -> bool:
    if not isinstance(step, migrations.AddField) or step.field.many_to_many:
        return False
    return not (step.field.null or step.field.has_db_default() or step.field.generated)


def _takes_away(step: Operation) -> bool:
    match step:
        case migrations.RunSQL(sql=str(sql)):
            return bool(_DROPS.search(sql))
        case migrations.RemoveField() | migrations.RenameField() | migrations.AlterModelTable():
            return True
        case migrations.DeleteModel() | migrations.RenameModel():
            return True
    return False


def test_what_old_processes_write_is_taken_and_what_they_read_is_there() -> None:
    assert refusing(later()) == []


def test_a_planted_change_is_found() -> None:
    gone = migrations.RemoveField("case", "subject")

    class Planted(Migration):
        operations = [
            migrations.AddField("case", "one", models.TextField(default="")),
            migrations.AddField("case", "two", models.TextField(default="", db_default="")),
            migrations.AddField("case", "three", models.TextField(null=True)),
            migrations.AddField("case", "four", _GENERATED),
            migrations.SeparateDatabaseAndState(state_operations=[gone]),
            migrations.SeparateDatabaseAndState(database_operations=[gone]),
            migrations.RenameField("case", "subject", "title"),
            migrations.DeleteModel("Case"),
            migrations.RunSQL("ALTER TABLE cases_case DROP COLUMN subject"),
            migrations.RunSQL("ALTER TABLE cases_case ALTER COLUMN subject DROP DEFAULT"),
            CreateTables([migrations.CreateModel("Look", [("at", models.DateTimeField())])]),
            migrations.AddField("look", "why", models.TextField(default="")),
        ]

    assert refusing([Planted("0099_planted", "cases")]) == [
        "cases.0099_planted: Add field one to case",
        "cases.0099_planted: Delete model Case",
        "cases.0099_planted: Raw SQL operation",
        "cases.0099_planted: Remove field subject from case",
        "cases.0099_planted: Rename field subject on case to title",
    ]


@pytest.mark.django_db
def test_where_people_were_rung_outside_is_there_for_the_version_before(
    world: World, as_owner: Callable[[], AbstractContextManager[None]]
) -> None:
    """It reads and writes the column; the version of now, which knows nothing of it, writes rows all the same."""
    point = make_entry_point(world.ours.desk, kind=Channel.PHONE)
    with world.ours.scope():
        where = {"company": world.ours.company, "entry_point": point}
        CarrierAccount.objects.create(**where, account="AC1", token="secret", api="https://carrier.example")
    with as_owner(), connection.cursor() as cursor:
        cursor.execute("SELECT set_config('app.companies', '*', true)")
        cursor.execute("SELECT phones::text FROM phone_carrieraccount")
        assert cursor.fetchall() == [("{}",)]
