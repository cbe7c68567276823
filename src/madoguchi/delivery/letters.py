"""Sending mail that is no answer to a customer, through the installation's own server: once, tried again, and under one
id. Who sends holds a lock that ends with its process.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import timedelta
from smtplib import SMTPException, SMTPRecipientsRefused, SMTPResponseException
from typing import Generic, TypeVar
from uuid import UUID

import structlog
from django.core.mail import EmailMessage
from django.db import DatabaseError, IntegrityError, transaction
from django.db.models import Q
from procrastinate.exceptions import AlreadyEnqueued

from madoguchi.delivery.actions.send import PATIENCE, PAUSES
from madoguchi.delivery.alone import sole_sender
from madoguchi.delivery.letter_models import Letter
from madoguchi.kernel import clock
from madoguchi.kernel.text import one_line

_REFUSED = 500
_LONGEST = 1000
L = TypeVar("L", bound=Letter)
logger = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Road(Generic[L]):
    """How mails of one kind leave: whose rows they are, the number space of their locks, the scope of each step, what a
    mail says (None: nothing is left to say), what gives it another job, and what is to be told once it has ended.
    """

    model: type[L]
    space: int
    within: Callable[[], AbstractContextManager[None]]
    mail_of: Callable[[L], EmailMessage | None]
    again: Callable[[L], None]
    ended: Callable[[L], None] = lambda letter: None


@dataclass(frozen=True, slots=True)
class _Outcome:
    """What became of a try; `final` that there will be no other."""

    state: str
    response: str = ""
    final: bool = True


def send_once(pk: UUID, road: Road[L]) -> None:
    """Send one letter that is due. Running it twice, or by two workers at once, sends once; after a worker was killed
    in the middle it leaves again under the same id.
    """
    with sole_sender(road.space, pk.int) as sole:
        if sole and _claim(pk, road):
            with road.within():
                mail = road.mail_of(road.model._base_manager.get(pk=pk))
            outcome = _attempt(pk, mail)
            with road.within(), transaction.atomic():
                rows = road.model._base_manager.select_for_update()
                begun = rows.filter(pk=pk, state=Letter.State.SENDING).first()
                if begun is not None:
                    write_down(begun, outcome, road)


def another_job(schedule: Callable[[], None]) -> bool:
    """Whether a letter got a job; one that has one waiting gets no other."""
    try:
        with transaction.atomic():
            schedule()
    except (AlreadyEnqueued, IntegrityError):
        return False
    return True


def write_down(letter: L, outcome: _Outcome, road: Road[L]) -> None:
    """Keep what became of a try, and plan the next one if there is one."""
    letter.response, letter.tries = outcome.response, letter.tries + 1
    if not outcome.final and letter.tries <= len(PAUSES):
        letter.state = Letter.State.QUEUED
        letter.due_at = clock.now() + timedelta(minutes=PAUSES[letter.tries - 1])
        letter.save()
        return road.again(letter)
    letter.state, letter.finished_at = outcome.state, clock.now()
    letter.save()
    return road.ended(letter)


def _claim(pk: UUID, road: Road[L]) -> bool:
    """Whether the letter is due and ours; one that was begun is left alone for a while although its lock is free."""
    now = clock.now()
    left = Q(state=Letter.State.SENDING, started_at__lte=now - PATIENCE)
    with road.within():
        due = road.model._base_manager.filter(Q(state=Letter.State.QUEUED) | left, pk=pk, due_at__lte=now)
        return bool(due.update(state=Letter.State.SENDING, started_at=now))


def _attempt(pk: UUID, mail: EmailMessage | None) -> _Outcome:
    if mail is None:
        return _Outcome(Letter.State.NEEDLESS)
    try:
        mail.send()
    except (SMTPRecipientsRefused, SMTPResponseException) as refused:
        return _said(refused)
    except DatabaseError:
        raise
    except (SMTPException, OSError) as error:
        trouble = one_line(f"{type(error).__name__}: {error}", most=_LONGEST)
        logger.warning("letter_not_sent", letter=str(pk), trouble=trouble)
        return _Outcome(Letter.State.FAILED, trouble, final=False)
    return _Outcome(Letter.State.SENT)


def _said(refused: SMTPRecipientsRefused | SMTPResponseException) -> _Outcome:
    """What the server said, and whether it meant for good."""
    code: int
    words: bytes | str
    if isinstance(refused, SMTPRecipientsRefused):
        code, words = next(iter(refused.recipients.values()))
    else:
        code, words = refused.smtp_code, refused.smtp_error
    text = words.decode(errors="replace") if isinstance(words, bytes) else str(words)
    response = one_line(f"{code} {text}", most=_LONGEST)
    return _Outcome(Letter.State.FAILED, response, final=code >= _REFUSED)
