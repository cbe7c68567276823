from django.db import migrations

from madoguchi.infra.row_security import protect


class Migration(migrations.Migration):
    dependencies = [("cases", "0001_initial")]
    operations = [
        *protect(
            "cases_numbercounter",
            "cases_case",
            "cases_contact",
            "cases_message",
            "cases_attachment",
            "cases_note",
            "cases_mention",
            "cases_draft",
            "cases_draftfile",
        )
    ]
