"""What says that talks are recorded at a number; what a caller chose, waits for, heard of that, and has tried."""

import django.db.models.deletion
from django.db import migrations, models

from madoguchi.infra.row_security import protect
from madoguchi.infra.tables import CreateTables


class Migration(migrations.Migration):
    dependencies = [
        ("companies", "0001_squashed_0015_line"),
        ("voice", "0021_transcripts"),
    ]

    operations = [
        CreateTables([
            migrations.CreateModel(
                name="NumberNotice",
                fields=[
                    ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                    ("sound", models.CharField(blank=True, max_length=40)),
                    ("company", models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="companies.company")),
                    ("entry_point", models.OneToOneField(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name="+", to="companies.entrypoint")),
                ],
                options={
                    "abstract": False,
                    "base_manager_name": "objects",
                    "default_manager_name": "objects",
                },
            ),
        ]),
        *protect("voice_numbernotice"),
        migrations.AddField(
            model_name="call",
            name="notified_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="call",
            name="purpose",
            field=models.CharField(blank=True, db_default="", default="", max_length=100),
        ),
        migrations.AddField(
            model_name="call",
            name="tries",
            field=models.PositiveSmallIntegerField(db_default=1, default=1),
        ),
        migrations.AddField(
            model_name="call",
            name="waits_since",
            field=models.DateTimeField(null=True),
        ),
    ]
