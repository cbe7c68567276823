"""What is asked for at a page is known by what it is about, in any language."""

from django.db import migrations, models

ABOUT = [("", ""), ("fit", "Compatibility"), ("diagnosis", "Diagnosis")]
# Until now the first word said so, in the language of who asked.
SAID_FIRST = """
    SELECT set_config('app.companies', '*', true);
    UPDATE gaps_gap SET about = said.about, words = words[2:]
    FROM (VALUES ('互換性', 'fit'), ('Compatibility', 'fit'), ('故障診断', 'diagnosis'), ('Diagnosis', 'diagnosis'))
        AS said (word, about)
    WHERE kind = 'asked' AND words[1] = said.word AND cardinality(words) > 1;
    SELECT set_config('app.companies', '', true);
"""


class Migration(migrations.Migration):
    dependencies = [("gaps", "0002_asked")]
    operations = [
        migrations.AddField(
            model_name="gap",
            name="about",
            field=models.CharField(blank=True, choices=ABOUT, db_default="", default="", max_length=10),
        ),
        migrations.RunSQL(SAID_FIRST, migrations.RunSQL.noop),
    ]
