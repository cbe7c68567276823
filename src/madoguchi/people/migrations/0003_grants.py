"""What somebody may do where, in one question. How it comes to see every company: 0005."""

from django.db import migrations

_GRANTS = """
    CREATE FUNCTION people_grants(person bigint, today date, administrator boolean)
    RETURNS TABLE (company bigint, role text, desk bigint, operator bigint, model text, masked text[], hidden text[])
    LANGUAGE sql STABLE AS $$
        SELECT e.company_id, m.role, e.desk_id, e.operator_id, e.model, e.masked::text[], e.hidden::text[]
        FROM people_operatormember m
        JOIN companies_engagement e ON e.operator_id = m.operator_id
        WHERE m.user_id = person AND e.starts_on <= today AND (e.ends_on IS NULL OR e.ends_on >= today)
            AND (m.role = 'manager'
                 OR EXISTS (SELECT FROM people_seat s WHERE s.member_id = m.id AND s.engagement_id = e.id))
        UNION ALL
        SELECT c.company_id, c.role, NULL, NULL, NULL, '{}', '{}'
        FROM people_companymember c WHERE c.user_id = person
        UNION ALL
        SELECT c.company_id, c.role, e.desk_id, NULL, e.model, '{}', '{}'
        FROM people_companymember c
        JOIN companies_engagement e ON e.company_id = c.company_id AND e.model = 'temp_staff'
        WHERE c.user_id = person AND e.starts_on <= today AND (e.ends_on IS NULL OR e.ends_on >= today)
        UNION ALL
        SELECT id, 'administrator', NULL, NULL, NULL, '{}', '{}' FROM companies_company WHERE administrator
    $$
"""


class Migration(migrations.Migration):
    dependencies = [("people", "0002_row_security"), ("companies", "0002_row_security")]
    operations = [
        migrations.RunSQL(_GRANTS, "DROP FUNCTION people_grants(bigint, date, boolean)"),
    ]
