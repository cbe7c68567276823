from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("commerce", "0003_paid")]

    operations = [
        migrations.AddField(
            model_name="issueddocument",
            name="kept",
            field=models.JSONField(null=True),
        ),
    ]
