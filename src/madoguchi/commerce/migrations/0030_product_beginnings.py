"""What is called so, or has such a code, is found by how it begins without reading the catalogue: products."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    # The catalogue is used while it is built. One that was broken off is left invalid: it is dropped and begun anew.
    atomic = False
    dependencies = [("commerce", "0029_media")]

    operations = [
        migrations.RunSQL("DROP INDEX CONCURRENTLY IF EXISTS product_by_beginning", migrations.RunSQL.noop),
        AddIndexConcurrently("product", models.Index(fields=["company", "begins"], name="product_by_beginning")),
    ]
