"""What would leave by itself where a company has just come to, and must not: the place it comes from may still run."""

from django.db import connection

# Words for a person who looks at what waits.
WORDS = "The company moved here before this left. See whether it left there, and send it again if it did not."
_STOP = (
    "UPDATE cases_case SET undelivered = true WHERE id IN (SELECT m.case_id FROM cases_message AS m"
    " JOIN delivery_outgoing AS o ON o.message_id = m.id"
    " WHERE o.company_id = %(company)s AND o.state IN ('queued', 'sending'))",
    "UPDATE delivery_outgoing SET state = 'failed', response = %(words)s"
    " WHERE company_id = %(company)s AND state IN ('queued', 'sending')",
    "UPDATE cases_pendinganswer SET state = 'held', why = 'moved', detail = %(words)s"
    " WHERE company_id = %(company)s AND state = 'scheduled'",
    "UPDATE email_mailbox SET active = false WHERE company_id = %(company)s AND active",
    "UPDATE email_smtpserver SET active = false WHERE company_id = %(company)s AND active",
    "UPDATE rules_rule SET state = 'paused' WHERE company_id = %(company)s AND state = 'active'",
    "UPDATE batches_batch SET state = 'cancelled'"
    " WHERE company_id = %(company)s AND state IN ('running', 'undoing')",
)


def stand_still(company: int) -> int:
    """What of a company would act by itself waits for a person from now on: mails on their way out, scheduled answers,
    mailboxes, servers, rules and batches; returns how many."""
    given: dict[str, int | str] = {"company": company, "words": WORDS}
    with connection.cursor() as cursor:
        stopped = 0
        for statement in _STOP:
            cursor.execute(statement, given)
            stopped += cursor.rowcount
        return stopped
