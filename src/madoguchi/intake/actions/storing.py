"""Storing what arrived, as it came, before anything is made of it."""

import hashlib

from madoguchi.companies.models import EntryPoint
from madoguchi.infra import scope
from madoguchi.infra.prepared import fetch_one
from madoguchi.kernel import clock
from madoguchi.kernel.channel import Channel
from madoguchi.kernel.text import one_line

_STORE = """
    WITH arrival AS (
        INSERT INTO intake_arrival (company_id, entry_point_id, channel, source, state, reason, tries, size, sha256,
            summary, arrived_at)
        VALUES (%(company)s, %(entry_point)s, %(channel)s, %(source)s, 'stored', '', 0, %(size)s, %(sha256)s, '',
            %(now)s)
        ON CONFLICT (company_id, sha256) DO NOTHING RETURNING id
    )
    INSERT INTO intake_rawarrival (arrival_id, company_id, content)
    SELECT id, %(company)s, %(content)s FROM arrival RETURNING arrival_id
"""


def receive(
    *, raw: bytes, entry_point: EntryPoint, source: str, channel: Channel | None = None
) -> int | None:
    """Store what arrived, before anything is made of it; returns the arrival's id.

    `channel` says who can read it where that is not the entry point's own channel: a customer's page answers
    a case that began by mail. None when the company already has these very bytes. Durable when it returns:
    the door may then tell the other side that it was taken.
    """
    values = {
        "company": entry_point.company_id,
        "entry_point": entry_point.pk,
        "channel": str(channel or entry_point.kind),
        "source": one_line(source, most=200),
        "size": len(raw),
        "sha256": hashlib.sha256(raw).digest(),
        "content": raw,
        "now": clock.now(),
    }
    with scope.acting_for([entry_point.company_id]):
        row = fetch_one(_STORE, values)
        return int(row[0]) if row else None
