"""Mail to people of staff about what they are told: by the road that answers leave by, through the installation's own
server for staff mail. A letter is a row before it is a connection; who sends it holds a lock that ends with its
process.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from smtplib import SMTPException, SMTPRecipientsRefused, SMTPResponseException
from uuid import UUID

import structlog
from django.db import DatabaseError, IntegrityError, transaction
from django.db.models import Min, Q, QuerySet
from procrastinate.exceptions import AlreadyEnqueued

from madoguchi.delivery.actions.send import PATIENCE, PAUSES
from madoguchi.delivery.alone import sole_sender
from madoguchi.following import jobs
from madoguchi.following.digest import is_due
from madoguchi.following.models import Letter, Notification, Wishes
from madoguchi.following.queries import told_in_letter
from madoguchi.following.wording import mail_of
from madoguchi.infra import scope
from madoguchi.kernel import clock
from madoguchi.kernel.text import one_line

# What was not told for so long (no worker, a restored backup) is old news: it stands in the console.
_OLD = timedelta(days=4)
_LOCK_SPACE = 7432
_REFUSED = 500
_LONGEST = 1000
logger = structlog.get_logger()


def write_letters() -> int:
    """Put what people wish to be told by mail, and have not read, into letters, each of it into one; says how many
    letters. Twice, or by two workers at once, tells nothing twice.
    """
    now = clock.now()
    with scope.everywhere(reason="people are told by mail of cases of any company"):
        waiting = list(_waiting(now).order_by().values_list("user", "way").annotate(since=Min("at")))
        wishes = Wishes.objects.in_bulk({user for user, _way, _since in waiting})
        due = [
            (user, way)
            for user, way, since in waiting
            if is_due(way, since=since, wishes=wishes.get(user) or Wishes(user_id=user), now=now)
        ]
        return sum(_written(user, way, now) for user, way in due)


def resume_left_over() -> int:
    """Give each letter that is overdue by a minute a job again, for its own may be lost with its worker; says how many
    got one.
    """
    overdue = clock.now() - timedelta(minutes=1)
    on_the_way = Letter.objects.filter(state__in=[Letter.State.QUEUED, Letter.State.SENDING])
    left = on_the_way.filter(due_at__lt=overdue).order_by("due_at").values_list("pk", flat=True)
    return sum(_schedule_again(pk) for pk in left[:200])


def send_letter(pk: UUID) -> None:
    """Send one letter that is due, unless all it would tell has been read. Running it twice, or by two workers at once,
    sends once; after a worker was killed in the middle it leaves again under the same id.
    """
    with sole_sender(_LOCK_SPACE, pk.int) as sole:
        if sole and _claim(pk):
            outcome = _attempt(Letter.objects.select_related("user").get(pk=pk))
            with transaction.atomic():
                begun = Letter.objects.select_for_update().filter(pk=pk, state=Letter.State.SENDING).first()
                if begun is not None:
                    outcome(begun)


def _waiting(now: datetime) -> QuerySet[Notification]:
    for_letters = Notification.objects.filter(letter=None, read_at=None, way__in=["mail", "digest"])
    return for_letters.filter(at__gt=now - _OLD, user__is_active=True)


@transaction.atomic
def _written(user: int, way: str, now: datetime) -> bool:
    letter = Letter(user_id=user, created_at=now, due_at=now)
    if not _waiting(now).filter(user=user, way=way).update(letter=letter.pk):
        return False
    letter.save(force_insert=True)
    jobs.schedule(letter)
    return True


def _schedule_again(pk: UUID) -> bool:
    try:
        with transaction.atomic():
            jobs.schedule(Letter(pk=pk, due_at=clock.now()))
    except (AlreadyEnqueued, IntegrityError):  # it has one that waits
        return False
    return True


def _claim(pk: UUID) -> bool:
    """Whether the letter is due and ours; one that was begun is left alone for a while although its lock is free."""
    now = clock.now()
    left = Q(state=Letter.State.SENDING, started_at__lte=now - PATIENCE)
    due = Letter.objects.filter(Q(state=Letter.State.QUEUED) | left, pk=pk, due_at__lte=now)
    return bool(due.update(state=Letter.State.SENDING, started_at=now))


def _attempt(letter: Letter) -> Callable[[Letter], None]:
    """Try once; returns what is to be written down of it."""
    told = told_in_letter(letter)
    if not told:
        return lambda one: _end(one, Letter.State.NEEDLESS, "")
    try:
        mail_of(letter, told).send()
    except (SMTPRecipientsRefused, SMTPResponseException) as refused:
        words, for_good = _said(refused)
        return lambda one: _end(one, Letter.State.FAILED, words) if for_good else _put_off(one, words)
    except DatabaseError:
        raise
    except (SMTPException, OSError) as error:
        trouble = one_line(f"{type(error).__name__}: {error}", most=_LONGEST)
        logger.warning("letter_not_sent", letter=str(letter.pk), trouble=trouble)
        return lambda one: _put_off(one, trouble)
    return lambda one: _end(one, Letter.State.SENT, "")


def _said(refused: SMTPRecipientsRefused | SMTPResponseException) -> tuple[str, bool]:
    """What the server said, and whether it meant for good."""
    code: int
    words: bytes | str
    if isinstance(refused, SMTPRecipientsRefused):
        code, words = next(iter(refused.recipients.values()))
    else:
        code, words = refused.smtp_code, refused.smtp_error
    text = words.decode(errors="replace") if isinstance(words, bytes) else str(words)
    return one_line(f"{code} {text}", most=_LONGEST), code >= _REFUSED


def _put_off(letter: Letter, response: str) -> None:
    if letter.tries >= len(PAUSES):
        return _end(letter, Letter.State.FAILED, response)
    letter.state, letter.response = Letter.State.QUEUED, response
    letter.due_at = clock.now() + timedelta(minutes=PAUSES[letter.tries])
    letter.tries += 1
    letter.save()
    return jobs.schedule(letter)


def _end(letter: Letter, state: Letter.State, response: str) -> None:
    letter.state, letter.response, letter.finished_at = state, response, clock.now()
    letter.tries += 1
    letter.save()
