"""How often it was begun to write down what is said in a recording."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("voice", "0022_notices_and_tries")]

    operations = [
        migrations.AddField(
            model_name="recording",
            name="transcript_tries",
            field=models.PositiveSmallIntegerField(db_default=0, default=0),
        ),
    ]
