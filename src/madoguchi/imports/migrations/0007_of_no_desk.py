"""Articles come in for a whole company, through no desk."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("companies", "0001_squashed_0015_line"),
        ("imports", "0006_orders"),
    ]

    operations = [
        migrations.AlterField(
            model_name="upload",
            name="desk",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="companies.desk",
            ),
        ),
    ]
