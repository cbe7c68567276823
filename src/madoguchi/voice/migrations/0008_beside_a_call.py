"""People beside a call: who is asked by a colleague, and supervisors who listen."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("voice", "0007_recording_terms")]

    operations = [
        migrations.AddField(
            model_name="agentphone",
            name="role",
            field=models.CharField(
                blank=True,
                choices=[
                    ("", "Talks with the customer"),
                    ("asked", "Is asked"),
                    ("listen", "Listens"),
                    ("whisper", "Speaks to the operator alone"),
                    ("join", "Speaks with both"),
                ],
                db_default="",
                default="",
                max_length=10,
            ),
        ),
    ]
