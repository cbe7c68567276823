import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("customers", "0008_consents"),
        ("rights", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]
    operations = [
        migrations.AlterField(
            model_name="request",
            name="kind",
            field=models.CharField(
                choices=[
                    ("disclosure", "Disclosure"),
                    ("erasure", "Erasure"),
                    ("stop", "Stop of use"),
                    ("correction", "Correction"),
                ],
                max_length=12,
            ),
        ),
        migrations.AlterField(
            model_name="request",
            name="state",
            field=models.CharField(
                choices=[
                    ("received", "Received"),
                    ("checked", "Identity checked"),
                    ("running", "Being done"),
                    ("made", "Made"),
                    ("released", "Looked over"),
                    ("handed_over", "Handed over"),
                    ("done", "Done"),
                    ("lifted", "Taken back"),
                    ("refused", "Refused"),
                    ("failed", "Failed"),
                ],
                default="received",
                max_length=12,
            ),
        ),
        migrations.AddField(model_name="request", name="wanted", field=models.JSONField(default=dict)),
        migrations.AddField(model_name="request", name="withheld", field=models.JSONField(default=list)),
        migrations.AddField(
            model_name="request", name="reviewed_at", field=models.DateTimeField(null=True)
        ),
        migrations.AddField(
            model_name="request",
            name="reviewed_by",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
    ]
