"""Goods in exchange wait for a second person too, and a limit that is raised begins to count some days later."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("commerce", "0014_subscriptions")]

    operations = [
        migrations.AddField(
            model_name="shop",
            name="limit_before",
            field=models.PositiveIntegerField(null=True),
        ),
        migrations.AddField(
            model_name="shop",
            name="limit_from",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="return",
            name="in_exchange",
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.AlterField(
            model_name="return",
            name="state",
            field=models.CharField(
                choices=[
                    ("asked", "Asked for"),
                    ("inspected", "Looked over"),
                    ("awaiting", "Waits for a second person"),
                    ("refunded", "Money given back"),
                    ("exchanged", "Exchanged"),
                    ("refused", "Not taken back"),
                ],
                default="asked",
                max_length=10,
            ),
        ),
    ]
