from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    # Mails come in while it is built. One that was broken off is left invalid: it is dropped and begun anew.
    atomic = False
    dependencies = [("cases", "0029_former_number")]

    operations = [
        migrations.RunSQL("DROP INDEX CONCURRENTLY IF EXISTS case_by_former_number", migrations.RunSQL.noop),
        AddIndexConcurrently(
            model_name="case",
            index=models.Index(
                fields=["company", "former_number"],
                name="case_by_former_number",
                condition=models.Q(("former_number", ""), _negated=True),
            ),
        ),
    ]
