"""Two machines that answer each other: ours acknowledges, theirs answers each acknowledgement with the same words and
says nowhere that it is a machine.

It is counted for a pair of addresses, the entry point's and the sender's, within an hour. The same words alone are no
loop: a scanner mails many files under one text, and a backlog is read in one go. They are one when each of them had an
acknowledgement and was said again all the same.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from madoguchi.infra.prepared import fetch_all
from madoguchi.intake.models import SenderRule
from madoguchi.kernel import clock
from madoguchi.kernel.channel import Channel, Inbound
from madoguchi.kernel.identity import IdentityKind, canonical
from madoguchi.kernel.text import fold

LOOP = "loop"
MOST_ANSWERED = 3
HOUR = timedelta(hours=1)
# Each branch takes its rows by an index: the sender's newest cases, and in each its newest messages.
_SAID = """
    SELECT matter.id, matter.status IN ('solved', 'closed'), said.automatic, said.subject, said.words, EXISTS (
            SELECT FROM cases_message AS told
            WHERE told.case_id = matter.id AND told.automatic = 'acknowledgement' AND told.at >= said.at
        )
    FROM (
        SELECT id, status FROM cases_case WHERE company_id = %(company)s AND customer_id = %(customer)s
        ORDER BY opened_at DESC LIMIT 10
    ) AS matter CROSS JOIN LATERAL (
        SELECT id, contact_id, author, automatic, sender_address, subject, at,
            left(CASE WHEN new_text = '' THEN text ELSE new_text END, 20000) AS words
        FROM cases_message WHERE case_id = matter.id AND at > %(since)s::timestamptz ORDER BY at DESC LIMIT 20
    ) AS said JOIN cases_contact AS contact ON contact.id = said.contact_id
    WHERE said.author = 'customer' AND said.automatic IN ('', 'loop') AND lower(said.sender_address) = %(sender)s
        AND contact.entry_point_id = %(entry_point)s
    ORDER BY said.at DESC, said.id DESC
"""
# What a machine says anew each time: numbers, dates, addresses of pages and of mail.
_ANEW = re.compile(r"(?<![!-~])[!-~]*(?:\d|://|@)[!-~]*")
_LETTER = re.compile(r"[^\W_]+")


@dataclass(frozen=True, slots=True)
class Turn:
    """An arrival that is another turn of a loop. `case` takes it up, None where a person has laid that to rest;
    `first` says that no turn before it was known for one.
    """

    case: int | None
    first: bool


@dataclass(frozen=True, slots=True)
class _Said:
    """What the same address said lately, and whether that was acknowledged."""

    case: int
    at_rest: bool
    automatic: str
    subject: str
    words: str
    answered: bool


def turn_of(inbound: Inbound, *, rule: str, company: int, entry_point: int, customer: int) -> Turn | None:
    """Whether something that would begin a new case is but the next turn of a loop. One query, by index.

    Who brings files brings something new, whom the company always takes in (`rule`) is never kept short, and a machine
    that answers mail fills in no form.
    """
    if (
        inbound.channel != Channel.EMAIL
        or inbound.automatic
        or inbound.files
        or rule.startswith(SenderRule.Kind.ALLOW)
    ):
        return None
    values = {
        "company": company,
        "entry_point": entry_point,
        "customer": customer,
        "sender": canonical(IdentityKind.EMAIL, inbound.sender.address)[:254],
        "since": clock.now() - HOUR,
    }
    words = essence(inbound.subject, inbound.new_text or inbound.text)
    if not words:
        return None
    said = [_Said(*row) for row in fetch_all(_SAID, values)]
    return _next([one for one in said if essence(one.subject, one.words) == words])


def essence(subject: str, text: str) -> str:
    """What a machine says again in every mail of its: the letters of the text, or where it has none of the subject."""
    letters = ("".join(_LETTER.findall(_ANEW.sub(" ", fold(words)))) for words in (text[:20_000], subject))
    return next(filter(None, letters), "")


def _next(said: Sequence[_Said]) -> Turn | None:
    """The turn after these, the newest of which comes first."""
    if not said:
        return None
    known = said[0].automatic == LOOP
    if not known and sum(one.answered for one in said) < MOST_ANSWERED:
        return None
    return Turn(None if said[0].at_rest else said[0].case, first=not known)
