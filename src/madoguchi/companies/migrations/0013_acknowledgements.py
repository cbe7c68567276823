from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("companies", "0001_squashed_0012_chat")]
    operations = [
        migrations.AddField(
            model_name="desk",
            name="acknowledgements",
            field=models.JSONField(db_default=models.Value({}, models.JSONField()), default=dict),
        ),
    ]
