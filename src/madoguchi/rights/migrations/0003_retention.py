import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from madoguchi.infra.row_security import protect
from madoguchi.infra.tables import CreateTables

OPTIONS = {
    "abstract": False,
    "base_manager_name": "objects",
    "default_manager_name": "objects",
}


def to(model, null=False, related_name="+"):
    return models.ForeignKey(
        db_index=False,
        null=null,
        on_delete=django.db.models.deletion.PROTECT,
        related_name=related_name,
        to=model,
    )


class Migration(migrations.Migration):
    dependencies = [
        ("companies", "0013_acknowledgements"),
        ("rights", "0002_stop_correction_review"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]
    operations = [
        CreateTables(
            models=[
                migrations.CreateModel(
                    name="RetentionRule",
                    fields=[
                        ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                        (
                            "kind",
                            models.CharField(
                                choices=[
                                    ("attachments", "Attachments of messages"),
                                    ("words", "Words and files of cases"),
                                ],
                                max_length=12,
                            ),
                        ),
                        ("months", models.PositiveSmallIntegerField()),
                        ("is_on", models.BooleanField(default=False)),
                        ("written_at", models.DateTimeField()),
                        ("switched_at", models.DateTimeField(null=True)),
                        ("company", to("companies.company")),
                        ("switched_by", to(settings.AUTH_USER_MODEL, null=True)),
                        ("written_by", to(settings.AUTH_USER_MODEL, null=True)),
                    ],
                    options={
                        **OPTIONS,
                        "constraints": [
                            models.UniqueConstraint(fields=("company", "kind"), name="one_retention_rule_per_kind")
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="RetentionRun",
                    fields=[
                        ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                        ("before", models.DateTimeField()),
                        (
                            "state",
                            models.CharField(
                                choices=[("running", "Running"), ("done", "Done"), ("cancelled", "Stopped")],
                                default="running",
                                max_length=12,
                            ),
                        ),
                        ("total", models.PositiveIntegerField(default=0)),
                        ("done", models.PositiveIntegerField(default=0)),
                        ("result", models.JSONField(default=dict)),
                        ("files", models.JSONField(default=list)),
                        ("started_at", models.DateTimeField()),
                        ("ended_at", models.DateTimeField(null=True)),
                        ("company", to("companies.company")),
                        ("rule", to("rights.retentionrule", related_name="runs")),
                        ("user", to(settings.AUTH_USER_MODEL, null=True)),
                    ],
                    options={
                        **OPTIONS,
                        "indexes": [models.Index(fields=["rule", "-id"], name="retention_run_of_rule")],
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("state", "running")),
                                fields=("rule",),
                                name="one_retention_run_at_a_time",
                            )
                        ],
                    },
                ),
            ]
        ),
        *protect("rights_retentionrule", "rights_retentionrun"),
    ]
