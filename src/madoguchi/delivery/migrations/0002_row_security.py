from django.db import migrations

from madoguchi.infra.row_security import protect


class Migration(migrations.Migration):
    dependencies = [("delivery", "0001_initial")]
    operations = [*protect("delivery_outgoing")]
