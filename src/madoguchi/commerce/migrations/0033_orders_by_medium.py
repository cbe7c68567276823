"""The orders that came by a medium, for what comes of each."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    # Work goes on while it is built. One that was broken off is left invalid: it is dropped and begun anew.
    atomic = False
    dependencies = [("commerce", "0032_orders_by_number")]

    operations = [
        migrations.RunSQL("DROP INDEX CONCURRENTLY IF EXISTS order_by_medium", migrations.RunSQL.noop),
        AddIndexConcurrently(
            model_name="order",
            index=models.Index(
                condition=models.Q(("medium", ""), _negated=True),
                fields=["company", "placed_at"],
                name="order_by_medium",
            ),
        ),
    ]
