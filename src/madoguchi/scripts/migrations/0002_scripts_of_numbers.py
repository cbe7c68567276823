"""By which talk script callers of a number are spoken with."""

import django.db.models.deletion
from django.db import migrations, models

from madoguchi.infra.row_security import protect
from madoguchi.infra.tables import CreateTables


class Migration(migrations.Migration):
    dependencies = [
        ("companies", "0001_squashed_0015_line"),
        ("knowledge", "0012_scripts"),
        ("scripts", "0001_initial"),
    ]

    operations = [
        CreateTables([
            migrations.CreateModel(
                name="NumberScript",
                fields=[
                    ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                    ("article", models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name="+", to="knowledge.article")),
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
        *protect("scripts_numberscript"),
    ]
