"""Those of another desk that is asked something are told of the question."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("escalations", "0001_squashed_0003_taken"),
        ("following", "0001_squashed_0007_questions_and_signals"),
    ]

    operations = [
        migrations.AddField(
            model_name="notification",
            name="question",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="escalations.escalation",
            ),
        ),
    ]
