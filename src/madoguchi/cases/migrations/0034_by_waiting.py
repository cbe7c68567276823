from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    # Mails come in while it is built. One that was broken off is left invalid: it is dropped and begun anew.
    atomic = False
    dependencies = [("cases", "0033_due_soon")]

    operations = [
        migrations.RunSQL("DROP INDEX CONCURRENTLY IF EXISTS case_by_waiting", migrations.RunSQL.noop),
        AddIndexConcurrently(
            model_name="case",
            index=models.Index(
                fields=["desk", "waiting_since", "id"],
                name="case_by_waiting",
                include=["company"],
                condition=models.Q(("waiting_since__isnull", False)),
            ),
        ),
    ]
