import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from madoguchi.infra.row_security import protect

# What somebody looked at before is read, as it stands now: nobody finds all they know marked as new.
LOOKED_AT = """
    SELECT set_config('app.companies', '*', true);
    INSERT INTO cases_seen (company_id, user_id, case_id, message, note, unread)
    SELECT known.company_id, looked.user_id, looked.case_id, newest.message, newest.note, false
    FROM (SELECT DISTINCT user_id, case_id FROM cases_look WHERE case_id <> 0) AS looked
        JOIN cases_case AS known ON known.id = looked.case_id
        CROSS JOIN LATERAL (SELECT
            coalesce((SELECT max(id) FROM cases_message WHERE case_id = looked.case_id), 0) AS message,
            coalesce((SELECT max(id) FROM cases_note WHERE case_id = looked.case_id), 0) AS note
        ) AS newest;
    SELECT set_config('app.companies', '', true);
"""


class Migration(migrations.Migration):
    dependencies = [
        ("cases", "0001_squashed_0038_chat"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Seen",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "user", "case_id", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("case_id", models.BigIntegerField()),
                ("message", models.BigIntegerField(default=0)),
                ("note", models.BigIntegerField(default=0)),
                ("unread", models.BooleanField(default=False)),
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
                    "user",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "abstract": False,
                "base_manager_name": "objects",
                "default_manager_name": "objects",
            },
        ),
        *protect("cases_seen"),
        migrations.RunSQL(LOOKED_AT, migrations.RunSQL.noop),
    ]
