from django.db import migrations

from madoguchi.infra.row_security import protect


class Migration(migrations.Migration):
    dependencies = [("delivery", "0008_template_use")]
    operations = [*protect("delivery_templateuse")]
