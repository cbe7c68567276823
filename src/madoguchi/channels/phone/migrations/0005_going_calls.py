"""How calls stand that a gateway holds, for whoever has to end them when that is no more."""

import django.db.models.deletion
from django.db import migrations, models

from madoguchi.infra.row_security import protect


class Migration(migrations.Migration):
    dependencies = [("companies", "0001_squashed_0015_line"), ("phone", "0004_trunk_registrations")]

    operations = [
        migrations.CreateModel(
            name="GoingCall",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("uid", models.CharField(max_length=32, unique=True)),
                ("gateway", models.CharField(max_length=32)),
                ("standing", models.JSONField()),
                ("at", models.DateTimeField()),
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
            },
        ),
        *protect("phone_goingcall"),
    ]
