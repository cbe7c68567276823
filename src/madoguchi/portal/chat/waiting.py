"""Where a visitor stands among those who wait for a person of the desk, and how long that took lately.

Both are said only where they are known: the place counts those who wait now, and the time is what four of five visitors
of this desk's chat waited at most in this part of the week (`cases/reply_time.py`), once enough of them did.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from math import ceil

from django.core.cache import cache
from django.db.models import Exists, OuterRef, QuerySet, Subquery
from django.utils.translation import ngettext

from madoguchi.bot.models import Talk
from madoguchi.cases.models import ACTIVE, OURS_TO_ACT, Case, Message
from madoguchi.cases.reply_time import Wait, figures_of, slot_of
from madoguchi.companies.hours import calendar_of
from madoguchi.companies.models import Desk
from madoguchi.kernel import clock
from madoguchi.kernel.channel import Channel
from madoguchi.kernel.hours import USUAL
from madoguchi.routing.queries import is_anybody_here

LATELY = timedelta(weeks=4)
MOST_TALKS = 1_000
# Whoever wrote earlier has left, and is answered by mail or when they come back.
WAITS_HERE = timedelta(hours=4)
# Whoever was answered by a person within it talks with them and stands in no queue.
TALKS_SINCE = timedelta(hours=1)
_KEPT_SECONDS = 300
_HOUR = 3600


def said_of_waiting(case: Case) -> str:
    """The place in the queue and the usual wait, each on a line, for a visitor who waits for a person, in the language
    of the moment; empty for who talks with one, and while nobody is at work. Three queries, one more each five minutes,
    and two where the desk has no hours of its own.
    """
    if not _waits(case):
        return ""
    place = _ahead(case).count() + 1
    words = ngettext("You are next.", "You are number %(place)d in the queue.", place) % {"place": place}
    seconds = usual_wait(case.desk_id, company=case.company_id)
    return words if seconds is None else f"{words}\n{_lasting(seconds)}"


def usual_wait(desk: int, *, company: int) -> int | None:
    """In how many seconds four of five who asked for a person in this desk's chat lately heard one, in this part of the
    week; None where too few did.
    """
    slot = slot_of(clock.now())
    key = f"chat-wait-{company}-{desk}-{slot}-{int(clock.now().timestamp()) // _KEPT_SECONDS}"
    known: int | None = cache.get(key)
    if known is None:
        figure = figures_of(_waited(desk)).get(slot)
        known = figure.seconds if figure else -1
        cache.set(key, known, _KEPT_SECONDS)
    return None if known < 0 else known


def _waits(case: Case) -> bool:
    if case.channel != Channel.CHAT or case.status not in OURS_TO_ACT or case.waiting_since is None:
        return False
    return _is_at_work(case.desk) and _in_queue(Case.objects.filter(pk=case.pk)).exists()


def _is_at_work(desk: Desk) -> bool:
    """Whether somebody may be expected to answer: by the desk's hours, and where it has none while one of its people
    says to be here, or at the usual hours, by which its promises are reckoned, too.
    """
    calendar = calendar_of(desk)
    if calendar is not None:
        return calendar.is_open(clock.now())
    return USUAL.is_open(clock.now()) or is_anybody_here(desk)


def _ahead(case: Case) -> QuerySet[Case]:
    there = Case.objects.filter(desk=case.desk_id, channel=Channel.CHAT, status__in=OURS_TO_ACT)
    return _in_queue(there.filter(waiting_since__lt=case.waiting_since))


def _in_queue(cases: QuerySet[Case]) -> QuerySet[Case]:
    """Those of these who wait now for a first word of a person."""
    now = clock.now()
    with_bot = Talk.objects.filter(case=OuterRef("pk"), held_by=Talk.With.BOT)
    people = Message.objects.filter(
        case=OuterRef("pk"), author=Message.Author.STAFF, at__gt=now - TALKS_SINCE
    )
    # Nobody waits longer than the case was not touched; by that there is an index.
    here = cases.filter(waiting_since__gt=now - WAITS_HERE, touched_at__gt=now - WAITS_HERE)
    return here.exclude(Exists(with_bot)).exclude(Exists(people))


def _waited(desk: int) -> Iterator[Wait]:
    """From the first word, or from where the bot handed over, to the first word of a person; or until now."""
    now = clock.now()
    asked = Talk.objects.filter(case=OuterRef("pk")).values("handed_at")[:1]
    person = Message.objects.filter(case=OuterRef("pk"), author=Message.Author.STAFF).order_by("at")
    talks = Case.objects.filter(
        desk=desk, channel=Channel.CHAT, opened_at__gte=now - LATELY, continued_in=None
    )
    talks = talks.exclude(Exists(Talk.objects.filter(case=OuterRef("pk"), held_by=Talk.With.BOT)))
    rows = talks.annotate(handed=Subquery(asked), person=Subquery(person.values("at")[:1]))
    newest = rows.order_by("-opened_at").values_list("opened_at", "handed", "person", "status")
    for opened_at, handed, answered, status in newest[:MOST_TALKS]:
        since: datetime = handed or opened_at
        if answered is not None:
            yield Wait(since, max(0, int((answered - since).total_seconds())), answered=True)
        elif status in ACTIVE:
            yield Wait(since, int((now - since).total_seconds()), answered=False)


def _lasting(seconds: int) -> str:
    """A figure in words, rounded up to what people say."""
    minutes = max(1, ceil(seconds / 60))
    if minutes <= 90:
        words = ngettext(
            "Lately four in five were answered within %(n)d minute.",
            "Lately four in five were answered within %(n)d minutes.",
            minutes,
        )
        return words % {"n": minutes}
    hours = ceil(seconds / _HOUR)
    words = ngettext(
        "Lately four in five were answered within %(n)d hour.",
        "Lately four in five were answered within %(n)d hours.",
        hours,
    )
    return words % {"n": hours}
