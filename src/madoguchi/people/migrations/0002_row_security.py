from django.db import migrations

from madoguchi.infra.row_security import protect


class Migration(migrations.Migration):
    dependencies = [("people", "0001_initial")]
    operations = [*protect("people_seat", "people_companymember")]
