"""Which case an arrival belongs to: the clues of its channel in their order, the first that holds.

One question finds everything there is to know: the cases behind all clues, and whether the same thing came before.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings

from madoguchi.cases.actions import join
from madoguchi.cases.models import Status
from madoguchi.infra.prepared import fetch_all
from madoguchi.intake.senders import patterns_of
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor
from madoguchi.kernel.case_number import read_case_number
from madoguchi.kernel.channel import Inbound
from madoguchi.kernel.identity import IdentityKind, canonical

# Every branch takes its rows by an index, and no more of them than it says: a circular may have very many answerers,
# a broken program one Message-ID for all its mails, and a robot very many cases. CASE stands where COALESCE would be
# shorter: behind row-level security the server takes no index by what COALESCE gives. LIMIT 1 keeps it to the index
# whatever it expects to find. Anybody can send a mail under the id of one that others will answer, before that comes:
# under the id of a customer's mail only its writer, the case's customer and those who write or are written to there are
# led into its case. Where a case has more than fifty messages, the last fifty tell who that is.
_FIND = """
    WITH me(customer) AS (
        SELECT customer_id FROM customers_identity
        WHERE company_id = %(company)s AND kind = 'email' AND value = %(sender)s
    ),
    theirs(id) AS (
        SELECT id FROM cases_case WHERE company_id = %(company)s AND customer_id = (SELECT customer FROM me)
            AND cardinality(%(mentioned)s::text[]) > 0
        ORDER BY opened_at DESC LIMIT 50
    ),
    hint(kind, value, case_id, placed) AS (
        SELECT 'token', reply_token::text, id, false FROM cases_case
            WHERE company_id = %(company)s AND reply_token = ANY(%(token)s::text[])
        UNION ALL
        SELECT 'message_id', value, (array_agg(bearing.case_id ORDER BY placed DESC, bearing.case_id))[1],
                bool_or(placed)
            FROM unnest(%(message_id)s::text[]) AS mentioned(value) CROSS JOIN LATERAL (
                SELECT case_id, placed, author, channel, sender_address, row_number() OVER () AS nth
                FROM cases_message
                WHERE company_id = %(company)s AND external_id = mentioned.value LIMIT 100
            ) AS bearing
            WHERE %(as_us)s OR author <> 'customer' OR channel <> 'email' OR lower(sender_address) = %(sender)s
                OR (SELECT customer_id FROM cases_case WHERE id = bearing.case_id) = (SELECT customer FROM me)
                OR (nth <= 3 AND EXISTS (
                    SELECT FROM (
                        SELECT sender_address, "to" || cc || bcc AS parties FROM cases_message
                        WHERE case_id = bearing.case_id ORDER BY at DESC, id DESC LIMIT 50
                    ) AS there WHERE lower(sender_address) = %(sender)s OR EXISTS (
                        SELECT FROM jsonb_array_elements(parties) AS party WHERE lower(party->>'address') = %(sender)s
                    )
                ))
            GROUP BY value
        UNION ALL
        (SELECT 'awaited', value::text, case_id, false FROM intake_awaited
            WHERE company_id = %(company)s AND value = %(external_id)s::text ORDER BY case_id DESC LIMIT 100)
        UNION ALL
        SELECT 'awaited', mentioned.value, awaiting.case_id, false
            FROM (
                SELECT id FROM theirs UNION ALL
                SELECT led_there.id FROM theirs CROSS JOIN LATERAL (
                    SELECT id FROM cases_case WHERE continued_in_id = theirs.id LIMIT 5
                ) AS led_there
            ) AS own CROSS JOIN unnest(%(mentioned)s::text[]) AS mentioned(value) CROSS JOIN LATERAL (
                SELECT case_id FROM intake_awaited
                WHERE company_id = %(company)s AND intake_awaited.value = mentioned.value AND case_id = own.id LIMIT 1
            ) AS awaiting
        UNION ALL
        SELECT 'case_number', prefix || '-' || number, cases_case.id, false FROM cases_case
            JOIN companies_company ON companies_company.id = company_id
            WHERE company_id = %(company)s AND number = ANY(%(numbers)s::bigint[]) AND EXISTS (
                SELECT 1 FROM cases_message WHERE author = 'customer' AND lower(sender_address) = %(sender)s
                    AND case_id = CASE WHEN continued_in_id IS NULL THEN cases_case.id ELSE continued_in_id END
            )
    )
    SELECT kind, value, there.id, there.customer_id, there.status, there.solved_at, there.followed_by_id,
        there.status = 'new' AND there.assignee_id IS NULL AND there.first_replied_at IS NULL, hint.placed
    FROM hint CROSS JOIN LATERAL (
        SELECT id, continued_in_id FROM cases_case WHERE id = hint.case_id LIMIT 1
    ) AS named CROSS JOIN LATERAL (
        SELECT id, customer_id, status, solved_at, followed_by_id, assignee_id, first_replied_at FROM cases_case
        WHERE id = CASE WHEN named.continued_in_id IS NULL THEN named.id ELSE named.continued_in_id END LIMIT 1
    ) AS there
    UNION ALL
    SELECT 'same', '', coalesce(case_id, 0), 0, '', NULL, NULL, false, false FROM intake_arrival
        WHERE company_id = %(company)s AND fingerprint = %(fingerprint)s AND id <> %(arrival)s
    UNION ALL
    SELECT * FROM (
        SELECT 'ours', '', case_id, 0, '', NULL::timestamptz, NULL::bigint, false, false FROM cases_message
        WHERE company_id = %(company)s AND external_id = %(external_id)s::text AND author <> 'customer' LIMIT 1
    ) AS own
    UNION ALL
    SELECT * FROM (
        SELECT 'rule', kind || ' ' || pattern, 0, 0, '', NULL::timestamptz, NULL::bigint, false, false
        FROM intake_senderrule
        WHERE company_id = %(company)s AND pattern = ANY(%(senders)s::text[]) ORDER BY kind LIMIT 1
    ) AS said
