"""What a recording for callers says."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("voice", "0015_phones_outside")]

    operations = [
        migrations.AddField(
            model_name="announcement",
            name="words",
            field=models.CharField(blank=True, db_default="", default="", max_length=500),
        ),
    ]
