"""The product that a number is for, and that of each call there."""

import django.db.models.deletion
from django.db import migrations, models

from madoguchi.infra.row_security import protect
from madoguchi.infra.tables import CreateTables


class Migration(migrations.Migration):
    dependencies = [
        ("commerce", "0020_written_terms"),
        ("companies", "0001_squashed_0015_line"),
        ("voice", "0017_time_at_phones"),
    ]

    operations = [
        CreateTables([
            migrations.CreateModel(
                name="NumberProduct",
                fields=[
                    ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                    ("company", models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="companies.company")),
                    ("entry_point", models.OneToOneField(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name="+", to="companies.entrypoint")),
                    ("product", models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name="+", to="commerce.product")),
                ],
                options={
                    "abstract": False,
                    "base_manager_name": "objects",
                    "default_manager_name": "objects",
                },
            ),
        ]),
        *protect("voice_numberproduct"),
        migrations.AddField(
            model_name="call",
            name="product",
            field=models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="commerce.product"),
        ),
    ]
