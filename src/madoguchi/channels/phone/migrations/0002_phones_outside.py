"""Where people are rung outside is said by their employer, person by person, and no more with a company's account."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("phone", "0001_initial"), ("voice", "0015_phones_outside")]

    operations = [migrations.RemoveField("carrieraccount", "phones")]
