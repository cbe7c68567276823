"""What came of a remedy is counted from an index alone, however many cases tried it."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    # Things go on happening while it is built. One that was broken off is left invalid: it is dropped and begun anew.
    atomic = False
    dependencies = [("commerce", "0022_diagnosis")]

    operations = [
        migrations.RunSQL("DROP INDEX CONCURRENTLY IF EXISTS trial_by_result", migrations.RunSQL.noop),
        AddIndexConcurrently(
            model_name="trial",
            index=models.Index(fields=["remedy", "result"], include=["company"], name="trial_by_result"),
        ),
    ]
