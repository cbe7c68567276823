"""What sending costs may be left unsaid where only the days on the way are known."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("commerce", "0035_orders_by_referral")]

    operations = [
        migrations.AlterField(
            model_name="shippingrule", name="fee", field=models.PositiveIntegerField(null=True)
        ),
    ]
