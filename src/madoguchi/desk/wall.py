"""The supervisors' wall: how it stands at the reader's desks now, worded for a large screen and for one who listens.

Who does what is named to who works at the desk alone: a company that looks at it sees queues and how many people are
there, and nobody to command (37号告示).
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from urllib.parse import urlencode

from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django.utils.translation import ngettext, pgettext_lazy

from madoguchi.companies.models import Desk, EntryPoint
from madoguchi.companies.queries import desks_of
from madoguchi.insight.catalogue import definition
from madoguchi.insight.definitions import Anything, Unit, told
from madoguchi.insight.logged import Span
from madoguchi.insight.present import Doing, Group, Present, grouped, present_at
from madoguchi.insight.queries import Figure, Wanted, figures
from madoguchi.insight.standing import (
    COUNT_TO,
    Lines,
    Queue,
    Trouble,
    Waits,
    calls_at,
    longest_waiting,
    queues_at,
    trouble_at,
)
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor, Permission
from madoguchi.kernel.channel import Channel
from madoguchi.kernel.text import whole_number
from madoguchi.look.moments import measured, remaining, span
from madoguchi.people.models import OperatorMember
from madoguchi.people.queries import running_engagements
from madoguchi.routing.policies import may_see_people
from madoguchi.routing.shifts import on_shift

# Which figures of today stand on the wall, in this order.
SHOWN = (
    *(("response_rate", "a"), ("abandonment_rate", "1"), ("service_level", "A"), ("service_level", "G")),
    *(("service_level", "S"), ("asa", "1"), ("p90_wait", "1"), ("aht", "1"), ("occupancy", "1")),
    *(("first_reply_p80", "3"), ("hop2_rate", "1"), ("promise_kept", "1"), ("delay_told", "2")),
)
# What is decided only days later stands there of the last week of which all is.
DECIDED = (
    *(("fcr", "2"), ("never_got_through", "1"), ("calls_to_get_through", "1")),
    *(("self_service_rate", "1"), ("solved_after_cut", "1")),
)
# Why there is no figure, where it is not plain that nothing came.
EMPTY = {"first_reply_p80": _lazy("Nobody was answered yet, and no working time has passed for who waits.")}
WEEK = timedelta(days=7)
BAR = 160
DOING = {
    Doing.READY: pgettext_lazy("presence", "Available"),
    Doing.TALKING: _lazy("On a call"),
    Doing.WRAPPING: _lazy("Wrapping up"),
    Doing.AWAY: pgettext_lazy("presence", "Away"),
    Doing.BREAK: pgettext_lazy("presence", "On a break"),
    Doing.OFF: pgettext_lazy("presence", "Off work"),
}
TONES = {Doing.READY: "good", Doing.TALKING: "", Doing.WRAPPING: "", Doing.AWAY: "warn", Doing.BREAK: "warn"}
NOT_THERE = (Doing.OFF, Doing.AWAY, Doing.BREAK)
CHANNELS = {kind.value: kind.label for kind in EntryPoint.Kind}


@dataclass(frozen=True, slots=True)
class Chosen:
    """What of the wall somebody looks at: a desk, an operator, a channel; none is all."""

    desk: int | None = None
    operator: int | None = None
    channel: str = ""

    @classmethod
    def read(cls, asked: QueryDict, *, actor: Actor) -> "Chosen":
        """What an address asks for; what makes no sense is left out, and so is an operator among whom the reader may
        not choose: what is another's alone would be told by the difference. One query where one is asked for.
        """
        channel, operator = asked.get("channel", ""), whole_number(asked.get("operator", ""))
        may = operator is None or operator in _own_and(operators_of(actor), actor)
        return cls(
            whole_number(asked.get("desk", "")),
            operator if may else None,
            channel if channel in CHANNELS else "",
        )

    @property
    def query(self) -> str:
        """The query string that asks for the same again."""
        wanted = {"desk": self.desk, "operator": self.operator, "channel": self.channel}
        return urlencode({name: value for name, value in wanted.items() if value})


@dataclass(frozen=True, slots=True)
class Bar:
    """One stretch of a bar: where it begins, how long it is, and which step of waiting it is of."""

    step: int
    at: float
    length: float


@dataclass(frozen=True, slots=True)
class Row:
    """One desk and channel on the wall, with how the longest wait reads and the bar of how long all wait."""

    desk: Desk
    channel: str
    queue: Queue
    waiting: str
    longest: str
    tone: str
    bars: Sequence[Bar]
    link: str


@dataclass(frozen=True, slots=True)
class Line:
    """The calls and troubles of one desk."""

    desk: Desk
    calls: Lines
    trouble: Trouble
    waits: str
    link: str = ""


@dataclass(frozen=True, slots=True)
class Old:
    """One case whose customer waits long, with its number and how long; `tone` is that of what is due."""

    case: int
    number: str
    subject: str
    desk: str
    channel: str
    waits: str
    due: str
    tone: str


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who is at work: what they do, for how long, and the tone of it."""

    name: str
    doing: str
    lasts: str
    tone: str


