"""Two machines that answer each other: ours acknowledges, theirs answers each acknowledgement with the same words and
says nowhere that it is a machine.

It is counted for a pair of addresses, the entry point's and the sender's, within an hour. The same words alone are no
loop: a scanner mails many files under one text, and a backlog is read in one go. They are one when each of them had an
acknowledgement and was said again all the same. A person may write so, too, or somebody in their name: all that follows
is that no machine of ours answers, which ends a loop.
"""

import re
from datetime import timedelta

from madoguchi.infra.prepared import fetch_all
from madoguchi.intake.models import SenderRule
from madoguchi.kernel import clock
from madoguchi.kernel.channel import Channel, Inbound
from madoguchi.kernel.identity import IdentityKind, canonical
from madoguchi.kernel.text import fold

MOST_ANSWERED = 3
HOUR = timedelta(hours=1)
# Each branch takes its rows by an index: the sender's cases of this hour, and in each its newest messages. Few of them
# were acknowledged, for that is bounded by itself.
_ANSWERED = """
    SELECT said.subject, said.words
    FROM (
        SELECT id FROM cases_case
        WHERE company_id = %(company)s AND customer_id = %(customer)s AND opened_at > %(since)s::timestamptz
        ORDER BY opened_at DESC LIMIT 200
    ) AS matter CROSS JOIN LATERAL (
        SELECT contact_id, author, automatic, sender_address, subject, at,
            left(CASE WHEN new_text = '' THEN text ELSE new_text END, 20000) AS words
        FROM cases_message WHERE case_id = matter.id AND at > %(since)s::timestamptz ORDER BY at DESC LIMIT 20
    ) AS said JOIN cases_contact AS contact ON contact.id = said.contact_id
    WHERE said.author = 'customer' AND said.automatic = '' AND lower(said.sender_address) = %(sender)s
        AND contact.entry_point_id = %(entry_point)s
        AND EXISTS (
            SELECT FROM cases_message AS told
            WHERE told.case_id = matter.id AND told.automatic = 'acknowledgement' AND told.at >= said.at
        )
"""
# What a machine says anew each time: numbers, dates, addresses of pages and of mail.
_ANEW = re.compile(r"(?<![!-~])[!-~]*(?:\d|://|@)[!-~]*")
_LETTER = re.compile(r"[^\W_]+")


def is_turn(inbound: Inbound, *, rule: str, company: int, entry_point: int, customer: int) -> bool:
    """Whether something that begins a new case is but the next turn of a loop. One query, by index.

    Who brings files brings something new, whom the company always takes in (`rule`) is never kept short, and a machine
    that answers mail fills in no form.
    """
    if (
        inbound.channel != Channel.EMAIL
        or inbound.automatic
        or inbound.files
        or rule.startswith(SenderRule.Kind.ALLOW)
    ):
        return False
    words = essence(inbound.subject, inbound.new_text or inbound.text)
    if not words:
        return False
    values = {
        "company": company,
        "entry_point": entry_point,
        "customer": customer,
        "sender": canonical(IdentityKind.EMAIL, inbound.sender.address)[:254],
        "since": clock.now() - HOUR,
    }
    return sum(essence(*said) == words for said in fetch_all(_ANSWERED, values)) >= MOST_ANSWERED


def essence(subject: str, text: str) -> str:
    """What a machine says again in every mail of its: the letters of the text, or where it has none of the subject."""
    letters = ("".join(_LETTER.findall(_ANEW.sub(" ", fold(words)))) for words in (text[:20_000], subject))
    return next(filter(None, letters), "")
