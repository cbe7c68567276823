from django.db import migrations

from madoguchi.infra.row_security import protect


class Migration(migrations.Migration):
    dependencies = [("intake", "0001_initial")]
    operations = [
        *protect("intake_arrival", "intake_rawarrival"),
        # Raw mail is mostly base64 or short: compressing it costs more than it saves.
        migrations.RunSQL(
            "ALTER TABLE intake_rawarrival ALTER COLUMN content SET STORAGE EXTERNAL", migrations.RunSQL.noop
        ),
    ]