"""
_FOLLOWER = """
    SELECT '', '', id, customer_id, status, solved_at, followed_by_id, false, false FROM cases_case
    WHERE company_id = %(company)s AND id = %(case)s
"""
_AWAIT = """
    INSERT INTO intake_awaited (company_id, value, case_id)
    SELECT %(company)s, value, %(case)s FROM unnest(%(values)s::text[]) AS value
    ON CONFLICT (company_id, value, case_id) DO NOTHING
"""
_STEPS = 20
_MOST_MENTIONED = 50
_MOST_JOINED = 20
_MOST_NUMBERS = 5


@dataclass(frozen=True, slots=True)
class Match:
    """A case that something in an arrival points to. `untouched`: nobody has worked on it yet.

    `placed`: what points there is a message that a person put into this case.
    """

    kind: str
    value: str
    case: int
    customer: int
    status: str
    solved_at: datetime | None
    followed_by: int | None
    untouched: bool
    placed: bool

    @property
    def closed_long_ago(self) -> bool:
        """Whether what comes now is a matter of its own, which only follows that one."""
        long_ago = clock.now() - timedelta(days=settings.REOPEN_DAYS)
        at_rest = self.status in (Status.SOLVED, Status.CLOSED)
        return at_rest and self.solved_at is not None and self.solved_at < long_ago


@dataclass(frozen=True, slots=True)
class Findings:
    """Everything that is known of an arrival before it is placed.

    `same` is the case of the same message that came before (0: it has none), `ours` that of ours which it is (0: none),
    `rule` is what the company ruled about the sender, as "block spam.example".
    """

    matches: Sequence[Match]
    same: int | None
    ours: int
    rule: str = ""


@dataclass(frozen=True, slots=True)
class Place:
    """Where an arrival belongs: it continues a case, or begins a new one, which may follow an old one."""

    case: int | None = None
    follows: int | None = None
    joining: Sequence[int] = ()


def look_up(inbound: Inbound, *, company: int, arrival: int, as_us: bool = False) -> Findings:
    """All that the clues of an arrival lead to, and whether it came before. One query. `as_us` says that it is a mail
    of our own, which may go wherever it answers.
    """
    asked = asked_of(inbound, company=company, arrival=arrival, as_us=as_us)
    found = [Match(*row) for row in fetch_all(_FIND, asked)]
    same = next((m.case for m in found if m.kind == "same"), None)
    rest = [m for m in found if m.kind not in ("same", "ours", "rule")]
    rule = next((m.value for m in found if m.kind == "rule"), "")
    ours = next((m.case for m in found if m.kind == "ours"), 0)
    return Findings(rest, same, ours, rule)


def asked_of(inbound: Inbound, *, company: int, arrival: int, as_us: bool = False) -> dict[str, Any]:
    """What of an arrival leads anywhere, as the one query is told it."""
    wanted = {kind: [c.value for c in inbound.clues if c.kind == kind] for kind in ("token", "message_id")}
    numbers = [read_case_number(c.value) for c in inbound.clues if c.kind == "case_number"]
    conversations = [c.value for c in inbound.clues if c.kind == "conversation"]
    return wanted | {
        "company": company,
        "arrival": arrival,
        "fingerprint": inbound.fingerprint,
        "external_id": next(iter(_own(inbound)), None),
        "mentioned": [*wanted["message_id"][:_MOST_MENTIONED], *conversations],
        "sender": canonical(IdentityKind.EMAIL, inbound.sender.address)[:254],
        "numbers": [n.count for n in numbers if n][:_MOST_NUMBERS],
        "senders": patterns_of(inbound.sender.address),
        "as_us": as_us,
    }


def without_our_name(inbound: Inbound, findings: Findings) -> Inbound:
    """The arrival without an id of ours that is on no mail of ours: nothing is ever found by that."""
    return replace(inbound, external_id="") if inbound.bears_our_id and not findings.ours else inbound


def is_answer(inbound: Inbound, findings: Findings) -> bool:
    """Whether it answers what is in a case that is there, or is answered there, whoever wrote it."""
    own = _own(inbound)
    return any(
        m.kind in ("token", "message_id") or (m.kind == "awaited" and m.value in own)
        for m in findings.matches
    )


def place_of(inbound: Inbound, findings: Findings, *, company: int, customer: int) -> Place:
    """Where an arrival belongs, given whose it is.

    What ties cases of one customer together that nobody has touched yet lets them go on in one. What somebody else
    writes into a case closed long ago begins a matter of theirs, and what its customer says next does not go there.
    """
    sure = _sure(inbound, findings, customer)
    tied = _tied(inbound, sure, customer) or _of_customer(inbound, findings, customer)
    if not tied:
        return Place()
    touched = [m for m in tied if not m.untouched]
    target = touched[0] if touched else min(tied, key=lambda m: m.case)
    joining = dict.fromkeys(m.case for m in tied if m.untouched and m.case != target.case)
    if inbound.automatic or not target.closed_long_ago:
        return Place(case=target.case, joining=tuple(joining)[:_MOST_JOINED])
    if target.customer != customer:
        return Place()
    last = _last_follower(target, company)
    return Place(follows=last.case) if last.closed_long_ago else Place(case=last.case)


def await_others(inbound: Inbound, findings: Findings, *, company: int, case: int) -> None:
    """Remember what the arrival mentions and has not come yet, and its conversation, for what comes later."""
    known = {m.value for m in findings.matches if m.kind != "awaited"}
    unknown = [mark[:500] for mark in inbound.marks if mark not in known]
    if unknown:
        fetch_all(_AWAIT, {"company": company, "case": case, "values": unknown})


def join_all(place: Place, *, by: Actor) -> None:
    """Let the cases that an arrival tied together go on in the one it belongs to."""
    for case in place.joining:
        assert place.case is not None
        join(case, into=place.case, by=by)


def _sure(inbound: Inbound, findings: Findings, customer: int) -> list[Match]:
    """Cases found by what nobody can guess, the surest first.

    What a case only waits for leads there from its own customer alone: anybody can have others mention a mail that
    they have not sent yet, and strangers who answer the same circular would else read one another.
    """
    own = _own(inbound)
    by_id: dict[tuple[str, str], list[Match]] = {}
    for m in findings.matches:
        if m.kind != "awaited" or m.customer == customer:
            by_id.setdefault((m.kind, m.value), []).append(m)
    wanted = [
        key
        for clue in inbound.clues
        if clue.kind in ("token", "message_id")
        for key in ((clue.kind, clue.value), ("awaited", clue.value))
    ]
    wanted += [("awaited", value) for value in own]
    return _placed(inbound, by_id) + [m for key in wanted for m in by_id.get(key, ())]


def _placed(inbound: Inbound, by_id: Mapping[tuple[str, str], list[Match]]) -> list[Match]:
    """The case into which a person put the message that this arrival answers: surer than the token that the message
    carries, which is of the case where it was before.
    """
    answered = (by_id.get(("message_id", c.value)) for c in inbound.clues if c.kind == "message_id")
    nearest = next(filter(None, answered), [])
    return [m for m in nearest if m.placed]


def _tied(inbound: Inbound, sure: Sequence[Match], customer: int) -> list[Match]:
    """Those of the sure ones that are one matter: the surest, those that answer this arrival, and, where all are
    cases of who wrote it, all. Only cases of who wrote it are tied, for whoever holds one's page would else read
    another's; and nothing by a robot.
    """
    if inbound.automatic or len(sure) < 2 or sure[0].customer != customer:
        return list(sure[:1])
    own = set(_own(inbound))
    all_theirs = all(m.customer == customer for m in sure)
    return [
        m
        for m in sure
        if m is sure[0]
        or (m.customer == customer and (all_theirs or (m.kind == "awaited" and m.value in own)))
    ]


def _of_customer(inbound: Inbound, findings: Findings, customer: int) -> list[Match]:
    """Cases of this customer found by what could be guessed or is not sure to be one matter."""
    by_id = {(m.kind, m.value): m for m in findings.matches if m.customer == customer}
    kinds = {"conversation": "awaited", "case_number": "case_number"}
    wanted = [(kinds[c.kind], c.value) for c in inbound.clues if c.kind in kinds]
    return [by_id[key] for key in wanted if key in by_id][:1]


def _own(inbound: Inbound) -> list[str]:
    return [inbound.external_id[:500]] if inbound.external_id else []


def _last_follower(closed: Match, company: int) -> Match:
    """The newest case of the same customer that took the matter up, as long as those before it were closed long ago,
    too.
    """
    last = closed
    for _ in range(_STEPS):
        if not last.followed_by or not last.closed_long_ago:
            break
        follower = Match(*fetch_all(_FOLLOWER, {"company": company, "case": last.followed_by})[0])
        if follower.customer != closed.customer:
            break
        last = follower
    return last
