from django.db import migrations

from madoguchi.infra.row_security import protect


class Migration(migrations.Migration):
    dependencies = [("batches", "0001_initial")]
    operations = [*protect("batches_batch"), *protect("batches_batchrow")]
