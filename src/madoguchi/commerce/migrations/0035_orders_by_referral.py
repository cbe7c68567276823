"""The orders that name the code of a customer, for what each brought."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    # Work goes on while it is built. One that was broken off is left invalid: it is dropped and begun anew.
    atomic = False
    dependencies = [("commerce", "0034_order_referral")]

    operations = [
        migrations.RunSQL("DROP INDEX CONCURRENTLY IF EXISTS order_by_referral", migrations.RunSQL.noop),
        AddIndexConcurrently(
            model_name="order",
            index=models.Index(
                condition=models.Q(("referral", ""), _negated=True),
                fields=["company", "referral"],
                name="order_by_referral",
            ),
        ),
    ]
