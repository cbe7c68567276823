"""Migration operations that put row-level security under a table.

`app.companies` holds the companies of the running transaction as `1,2`, or `*`; unset means no row at all.
"""

from django.db.migrations.operations import RunSQL

# Behind a SELECT of its own the setting is read once for a statement, not once for every row.
_ALLOWED = """(
    (SELECT current_setting('app.companies', true)) = '*'
    OR {column} = ANY (
        (SELECT string_to_array(nullif(current_setting('app.companies', true), '*'), ',')::bigint[])::bigint[]
    )
)"""


def protect(*tables: str, column: str = "company_id") -> list[RunSQL]:
    """What enables and forces row-level security by company on each table: one operation, for each has its price."""
    return [
        RunSQL(
            "".join(_policy(table, column) for table in tables),
            "".join(_undo(table) for table in reversed(tables)),
        )
    ]


def _policy(table: str, column: str) -> str:
    allowed = _ALLOWED.format(column=column)
    return f"""
        ALTER TABLE {table} ENABLE ROW LEVEL SECURITY;
        ALTER TABLE {table} FORCE ROW LEVEL SECURITY;
        CREATE POLICY company_wall ON {table} USING {allowed} WITH CHECK {allowed};
    """


def _undo(table: str) -> str:
    return f"""
        DROP POLICY company_wall ON {table};
        ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY;
        ALTER TABLE {table} DISABLE ROW LEVEL SECURITY;
    """
