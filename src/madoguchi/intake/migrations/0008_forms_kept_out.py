"""A form that is kept out shows a number like any other."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    # Mail comes in while the index is built. One that was broken off is left invalid: it is dropped and begun anew.
    atomic = False
    dependencies = [("intake", "0007_awaited_by_several")]

    operations = [
        migrations.AddField(
            model_name="arrival",
            name="form",
            field=models.CharField(blank=True, db_default="", default="", max_length=200),
        ),
        migrations.AddField(
            model_name="arrival", name="number", field=models.PositiveIntegerField(null=True)
        ),
        migrations.RunSQL("DROP INDEX CONCURRENTLY IF EXISTS arrival_of_form", migrations.RunSQL.noop),
        AddIndexConcurrently(
            model_name="arrival",
            index=models.Index(
                condition=models.Q(("form", ""), _negated=True), fields=["company", "form"], name="arrival_of_form"
            ),
        ),
    ]
