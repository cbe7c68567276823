"""Files that were given up are found among all files, however many there are."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    # Files are read while it is built. One that was broken off is left invalid: it is dropped and begun anew.
    atomic = False
    dependencies = [("search", "0005_files_not_now")]

    operations = [
        migrations.RunSQL("DROP INDEX CONCURRENTLY IF EXISTS file_given_up", migrations.RunSQL.noop),
        AddIndexConcurrently(
            model_name="filetext",
            index=models.Index(condition=models.Q(("state", "given_up")), fields=["attachment"], name="file_given_up"),
        ),
    ]
