"""Which piece of a product a signal is about, and what a suspicion rests on."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("signals", "0001_initial")]

    operations = [
        migrations.AddField(
            "signal", "lot", models.CharField(max_length=40, blank=True, default="", db_default="")
        ),
        migrations.AddField(
            "signal", "serial", models.CharField(max_length=60, blank=True, default="", db_default="")
        ),
        migrations.AddField("incident", "figures", models.JSONField(null=True)),
        migrations.AddIndex(
            "signal",
            models.Index(
                fields=["product", "-raised_at"],
                name="signal_of_product",
                condition=models.Q(product__isnull=False),
            ),
        ),
    ]
