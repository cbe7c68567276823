"""Telling a company of people who read very many customers within an hour. Nobody is kept from reading by it: work can
need that, and whoever leads has to ask. Whoever was told of is not who looks at it.
"""

from collections import Counter
from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

import structlog
from django.db import transaction
from django.db.models import Count, QuerySet
from django.db.models.functions import TruncHour
from django.utils.translation import gettext as _

from madoguchi.cases.events import ReadingAlarmSeen, ReadingLimitSet, ReadMany
from madoguchi.cases.look_models import Look
from madoguchi.cases.reading_models import ReadingAlarm as ReadingAlarm
from madoguchi.cases.reading_models import ReadingLimit
from madoguchi.companies.models import Company
from madoguchi.infra import scope
from madoguchi.infra.event_log import record
from madoguchi.infra.models import Event
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor, ActorKind, Permission, system
from madoguchi.kernel.errors import NotAllowed, Refused

USUAL, LEAST, MOST = 150, 5, 100_000
# A higher limit counts so much later: time for others to see it.
LIMIT_WAITS = timedelta(days=7)
_CLOCK = system("clock")
# Lists that were taken along as files, and where the log says how many stood in them.
_LISTS = {"list.taken": "cases", "reservation.list_taken": "count"}
logger = structlog.get_logger()
Reading = tuple[int, datetime]  # who, in which hour


def raise_alarms() -> int:
    """Tell every company of who read more customers in this hour or the last one than it wants to be told of; returns
    how many were told. Each person and hour is told once, with the number of then.
    """
    with scope.everywhere(reason="people may read very many customers of any company"):
        companies = list(Company.objects.order_by("pk").values_list("pk", flat=True))
    return sum(_tried_company(company, since=clock.now() - timedelta(hours=1)) for company in companies)


def _tried_company(company: int, *, since: datetime) -> int:
    """What goes wrong with one company keeps no other from being told."""
    try:
        return _told_company(company, since=since)
    except Exception:
        logger.exception("reading_not_counted", company=company)
        return 0


def _told_company(company: int, *, since: datetime) -> int:
    with scope.acting_for([company]):
        limit = limit_of(company)
        many = {one: n for one, n in _counted(company, since=since).items() if n >= limit}
    return sum(_told(company, *one, customers=n) for one, n in sorted(many.items()))


def _counted(company: int, *, since: datetime) -> Counter[Reading]:
    """How many customers each person was shown in each hour: pages and programs, and cases of lists taken along. Two
    queries, by index.
    """
    found: Counter[Reading] = Counter()
    hour = since.replace(minute=0, second=0, microsecond=0)
    looks = Look.objects.filter(company=company, hour__gte=hour, customer_id__gt=0).order_by()
    shown = looks.values("user", "hour").annotate(n=Count("customer_id", distinct=True))
    for user, at, n in shown.values_list("user", "hour", "n"):
        found[user, at] += n
    lists = Event.objects.filter(company=company, kind__in=_LISTS, at__gte=hour, actor_kind=ActorKind.PERSON)
    rows = lists.exclude(actor_id=None).annotate(hour=TruncHour("at"))
    for user, at, kind, data in rows.values_list("actor_id", "hour", "kind", "data"):
        found[user, at] += data.get(_LISTS[kind]) or 0
    return found


@transaction.atomic
def _told(company: int, user: int, hour: datetime, *, customers: int) -> bool:
    with scope.acting_for([company]):
        said = {"customers": customers, "at": clock.now()}
        _row, new = ReadingAlarm.objects.get_or_create(
            company_id=company, user_id=user, hour=hour, defaults=said
        )
        if new:
            told: dict[str, Any] = {"person": user, "customers": customers, "hour": hour.isoformat()}
            record(ReadMany(company=company, **told), by=_CLOCK)
    return new


@transaction.atomic
def set_reading_limit(company: Company, *, per_hour: int, by: Actor) -> None:
    """Say from how many customers within an hour on the company is told: a lower number counts at once, a higher one
    seven days later. Raises NotAllowed and Refused.
    """
    _require(company.pk, by)
    if not LEAST <= per_hour <= MOST:
        words = _("Write a number from %(least)s to %(most)s.") % {"least": LEAST, "most": f"{MOST:,}"}
        raise Refused(words, field="per_hour")
    said, counts = limit_said(company.pk), limit_of(company.pk)
    if said.per_hour == per_hour:
        return
    raised = per_hour > counts
    values = {
        "per_hour": per_hour,
        "before": counts if raised else None,
        "begins_at": clock.now() + LIMIT_WAITS if raised else None,
    }
    ReadingLimit.objects.update_or_create(company=company, defaults=values)
    record(ReadingLimitSet(company=company.pk, before=said.per_hour, after=per_hour), by=by)


@transaction.atomic
def mark_looked(alarm: ReadingAlarm, *, by: Actor) -> None:
    """Say that one has looked at it. Raises NotAllowed, and Refused for who was told of themselves."""
    _require(alarm.company_id, by)
    if alarm.user_id == by.id:
        raise Refused(
            _("Whoever was told of cannot say that it was looked at. Somebody else has to look."),
            field="seen",
        )
    rows = ReadingAlarm.objects.filter(pk=alarm.pk, seen_at=None)
    if rows.update(seen_at=clock.now(), seen_by=by.id):
        record(ReadingAlarmSeen(company=alarm.company_id, person=alarm.user_id), by=by)


def limit_of(company: int) -> int:
    """From how many on a company is told at this moment. One query."""
    return _as_it_counts(limit_said(company))


def limits_of(companies: Collection[int]) -> dict[int, int]:
    """The same of each of these companies. One query."""
    said = {row.company_id: _as_it_counts(row) for row in ReadingLimit.objects.filter(company__in=companies)}
    return {company: said.get(company, USUAL) for company in companies}


def unseen_of(companies: Collection[int]) -> Counter[int]:
    """How many alarms of each of these companies nobody has looked at. One query."""
    rows = ReadingAlarm.objects.filter(company__in=companies, seen_at=None).order_by()
    return Counter(dict(rows.values_list("company").annotate(n=Count("pk")).values_list("company", "n")))


def _as_it_counts(said: ReadingLimit) -> int:
    return said.before if said.before is not None and is_raised(said) else said.per_hour


def limit_said(company: int) -> ReadingLimit:
    """What a company said last, whether it counts already or not. One query."""
    found = ReadingLimit.objects.filter(company=company).first()
    return found or ReadingLimit(company_id=company, per_hour=USUAL)


def is_raised(said: ReadingLimit) -> bool:
    """Whether it was raised and does not count yet."""
    return said.begins_at is not None and said.begins_at > clock.now()


def alarms_of(company: int) -> QuerySet[ReadingAlarm]:
    """All that a company was told of, the newest first. Not run yet."""
    rows = ReadingAlarm.objects.filter(company=company).select_related("user", "seen_by")
    return rows.order_by("-at", "-pk")


def alarms_unseen(actor: Actor) -> int:
    """How many of what companies were told of nobody has looked at, where the actor answers for it. One query."""
    companies = actor.companies_with(Permission.RIGHTS)
    return ReadingAlarm.objects.filter(company__in=companies, seen_at=None).count()


def _require(company: int, by: Actor) -> None:
    if not by.may(Permission.RIGHTS, company=company):
        raise NotAllowed(Permission.RIGHTS)
