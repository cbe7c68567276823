from django.db import migrations

from madoguchi.infra.row_security import protect


class Migration(migrations.Migration):
    dependencies = [("views", "0001_initial")]
    operations = [*protect("views_savedview")]