@dataclass(frozen=True, slots=True)
class Crew:
    """The people of one operator at one desk: how many do what, and, for who works there, who (without those off), and
    who is `missing`: to be there by their shift, and not; since when.
    """

    desk: Desk
    employer: str
    counts: Sequence[tuple[str, int]]
    people: Sequence[Person]
    missing: Sequence[tuple[str, str]] = ()


@dataclass(frozen=True, slots=True)
class Wall:
    """All that stands on the wall, and the sentence that says it; `numbers` are those in it that are worth telling who
    listens, once they change.
    """

    rows: Sequence[Row]
    lines: Sequence[Line]
    oldest: Sequence[Old]
    summary: str
    at: datetime
    crews: Sequence[Crew] = ()
    numbers: str = ""


@dataclass(frozen=True, slots=True)
class Shown:
    """One figure of today: its title in the reader's language, how it reads, how it is reckoned, in which version; and
    `why` there is none, where that is not plain.
    """

    figure: Figure
    title: str
    value: str
    sums: str
    why: str = ""


def wall_of(actor: Actor, chosen: Chosen) -> Wall:
    """How it stands at the actor's desks, as far as they are chosen. Thirteen queries, whatever there is."""
    desks, now = {desk.pk: desk for desk in desks_chosen(actor, chosen)}, clock.now()
    queues = [one for one in queues_at(list(desks), now=now) if chosen.channel in ("", one.channel)]
    rows = [_row(one, desks[one.desk], now, chosen) for one in queues]
    people = people_of(chosen)
    calls = calls_at(list(desks), people=people) if chosen.channel in ("", Channel.PHONE) else {}
    trouble = trouble_at(list(desks), channel=chosen.channel, people=people)
    lines = [_line(desk, calls.get(pk) or Lines(pk), trouble[pk], now, chosen) for pk, desk in desks.items()]
    oldest = longest_waiting(list(desks), channel=chosen.channel, most=50 if chosen.channel else 10)
    shown = [as_shown(one, desks[one.desk], now) for one in oldest]
    summary = _summary(queues, calls.values(), trouble.values(), now)
    told = _numbers(queues, calls.values(), trouble.values())
    crews = crews_of(actor, chosen, desks, now)
    return Wall(rows, lines, shown, summary, now, crews, "-".join(map(str, told)))


def people_of(chosen: Chosen) -> set[int] | None:
    """Whose work is looked at: the chosen operator's people, or (None) everybody's. One query where one is chosen."""
    if chosen.operator is None:
        return None
    return set(OperatorMember.objects.filter(operator=chosen.operator).values_list("user_id", flat=True))


def _numbers(
    queues: Sequence[Queue], calls: Iterable[Lines], trouble: Iterable[Trouble]
) -> tuple[int, int, int, int]:
    """Who waits, what ran out, calls that wait and promises at risk: of which the sentence tells."""
    waiting, overdue = sum(one.waiting for one in queues), sum(one.overdue for one in queues)
    return waiting, overdue, sum(one.waiting for one in calls), sum(one.promises for one in trouble)


