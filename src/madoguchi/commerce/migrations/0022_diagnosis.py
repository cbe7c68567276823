"""Symptoms of products, what causes them and what helps, and how often it did."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from madoguchi.infra.row_security import protect

RESULTS = [("helped", "Helped"), ("failed", "Did not help"), ("untried", "Not tried")]
MANAGERS = {"abstract": False, "base_manager_name": "objects", "default_manager_name": "objects"}


def key():
    return ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"))


def to(model, null=False, on_delete=django.db.models.deletion.PROTECT, name="+"):
    return models.ForeignKey(db_index=False, null=null, on_delete=on_delete, related_name=name, to=model)


class Migration(migrations.Migration):
    dependencies = [
        ("commerce", "0021_fits"),
        ("companies", "0001_squashed_0015_line"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]
    operations = [
        migrations.CreateModel(
            name="Symptom",
            fields=[
                key(),
                ("name", models.CharField(max_length=200)),
                ("active", models.BooleanField(default=True)),
                ("at", models.DateTimeField()),
                ("company", to("companies.company")),
                ("product", to("commerce.product", True, django.db.models.deletion.CASCADE)),
                ("user", to(settings.AUTH_USER_MODEL, null=True)),
            ],
            options={
                **MANAGERS,
                "indexes": [models.Index(fields=["company", "name"], name="symptom_of_company")],
            },
        ),
        migrations.CreateModel(
            name="Remedy",
            fields=[
                key(),
                ("place", models.PositiveSmallIntegerField()),
                ("cause", models.CharField(max_length=200)),
                ("words", models.CharField(max_length=1000)),
                ("active", models.BooleanField(default=True)),
                ("company", to("companies.company")),
                ("symptom", to("commerce.symptom", False, django.db.models.deletion.CASCADE, "remedies")),
            ],
            options={
                **MANAGERS,
                "constraints": [
                    models.UniqueConstraint(fields=("symptom", "cause", "words"), name="remedy_once_per_symptom")
                ],
            },
        ),
        migrations.CreateModel(
            name="Trial",
            fields=[
                key(),
                ("case_id", models.BigIntegerField()),
                ("result", models.CharField(choices=RESULTS, max_length=10)),
                ("at", models.DateTimeField()),
                ("company", to("companies.company")),
                ("remedy", to("commerce.remedy", False, django.db.models.deletion.CASCADE, "trials")),
                ("user", to(settings.AUTH_USER_MODEL, null=True)),
            ],
            options={
                **MANAGERS,
                "constraints": [
                    models.UniqueConstraint(fields=("remedy", "case_id"), name="trial_once_per_case")
                ],
            },
        ),
        *protect("commerce_symptom"),
        *protect("commerce_remedy"),
        *protect("commerce_trial"),
    ]
