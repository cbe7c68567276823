from django.db import migrations

from madoguchi.infra.row_security import protect


class Migration(migrations.Migration):
    dependencies = [("helpcentre", "0001_initial")]
    operations = [*protect("helpcentre_helpcentre", "helpcentre_judgement")]
