"""How we know that an address is a customer's, since when and by whom."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

HOW = [
    ("mail", "A mail to it was answered"),
    ("call", "Reached by a call to it"),
    ("code", "By a code sent to it"),
    ("document", "By a document"),
    ("told", "Told by the customer"),
]


class Migration(migrations.Migration):
    dependencies = [
        ("customers", "0010_notes"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]
    operations = [
        migrations.AddField(
            model_name="identity",
            name="verified_how",
            field=models.CharField(blank=True, choices=HOW, db_default="", default="", max_length=10),
        ),
        migrations.AddField(
            model_name="identity", name="verified_at", field=models.DateTimeField(null=True)
        ),
        migrations.AddField(
            model_name="identity",
            name="verified_by",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
    ]
