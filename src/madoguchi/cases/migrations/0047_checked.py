"""What was checked of who the customer of a case is."""

import django.contrib.postgres.fields
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("cases", "0046_feelings"),
    ]

    operations = [
        migrations.AddField(
            model_name="case",
            name="checked",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(max_length=10),
                db_default=[],
                default=list,
                size=None,
            ),
        ),
    ]
