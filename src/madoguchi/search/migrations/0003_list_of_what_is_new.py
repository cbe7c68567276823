"""How long the list of what is new may be is said by who writes, for catching up is quicker with a long one."""

import django.contrib.postgres.indexes
from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("search", "0002_row_security")]
    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(
                    "ALTER INDEX posting_by_key RESET (gin_pending_list_limit)",
                    "ALTER INDEX posting_by_key SET (gin_pending_list_limit = 512)",
                )
            ],
            state_operations=[
                migrations.RemoveIndex("posting", "posting_by_key"),
                migrations.AddIndex(
                    "posting",
                    django.contrib.postgres.indexes.GinIndex(
                        fastupdate=True, fields=["keys"], name="posting_by_key"
                    ),
                ),
            ],
        )
    ]
