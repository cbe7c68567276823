"""How it stands at desks now: who waits how long, what runs out, calls that go on, what may become trouble.

Of cases that wait, every statement looks at so many of each desk and no more, by an index that holds these alone:
however many there are, a wall costs the same. Calls that go on and what may become trouble are counted whole: of calls
there are as many as telephones, and of what is in trouble as much as people have not yet settled.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Q, QuerySet

from madoguchi.cases.models import ACTIVE, Case
from madoguchi.infra.prepared import fetch_all
from madoguchi.promises.models import Promise
from madoguchi.signals.models import Grave, Incident, Signal
from madoguchi.voice.models import AgentPhone, Call

# So many of a desk are counted; what is shown then is "1,000+".
COUNT_TO = 1_000
SOON = timedelta(hours=1)
# How long somebody waits, told in four steps: up to a quarter of an hour, an hour, four hours, and longer.
STEPS = (timedelta(minutes=15), timedelta(hours=1), timedelta(hours=4))
_ACTIVE = ", ".join(f"'{status.value}'" for status in ACTIVE)
_WAITING = f"""
    SELECT d.desk, c.channel, count(*), count(*) FILTER (WHERE c.assignee_id IS NULL), min(c.waiting_since),
        count(*) FILTER (WHERE c.waiting_since > %(quarter)s::timestamptz),
        count(*) FILTER (WHERE c.waiting_since <= %(quarter)s AND c.waiting_since > %(hour)s::timestamptz),
        count(*) FILTER (WHERE c.waiting_since <= %(hour)s AND c.waiting_since > %(hours)s::timestamptz),
        count(*) FILTER (WHERE c.waiting_since <= %(hours)s)
    FROM unnest(%(desks)s::bigint[]) AS d (desk) CROSS JOIN LATERAL (
        SELECT channel, assignee_id, waiting_since FROM cases_case
        WHERE desk_id = d.desk AND waiting_since IS NOT NULL AND status IN ({_ACTIVE})
        ORDER BY waiting_since, id LIMIT {COUNT_TO}
    ) AS c GROUP BY 1, 2 ORDER BY 1, 2
"""  # noqa: S608  put together from the constants above
_DUE = f"""
    SELECT d.desk, c.channel, count(*) FILTER (WHERE c.due_at <= %(now)s::timestamptz),
        count(*) FILTER (WHERE c.due_at > %(now)s)
    FROM unnest(%(desks)s::bigint[]) AS d (desk) CROSS JOIN LATERAL (
        SELECT channel, due_at FROM cases_case
        WHERE desk_id = d.desk AND due_at <= %(soon)s::timestamptz AND status IN ({_ACTIVE})
        ORDER BY due_at, id LIMIT {COUNT_TO}
    ) AS c GROUP BY 1, 2 ORDER BY 1, 2
"""  # noqa: S608
_LONGEST = f"""
    SELECT c.* FROM unnest(%(desks)s::bigint[]) AS d (desk) CROSS JOIN LATERAL (
        SELECT id, number, company_id, desk_id, channel, subject, waiting_since, due_at FROM cases_case
        WHERE desk_id = d.desk AND waiting_since IS NOT NULL AND status IN ({_ACTIVE})
        ORDER BY waiting_since, id
        LIMIT CASE WHEN %(channel)s::text = '' THEN %(most)s::int ELSE {COUNT_TO} END
    ) AS c WHERE %(channel)s = '' OR c.channel = %(channel)s
    ORDER BY c.waiting_since, c.id LIMIT %(most)s
