"""How many customers each person of a company was shown, by the hour and by the day: pages and programs, searches and
lists by how many stood in them, and lists that were taken along as files.
"""

from collections import Counter
from datetime import datetime
from typing import Final

from django.db.models import Count, QuerySet, Sum
from django.db.models.functions import TruncDay, TruncHour
from django.utils import timezone

from madoguchi.cases.look_models import Look
from madoguchi.cases.reading_models import ReadingAlarm
from madoguchi.infra.models import Event
from madoguchi.kernel.actor import ActorKind

Period = ReadingAlarm.Period
Reading = tuple[int, datetime]  # who, and when the hour or the day began
# Lists that were taken along as files, and where the log says how many stood in them.
_LISTS: Final = {
    "list.taken": ("cases", "customers", "orders"),
    "reservation.list_taken": ("count",),
}
_TRUNCATED: Final = {Period.HOUR: TruncHour, Period.DAY: TruncDay}


def counted(company: int, period: Period, *, since: datetime) -> Counter[Reading]:
    """How many customers each person was shown in each hour or day from that of `since` on. Who is opened counts once
    in it, and so does whoever searches and lists show within each hour, opened or not. Three queries, by index.
    """
    found: Counter[Reading] = Counter()
    begun, cut = begin_of(period, since), _TRUNCATED[period]
    looks = Look.objects.filter(company=company, hour__gte=begun).order_by().annotate(of=cut("hour"))
    opened = looks.filter(customer_id__gt=0).values("user", "of")
    searched = looks.filter(customer_id=0).values("user", "of")
    counts = opened.annotate(n=Count("customer_id", distinct=True)), searched.annotate(n=Sum("shown"))
    for rows in counts:
        for user, at, n in rows.values_list("user", "of", "n"):
            found[user, at] += n
    taken = lists_taken(company, since=begun).annotate(of=cut("at"))
    for user, at, kind, data in taken.values_list("actor_id", "of", "kind", "data"):
        found[int(user or 0), at] += sum(data.get(name) or 0 for name in _LISTS[kind])
    return found


def lists_taken(company: int, *, since: datetime) -> QuerySet[Event]:
    """The lists of a company that people took along."""
    lists = Event.objects.filter(company=company, kind__in=_LISTS, at__gte=since)
    return lists.filter(actor_kind=ActorKind.PERSON, actor_id__isnull=False)


def begin_of(period: Period, moment: datetime) -> datetime:
    """When the hour or the day of a moment began, by the clock here."""
    whole = timezone.localtime(moment).replace(minute=0, second=0, microsecond=0)
    return whole.replace(hour=0) if period is Period.DAY else whole
