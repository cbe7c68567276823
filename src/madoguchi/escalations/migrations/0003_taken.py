"""Of several who are asked, the one who sees to it; and everybody of the desk may be asked."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ("escalations", "0002_where_slips_went"),
    ]

    operations = [
        migrations.AddField(
            model_name="escalation",
            name="taken_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="escalation",
            name="taken_by",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AlterField(
            model_name="escalation",
            name="to",
            field=models.CharField(
                choices=[
                    ("person", "A colleague"),
                    ("team", "Everybody of this desk"),
                    ("seniors", "The supervisors of this desk"),
                    ("managers", "The operator's manager"),
                    ("desk", "Another desk"),
                    ("company", "The company"),
                    ("outside", "Somebody without an account, by mail"),
                ],
                max_length=10,
            ),
        ),
    ]
