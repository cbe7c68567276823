from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("knowledge", "0014_wrong")]

    operations = [
        migrations.AddField(
            model_name="articleversion", name="reading", field=models.TextField(db_default="", default="")
        ),
    ]
