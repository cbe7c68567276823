"""A shorter time for recordings begins to count some days later."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("voice", "0012_asks_whom")]

    operations = [
        migrations.AddField(
            model_name="recordingterm",
            name="days_before",
            field=models.PositiveSmallIntegerField(null=True),
        ),
        migrations.AddField(
            model_name="recordingterm",
            name="begins_at",
            field=models.DateTimeField(null=True),
        ),
    ]
