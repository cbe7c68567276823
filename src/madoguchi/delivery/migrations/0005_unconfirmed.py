from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("delivery", "0004_reports")]

    operations = [
        migrations.AddField(
            model_name="outgoing",
            name="unconfirmed",
            field=models.BooleanField(db_default=False, default=False),
        ),
    ]
