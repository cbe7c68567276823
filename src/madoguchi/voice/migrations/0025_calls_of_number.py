"""The calls of a number that came in lately, for how fast its queues are answered."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("voice", "0024_stays_in_queues")]

    operations = [
        migrations.RunSQL("DROP INDEX CONCURRENTLY IF EXISTS call_of_number", migrations.RunSQL.noop),
        AddIndexConcurrently("call", models.Index(fields=["entry_point", "-offered_at"], name="call_of_number")),
    ]
