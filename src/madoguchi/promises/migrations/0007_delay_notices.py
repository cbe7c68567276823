"""Notices of delay that are drafted by themselves."""

import django.db.models.deletion
from django.db import migrations, models

from madoguchi.infra.row_security import protect
from madoguchi.infra.tables import CreateTables


class Migration(migrations.Migration):
    dependencies = [
        ("promises", "0001_squashed_0006_open_promises"),
    ]

    operations = [
        CreateTables(
            [
                migrations.CreateModel(
                    name="DelayNotice",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("metric", models.CharField(blank=True, max_length=20)),
                        ("cycle", models.PositiveIntegerField(default=0)),
                        ("due_at", models.DateTimeField()),
                        ("reason", models.CharField(max_length=300)),
                        ("stands", models.CharField(max_length=300)),
                        ("new_due_at", models.DateTimeField()),
                        (
                            "state",
                            models.CharField(
                                choices=[("open", "Drafted"), ("sent", "Sent"), ("dropped", "Not needed")],
                                default="open",
                                max_length=10,
                            ),
                        ),
                        ("made_at", models.DateTimeField()),
                        ("next_at", models.DateTimeField(null=True)),
                        (
                            "case",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="+",
                                to="cases.case",
                            ),
                        ),
                        (
                            "company",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="companies.company",
                            ),
                        ),
                        (
                            "promise",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="+",
                                to="promises.promise",
                            ),
                        ),
                    ],
                    options={
                        "abstract": False,
                        "base_manager_name": "objects",
                        "default_manager_name": "objects",
                        "indexes": [
                            models.Index(
                                condition=models.Q(("next_at__isnull", False)),
                                fields=["next_at"],
                                name="delay_notice_next",
                            )
                        ],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("case", "promise", "metric", "cycle", "due_at"),
                                name="delay_notice_once",
                                nulls_distinct=False,
                            )
                        ],
                    },
                ),
            ]
        ),
        *protect("promises_delaynotice"),
    ]
