"""What the people of the sample world have read: all that is a day old at their desks, so that what is new is seen."""

from datetime import datetime, timedelta

from django.db import connection

_SEEN = """
    INSERT INTO cases_seen (company_id, user_id, case_id, message, note, unread)
    SELECT DISTINCT c.company_id, m.user_id, c.id, newest.message, newest.note, false
    FROM cases_case AS c
        JOIN companies_engagement AS e ON e.desk_id = c.desk_id
        JOIN people_seat AS s ON s.engagement_id = e.id
        JOIN people_operatormember AS m ON m.id = s.member_id
        CROSS JOIN LATERAL (SELECT
            coalesce((SELECT max(id) FROM cases_message WHERE case_id = c.id), 0) AS message,
            coalesce((SELECT max(id) FROM cases_note WHERE case_id = c.id), 0) AS note
        ) AS newest
    WHERE c.status NOT IN ('solved', 'closed') AND c.touched_at < %s
    ON CONFLICT DO NOTHING
"""


def look_through(*, now: datetime) -> int:
    """Let everybody have read what lies a day back; returns how many marks that is."""
    with connection.cursor() as cursor:
        cursor.execute(_SEEN, [now - timedelta(days=1)])
        return int(cursor.rowcount)
