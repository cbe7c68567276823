"""What happened at one company is read in the order of the log from anywhere, however much happened at others."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    # Events are written while it is built. One that was broken off is left invalid: it is dropped and begun anew.
    atomic = False
    dependencies = [("infra", "0005_carried_events")]

    operations = [
        migrations.RunSQL("DROP INDEX CONCURRENTLY IF EXISTS event_order_of_company", migrations.RunSQL.noop),
        AddIndexConcurrently(
            model_name="event",
            index=models.Index(fields=["company", "tx", "id"], name="event_order_of_company"),
        ),
    ]
