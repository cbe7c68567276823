from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    # Mails come in while it is built. One that was broken off is left invalid: it is dropped and begun anew.
    atomic = False
    dependencies = [("cases", "0032_references_looked_up")]

    operations = [
        migrations.RunSQL("DROP INDEX CONCURRENTLY IF EXISTS case_due_soon", migrations.RunSQL.noop),
        AddIndexConcurrently(
            model_name="case",
            index=models.Index(
                fields=["desk", "-touched_at", "-id"],
                name="case_due_soon",
                include=["company"],
                condition=models.Q(
                    ("status__in", ["new", "open", "waiting_customer", "waiting_third"]), ("due_warned", True)
                ),
            ),
        ),
    ]
