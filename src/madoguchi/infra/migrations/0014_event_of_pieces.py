"""Changes of pieces that were sold are looked for among themselves, however long the log is."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    # Things go on happening while it is built. One that was broken off is left invalid: it is dropped and begun anew.
    atomic = False
    dependencies = [("infra", "0013_event_customer")]

    operations = [
        migrations.RunSQL("DROP INDEX CONCURRENTLY IF EXISTS event_of_pieces", migrations.RunSQL.noop),
        AddIndexConcurrently(
            model_name="event",
            index=models.Index(
                fields=["company", "id"],
                name="event_of_pieces",
                condition=models.Q(kind="order.pieces_changed"),
            ),
        ),
    ]
