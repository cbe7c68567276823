"""The desks to which rules sent a call that waits."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("voice", "0009_calls_by_hand"),
    ]

    operations = [
        migrations.AddField(
            model_name="call",
            name="divided",
            field=models.JSONField(db_default=[], default=list),
        ),
    ]
