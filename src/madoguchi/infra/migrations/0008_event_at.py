from django.contrib.postgres.indexes import BrinIndex
from django.db import migrations


class Migration(migrations.Migration):
    """Figures of a span of time are read from its part of the log alone."""

    dependencies = [("infra", "0007_event_words")]

    operations = [
        migrations.AddIndex(
            model_name="event",
            index=BrinIndex(fields=["at"], name="event_at", pages_per_range=32, autosummarize=True),
        ),
    ]
