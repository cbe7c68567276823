from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("cases", "0039_seen")]
    operations = [
        migrations.AlterField(
            model_name="case",
            name="language",
            field=models.CharField(default="ja", max_length=10),
        ),
    ]
