"""A form that is kept out shows a number like any other."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("intake", "0007_awaited_by_several")]

    operations = [
        migrations.AddField(
            model_name="arrival",
            name="form",
            field=models.CharField(blank=True, db_default="", default="", max_length=200),
        ),
        migrations.AddField(
            model_name="arrival", name="number", field=models.PositiveIntegerField(null=True)
        ),
    ]
