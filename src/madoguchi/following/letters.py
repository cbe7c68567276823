"""Mail to people of staff about what they are told: by the road that answers leave by, through the installation's own
server for staff mail. A letter is a row before it is a connection; who sends it holds a lock that ends with its
process.
"""

from contextlib import nullcontext
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

from django.core.mail import EmailMessage
from django.db import transaction
from django.db.models import Min, QuerySet

from madoguchi.delivery.letters import Road, another_job, send_once
from madoguchi.following import jobs
from madoguchi.following.digest import is_due
from madoguchi.following.models import Letter, Notification, Wishes
from madoguchi.following.queries import told_in_letter
from madoguchi.following.wording import mail_of
from madoguchi.infra import scope
from madoguchi.kernel import clock

# What was not told for so long (no worker, a restored backup) is old news: it stands in the console.
_OLD = timedelta(days=4)
_LOCK_SPACE = 7432


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
    again = (partial(jobs.schedule, Letter(pk=pk, due_at=clock.now())) for pk in left[:200])
    return sum(map(another_job, again))


def send_letter(pk: UUID) -> None:
    """Send one letter that is due, unless all it would tell has been read (`delivery/letters.send_once`)."""
    send_once(pk, Road(Letter, _LOCK_SPACE, nullcontext, _mail_of, jobs.schedule))


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


def _mail_of(letter: Letter) -> EmailMessage | None:
    told = told_in_letter(letter)
    return mail_of(letter, told) if told else None
