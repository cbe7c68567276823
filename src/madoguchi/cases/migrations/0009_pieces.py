"""A message knows its pieces: what was newly written in it, and what came along."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("cases", "0008_file_scan")]

    operations = [
        migrations.AddField(
            model_name="message",
            name="pieces",
            field=models.JSONField(default=list, db_default=models.Value([], models.JSONField())),
        ),
    ]
