from django.db import migrations

from madoguchi.infra.row_security import protect


class Migration(migrations.Migration):
    dependencies = [("customers", "0001_initial")]
    operations = [*protect("customers_customer", "customers_identity")]
