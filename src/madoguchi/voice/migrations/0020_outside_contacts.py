"""Whom callers may be put through to outside."""

import django.db.models.deletion
from django.db import migrations, models

from madoguchi.infra.row_security import protect


class Migration(migrations.Migration):
    dependencies = [("companies", "0001_squashed_0015_line"), ("voice", "0019_sip_phones")]

    operations = [
        migrations.AddField(
            model_name="agentphone",
            name="outside_there",
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.CreateModel(
            name="OutsideContact",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=60, verbose_name="Name")),
                ("number", models.CharField(max_length=16, verbose_name="Phone number")),
                ("active", models.BooleanField(default=True)),
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
                "indexes": [
                    models.Index(fields=["company", "name"], name="outside_contact_of_company"),
                ],
            },
        ),
        *protect("voice_outsidecontact"),
    ]
