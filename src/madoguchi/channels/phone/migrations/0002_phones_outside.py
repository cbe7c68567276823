"""Where people are rung outside is said by their employer, person by person, and no more with a company's account."""

from django.db import migrations

_DEFAULT = "ALTER TABLE phone_carrieraccount ALTER COLUMN phones SET DEFAULT '{}'"
_NO_DEFAULT = "ALTER TABLE phone_carrieraccount ALTER COLUMN phones DROP DEFAULT"


class Migration(migrations.Migration):
    dependencies = [("phone", "0001_initial"), ("voice", "0015_phones_outside")]

    # Processes of the version before read the column with each call of a carrier's, and this runs while they go on: it
    # stays in the table, empty in new rows. A later release drops it, IF EXISTS: at first it was dropped here.
    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[migrations.RemoveField("carrieraccount", "phones")],
            database_operations=[migrations.RunSQL(_DEFAULT, _NO_DEFAULT)],
        )
    ]
