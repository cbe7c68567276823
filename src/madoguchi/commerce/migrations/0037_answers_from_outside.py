"""What carriers and warehouses answered about an order that had not come, and when."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

_CAUSES = [
    ("late", "On its way, but late"),
    ("not_sent", "It was not sent yet"),
    ("no_stock", "It was not in stock"),
    ("mixed_up", "Something else, or to somebody else, was sent"),
    ("address", "The address is unknown or incomplete"),
    ("absent", "Nobody was there"),
    ("elsewhere", "Left or handed over elsewhere"),
    ("damaged", "Damaged on its way"),
    ("lost", "Lost on its way"),
    ("unknown", "They do not know"),
]


class Migration(migrations.Migration):
    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ("commerce", "0036_shipping_without_fee"),
    ]

    operations = [
        migrations.AddField(
            model_name="decision", name="task_id", field=models.BigIntegerField(null=True)
        ),
        migrations.AddField(
            model_name="decision",
            name="cause",
            field=models.CharField(blank=True, choices=_CAUSES, db_default="", default="", max_length=9),
        ),
        migrations.AddField(
            model_name="decision",
            name="answer",
            field=models.CharField(blank=True, db_default="", default="", max_length=300),
        ),
        migrations.AddField(
            model_name="decision", name="answered_at", field=models.DateTimeField(null=True)
        ),
        migrations.AddField(
            model_name="decision",
            name="answered_by",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddIndex(
            model_name="decision",
            index=models.Index(
                condition=models.Q(("answered_at__isnull", False)),
                fields=["company", "choice", "-answered_at"],
                name="decision_answered",
            ),
        ),
    ]
