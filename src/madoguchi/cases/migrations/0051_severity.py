"""How grave the trouble of a case is for whoever has it."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("cases", "0050_contact_by_medium"),
    ]

    operations = [
        migrations.AddField(
            model_name="case",
            name="severity",
            field=models.PositiveSmallIntegerField(
                choices=[
                    (0, "Not judged"),
                    (1, "Slight"),
                    (2, "Hinders their work"),
                    (3, "Serious"),
                    (4, "Critical"),
                ],
                db_default=0,
                default=0,
            ),
        ),
    ]
