"""The database role that the running product uses: it owns no table, so row-level security binds it."""

from django.db.backends.base.base import BaseDatabaseWrapper

APP_ROLE = "madoguchi_app"

_CREATE = f"""
    DO $$ BEGIN
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{APP_ROLE}') THEN
            CREATE ROLE {APP_ROLE} NOLOGIN NOBYPASSRLS;
        END IF;
    EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
    END $$;
    GRANT {APP_ROLE} TO CURRENT_USER;
    GRANT USAGE ON SCHEMA public TO {APP_ROLE};
    GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {APP_ROLE};
    GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {APP_ROLE};
"""

# What happened cannot be unsaid: the running product may add events and seals, never touch them.
_APPEND_ONLY = ("infra_event", "infra_seal")
# Under no row-level security, for PostgreSQL would not use its index then: a function reads it, and nobody else.
_READ_BY_FUNCTION_ONLY = ("search_posting",)


def grant_rights(connection: BaseDatabaseWrapper) -> None:
    """Create the role where it is missing and give it rights on all tables; run by the owner after migrating."""
    with connection.cursor() as cursor:
        cursor.execute(_CREATE)
        tables = connection.introspection.table_names(cursor)
        for table in _APPEND_ONLY:
            if table in tables:
                cursor.execute(f"REVOKE UPDATE, DELETE ON {table} FROM {APP_ROLE}")
        for table in _READ_BY_FUNCTION_ONLY:
            if table in tables:
                cursor.execute(f"REVOKE SELECT, UPDATE, DELETE ON {table} FROM {APP_ROLE}")
