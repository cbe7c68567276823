"""Working on one case at the same time: who has it open, and who alone writes the answer."""

from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from madoguchi.cases import policies
from madoguchi.cases.events import ReplyTakenOver
from madoguchi.cases.models import Case, Presence, ReplyLock
from madoguchi.cases.queries import gone_before, together
from madoguchi.infra import fleeting, scope
from madoguchi.infra.event_log import record
from madoguchi.infra.prepared import fetch_one
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor, Permission
from madoguchi.kernel.errors import Conflict, NotAllowed

# Told to the screens when somebody comes, goes, begins or ends to write; heartbeats are told to nobody.
TOGETHER = "case.together"
_COME = """
    INSERT INTO cases_presence AS at (company_id, case_id, user_id, since, seen_at)
    VALUES (%(company)s, %(case)s, %(person)s, %(now)s, %(now)s)
    ON CONFLICT (case_id, user_id) DO UPDATE SET
        since = CASE WHEN at.seen_at > %(gone)s THEN at.since ELSE excluded.since END,
        seen_at = excluded.seen_at
    RETURNING since = %(now)s
"""
# No row comes back when somebody else holds it. Whoever asks in the same moment waits here for the first.
_CLAIM = """
    INSERT INTO cases_replylock AS held (company_id, case_id, user_id, since, seen_at)
    VALUES (%(company)s, %(case)s, %(person)s, %(now)s, %(now)s)
    ON CONFLICT (case_id) DO UPDATE SET
        since = CASE WHEN held.user_id = excluded.user_id AND held.seen_at > %(gone)s
            THEN held.since ELSE excluded.since END,
        taken_from_id = CASE WHEN held.user_id = excluded.user_id THEN held.taken_from_id END,
        user_id = excluded.user_id, seen_at = excluded.seen_at
    WHERE held.user_id = excluded.user_id OR held.seen_at <= %(gone)s
    RETURNING since = %(now)s
"""
_TAKE_OVER = """
    WITH before AS (
        SELECT user_id FROM cases_replylock
        WHERE case_id = %(case)s AND user_id <> %(person)s AND seen_at > %(gone)s FOR UPDATE
    )
    UPDATE cases_replylock AS held
    SET user_id = %(person)s, taken_from_id = before.user_id, since = %(now)s, seen_at = %(now)s
    FROM before WHERE held.case_id = %(case)s RETURNING held.taken_from_id
"""
_LATE = "a job forgets those who left any company's cases without a word"


@transaction.atomic
def be_here(case: Case, *, writing: bool, by: Actor) -> None:
    """Say again that the actor has the case open, and whether they write the answer. A page does so every half minute.

    Who writes holds the answer from then on, unless somebody else does: `together` tells. Readers from outside the
    desk are not shown to it, so that nobody works under their eyes (37号告示).
    """
    if not policies.may_note(by, case):
        return
    came = fetch_one(_COME, _values(case, by))
    held = fetch_one(_CLAIM, _values(case, by)) if writing and policies.may_reply(by, case) else None
    if (came and came[0]) or (held and held[0]):
        tell_lookers(case)


@transaction.atomic
def leave(case: Case, *, by: Actor) -> None:
    """The actor has closed the case: what they held is free for others."""
    gone, _each = Presence.objects.filter(case=case, user_id=by.id).delete()
    if _let_go(case, by) or gone:
        tell_lookers(case)


@transaction.atomic
def claim_reply(case: Case, *, by: Actor) -> None:
    """Hold the answer to a case, as who begins to write or sends it. One statement decides between two at once.

    Raises NotAllowed, or Conflict when somebody else holds it, saying who.
    """
    if not policies.may_reply(by, case):
        raise NotAllowed(Permission.CASE_REPLY)
    if by.id is None:
        return
    won = fetch_one(_CLAIM, _values(case, by))
    if won is None:
        raise Conflict(_held_by(case))
    if won[0]:
        tell_lookers(case)


@transaction.atomic
def release_reply(case: Case, *, by: Actor) -> None:
    """Let go of the answer, after sending it or throwing it away; nothing happens when the actor does not hold it."""
    if _let_go(case, by):
        tell_lookers(case)


def taken_over_from(case: Case, *, by: Actor) -> int | None:
    """From whom the actor took the answer that they hold; None where from nobody."""
    return ReplyLock.objects.filter(case=case, user_id=by.id).values_list("taken_from_id", flat=True).first()


@transaction.atomic
def hold_again(case: Case, *, taken_from: int | None, by: Actor) -> None:
    """Hold an answer again that was let go by sending it, as before: also taken over `taken_from` somebody, who may
    have begun to write again since. Who else has begun since keeps it.
    """
    if by.id is None or not policies.may_reply(by, case):
        return
    won = fetch_one(_CLAIM, _values(case, by))
    if won is None and taken_from is not None and _writes(case, taken_from):
        if policies.may_take_over(by, case):
            take_over(case, by=by)
    elif won is not None:
        ReplyLock.objects.filter(case=case, user_id=by.id).update(taken_from_id=taken_from)
        tell_lookers(case)


@transaction.atomic
def take_over(case: Case, *, by: Actor) -> int:
    """Take the answer out of the hands of who writes it, and say whose they were; they are told at once.

    Raises NotAllowed, or Conflict when nobody else writes any more.
    """
    if not policies.may_take_over(by, case):
        raise NotAllowed(Permission.CASE_TAKE_OVER)
    taken = fetch_one(_TAKE_OVER, _values(case, by))
    if taken is None:
        raise Conflict(_("Nobody else is writing an answer any more."))
    record(ReplyTakenOver(**case.where, before=taken[0]), by=by)
    tell_lookers(case)
    return int(taken[0])


def forget_gone() -> int:
    """Drop what is left of those who are gone; says how many rows that were. They have long counted for nothing."""
    with scope.everywhere(reason=_LATE):
        old = {"seen_at__lt": gone_before()}
        return Presence.objects.filter(**old).delete()[0] + ReplyLock.objects.filter(**old).delete()[0]


def _let_go(case: Case, by: Actor) -> bool:
    held, _each = ReplyLock.objects.filter(case=case, user_id=by.id).delete()
    return held > 0


def _writes(case: Case, person: int) -> bool:
    writer = together(case.pk).writer
    return writer is not None and writer.id == person


def _held_by(case: Case) -> str:
    writer = together(case.pk).writer
    if writer is None:
        return _("Somebody else has just answered. Look again before you send.")
    return _("%(name)s is writing an answer to this case. Yours was not sent.") % {"name": writer.name}


def _values(case: Case, by: Actor) -> dict[str, Any]:
    now = clock.now()
    return {
        "company": case.company_id,
        "case": case.pk,
        "person": by.id,
        "now": now,
        "gone": gone_before(),
    }


def tell_lookers(case: Case) -> None:
    """Have the screens of whoever has the case open look anew who is there and what is being written."""
    fleeting.tell(fleeting.News(TOGETHER, case.company_id, case.desk_id, case.pk))
