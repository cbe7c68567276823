"""Which customers a search or a list showed somebody within an hour, so that each counts once."""

import django.contrib.postgres.fields
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("cases", "0044_reading_by_day")]

    operations = [
        migrations.AddField(
            "look",
            "listed",
            django.contrib.postgres.fields.ArrayField(
                base_field=models.BigIntegerField(), db_default=[], default=list, size=None
            ),
        ),
    ]
