from django.conf import settings
from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    # Notes are written while it is built. One that was broken off is left invalid: it is dropped and begun anew.
    atomic = False
    dependencies = [
        ("cases", "0019_split"),
        ("companies", "0004_hand_off"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RunSQL("DROP INDEX CONCURRENTLY IF EXISTS mention_unseen", migrations.RunSQL.noop),
        AddIndexConcurrently(
            model_name="mention",
            index=models.Index(
                condition=models.Q(("seen_at", None)), fields=["user", "case"], name="mention_unseen"
            ),
        ),
    ]
