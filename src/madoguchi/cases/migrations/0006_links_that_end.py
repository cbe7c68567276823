"""Links to a customer's own page can be ended: each is of a generation."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("cases", "0005_blind_copies")]

    operations = [
        migrations.AddField(
            model_name="case",
            name="link_generation",
            field=models.PositiveSmallIntegerField(default=1, db_default=1),
        )
    ]
