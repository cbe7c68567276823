"""What was promised when is read by a wall each minute from a short index, however long the log is."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    # Things go on happening while it is built. One that was broken off is left invalid: it is dropped and begun anew.
    atomic = False
    dependencies = [("infra", "0010_event_of_list")]

    operations = [
        migrations.RunSQL("DROP INDEX CONCURRENTLY IF EXISTS event_of_terms", migrations.RunSQL.noop),
        AddIndexConcurrently(
            model_name="event",
            index=models.Index(
                fields=["company", "at"],
                name="event_of_terms",
                condition=models.Q(kind__in=["service_levels.switched", "delay.told", "promise.moved"]),
            ),
        ),
    ]