def crews_of(actor: Actor, chosen: Chosen, desks: Mapping[int, Desk], now: datetime) -> list[Crew]:
    """Who is at these desks, by operator: of a company all of them, of an operator its own. Four queries."""
    whole = actor.companies_with(Permission.CASE_READ)
    own = {g.operator for g in actor.grants if g.operator is not None}
    people = [
        one
        for one in present_at(list(desks))
        if (desks[one.desk].company_id in whole or one.operator in own)
        and chosen.operator in (None, one.operator)
    ]
    named = {pk for pk, desk in desks.items() if may_see_people(actor, company=desk.company_id, desk=pk)}
    due = on_shift({one.person for one in people if one.desk in named})
    return [
        _crew(group, desks[group.desk], people if group.desk in named else (), due, now)
        for group in grouped(people)
    ]


def _crew(
    group: Group,
    desk: Desk,
    everybody: Sequence[Present],
    due: Mapping[tuple[int, int], datetime],
    now: datetime,
) -> Crew:
    people = [one for one in everybody if (one.desk, one.operator) == (group.desk, group.operator)]
    shown = [
        Person(one.name, str(DOING[one.doing]), span(now - one.since) if one.since else "", TONES[one.doing])
        for one in people
        if one.doing != Doing.OFF
    ]
    missing = [
        (one.name, span(now - max(begin, one.since or begin)))
        for one in people
        if one.doing in NOT_THERE and (begin := due.get((one.person, one.operator)))
    ]
    counts = [(str(DOING[doing]), number) for doing, number in group.counts.items()]
    return Crew(desk, group.employer, counts, shown, missing)


def desks_chosen(actor: Actor, chosen: Chosen) -> list[Desk]:
    """The actor's desks, as far as they are chosen. Two queries at most."""
    desks = [desk for desk in desks_of(actor) if chosen.desk in (None, desk.pk)]
    if chosen.operator is None:
        return desks
    engaged = running_engagements().filter(operator=chosen.operator, desk__in=[desk.pk for desk in desks])
    there = set(engaged.values_list("desk_id", flat=True))
    return [desk for desk in desks if desk.pk in there]


def operators_of(actor: Actor) -> list[tuple[int, str]]:
    """The operators among whom the reader may choose: those at work today where they see every desk."""
    companies = actor.companies_with(Permission.CASE_READ)
    rows = running_engagements().filter(company__in=companies).order_by("operator__name").distinct()
    found = list(rows.values_list("operator_id", "operator__name"))
    return found if len(found) > 1 else []


def _own_and(others: Iterable[tuple[int, str]], actor: Actor) -> set[int]:
    """These operators and those for whom the reader works."""
    return {pk for pk, _name in others} | {g.operator for g in actor.grants if g.operator is not None}


def figures_of(actor: Actor, chosen: Chosen) -> list[tuple[str, list[Shown]]]:
    """The figures of today of each company that the reader sees, by its name; never of two together."""
    return _figures(actor, chosen, SHOWN, today())


def today() -> Span:
    """The day up to now."""
    now = clock.now()
    return Span(_midnight(clock.today()), now, now)


def decided_week() -> tuple[date, date]:
    """The first and the last day of the last seven of which everything is decided."""
    last = clock.today() - WEEK - timedelta(days=1)
    return last - WEEK + timedelta(days=1), last


def decided_of(actor: Actor, chosen: Chosen) -> list[tuple[str, list[Shown]]]:
    """The figures of the last week of which all is decided, in the same way."""
    return _figures(actor, chosen, DECIDED, that_week())


def that_week() -> Span:
    """The last week of which everything is decided."""
    first, last = decided_week()
    return Span(_midnight(first), _midnight(last + timedelta(days=1)), clock.now())


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), clock.TOKYO)


def _figures(
    actor: Actor, chosen: Chosen, named: Iterable[tuple[str, str]], during: Span
) -> list[tuple[str, list[Shown]]]:
    wanted = [definition(name, version) for name, version in named]
    return [
        (company, [shown_of(one) for one in found])
        for company, found in reckoned_of(actor, chosen, wanted, during)
    ]


