"""When a call stood in which queue, and whether it was answered there."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("voice", "0023_transcript_tries")]

    operations = [
        migrations.AddField(
            model_name="call",
            name="stays",
            field=models.JSONField(db_default=[], default=list),
        ),
    ]
