from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("companies", "0009_reading_of_desks"),
    ]

    operations = [
        migrations.AddField(
            model_name="desk",
            name="acknowledgement_en",
            field=models.TextField(
                blank=True,
                db_default="",
                default="",
                verbose_name="acknowledgement for whoever does not write in Japanese",
            ),
        ),
    ]
