"""The contacts of whom a medium is known, for what comes of each."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    # Work goes on while it is built. One that was broken off is left invalid: it is dropped and begun anew.
    atomic = False
    dependencies = [("cases", "0049_media")]

    operations = [
        migrations.RunSQL("DROP INDEX CONCURRENTLY IF EXISTS contact_by_medium", migrations.RunSQL.noop),
        AddIndexConcurrently(
            model_name="contact",
            index=models.Index(
                condition=models.Q(("bought", ""), ("medium", ""), _negated=True),
                fields=["company", "at"],
                name="contact_by_medium",
            ),
        ),
    ]
