"""A higher limit of what is read within an hour begins to count some days later."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("cases", "0042_reading")]

    operations = [
        migrations.AddField(
            model_name="readinglimit",
            name="before",
            field=models.PositiveIntegerField(null=True),
        ),
        migrations.AddField(
            model_name="readinglimit",
            name="begins_at",
            field=models.DateTimeField(null=True),
        ),
    ]
