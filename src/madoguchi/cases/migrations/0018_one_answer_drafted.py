from django.db import migrations, models

# Of several answers that were being written to one case the newest is the desk's; the others are kept for their writers.
ONE_A_CASE = """
    SET CONSTRAINTS ALL IMMEDIATE;
    SELECT set_config('app.companies', '*', true);
    WITH newest AS (
        SELECT DISTINCT ON (draft.case_id) draft.id FROM cases_draft AS draft
        WHERE draft.kind = 'reply'
        ORDER BY draft.case_id, (
            draft.text <> '' OR EXISTS (SELECT FROM cases_draftfile AS file WHERE file.draft_id = draft.id)
        ) DESC, draft.saved_at DESC, draft.id DESC
    )
    UPDATE cases_draft SET kind = 'kept' WHERE kind = 'reply' AND id NOT IN (SELECT id FROM newest);
    DELETE FROM cases_draft AS draft WHERE kind = 'kept' AND text = ''
        AND NOT EXISTS (SELECT FROM cases_draftfile AS file WHERE file.draft_id = draft.id);
    SELECT set_config('app.companies', '', true);
"""


class Migration(migrations.Migration):

    dependencies = [
        ('cases', '0017_ask_the_scanner_again'),
    ]

    operations = [
        migrations.AlterField(
            model_name='draft',
            name='kind',
            field=models.CharField(choices=[('reply', 'reply'), ('note', 'note'), ('kept', 'kept')], default='reply', max_length=10),
        ),
        migrations.RemoveConstraint(model_name='draft', name='one_draft_per_person'),
        migrations.RunSQL(ONE_A_CASE, migrations.RunSQL.noop),
        migrations.AddIndex(
            model_name='draft',
            index=models.Index(fields=['case', 'user'], name='drafts_of_case'),
        ),
        migrations.AddConstraint(
            model_name='draft',
            constraint=models.UniqueConstraint(condition=models.Q(('kind', 'reply')), fields=('case',), name='one_reply_draft_per_case'),
        ),
        migrations.AddConstraint(
            model_name='draft',
            constraint=models.UniqueConstraint(condition=models.Q(('kind', 'note')), fields=('case', 'user'), name='one_note_draft_per_person'),
        ),
    ]
