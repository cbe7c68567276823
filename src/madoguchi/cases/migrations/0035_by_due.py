from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    # Mails come in while it is built. One that was broken off is left invalid: it is dropped and begun anew.
    atomic = False
    dependencies = [("cases", "0034_by_waiting")]

    operations = [
        migrations.RunSQL("DROP INDEX CONCURRENTLY IF EXISTS case_by_due", migrations.RunSQL.noop),
        AddIndexConcurrently(
            model_name="case",
            index=models.Index(
                fields=["desk", "due_at", "id"],
                name="case_by_due",
                include=["company"],
                condition=models.Q(("due_at__isnull", False)),
            ),
        ),
    ]
