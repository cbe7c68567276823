from django.db import migrations

from madoguchi.infra.row_security import protect


class Migration(migrations.Migration):
    dependencies = [("webform", "0001_initial")]
    operations = [*protect("webform_form")]
