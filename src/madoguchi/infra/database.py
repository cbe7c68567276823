"""The database role that the running product uses: it owns no table, so row-level security binds it."""

from typing import Any, cast

from django.db.backends.base.base import BaseDatabaseWrapper

APP_ROLE = "madoguchi_app"

_CREATE = f"""
    DO $$ BEGIN
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{APP_ROLE}') THEN
            CREATE ROLE {APP_ROLE} LOGIN NOBYPASSRLS;
        END IF;
    EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
    END $$;
    DO $$ BEGIN
        ALTER ROLE {APP_ROLE} LOGIN;  -- roles made by versions before this one could not
    EXCEPTION WHEN insufficient_privilege THEN NULL;  -- somebody else made the role, and gives it its password
    END $$;
    GRANT {APP_ROLE} TO CURRENT_USER;
    GRANT USAGE ON SCHEMA public TO {APP_ROLE};
    GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {APP_ROLE};
    GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {APP_ROLE};
"""

# Whoever fills tables tells the planner of it (ANALYZE).
_MAINTAIN_SINCE = 170000
# What happened cannot be unsaid: the running product may add events and seals, never touch them.
_APPEND_ONLY = ("infra_event", "infra_seal")
# Under no row-level security, for PostgreSQL would not use its index then: a function reads it, and nobody else.
_READ_BY_FUNCTION_ONLY = ("search_posting",)


def grant_rights(connection: BaseDatabaseWrapper) -> None:
    """Create the role where it is missing and give it rights on all tables; run by the owner after migrating."""
    with connection.cursor() as cursor:
        cursor.execute(_CREATE)
        if cast(int, cast(Any, connection).pg_version) >= _MAINTAIN_SINCE:
            cursor.execute(f"GRANT MAINTAIN ON ALL TABLES IN SCHEMA public TO {APP_ROLE}")
        tables = connection.introspection.table_names(cursor)
        for table in _APPEND_ONLY:
            if table in tables:
                cursor.execute(f"REVOKE UPDATE, DELETE ON {table} FROM {APP_ROLE}")
        for table in _READ_BY_FUNCTION_ONLY:
            if table in tables:
                cursor.execute(f"REVOKE SELECT, UPDATE, DELETE ON {table} FROM {APP_ROLE}")
