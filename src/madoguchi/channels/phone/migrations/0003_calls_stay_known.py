"""Calls that carriers held stay known by their names, emptied: nothing that is told of them again begins anew."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("phone", "0002_phones_outside")]

    operations = [
        migrations.RemoveIndex("carriedcall", "carried_call_by_age"),
        migrations.AddIndex(
            "carriedcall",
            models.Index(
                fields=["seen_at"],
                name="carried_call_to_empty",
                condition=models.Q(("done", True), models.Q(("document", ""), _negated=True)),
            ),
        ),
    ]
