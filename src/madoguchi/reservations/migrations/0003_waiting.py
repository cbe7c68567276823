"""Who waits is looked for each minute, in a short index."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    # Times are reserved while it is built. One that was broken off is left invalid: it is dropped and begun anew.
    atomic = False
    dependencies = [("reservations", "0002_called_up")]

    operations = [
        migrations.RunSQL("DROP INDEX CONCURRENTLY IF EXISTS reservation_waiting", migrations.RunSQL.noop),
        AddIndexConcurrently(
            model_name="reservation",
            index=models.Index(
                condition=models.Q(("state", "waiting")), fields=["begins"], name="reservation_waiting"
            ),
        ),
    ]
