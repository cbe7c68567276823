"""Whom somebody wishes to ask during a call."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("voice", "0011_call_outside")]

    operations = [
        migrations.AddField(
            model_name="agentphone",
            name="asks",
            field=models.BigIntegerField(db_default=0, default=0),
        ),
    ]
