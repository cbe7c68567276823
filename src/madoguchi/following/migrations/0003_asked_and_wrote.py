"""An answer waits for a senior's word, or is decided on: two more reasons to be told."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("following", "0002_row_security")]

    operations = [
        migrations.AlterField(
            model_name="notification",
            name="why",
            field=models.CharField(
                choices=[
                    ("mentioned", "Mentioned"),
                    ("assigned", "Assigned"),
                    ("followed", "Followed"),
                    ("asked", "Asked"),
                    ("wrote", "Wrote"),
                ],
                max_length=10,
            ),
        ),
    ]
