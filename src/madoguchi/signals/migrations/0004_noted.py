"""Grave words are also read in what staff write down: notes, signals, complaints."""

import django.db.models.deletion
from django.db import migrations, models


def _one_to_one(to):
    return models.OneToOneField(
        to, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+"
    )


class Migration(migrations.Migration):
    dependencies = [
        ("signals", "0001_squashed_0003_report"),
        ("cases", "0047_checked"),
        ("complaints", "0001_initial"),
    ]

    operations = [
        migrations.AlterField("grave", "message", _one_to_one("cases.Message")),
        migrations.AddField("grave", "note", _one_to_one("cases.Note")),
        migrations.AddField("grave", "signal", _one_to_one("signals.Signal")),
        migrations.AddField(
            "grave",
            "complaint",
            models.ForeignKey(
                "complaints.Complaint",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                db_index=False,
            ),
        ),
        migrations.AddIndex(
            "grave",
            models.Index(
                fields=["complaint"],
                name="grave_of_complaint",
                condition=models.Q(complaint__isnull=False),
            ),
        ),
    ]
