"""How many minutes of answering questions a week are enough for somebody."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("routing", "0004_worker_capacity"),
    ]

    operations = [
        migrations.AddField(
            model_name="worker",
            name="answer_minutes",
            field=models.PositiveSmallIntegerField(null=True),
        ),
    ]
