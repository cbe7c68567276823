"""Calls that a carrier holds."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("voice", "0001_squashed_0010_divided_calls")]

    operations = [
        migrations.AddField(
            model_name="call",
            name="outside",
            field=models.BooleanField(db_default=False, default=False),
        ),
    ]