def reckoned_of(
    actor: Actor, chosen: Chosen, wanted: Sequence[Anything], during: Span
) -> list[tuple[str, list[Figure]]]:
    """Figures of a span of each company that the reader sees."""
    by_company: dict[int, list[Desk]] = {}
    for desk in desks_chosen(actor, chosen):
        by_company.setdefault(desk.company_id, []).append(desk)
    shown = []
    for company, desks in by_company.items():
        places = frozenset(desk.pk for desk in desks)
        of = Wanted(
            company=company,
            span=during,
            desks=places,
            operator=chosen.operator,
            channel=chosen.channel,
        )
        shown.append((desks[0].company.name, figures(of, wanted)))
    return shown


def value_of(value: float | None, unit: Unit) -> str:
    """A figure as the page writes it: times in words."""
    if value is None or unit != Unit.SECONDS:
        return told(value, unit)
    return measured(round(value))


def shown_of(one: Figure) -> Shown:
    sums = one.reckoned.sums if one.reckoned else ""
    # Translated here: the template's own tag looks a title with a percent sign up with two of them and finds none.
    why = str(EMPTY.get(one.definition.name, "")) if one.value is None else ""
    return Shown(one, _(one.definition.title), value_of(one.value, one.definition.unit), sums, why)


def _row(queue: Queue, desk: Desk, now: datetime, chosen: Chosen) -> Row:
    more = "+" if queue.waiting >= COUNT_TO else ""
    link = Chosen(desk.pk, chosen.operator, queue.channel).query
    tone = "bad" if queue.overdue else "warn" if queue.due_soon else ""
    longest = span(now - queue.since) if queue.since else ""
    named = str(CHANNELS.get(queue.channel, queue.channel))
    return Row(desk, named, queue, f"{queue.waiting:,}{more}", longest, tone, bars_of(queue.steps), link)


def bars_of(steps: Sequence[int], *, length: int = BAR) -> list[Bar]:
    """A bar as long as it may be, parted by how many wait how long; empty where nobody does."""
    whole, at, bars = sum(steps), 0.0, []
    for step, number in enumerate(steps):
        if number:
            bars.append(Bar(step, round(at, 2), round(number / whole * length, 2)))
            at += number / whole * length
    return bars


def _line(desk: Desk, calls: Lines, trouble: Trouble, now: datetime, chosen: Chosen) -> Line:
    link = Chosen(desk.pk, chosen.operator, chosen.channel).query
    return Line(desk, calls, trouble, span(now - calls.since) if calls.since else "", link)


def as_shown(one: Waits, desk: Desk, now: datetime) -> Old:
    left = one.due_at - now if one.due_at else None
    tone = (
        ""
        if left is None
        else "bad"
        if left.total_seconds() < 0
        else "warn"
        if left.total_seconds() < 3600
        else ""
    )
    return Old(
        one.id,
        f"{desk.company.prefix}-{one.number}",
        one.subject,
        desk.name,
        str(CHANNELS.get(one.channel, one.channel)),
        span(now - one.since) if one.since else "",
        remaining(left) if left is not None else "",
        tone,
    )


def _summary(
    queues: Sequence[Queue], calls: Collection[Lines], trouble: Collection[Trouble], now: datetime
) -> str:
    """How it stands, in a sentence or two."""
    waiting, overdue, ringing, risks = _numbers(queues, calls, trouble)
    since = min((one.since for one in queues if one.since), default=None)
    said = [
        ngettext("%(n)s customer waits for us.", "%(n)s customers wait for us.", waiting)
        % {"n": f"{waiting:,}"}
        if waiting
        else _("Nobody waits for us.")
    ]
    if since:
        said.append(_("The longest has waited %(span)s.") % {"span": span(now - since)})
    if overdue:
        said.append(
            ngettext("%(n)s time has run out.", "%(n)s times have run out.", overdue) % {"n": f"{overdue:,}"}
        )
    if ringing:
        said.append(ngettext("%(n)s call is waiting.", "%(n)s calls are waiting.", ringing) % {"n": ringing})
    if risks:
        said.append(
            ngettext("%(n)s promise is at risk.", "%(n)s promises are at risk.", risks) % {"n": risks}
        )
    return " ".join(said)
