from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("search", "0001_squashed_0006_files_given_up")]

    operations = [
        migrations.AddField("progress", "known", models.BigIntegerField(db_default=0, default=0)),
        migrations.AddField("progress", "last", models.BigIntegerField(null=True)),
    ]
