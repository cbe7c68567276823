"""Articles that fall short are to be improved."""

import django.db.models.deletion
from django.db import migrations, models

KINDS = [
    ("word", "Word that rises"),
    ("questions", "Questions without an answer"),
    ("asked", "Asked for at a case"),
    ("unhelpful", "Did not help customers"),
    ("left", "Customers left at it"),
]


class Migration(migrations.Migration):
    dependencies = [("gaps", "0005_rehearsal"), ("knowledge", "0018_template_feelings")]
    operations = [
        migrations.AlterField(
            model_name="gap", name="kind", field=models.CharField(choices=KINDS, max_length=10)
        ),
        migrations.AddField(
            model_name="gap",
            name="improves",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="knowledge.article",
            ),
        ),
    ]
