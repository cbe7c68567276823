"""What a company called within a day is counted among its own calls out, however many calls there are."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    # Calls come in while it is built. One that was broken off is left invalid: it is dropped and begun anew.
    atomic = False
    dependencies = [("voice", "0005_calls_that_go_out")]

    operations = [
        migrations.RunSQL("DROP INDEX CONCURRENTLY IF EXISTS call_out", migrations.RunSQL.noop),
        AddIndexConcurrently(
            model_name="call",
            index=models.Index(
                condition=models.Q(("direction", "out")),
                fields=["company", "offered_at"],
                name="call_out",
            ),
        ),
    ]
