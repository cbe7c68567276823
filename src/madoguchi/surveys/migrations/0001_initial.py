"""What a desk asks customers once their case is solved."""

import django.db.models.deletion
from django.db import migrations, models

from madoguchi.infra.row_security import protect
from madoguchi.infra.tables import CreateTables


class Migration(migrations.Migration):
    initial = True

    dependencies = [("companies", "0018_what_an_hour_costs")]

    operations = [
        CreateTables(
            models=[
                migrations.CreateModel(
                    name="Survey",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("active", models.BooleanField(default=False, verbose_name="customers are asked")),
                        (
                            "satisfied",
                            models.BooleanField(default=True, verbose_name="how satisfied they are (CSAT)"),
                        ),
                        (
                            "easy",
                            models.BooleanField(default=False, verbose_name="how easy it was (CES)"),
                        ),
                        (
                            "recommends",
                            models.BooleanField(
                                default=False, verbose_name="whether they would recommend us (NPS)"
                            ),
                        ),
                        (
                            "review_url",
                            models.URLField(blank=True, max_length=500, verbose_name="address for reviews"),
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
                            "desk",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="companies.desk",
                            ),
                        ),
                    ],
                    options={
                        "abstract": False,
                        "base_manager_name": "objects",
                        "default_manager_name": "objects",
                    },
                )
            ]
        ),
        *protect("surveys_survey"),
    ]
