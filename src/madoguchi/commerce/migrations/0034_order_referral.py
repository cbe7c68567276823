"""The code of the customer who recommended the company to whoever orders."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("commerce", "0033_orders_by_medium")]

    operations = [
        migrations.AddField(
            model_name="order",
            name="referral",
            field=models.CharField(blank=True, db_default="", default="", max_length=12),
        ),
    ]
