"""The task of reporting a serious accident of a product, which grave words of injury or fire set."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("signals", "0002_lots"), ("tasks", "0004_former_titles")]

    operations = [
        migrations.AddField(
            "grave",
            "task",
            models.ForeignKey(
                "tasks.Task",
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                db_index=False,
            ),
        ),
        migrations.AddIndex(
            "grave",
            models.Index(
                fields=["task"], name="grave_of_task", condition=models.Q(task__isnull=False)
            ),
        ),
    ]
