"""How much single people hold at once."""

import django.core.validators
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("routing", "0003_shifts")]

    operations = [
        migrations.AddField(
            model_name="worker",
            name="capacity",
            field=models.PositiveSmallIntegerField(
                db_default=100,
                default=100,
                validators=[
                    django.core.validators.MinValueValidator(10),
                    django.core.validators.MaxValueValidator(300),
                ],
            ),
        ),
    ]
