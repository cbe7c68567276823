from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("tasks", "0001_squashed_0003_days_that_can_be_meant")]

    operations = [
        migrations.AddField(
            model_name="task",
            name="former",
            field=models.JSONField(
                db_default=models.Value([], models.JSONField()), default=list
            ),
        ),
    ]
