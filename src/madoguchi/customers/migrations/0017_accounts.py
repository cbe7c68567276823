"""The rank of an account, and who is told at once of severe trouble there."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("customers", "0016_postal_addresses"),
    ]

    operations = [
        migrations.AddField(
            model_name="customer",
            name="rank",
            field=models.CharField(
                blank=True,
                choices=[("", "Without a rank"), ("A", "A"), ("B", "B"), ("C", "C")],
                db_default="",
                default="",
                max_length=1,
            ),
        ),
        migrations.AddField(
            model_name="customer",
            name="alerted",
            field=models.JSONField(blank=True, db_default=models.Value([], models.JSONField()), default=list),
        ),
    ]
