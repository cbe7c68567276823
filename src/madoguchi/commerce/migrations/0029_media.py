"""What appears in media, and by which medium and entry point an order came."""

import django.db.models.deletion
from django.db import migrations, models

from madoguchi.infra.row_security import protect


def to(model, null=False):
    return models.ForeignKey(
        db_index=False,
        null=null,
        on_delete=django.db.models.deletion.PROTECT,
        related_name="+",
        to=model,
    )


class Migration(migrations.Migration):
    dependencies = [("commerce", "0028_beginnings"), ("companies", "0001_squashed_0015_line")]
    operations = [
        migrations.CreateModel(
            name="MediaEvent",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("code", models.CharField(max_length=40)),
                ("medium", models.CharField(max_length=200)),
                ("appears_at", models.DateTimeField()),
                ("circulation", models.PositiveIntegerField()),
                ("cost", models.PositiveIntegerField(default=0)),
                ("expected", models.PositiveIntegerField(null=True)),
                ("company", to("companies.company")),
                ("entry_point", to("companies.entrypoint")),
            ],
            options={
                "abstract": False,
                "base_manager_name": "objects",
                "default_manager_name": "objects",
                "constraints": [models.UniqueConstraint(fields=("company", "code"), name="media_code_once")],
                "indexes": [models.Index(fields=["entry_point", "appears_at"], name="media_event_of_number")],
            },
        ),
        *protect("commerce_mediaevent"),
        migrations.AddField(
            model_name="order",
            name="medium",
            field=models.CharField(blank=True, db_default="", default="", max_length=200),
        ),
        migrations.AddField(
            model_name="order", name="entry_point", field=to("companies.entrypoint", null=True)
        ),
    ]
