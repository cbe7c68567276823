"""The indexes of the console's lists hold all that lists and counts read, the company for row-level security too."""

from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("cases", "0002_row_security"),
        ("companies", "0002_row_security"),
        ("customers", "0002_row_security"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name="case",
            name="case_active_of_desk",
        ),
        migrations.RemoveIndex(
            model_name="case",
            name="case_all_of_desk",
        ),
        migrations.RemoveIndex(
            model_name="case",
            name="case_by_status",
        ),
        migrations.RemoveIndex(
            model_name="case",
            name="case_unassigned",
        ),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(
                condition=models.Q(("status__in", ["new", "open", "waiting_customer", "waiting_third"])),
                fields=["desk", "-touched_at", "-id"],
                include=("company",),
                name="case_active_of_desk",
            ),
        ),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(
                fields=["desk", "-touched_at", "-id"], include=("company",), name="case_all_of_desk"
            ),
        ),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(
                fields=["desk", "status", "-touched_at", "-id"], include=("company",), name="case_by_status"
            ),
        ),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(
                condition=models.Q(
                    ("status__in", ["new", "open", "waiting_customer", "waiting_third"]),
                    ("assignee__isnull", True),
                ),
                fields=["desk", "-touched_at", "-id"],
                include=("company",),
                name="case_unassigned",
            ),
        ),
    ]
