"""What no article says may be asked for at a case."""

from django.db import migrations, models

KINDS = [
    ("word", "Word that rises"),
    ("questions", "Questions without an answer"),
    ("asked", "Asked for at a case"),
]


class Migration(migrations.Migration):
    dependencies = [("gaps", "0001_initial")]
    operations = [
        migrations.AlterField(
            model_name="gap", name="kind", field=models.CharField(choices=KINDS, max_length=10)
        )
    ]
