"""What a notice of delay said when it was sent, so that it is a draft with its words again when it is taken back."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("promises", "0001_squashed_0007_delay_notices"),
    ]

    operations = [
        migrations.AddField(
            model_name="delaynotice",
            name="text",
            field=models.TextField(blank=True, db_default="", default=""),
        ),
        migrations.AddField(
            model_name="delaynotice",
            name="message",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="cases.message",
            ),
        ),
        migrations.AddField(
            model_name="delaynotice",
            name="answer",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="cases.pendinganswer",
            ),
        ),
        migrations.AlterField(
            model_name="delaynotice",
            name="reason",
            field=models.TextField(),
        ),
        migrations.AlterField(
            model_name="delaynotice",
            name="stands",
            field=models.TextField(),
        ),
    ]
