"""For how long companies keep recordings; those that are too old are found by their age."""

import django.db.models.deletion
from django.db import migrations, models

from madoguchi.infra.row_security import protect
from madoguchi.infra.tables import CreateTables


class Migration(migrations.Migration):
    dependencies = [
        ("companies", "0001_squashed_0012_chat"),
        ("voice", "0006_calls_we_made"),
    ]

    operations = [
        CreateTables(
            [
                migrations.CreateModel(
                    name="RecordingTerm",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("days", models.PositiveSmallIntegerField(verbose_name="days that recordings are kept")),
                        (
                            "company",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="companies.company",
                            ),
                        ),
                    ],
                    options={
                        "abstract": False,
                        "base_manager_name": "objects",
                        "default_manager_name": "objects",
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("company",), name="recording_term_once_per_company"
                            )
                        ],
                    },
                ),
            ]
        ),
        *protect("voice_recordingterm"),
        migrations.AddIndex(
            model_name="recording",
            index=models.Index(fields=["company", "at"], name="recording_by_age"),
        ),
    ]
