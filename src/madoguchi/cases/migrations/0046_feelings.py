"""How somebody judges that the customer of a case feels."""

import django.contrib.postgres.fields
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("cases", "0045_listed_once_an_hour"),
    ]

    operations = [
        migrations.AddField(
            model_name="case",
            name="feelings",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(max_length=10),
                db_default=[],
                default=list,
                size=None,
            ),
        ),
    ]
