from django.db import migrations

from madoguchi.infra.row_security import protect


class Migration(migrations.Migration):
    dependencies = [("promises", "0001_initial")]
    operations = [
        *protect("promises_servicelevels", "promises_servicelevelsversion", "promises_clock"),
    ]
