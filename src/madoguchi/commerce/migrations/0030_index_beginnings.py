"""Products and variants are found by how they begin without reading the catalogue."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    # The catalogue is used while they are built. One that was broken off is left invalid: it is dropped and begun anew.
    atomic = False
    dependencies = [("commerce", "0029_media")]

    operations = [
        migrations.RunSQL("DROP INDEX CONCURRENTLY IF EXISTS product_by_beginning", migrations.RunSQL.noop),
        AddIndexConcurrently(
            "product", models.Index(fields=["company", "begins"], name="product_by_beginning")
        ),
        migrations.RunSQL("DROP INDEX CONCURRENTLY IF EXISTS variant_by_beginning", migrations.RunSQL.noop),
        AddIndexConcurrently(
            "variant", models.Index(fields=["company", "begins"], name="variant_by_beginning")
        ),
    ]
