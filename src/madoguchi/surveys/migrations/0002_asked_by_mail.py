"""After how many hours customers are asked by mail."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("surveys", "0001_initial")]

    operations = [
        migrations.AddField(
            model_name="survey",
            name="invite_after",
            field=models.PositiveSmallIntegerField(
                blank=True, null=True, verbose_name="asked by mail after (hours)"
            ),
        ),
    ]
