import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models

from madoguchi.infra.row_security import protect
from madoguchi.infra.tables import CreateTables

# The wall: keys of the slots and documents of the companies that this transaction may touch, and no others.
_CANDIDATES = """
    CREATE FUNCTION search_candidates(newest bigint, oldest bigint, spellings text[]) RETURNS SETOF bigint
    LANGUAGE sql STABLE SECURITY DEFINER ROWS 1000
    SET search_path = public, pg_temp SET enable_seqscan = off AS $$
        WITH allowed AS MATERIALIZED (
            SELECT current_setting('app.companies', true) = '*' AS all_of_them,
                string_to_array(nullif(current_setting('app.companies', true), '*'), ',')::bigint[] AS companies
        ), slots AS MATERIALIZED (
            SELECT DISTINCT mod(id, 32) AS slot FROM (
                SELECT unnest(companies) AS id FROM allowed
                UNION ALL SELECT companies_company.id FROM companies_company, allowed WHERE all_of_them
            ) AS reached
        )
        SELECT posting.document_id
        FROM generate_series(newest, oldest, -1::bigint) AS segment
            CROSS JOIN slots
            CROSS JOIN unnest(spellings) AS spelling
            CROSS JOIN LATERAL (
                SELECT array_agg((segment << 48) | (slot << 32) | code) AS keys
                FROM unnest(spelling::bigint[]) AS code OFFSET 0
            ) AS wanted
            CROSS JOIN LATERAL (
                SELECT document_id FROM search_posting, allowed
                WHERE search_posting.keys @> wanted.keys AND (all_of_them OR company_id = ANY (companies))
                OFFSET 0
            ) AS posting
    $$;
"""
# Keys are kept apart, so that what is read of a posting is small; a text is kept with its document.
_TABLES = """
    ALTER TABLE search_posting ADD CONSTRAINT posting_of_document
        FOREIGN KEY (document_id) REFERENCES search_document (id) ON DELETE CASCADE;
    ALTER TABLE search_posting SET (toast_tuple_target = 128);
    ALTER TABLE search_document ALTER COLUMN text SET STORAGE MAIN;
    INSERT INTO search_progress (id, done, finished, anew) VALUES (1, 0, false, false);
"""


class Migration(migrations.Migration):

    replaces = [('search', '0001_squashed_0006_files_given_up'), ('search', '0007_what_stays_to_be_found')]

    initial = True

    dependencies = [
        ('cases', '0001_squashed_0041_line'),
        ('companies', '0001_squashed_0015_line'),
    ]

    operations = [
        CreateTables(
            models=[
                migrations.CreateModel(
                    name='Progress',
                    fields=[
                        ('id', models.SmallIntegerField(default=1, primary_key=True, serialize=False)),
                        ('done', models.BigIntegerField(default=0)),
                        ('finished', models.BooleanField(default=False)),
                        ('anew', models.BooleanField(default=False)),
                        ('known', models.BigIntegerField(db_default=0, default=0)),
                        ('last', models.BigIntegerField(null=True)),
                    ],
                ),
                migrations.CreateModel(
                    name='Posting',
                    fields=[
                        ('document_id', models.BigIntegerField(primary_key=True, serialize=False)),
                        ('company_id', models.BigIntegerField()),
                        ('keys', django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), size=None)),
                    ],
                    options={
                        'indexes': [django.contrib.postgres.indexes.GinIndex(fastupdate=True, fields=['keys'], name='posting_by_key')],
                    },
                ),
                migrations.CreateModel(
                    name='Document',
                    fields=[
                        ('id', models.BigAutoField(primary_key=True, serialize=False)),
                        ('kind', models.TextField()),
                        ('field', models.TextField()),
                        ('source_id', models.BigIntegerField()),
                        ('case_id', models.BigIntegerField(null=True)),
                        ('customer_id', models.BigIntegerField(null=True)),
                        ('at', models.DateTimeField()),
                        ('text', models.TextField()),
                        ('company', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='companies.company')),
                    ],
                    options={'abstract': False, 'base_manager_name': 'objects', 'default_manager_name': 'objects',
                        'indexes': [models.Index(condition=models.Q(('case_id__isnull', False)), fields=['case_id', 'id'], name='document_of_case'), models.Index(condition=models.Q(('customer_id__isnull', False)), fields=['customer_id', 'id'], name='document_of_customer')],
                        'constraints': [models.UniqueConstraint(fields=('source_id', 'kind', 'field'), name='document_once')],
                    },
                ),
                migrations.CreateModel(
                    name='FileText',
                    fields=[
                        ('attachment', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='+', serialize=False, to='cases.attachment')),
                        ('state', models.CharField(choices=[('waiting', 'Waiting'), ('read', 'Read'), ('unreadable', 'Unreadable'), ('given_up', 'Given Up')], default='waiting', max_length=10)),
                        ('tries', models.PositiveSmallIntegerField(default=0)),
                        ('text', models.TextField(blank=True, default='')),
                        ('company', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='companies.company')),
                        ('next_try_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                    ],
                    options={'abstract': False, 'base_manager_name': 'objects', 'default_manager_name': 'objects',
                        'indexes': [models.Index(condition=models.Q(('state', 'waiting')), fields=['attachment'], name='file_to_be_read'), models.Index(condition=models.Q(('state', 'given_up')), fields=['attachment'], name='file_given_up')],
                    },
                ),
            ],
        ),
        *protect(
            "search_document",
            "search_filetext",
        ),
        migrations.RunSQL(_TABLES, migrations.RunSQL.noop),
        migrations.RunSQL(_CANDIDATES, "DROP FUNCTION search_candidates(bigint, bigint, text[])"),
    ]
