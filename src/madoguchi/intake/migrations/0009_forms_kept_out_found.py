"""A form that was kept out is found by its key when it is sent once more."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    # Mail comes in while it is built. One that was broken off is left invalid: it is dropped and begun anew.
    atomic = False
    dependencies = [("intake", "0008_forms_kept_out")]

    operations = [
        migrations.RunSQL("DROP INDEX CONCURRENTLY IF EXISTS arrival_of_form", migrations.RunSQL.noop),
        AddIndexConcurrently(
            model_name="arrival",
            index=models.Index(
                condition=models.Q(("form", ""), _negated=True), fields=["company", "form"], name="arrival_of_form"
            ),
        ),
    ]
