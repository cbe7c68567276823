"""Reports about messages of ours: which message each is about. What follows from it is for `delivery`."""

from typing import Any

from madoguchi.infra.event_log import record
from madoguchi.infra.prepared import fetch_one
from madoguchi.intake.events import MessageReported
from madoguchi.intake.models import Arrival
from madoguchi.intake.models import Report as ReportRow
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor
from madoguchi.kernel.channel import Report
from madoguchi.kernel.identity import IdentityKind, canonical
from madoguchi.kernel.text import clean, one_line

# By our own id that the report names; else the last we wrote to the address it names, if that was lately.
_ABOUT = """
    SELECT id, case_id, desk_id FROM (
        SELECT message.id, message.case_id, array_position(%(about)s::text[], external_id::text) AS place, at
        FROM cases_message AS message
        WHERE message.company_id = %(company)s AND external_id = ANY(%(about)s::text[]) AND author <> 'customer'
        UNION ALL
        (SELECT message.id, message.case_id, 1000, message.at
        FROM customers_identity AS identity
            JOIN cases_case AS matter ON matter.customer_id = identity.customer_id
            JOIN cases_message AS message ON message.case_id = matter.id
        WHERE identity.company_id = %(company)s AND identity.kind = 'email' AND identity.value = %(recipient)s
            AND message.author <> 'customer' AND message.at > %(now)s::timestamptz - interval '14 days'
        ORDER BY message.at DESC LIMIT 1)
    ) AS found(id, case_id, place, at)
    JOIN LATERAL (SELECT desk_id FROM cases_case WHERE cases_case.id = found.case_id) AS matter ON true
    ORDER BY place, at DESC LIMIT 1
"""


def take_report(arrival: Arrival, report: Report, *, by: Actor) -> int | None:
    """Write down what is reported of a message of ours; returns its case, None when it is about none of ours."""
    values: dict[str, Any] = {
        "company": arrival.company_id,
        "about": list(report.about),
        "recipient": canonical(IdentityKind.EMAIL, report.recipient)[:254] if report.recipient else None,
        "now": clock.now(),
    }
    about = fetch_one(_ABOUT, values)
    if about is None:
        return None
    message, case, desk = about
    row = ReportRow.objects.create(
        company_id=arrival.company_id,
        arrival=arrival,
        message_id=message,
        what=report.what,
        recipient=one_line(clean(report.recipient), most=254),
        status=report.status[:20],
        words=one_line(clean(report.words), most=1000),
        at=clock.now(),
    )
    fact = MessageReported(
        company=arrival.company_id, case=case, desk=desk, message=message, report=row.pk, what=report.what
    )
    record(fact, by=by)
    return int(case)
