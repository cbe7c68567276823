"""Who reads very many customers is told by the day, too, and it is kept how far it was looked."""

import django.db.models.deletion
from django.db import migrations, models

from madoguchi.infra.row_security import protect
from madoguchi.infra.tables import CreateTables


class Migration(migrations.Migration):
    dependencies = [("cases", "0043_limits_that_begin_later"), ("companies", "0001_squashed_0015_line")]

    operations = [
        migrations.AddField("readinglimit", "per_day", models.PositiveIntegerField(default=1_500, db_default=1_500)),
        migrations.AddField("readinglimit", "before_day", models.PositiveIntegerField(null=True)),
        migrations.AddField(
            "readingalarm",
            "period",
            models.CharField(choices=[("hour", "Hour"), ("day", "Day")], db_default="hour", default="hour", max_length=4),
        ),
        migrations.RemoveConstraint("readingalarm", "reading_alarm_once"),
        migrations.AddConstraint(
            "readingalarm",
            models.UniqueConstraint(
                fields=("company", "user", "hour", "period"), name="reading_alarm_of_period"
            ),
        ),
        CreateTables(
            models=[
                migrations.CreateModel(
                    name="ReadingMark",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
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
                        "constraints": [models.UniqueConstraint(fields=("company",), name="one_reading_mark")],
                    },
                ),
            ]
        ),
        *protect("cases_readingmark"),
    ]
