from django.db import migrations

from madoguchi.infra.row_security import protect


class Migration(migrations.Migration):
    dependencies = [("macros", "0001_initial")]
    operations = [*protect("macros_macro", "macros_macrorun")]
