import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("commerce", "0010_lines_of_a_variant"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]
    operations = [
        migrations.AddField(
            model_name="shop",
            name="refund_limit",
            field=models.PositiveIntegerField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="return",
            name="refund_by",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AlterField(
            model_name="return",
            name="state",
            field=models.CharField(
                choices=[
                    ("asked", "Asked for"),
                    ("inspected", "Looked over"),
                    ("awaiting", "Refund waits for a second person"),
                    ("refunded", "Money given back"),
                    ("exchanged", "Exchanged"),
                    ("refused", "Not taken back"),
                ],
                default="asked",
                max_length=10,
            ),
        ),
    ]
