from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("customers", "0001_squashed_0006_joins_led_on")]
    operations = [
        migrations.AlterField(
            model_name="customer",
            name="language",
            field=models.CharField(default="ja", max_length=10, verbose_name="language"),
        ),
    ]
