from django.db import migrations

# What came before cases had a column for it gets its number, too, and the worker goes through the index from there on.
_TAKE_OVER = """
    SELECT set_config('app.companies', '*', true);
    WITH called AS (
        UPDATE cases_case AS c SET former_number = o.number
        FROM imports_origin AS o
        WHERE o.case_id = c.id AND o.kind = 'case' AND o.number <> '' AND c.former_number = ''
        RETURNING c.id
    )
    INSERT INTO search_progress (id, done, finished, anew)
    SELECT 1, min(id) - 1, false, false FROM called HAVING count(*) > 0
    ON CONFLICT (id) DO UPDATE SET finished = false, done = least(
        excluded.done, CASE WHEN search_progress.finished THEN excluded.done ELSE search_progress.done END
    );
    SELECT set_config('app.companies', '', true);
"""


class Migration(migrations.Migration):
    dependencies = [
        ("cases", "0029_former_number"),
        ("imports", "0001_initial"),
        ("search", "0006_files_given_up"),
    ]

    operations = [migrations.RunSQL(_TAKE_OVER, migrations.RunSQL.noop)]
