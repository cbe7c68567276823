"""The same question as before, in PL/pgSQL: it keeps its plan from one time to the next, where SQL plans anew."""

from django.db import migrations

_HEAD = """
    CREATE OR REPLACE FUNCTION people_grants(person bigint, today date, administrator boolean)
    RETURNS TABLE (company bigint, role text, desk bigint, operator bigint, model text, masked text[], hidden text[])
"""
_GRANTS = """
    SELECT e.company_id, m.role::text, e.desk_id, e.operator_id, e.model::text, e.masked::text[], e.hidden::text[]
    FROM people_operatormember m
    JOIN companies_engagement e ON e.operator_id = m.operator_id
    WHERE m.user_id = person AND e.starts_on <= today AND (e.ends_on IS NULL OR e.ends_on >= today)
        AND (m.role = 'manager'
             OR EXISTS (SELECT FROM people_seat s WHERE s.member_id = m.id AND s.engagement_id = e.id))
    UNION ALL
    SELECT c.company_id, c.role::text, NULL, NULL, NULL, '{}', '{}'
    FROM people_companymember c WHERE c.user_id = person
    UNION ALL
    SELECT c.company_id, c.role::text, e.desk_id, NULL, e.model::text, '{}', '{}'
    FROM people_companymember c
    JOIN companies_engagement e ON e.company_id = c.company_id AND e.model = 'temp_staff'
    WHERE c.user_id = person AND e.starts_on <= today AND (e.ends_on IS NULL OR e.ends_on >= today)
    UNION ALL
    SELECT id, 'administrator', NULL, NULL, NULL, '{}', '{}' FROM companies_company WHERE administrator
"""
_KEPT = f"""{_HEAD} LANGUAGE plpgsql STABLE AS $$
    BEGIN
        RETURN QUERY {_GRANTS};
    END
$$"""
_ANEW = f"""{_HEAD} LANGUAGE sql STABLE AS $$ {_GRANTS} $$"""


class Migration(migrations.Migration):
    dependencies = [("people", "0003_grants")]
    operations = [migrations.RunSQL(_KEPT, _ANEW)]