"""  # noqa: S608


@dataclass(slots=True)
class Queue:
    """Who waits at one desk on one channel: how many, how many of them are nobody's, since when the longest does, and
    how many by the steps of `STEPS`; how many clocks ran out, and run out within an hour.
    """

    desk: int
    channel: str
    waiting: int = 0
    unassigned: int = 0
    since: datetime | None = None
    steps: tuple[int, ...] = (0, 0, 0, 0)
    overdue: int = 0
    due_soon: int = 0


@dataclass(frozen=True, slots=True)
class Waits:
    """One case whose customer waits for us."""

    id: int
    number: int
    company: int
    desk: int
    channel: str
    subject: str
    since: datetime | None
    due_at: datetime | None


@dataclass(slots=True)
class Lines:
    """The calls of one desk that go on: in a talk, or waiting in its queue, and since when the first of these. Who
    still hears a menu, or leaves a message, does neither.
    """

    desk: int
    talking: int = 0
    waiting: int = 0
    since: datetime | None = None


@dataclass(slots=True)
class Trouble:
    """What may become trouble at one desk: promises at risk, signals that piled up, grave words that stand."""

    desk: int
    promises: int = 0
    incidents: int = 0
    graves: int = 0


def queues_at(desks: Sequence[int], *, now: datetime) -> list[Queue]:
    """Who waits at these desks, by desk and channel; of a desk at most 1,000, those who wait longest. Two queries."""
    quarter, hour, hours = (now - step for step in STEPS)
    values = {"desks": list(desks), "quarter": quarter, "hour": hour, "hours": hours}
    found: dict[tuple[int, str], Queue] = {}
    for desk, channel, waiting, unassigned, since, *steps in fetch_all(_WAITING, values):
        found[desk, channel] = Queue(desk, channel, waiting, unassigned, since, tuple(steps))
    for desk, channel, overdue, soon in fetch_all(
        _DUE, {"desks": list(desks), "now": now, "soon": now + SOON}
    ):
        queue = found.setdefault((desk, channel), Queue(desk, channel))
        queue.overdue, queue.due_soon = overdue, soon
    return [found[key] for key in sorted(found)]


def longest_waiting(desks: Sequence[int], *, channel: str = "", most: int = 10) -> list[Waits]:
    """Those who wait longest at these desks, on all channels or one. One query.

    On one channel they are found among the 1,000 of a desk who wait longest, as `queues_at` counts them.
    """
    rows = fetch_all(_LONGEST, {"desks": list(desks), "channel": channel, "most": most})
    return [Waits(*row) for row in rows]


def calls_at(desks: Sequence[int], *, people: Collection[int] | None = None) -> dict[int, Lines]:
    """The calls of these desks that go on, by desk; nobody waits in one that we make. Talks are those of some `people`
    alone where these are named: whom nobody talks with yet waits for all. Two queries, one where there are none.
    """
    rows = (
        Call.objects.filter(desk__in=list(desks))
        .exclude(state=Call.State.ENDED)
        .order_by("waits_since", "id")
    )
    going = list(rows.values_list("desk_id", "uid", "waits_since", "direction"))
    talks = AgentPhone.objects.filter(call__in=[uid for _desk, uid, _at, _who in going])
    who = dict(talks.filter(state=AgentPhone.State.TALKING).values_list("call", "user_id")) if going else {}
    found: dict[int, Lines] = {}
    for desk, uid, at, direction in going:
        lines = found.setdefault(desk, Lines(desk))
        if uid in who:
            lines.talking += people is None or who[uid] in people
        elif at and direction == Call.Direction.INBOUND:
            lines.waiting, lines.since = lines.waiting + 1, lines.since or at
    return found


def trouble_at(
    desks: Sequence[int], *, channel: str = "", people: Collection[int] | None = None
) -> dict[int, Trouble]:
    """What may become trouble at these desks, by desk; all of it, however much; on one channel, where one is named, and
    of cases that some `people` or nobody is responsible for. Three queries.
    """
    found = {desk: Trouble(desk) for desk in desks}
    promises, signals, graves = (of(desks, channel, people) for of in (_promises, _signals, _graves))
    for desk, number in promises.values_list("case__desk").annotate(number=Count("pk")).order_by():
        found[desk].promises = number
    counted = signals.values_list("case__desk").annotate(number=Count("incident", distinct=True))
    for desk, number in counted.order_by():
        found[desk].incidents = number
    for desk, number in graves.values_list("case__desk").annotate(number=Count("pk")).order_by():
        found[desk].graves = number
    return found


def _promises(desks: Sequence[int], channel: str, people: Collection[int] | None) -> QuerySet[Promise]:
    late = Q(warned_at__isnull=False) | Q(broken_at__isnull=False)
    theirs = _on(channel) & (Q() if people is None else Q(owner__in=people) | Q(owner=None))
    return Promise.objects.filter(late, theirs, state=Promise.State.OPEN, case__desk__in=list(desks))


def _signals(desks: Sequence[int], channel: str, people: Collection[int] | None) -> QuerySet[Signal]:
    theirs = _on(channel) & _of(people)
    return Signal.objects.filter(theirs, incident__state=Incident.State.OPEN, case__desk__in=list(desks))


def _graves(desks: Sequence[int], channel: str, people: Collection[int] | None) -> QuerySet[Grave]:
    theirs = _on(channel) & _of(people)
    return Grave.objects.filter(
        theirs, dismissed_at=None, case__desk__in=list(desks), case__status__in=ACTIVE
    )


def _on(channel: str) -> Q:
    return Q(case__channel=channel) if channel else Q()


def _of(people: Collection[int] | None) -> Q:
    return Q() if people is None else Q(case__assignee__in=people) | Q(case__assignee=None)


# What a number of the wall counts; `step0` to `step3` are the steps of waiting.
BEHIND = (
    *("waiting", "unassigned", "step0", "step1", "step2", "step3", "overdue", "soon"),
    *("promises", "signals", "graves"),
)


def behind(
    of: str,
    desks: Sequence[int],
    *,
    now: datetime,
    channel: str = "",
    people: Collection[int] | None = None,
    most: int = 100,
) -> list[Waits]:
    """The cases behind a number of the wall, of `BEHIND`: those that wait longest, or are due first. One query. Raises
    KeyError for another.
    """
    troubles: dict[str, Callable[..., QuerySet[Any]]] = {
        "promises": _promises,
        "signals": _signals,
        "graves": _graves,
    }
    rows = Case.objects.filter(desk__in=list(desks))
    if of in troubles:
        rows = rows.filter(pk__in=troubles[of](desks, channel, people).values("case")).order_by(
            "due_at", "id"
        )
    else:
        rows = rows.filter(_counted(now)[of], status__in=ACTIVE, **({"channel": channel} if channel else {}))
        rows = rows.order_by("due_at" if of in ("overdue", "soon") else "waiting_since", "id")
    columns = ("id", "number", "company_id", "desk_id", "channel", "subject", "waiting_since", "due_at")
    return [Waits(*row) for row in rows.values_list(*columns)[:most]]


def _counted(now: datetime) -> dict[str, Q]:
    quarter, hour, hours = (now - step for step in STEPS)
    waits = Q(waiting_since__isnull=False)
    return {
        "waiting": waits,
        "unassigned": waits & Q(assignee=None),
        "step0": Q(waiting_since__gt=quarter),
        "step1": Q(waiting_since__lte=quarter, waiting_since__gt=hour),
        "step2": Q(waiting_since__lte=hour, waiting_since__gt=hours),
        "step3": Q(waiting_since__lte=hours),
        "overdue": Q(due_at__lte=now),
        "soon": Q(due_at__gt=now, due_at__lte=now + SOON),
    }
