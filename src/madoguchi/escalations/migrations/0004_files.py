"""Files that go with a question."""

import django.db.models.deletion
from django.db import migrations, models

from madoguchi.infra.row_security import protect
from madoguchi.infra.tables import CreateTables


class Migration(migrations.Migration):
    dependencies = [
        ("cases", "0045_listed_once_an_hour"),
        ("companies", "0001_squashed_0015_line"),
        ("escalations", "0001_squashed_0003_taken"),
    ]

    operations = [
        CreateTables([
            migrations.CreateModel(
                name="EscalationFile",
                fields=[
                    ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                    ("filename", models.CharField(max_length=255)),
                    ("content_type", models.CharField(max_length=100)),
                    ("size", models.PositiveBigIntegerField()),
                    ("sha256", models.CharField(max_length=64)),
                    ("attachment", models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.CASCADE, related_name="+", to="cases.attachment")),
                    ("company", models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="companies.company")),
                    ("escalation", models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name="files", to="escalations.escalation")),
                ],
                options={
                    "abstract": False,
                    "base_manager_name": "objects",
                    "default_manager_name": "objects",
                    "indexes": [
                        models.Index(fields=["escalation", "id"], name="file_of_escalation"),
                        models.Index(condition=models.Q(("attachment__isnull", False)), fields=["attachment"], name="attachment_asked_with"),
                    ],
                },
            ),
        ]),
        *protect("escalations_escalationfile"),
    ]
