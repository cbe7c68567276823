"""A rule stops when whoever wrote it no longer leads the desk."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("rules", "0002_row_security")]

    operations = [
        migrations.AlterField(
            model_name="rule",
            name="state",
            field=models.CharField(
                choices=[
                    ("active", "In use"),
                    ("paused", "Paused"),
                    ("stopped", "Stopped itself"),
                    ("left", "Stopped: its writer has left"),
                ],
                default="paused",
                max_length=10,
            ),
        ),
    ]
