"""Walls, what goes with a document, and the one way to the postings."""

from django.db import migrations

from madoguchi.infra.row_security import protect

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
    dependencies = [("search", "0001_initial")]
    operations = [
        *protect("search_document"),
        migrations.RunSQL(_TABLES, migrations.RunSQL.noop),
        migrations.RunSQL(_CANDIDATES, "DROP FUNCTION search_candidates(bigint, bigint, text[])"),
    ]
