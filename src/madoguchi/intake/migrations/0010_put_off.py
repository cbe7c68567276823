"""How often an attempt to handle what arrived ended for what says nothing of it."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("intake", "0001_squashed_0009_forms_kept_out_found")]

    operations = [
        migrations.AddField("arrival", "put_off", models.PositiveSmallIntegerField(db_default=0, default=0)),
    ]
