"""The code by which a customer recommends the company to others."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("customers", "0017_accounts")]

    operations = [
        migrations.AddField(
            model_name="customer",
            name="referral",
            field=models.CharField(blank=True, db_default="", default="", max_length=12),
        ),
    ]
