"""What was said in recordings, written down."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("voice", "0020_outside_contacts")]

    operations = [
        migrations.AddField(
            model_name="recording",
            name="transcribed_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="recording",
            name="transcript",
            field=models.CharField(blank=True, db_default="", default="", max_length=64),
        ),
    ]
