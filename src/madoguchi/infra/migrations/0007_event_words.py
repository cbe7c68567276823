import django.db.models.deletion
from django.db import migrations, models

from madoguchi.infra.row_security import protect


class Migration(migrations.Migration):
    dependencies = [("companies", "0001_squashed_0012_chat"), ("infra", "0001_squashed_0006_order_of_a_company")]

    operations = [
        migrations.CreateModel(
            name="EventWords",
            fields=[
                ("event_id", models.BigIntegerField(primary_key=True, serialize=False)),
                ("changes", models.JSONField()),
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
            },
        ),
        *protect("infra_eventwords"),
    ]
