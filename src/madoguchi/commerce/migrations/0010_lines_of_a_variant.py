"""What was sold of a product is counted without going through all lines."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("commerce", "0001_squashed_0009_returns_once")]

    operations = [
        migrations.AddIndex(
            "orderline",
            models.Index(
                fields=["variant"], name="line_of_variant", condition=models.Q(variant__isnull=False)
            ),
        ),
    ]
