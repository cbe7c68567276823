"""How often the next rows of a batch were begun and not ended."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("batches", "0004_tries")]

    operations = [
        migrations.AddField(
            model_name="batch",
            name=name,
            field=models.PositiveSmallIntegerField(db_default=0, default=0),
        )
        for name in ("begun", "wary")
    ]
