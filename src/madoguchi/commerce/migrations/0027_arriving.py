"""When goods would arrive: how long a supplier takes, when more comes to a place, how long goods are on their way."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("commerce", "0026_pieces")]
    operations = [
        migrations.AddField(
            model_name="variant", name="lead_days", field=models.PositiveSmallIntegerField(null=True)
        ),
        migrations.AddField(model_name="stock", name="next_on", field=models.DateField(null=True)),
        migrations.AddField(
            model_name="shippingrule", name="days", field=models.PositiveSmallIntegerField(null=True)
        ),
        migrations.AddField(
            model_name="shippingrule",
            name="region_days",
            field=models.JSONField(db_default={}, default=dict),
        ),
    ]
