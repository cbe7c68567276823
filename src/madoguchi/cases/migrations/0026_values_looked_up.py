import django.db.models.deletion
from django.db import migrations, models

from madoguchi.infra.row_security import protect

# Whoever writes the column, the index follows: in the same transaction, with the same rights, one case at a time.
_FOLLOW = """
    CREATE FUNCTION case_values(filled jsonb) RETURNS TABLE (field_id bigint, words text, number float8)
    LANGUAGE sql IMMUTABLE AS $$
        SELECT key::bigint, said.words, said.number
        FROM jsonb_each(filled) CROSS JOIN LATERAL (
            SELECT
                CASE jsonb_typeof(value)
                    WHEN 'string' THEN left(lower(normalize(value #>> '{}', NFKC) COLLATE "C"), 200) END AS words,
                CASE jsonb_typeof(value)
                    WHEN 'number' THEN value::float8 WHEN 'object' THEN (value ->> 'customer')::float8 END AS number
        ) AS said
    $$;
    CREATE FUNCTION case_values_follow() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF TG_OP = 'UPDATE' THEN
                DELETE FROM cases_filledvalue WHERE case_id = NEW.id;
            END IF;
            INSERT INTO cases_filledvalue (case_id, company_id, words, number, field_id)
                SELECT NEW.id, NEW.company_id, words, number, field_id FROM case_values(NEW.filled);
            RETURN NULL;
        END
    $$;
    CREATE TRIGGER case_values_begin AFTER INSERT ON cases_case
        FOR EACH ROW WHEN (NEW.filled <> '{}') EXECUTE FUNCTION case_values_follow();
    CREATE TRIGGER case_values_follow AFTER UPDATE OF filled ON cases_case
        FOR EACH ROW WHEN (OLD.filled IS DISTINCT FROM NEW.filled) EXECUTE FUNCTION case_values_follow();
    SET CONSTRAINTS ALL IMMEDIATE;
    SELECT set_config('app.companies', '*', true);
    INSERT INTO cases_filledvalue (case_id, company_id, words, number, field_id)
        SELECT c.id, c.company_id, v.words, v.number, v.field_id
        FROM cases_case AS c CROSS JOIN LATERAL case_values(c.filled) AS v
        WHERE c.filled <> '{}';
    SELECT set_config('app.companies', '', true);
"""
_NO_MORE = """
    DROP TRIGGER case_values_follow ON cases_case;
    DROP TRIGGER case_values_begin ON cases_case;
    DROP FUNCTION case_values_follow();
    DROP FUNCTION case_values(jsonb);
"""


class Migration(migrations.Migration):

    dependencies = [
        ('cases', '0025_fields_of_desks'),
        ('companies', '0008_work'),
        ('fields', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='FilledValue',
            fields=[
                ('pk', models.CompositePrimaryKey('case', 'field', blank=True, editable=False, primary_key=True, serialize=False)),
                ('words', models.CharField(db_collation='C', max_length=200, null=True)),
                ('number', models.FloatField(null=True)),
                ('case', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='cases.case')),
                ('company', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='companies.company')),
                ('field', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='fields.field')),
            ],
            options={
                'abstract': False,
                'base_manager_name': 'objects',
                'default_manager_name': 'objects',
                'indexes': [models.Index(fields=['field', 'words', 'case'], include=('company',), name='value_by_words'), models.Index(fields=['field', 'number', 'case'], include=('company',), name='value_by_number')],
            },
        ),
        *protect("cases_filledvalue"),
        migrations.RunSQL(_FOLLOW, _NO_MORE),
    ]
