"""The orders that came by a number, for what comes of each."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    # Work goes on while it is built. One that was broken off is left invalid: it is dropped and begun anew.
    atomic = False
    dependencies = [("commerce", "0031_variant_beginnings")]

    operations = [
        migrations.RunSQL("DROP INDEX CONCURRENTLY IF EXISTS order_by_number", migrations.RunSQL.noop),
        AddIndexConcurrently(
            model_name="order",
            index=models.Index(
                condition=models.Q(("entry_point__isnull", False)),
                fields=["entry_point", "placed_at"],
                name="order_by_number",
            ),
        ),
    ]
