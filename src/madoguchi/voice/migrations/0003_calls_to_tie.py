"""Calls of which a message is to become are found among all calls, however many there are."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    # Calls come in while it is built. One that was broken off is left invalid: it is dropped and begun anew.
    atomic = False
    dependencies = [("voice", "0002_row_security")]

    operations = [
        migrations.RunSQL("DROP INDEX CONCURRENTLY IF EXISTS call_untied", migrations.RunSQL.noop),
        AddIndexConcurrently(
            model_name="call",
            index=models.Index(
                condition=models.Q(
                    ("message_id__isnull", True),
                    ("outcome__in", ("message", "call_back", "abandoned", "broken")),
                ),
                fields=["ended_at"],
                name="call_untied",
            ),
        ),
    ]
