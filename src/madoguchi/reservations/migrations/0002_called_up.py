"""Since when what somebody waits for is seen to be free."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [("reservations", "0001_initial")]

    operations = [
        migrations.AddField(
            model_name='reservation',
            name='freed_at',
            field=models.DateTimeField(null=True),
        ),
    ]
