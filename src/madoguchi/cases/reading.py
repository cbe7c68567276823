"""Telling a company of people who read very many customers within an hour or a day. Nobody is kept from reading by it:
work can need that, and whoever leads has to ask. Whoever was told of is not who looks at it.
"""

from collections import Counter
from collections.abc import Collection
from datetime import timedelta
from typing import Any

import structlog
from django.db import transaction
from django.db.models import Count, QuerySet
from django.utils.translation import gettext as _

from madoguchi.cases.events import ReadingAlarmSeen, ReadingLimitSet, ReadMany
from madoguchi.cases.read_counts import Period, Reading, counted
from madoguchi.cases.reading_models import ReadingAlarm as ReadingAlarm
from madoguchi.cases.reading_models import ReadingLimit, ReadingMark
from madoguchi.companies.models import Company
from madoguchi.infra import scope
from madoguchi.infra.event_log import record
from madoguchi.infra.prepared import fetch_all
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor, Permission, system
from madoguchi.kernel.errors import NotAllowed, Refused

USUAL, USUAL_DAY, LEAST, MOST = 300, 1_500, 5, 100_000
# A higher limit counts so much later: time for others to see it.
LIMIT_WAITS = timedelta(days=7)
# Where nobody looked yet, so far back; and so long before the mark a look may have been written that was not seen then.
_FIRST, _LATE = timedelta(days=1), timedelta(hours=1)
_CLOCK = system("clock")
logger = structlog.get_logger()
Counts = tuple[int, int]  # from how many on within an hour, and within a day
_ALARMS = """
    INSERT INTO cases_readingalarm (company_id, period, user_id, hour, customers, at)
    SELECT %(company)s, %(period)s, told.*, %(now)s
    FROM unnest(%(users)s::bigint[], %(begun)s::timestamptz[], %(counts)s::int[]) AS told
    ON CONFLICT (company_id, user_id, hour, period) DO NOTHING RETURNING user_id, hour, customers
"""


def raise_alarms() -> int:
    """Tell every company of who read more customers in an hour or a day than it wants to be told of, since it was
    looked last; returns how many were told. Each person and hour or day is told once, with the number of then.
    """
    with scope.everywhere(reason="people may read very many customers of any company"):
        companies = list(Company.objects.order_by("pk").values_list("pk", flat=True))
    return sum(_tried_company(company) for company in companies)


def _tried_company(company: int) -> int:
    """What goes wrong with one company keeps no other from being told; it is looked at again from where it was."""
    try:
        return _told_company(company)
    except Exception:
        logger.exception("reading_not_counted", company=company)
        return 0


@transaction.atomic
def _told_company(company: int) -> int:
    """One at a time: whoever comes second waits for the mark, and goes on from there."""
    with scope.acting_for([company]):
        now = clock.now()
        ReadingMark.objects.get_or_create(company_id=company, defaults={"at": now - _FIRST})
        mark = ReadingMark.objects.select_for_update().get(company=company)
        since, limits = min(mark.at, now) - _LATE, limit_of(company)
        told = 0
        for period, limit in zip((Period.HOUR, Period.DAY), limits, strict=True):
            found = counted(company, period, since=since)
            told += _tell(company, period, {one: n for one, n in found.items() if n >= limit})
        ReadingMark.objects.filter(pk=mark.pk).update(at=max(mark.at, now))
    return told


def _tell(company: int, period: Period, many: dict[Reading, int]) -> int:
    """Keep who read so many, and tell of those who were not told of yet. One statement for all."""
    if not many:
        return 0
    users, begun = zip(*many, strict=True)
    values = {"company": company, "period": period.value, "now": clock.now(), "users": list(users)}
    rows = fetch_all(_ALARMS, values | {"begun": list(begun), "counts": list(many.values())})
    for user, hour, customers in sorted(rows):
        told: dict[str, Any] = {"person": user, "customers": customers, "hour": hour.isoformat()}
        record(ReadMany(company=company, period=period.value, **told), by=_CLOCK)
    return len(rows)


@transaction.atomic
def set_reading_limit(company: Company, *, per_hour: int, per_day: int, by: Actor) -> None:
    """Say from how many customers within an hour and within a day on the company is told: a lower number counts at
    once, a higher one seven days later. Raises NotAllowed and Refused.
    """
    _require(company.pk, by)
    for field, wanted in (("per_hour", per_hour), ("per_day", per_day)):
        if not LEAST <= wanted <= MOST:
            words = _("Write a number from %(least)s to %(most)s.") % {"least": LEAST, "most": f"{MOST:,}"}
            raise Refused(words, field=field)
    said, (hour, day) = limit_said(company.pk), limit_of(company.pk)
    if (said.per_hour, said.per_day) == (per_hour, per_day):
        return
    raised = per_hour > hour, per_day > day
    again = (raised[0] and per_hour != said.per_hour) or (raised[1] and per_day != said.per_day)
    begins = clock.now() + LIMIT_WAITS if again else said.begins_at
    values = {
        "per_hour": per_hour,
        "per_day": per_day,
        "before": hour if raised[0] else None,
        "before_day": day if raised[1] else None,
        "begins_at": begins if any(raised) else None,
    }
    ReadingLimit.objects.update_or_create(company=company, defaults=values)
    fact = ReadingLimitSet(
        company=company.pk,
        before=said.per_hour,
        after=per_hour,
        day_before=said.per_day,
        day_after=per_day,
    )
    record(fact, by=by)


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


def limit_of(company: int) -> Counts:
    """From how many on within an hour and a day a company is told at this moment. One query."""
    return _as_it_counts(limit_said(company))


def limits_of(companies: Collection[int]) -> dict[int, Counts]:
    """The same of each of these companies. One query."""
    said = {row.company_id: _as_it_counts(row) for row in ReadingLimit.objects.filter(company__in=companies)}
    return {company: said.get(company, (USUAL, USUAL_DAY)) for company in companies}


def unseen_of(companies: Collection[int]) -> Counter[int]:
    """How many alarms of each of these companies nobody has looked at. One query."""
    rows = ReadingAlarm.objects.filter(company__in=companies, seen_at=None).order_by()
    return Counter(dict(rows.values_list("company").annotate(n=Count("pk")).values_list("company", "n")))


def _as_it_counts(said: ReadingLimit) -> Counts:
    hour, day = (said.before, said.before_day) if is_raised(said) else (None, None)
    return said.per_hour if hour is None else hour, said.per_day if day is None else day


def limit_said(company: int) -> ReadingLimit:
    """What a company said last, whether it counts already or not. One query."""
    found = ReadingLimit.objects.filter(company=company).first()
    return found or ReadingLimit(company_id=company, per_hour=USUAL, per_day=USUAL_DAY)


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
