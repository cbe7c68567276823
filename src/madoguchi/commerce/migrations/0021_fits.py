"""What works together: two products, or a product and a model from outside."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from madoguchi.infra.row_security import protect

VERDICTS = [("works", "Works"), ("conditions", "Works with conditions"), ("fails", "Does not work")]


def to(model, null=False, on_delete=django.db.models.deletion.PROTECT):
    return models.ForeignKey(db_index=False, null=null, on_delete=on_delete, related_name="+", to=model)


class Migration(migrations.Migration):
    dependencies = [
        ("commerce", "0020_written_terms"),
        ("companies", "0001_squashed_0015_line"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]
    operations = [
        migrations.CreateModel(
            name="Fit",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("outside", models.CharField(blank=True, max_length=200, verbose_name="model from outside")),
                ("folded", models.CharField(blank=True, max_length=400)),
                ("verdict", models.CharField(choices=VERDICTS, max_length=10)),
                ("conditions", models.CharField(blank=True, max_length=500)),
                ("source", models.CharField(max_length=500)),
                ("sourced_on", models.DateField()),
                ("at", models.DateTimeField()),
                ("company", to("companies.company")),
                ("product", to("commerce.product", on_delete=django.db.models.deletion.CASCADE)),
                ("other", to("commerce.product", null=True, on_delete=django.db.models.deletion.CASCADE)),
                ("user", to(settings.AUTH_USER_MODEL, null=True)),
            ],
            options={
                "abstract": False,
                "base_manager_name": "objects",
                "default_manager_name": "objects",
                "indexes": [models.Index(fields=["other"], name="fit_of_other")],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("other__isnull", False)),
                        fields=("product", "other"),
                        name="fit_once_per_pair",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("other", None)),
                        fields=("product", "folded"),
                        name="fit_once_per_model",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("folded__gt", ""), ("other", None)),
                            models.Q(
                                ("folded", ""),
                                ("other__gt", models.F("product")),
                                ("other__isnull", False),
                                ("outside", ""),
                            ),
                            _connector="OR",
                        ),
                        name="fit_is_of_two",
                    ),
                ],
            },
        ),
        *protect("commerce_fit"),
    ]
