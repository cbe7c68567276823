"""Keeping what LINE hands in, before anything is made of it: each event once, and a job for what is to be worked up."""

import json
from collections.abc import Sequence
from datetime import timedelta

from django.db import transaction

from madoguchi.channels.line import jobs
from madoguchi.channels.line.handed_in import Event
from madoguchi.channels.line.models import Received
from madoguchi.companies.models import EntryPoint
from madoguchi.infra.prepared import fetch_one
from madoguchi.kernel import clock

WORKED_UP = frozenset({"message", "postback", "follow", "unfollow", "unsend", "accountLink"})
# What happened before that may be forgotten here already (after 30 days), and is not taken again.
OLDEST = timedelta(days=29)
NOT_A_PERSON = "said in a group or a room"
_KEEP = """
    INSERT INTO line_received (company_id, entry_point_id, event, kind, source, "user", about, body, state, tries, why,
        happened_at, received_at, due_at)
    VALUES (%(company)s, %(entry_point)s, %(event)s, %(kind)s, %(source)s, %(user)s, %(about)s, %(body)s, %(state)s, 0,
        %(why)s, %(happened_at)s, %(now)s, %(now)s)
    ON CONFLICT (entry_point_id, event) DO NOTHING RETURNING id
"""


@transaction.atomic
def take_in(point: EntryPoint, events: Sequence[Event]) -> int:
    """Keep events of an account that are new; says how many were. Handed in twice they count once, and one of long ago
    is a repeat: its time is signed with it.

    What was said in a group is for those who are in it: it is noted without its words and without who said it.
    """
    kept = 0
    oldest = clock.now() - OLDEST
    for event in sorted(events, key=lambda event: event.at):
        if event.at < oldest:
            continue
        is_ours = event.is_from_a_person and event.kind in WORKED_UP
        row = fetch_one(_KEEP, _values(point, event, is_ours=is_ours))
        if row and is_ours:
            jobs.schedule(int(row[0]), company=point.company_id, who=f"{point.pk}-{event.user}")
        kept += bool(row)
    return kept


def _values(point: EntryPoint, event: Event, *, is_ours: bool) -> dict[str, object]:
    aside = NOT_A_PERSON if event.source in ("group", "room") else "of no use to us"
    return {
        "company": point.company_id,
        "entry_point": point.pk,
        "event": event.id,
        "kind": event.kind,
        "source": event.source,
        "user": event.user if is_ours else "",
        "about": event.about if is_ours else "",
        "body": json.dumps(event.said, ensure_ascii=False).replace("\\u0000", "") if is_ours else "",
        "state": str(Received.State.WAITING if is_ours else Received.State.ASIDE),
        "why": "" if is_ours else aside,
        "happened_at": event.at,
        "now": clock.now(),
    }
