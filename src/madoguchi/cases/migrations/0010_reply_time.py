import django.db.models.deletion
from django.db import migrations, models

from madoguchi.infra.row_security import protect


class Migration(migrations.Migration):
    dependencies = [("cases", "0009_pieces"), ("companies", "0003_desk_laid_out")]

    operations = [
        migrations.CreateModel(
            name="ReplyTime",
            fields=[
                (
                    "id",
                    models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
                ),
                ("slot", models.CharField(max_length=12)),
                ("seconds", models.PositiveIntegerField()),
                ("cases", models.PositiveIntegerField()),
                ("measured_at", models.DateTimeField()),
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
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="companies.desk",
                    ),
                ),
            ],
            options={"abstract": False, "base_manager_name": "objects", "default_manager_name": "objects"},
        ),
        migrations.AddConstraint(
            model_name="replytime",
            constraint=models.UniqueConstraint(fields=("desk", "slot"), name="reply_time_once_per_slot"),
        ),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(fields=["desk", "-opened_at"], name="case_opened_at_desk"),
        ),
        *protect("cases_replytime"),
    ]
