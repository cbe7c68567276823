"""Recordings that companies upload for their callers."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from madoguchi.infra.row_security import protect
from madoguchi.infra.tables import CreateTables


class Migration(migrations.Migration):
    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ("companies", "0001_squashed_0015_line"),
        ("voice", "0013_terms_that_begin_later"),
    ]

    operations = [
        CreateTables([
            migrations.CreateModel(
                name="Announcement",
                fields=[
                    ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                    ("name", models.CharField(max_length=40)),
                    ("number", models.PositiveIntegerField()),
                    ("sound", models.BinaryField()),
                    ("digest", models.CharField(max_length=64)),
                    ("milliseconds", models.PositiveIntegerField()),
                    ("at", models.DateTimeField()),
                    ("company", models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="companies.company")),
                    ("user", models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL)),
                ],
                options={
                    "abstract": False,
                    "base_manager_name": "objects",
                    "default_manager_name": "objects",
                    "constraints": [models.UniqueConstraint(fields=("company", "name", "number"), name="announcement_version_of_number_once")],
                },
            ),
        ]),
        *protect("voice_announcement"),
    ]
