"""The customers who have a code, for whoever names it."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    # Work goes on while it is built. One that was broken off is left invalid: it is dropped and begun anew.
    atomic = False
    dependencies = [("customers", "0018_referral")]

    operations = [
        migrations.RunSQL("DROP INDEX CONCURRENTLY IF EXISTS customer_by_referral", migrations.RunSQL.noop),
        AddIndexConcurrently(
            model_name="customer",
            index=models.Index(
                condition=models.Q(("referral", ""), _negated=True),
                fields=["company", "referral"],
                name="customer_by_referral",
            ),
        ),
    ]
