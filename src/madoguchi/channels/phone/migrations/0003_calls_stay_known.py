"""Calls that carriers held stay known by their names, emptied: nothing that is told of them again begins anew."""

from django.contrib.postgres.operations import AddIndexConcurrently, RemoveIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    # Calls come in meanwhile. An index that was broken off is left invalid: it is dropped and begun anew.
    atomic = False
    dependencies = [("phone", "0002_phones_outside")]

    operations = [
        migrations.RunSQL("DROP INDEX CONCURRENTLY IF EXISTS carried_call_to_empty", migrations.RunSQL.noop),
        AddIndexConcurrently(
            "carriedcall",
            models.Index(
                fields=["seen_at"],
                name="carried_call_to_empty",
                condition=models.Q(("done", True), models.Q(("document", ""), _negated=True)),
            ),
        ),
        RemoveIndexConcurrently("carriedcall", "carried_call_by_age"),
    ]
