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

# By our own id that the report names; else the last we wrote to the address it names, if that was lately. Anybody may
# know an address: of it alone nothing is believed but that mail does not come through. Of who has very many cases, as
# the robot of a marketplace has, the newest are looked at.
_BELIEVED_OF_AN_ADDRESS = (ReportRow.What.BOUNCED, ReportRow.What.DELAYED)
_BY_ADDRESS = 1000
_ABOUT = """
    SELECT id, case_id, desk_id, place FROM (
        SELECT message.id, message.case_id, array_position(%(about)s::text[], external_id::text) AS place, at
        FROM cases_message AS message
        WHERE message.company_id = %(company)s AND external_id = ANY(%(about)s::text[]) AND author <> 'customer'
        UNION ALL
        (SELECT message.id, message.case_id, %(by_address)s, message.at
        FROM customers_identity AS identity
            JOIN LATERAL (
                SELECT id FROM cases_case WHERE customer_id = identity.customer_id ORDER BY opened_at DESC LIMIT 100
            ) AS matter ON true
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
    named = report.recipient if report.what in _BELIEVED_OF_AN_ADDRESS else ""
    values: dict[str, Any] = {
        "company": arrival.company_id,
        "about": list(report.about),
        "recipient": canonical(IdentityKind.EMAIL, named)[:254] if named else None,
        "by_address": _BY_ADDRESS,
        "now": clock.now(),
    }
    about = fetch_one(_ABOUT, values)
    if about is None:
        return None
    message, case, desk, place = about
    row = ReportRow.objects.create(
        company_id=arrival.company_id,
        arrival=arrival,
        message_id=message,
        what=report.what,
        knows_our_id=place != _BY_ADDRESS,
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
