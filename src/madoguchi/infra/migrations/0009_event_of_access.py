"""Who had whose access in their hands lately is read from a short index, however long the log is."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    # Things go on happening while it is built. One that was broken off is left invalid: it is dropped and begun anew.
    atomic = False
    dependencies = [("infra", "0001_squashed_0008_event_at")]

    operations = [
        migrations.RunSQL("DROP INDEX CONCURRENTLY IF EXISTS event_of_access", migrations.RunSQL.noop),
        AddIndexConcurrently(
            model_name="event",
            index=models.Index(
                fields=["company", "at"],
                name="event_of_access",
                condition=models.Q(
                    kind__in=[
                        "administrator.appointed",
                        "person.deactivated",
                        "person.password_link",
                        "person.password_set",
                        "person.place_given",
                        "person.place_taken",
                        "person.reactivated",
                        "person.second_step_reset",
                    ]
                ),
            ),
        ),
    ]
