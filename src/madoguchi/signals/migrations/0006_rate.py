"""From how many reports of a thousand pieces sold on a company suspects a product."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("signals", "0005_instructions")]

    operations = [
        migrations.AddField(
            model_name="watch",
            name="per_mille",
            field=models.PositiveSmallIntegerField(
                db_default=10,
                default=10,
                validators=[MinValueValidator(1), MaxValueValidator(1000)],
                verbose_name="so many reports of 1,000 pieces sold are suspicious",
            ),
        ),
    ]
