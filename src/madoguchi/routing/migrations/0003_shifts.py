"""When people of operators are to be there."""

import django.db.models.deletion
from django.db import migrations, models

from madoguchi.infra.tables import CreateTables


class Migration(migrations.Migration):
    dependencies = [
        ("people", "0001_squashed_0007_access_token_desks"),
        ("routing", "0001_squashed_0002_division"),
    ]

    operations = [
        CreateTables(
            [
                migrations.CreateModel(
                    name="Shift",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("week", models.JSONField(default=list)),
                        ("days", models.JSONField(default=dict)),
                        (
                            "member",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="+",
                                to="people.operatormember",
                            ),
                        ),
                    ],
                ),
            ]
        ),
    ]
