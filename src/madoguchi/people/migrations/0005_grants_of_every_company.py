"""The same question, which looks at every company for as long as it is asked: only its answer says whose data is in sight.

The function sets the scope itself. A SET clause at the function would do the same, but PostgreSQL lets nobody but a
superuser write one for a setting of one's own, and the owner of the tables need not be one.
"""

from django.db import migrations

from importlib import import_module

_before = import_module("madoguchi.people.migrations.0004_grants_planned_once")

_SEEING_ALL = f"""{_before._HEAD} LANGUAGE plpgsql STABLE AS $$
    DECLARE
        sight text := coalesce(current_setting('app.companies', true), '');
    BEGIN
        PERFORM set_config('app.companies', '*', true);
        RETURN QUERY {_before._GRANTS};
        PERFORM set_config('app.companies', sight, true);
    END
$$"""


class Migration(migrations.Migration):
    dependencies = [("people", "0004_grants_planned_once")]
    operations = [migrations.RunSQL(_SEEING_ALL, _before._KEPT)]
