from django.db import migrations

from madoguchi.infra.row_security import protect


class Migration(migrations.Migration):
    dependencies = [("delivery", "0010_bases")]
    operations = [*protect("delivery_cited", "delivery_articlebasis")]
