from django.db import migrations

from madoguchi.infra.row_security import protect


class Migration(migrations.Migration):
    dependencies = [("promises", "0004_ledger")]
    operations = [*protect("promises_promise")]
