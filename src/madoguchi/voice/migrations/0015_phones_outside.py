"""Telephones outside, and each time that one was rung."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from madoguchi.infra.row_security import protect
from madoguchi.infra.tables import CreateTables


def _id() -> tuple[str, models.BigAutoField]:
    return "id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")


class Migration(migrations.Migration):
    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ("companies", "0001_squashed_0015_line"),
        ("voice", "0014_announcements"),
    ]

    operations = [
        CreateTables(
            models=[
                migrations.CreateModel(
                    name="OutsidePhone",
                    fields=[
                        _id(),
                        ("address", models.CharField(max_length=160, verbose_name="Telephone outside")),
                        (
                            "user",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                ),
                migrations.CreateModel(
                    name="OutsideLeg",
                    fields=[
                        _id(),
                        ("call", models.CharField(max_length=32)),
                        ("rung_at", models.DateTimeField()),
                        ("answered_at", models.DateTimeField(null=True)),
                        ("ended_at", models.DateTimeField(null=True)),
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
                            models.Index(fields=["company", "rung_at"], name="outside_leg_by_time"),
                            models.Index(fields=["call"], name="outside_leg_of_call"),
                        ],
                    },
                ),
            ]
        ),
        *protect("voice_outsideleg"),
    ]
